// SPDX-License-Identifier: Apache-2.0
#include "rbf/matrix.hpp"

#include <cstring>

#include "rbf/scratch.hpp"

namespace gkern::detail {
namespace {

/// Matrices of more bytes are streamed.
constexpr double kStreamFrom = 24 << 20;

alignas(64) const double kZeros[kMaxTileSide] = {};

}  // namespace

MatrixWriter::MatrixWriter(cv::Mat& K, int firstRow, int firstCol)
    : K_(K),
      firstRow_(firstRow),
      firstCol_(firstCol),
      stream_(double(K.rows) * K.cols * double(K.elemSize()) > kStreamFrom) {}

void MatrixWriter::write(const Problem& problem, int rowBlock, int colBlock) const {
    const cv::Range rows = problem.rowsOf(rowBlock), cols = problem.colsOf(colBlock);
    if (problem.largestEntry(rowBlock, colBlock) == 0) {
        copy(kZeros, 0, rows, cols, false);
    } else {
        problem.compute(rowBlock, colBlock,
                        {problem.entries(), at(rows.start, cols.start), K_.step, stream_, nullptr});
    }
    if (stream_) finishStreaming();
}

void MatrixWriter::writeTwice(const Problem& problem, int rowBlock, int colBlock) const {
    const cv::Range rows = problem.rowsOf(rowBlock), cols = problem.colsOf(colBlock);
    if (problem.largestEntry(rowBlock, colBlock) == 0) {
        copy(kZeros, 0, rows, cols, false);
        copy(kZeros, 0, cols, rows, false);
    } else {
        const std::size_t step = scratchStep(problem, K_.elemSize());
        void* block = threadScratch(step * std::size_t(problem.side()));
        problem.compute(
            rowBlock, colBlock,
            {problem.entries(), at(rows.start, cols.start), K_.step, stream_, nullptr, block, step});
        copy(block, step, rows, cols, true);
    }
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
