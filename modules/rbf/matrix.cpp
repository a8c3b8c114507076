// SPDX-License-Identifier: Apache-2.0
#include "rbf/matrix.hpp"

#include <cstring>

namespace gkern::detail {
namespace {

/// Matrices of more bytes are streamed.
constexpr double kStreamFrom = 24 << 20;

/// Room for a tile, and for the whole vectors that transposing one reads.
std::size_t scratchStep(int side, std::size_t elemSize) {
    return (std::size_t(side) + 16) * elemSize;
}

}  // namespace

MatrixWriter::MatrixWriter(cv::Mat& K, int firstRow, int firstCol)
    : K_(K),
      firstRow_(firstRow),
      firstCol_(firstCol),
      stream_(double(K.rows) * K.cols * double(K.elemSize()) > kStreamFrom) {}

void MatrixWriter::write(const Problem& problem, int rowBlock, int colBlock) const {
    const cv::Range rows = problem.rowsOf(rowBlock), cols = problem.colsOf(colBlock);
    if (problem.largestEntry(rowBlock, colBlock) == 0) {
        alignas(64) static const double zeros[kMaxTileSide] = {};
        copy(zeros, 0, rows, cols, false);
    } else {
        problem.compute(rowBlock, colBlock,
                        {problem.entries(), at(rows.start, cols.start), K_.step, stream_, nullptr});
    }
    if (stream_) finishStreaming();
}

void MatrixWriter::writeTwice(const Problem& problem, int rowBlock, int colBlock) const {
    const cv::Range rows = problem.rowsOf(rowBlock), cols = problem.colsOf(colBlock);
    const std::size_t step = scratchStep(problem.side(), K_.elemSize());
    thread_local AlignedArray<uchar> scratch;
    thread_local std::size_t scratchSize = 0;
    const std::size_t needed = step * std::size_t(problem.side());
    if (scratchSize < needed) {
        scratch = AlignedArray<uchar>(needed);
        scratchSize = needed;
    }
    const bool zero = problem.largestEntry(rowBlock, colBlock) == 0;
    if (zero)
        std::memset(scratch.data(), 0, needed);
    else
        problem.compute(rowBlock, colBlock, {problem.entries(), scratch.data(), step, false, nullptr});
    copy(scratch.data(), step, rows, cols, false);
    copy(scratch.data(), step, rows, cols, true);
    if (stream_) finishStreaming();
}

void MatrixWriter::copy(const void* block, std::size_t step, const cv::Range& rows, const cv::Range& cols,
                        bool transposed) const {
    const BlockCopy order{block,
                          step,
                          rows.size(),
                          cols.size(),
                          transposed ? at(cols.start, rows.start) : at(rows.start, cols.start),
                          K_.step,
                          stream_,
                          transposed};
    if (K_.depth() == CV_32F)
        copyBlockOfFloat(order);
    else
        copyBlockOfDouble(order);
}

}  // namespace gkern::detail
