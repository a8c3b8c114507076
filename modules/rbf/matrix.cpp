// SPDX-License-Identifier: Apache-2.0
#include "rbf/matrix.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "rbf/scratch.hpp"

namespace gkern::detail {
namespace {

/// Matrices of more bytes are streamed.
constexpr double kStreamFrom = 24 << 20;

/// Bytes.
constexpr std::size_t kLineOfCache = 64;

alignas(64) const double kZeros[kMaxTileSide] = {};

}  // namespace

MatrixWriter::MatrixWriter(cv::Mat& K, int firstRow, int firstCol)
    : K_(K),
      firstRow_(firstRow),
      firstCol_(firstCol),
      stream_(double(K.rows) * K.cols * double(K.elemSize()) > kStreamFrom &&
              reinterpret_cast<std::uintptr_t>(K.data) % K.elemSize() == 0) {}

void MatrixWriter::write(const Problem& problem, int rowBlock, int colBlock) const {
    const cv::Range rows = problem.rowsOf(rowBlock), cols = problem.colsOf(colBlock);
    if (problem.largestEntry(rowBlock, colBlock) == 0)
        zeros(rows, cols);
    else
        problem.compute(rowBlock, colBlock, target(problem, rows, cols));
    if (stream_) finishStreaming();
}

void MatrixWriter::writeTwice(const Problem& problem, int rowBlock, int colBlock) const {
    const cv::Range rows = problem.rowsOf(rowBlock), cols = problem.colsOf(colBlock);
    if (problem.largestEntry(rowBlock, colBlock) == 0) {
        zeros(rows, cols);
        zeros(cols, rows);
    } else {
        computeTwice(problem, rowBlock, colBlock, rows, cols);
    }
    if (stream_) finishStreaming();
}

void MatrixWriter::writeDiagonal(const Problem& problem, int block) const {
    const cv::Range all = problem.rowsOf(block);
    for (int first = all.start; first < all.end; first += kPart) {
        const cv::Range part(first, std::min(first + kPart, all.end)), rest(part.end, all.end);
        problem.compute(block, block, target(problem, part, part));
        if (!rest.empty()) computeTwice(problem, block, block, part, rest);
    }
    if (stream_) finishStreaming();
}

TileTarget MatrixWriter::target(const Problem& problem, const cv::Range& rows, const cv::Range& cols) const {
    TileTarget target{problem.entries(), at(rows.start, cols.start), K_.step, stream_};
    target.rows = rows;
    target.cols = cols;
    return target;
}

void MatrixWriter::computeTwice(const Problem& problem, int rowBlock, int colBlock, const cv::Range& rows,
                                const cv::Range& cols) const {
    TileTarget both = target(problem, rows, cols);
    uchar* image = at(cols.start, rows.start);
    // A mirror image is written line by line. Where its rows do not begin with lines, they are put together
    // first.
    const bool lines = (reinterpret_cast<std::uintptr_t>(image) | K_.step) % kLineOfCache == 0;
    if (!stream_ || lines) {
        both.mirror = image;
        both.mirrorStep = K_.step;
        both.streamMirror = stream_;
        return problem.compute(rowBlock, colBlock, both);
    }
    both.mirrorStep = scratchStep(problem, K_.elemSize());
    both.mirror = threadScratch(both.mirrorStep * std::size_t(problem.side()));
    problem.compute(rowBlock, colBlock, both);
    streamRows(both.mirror, both.mirrorStep, cols.size(), std::size_t(rows.size()) * K_.elemSize(), image,
               K_.step);
}

void MatrixWriter::zeros(const cv::Range& rows, const cv::Range& cols) const {
    const std::size_t bytes = std::size_t(cols.size()) * K_.elemSize();
    if (stream_) return streamRows(kZeros, 0, rows.size(), bytes, at(rows.start, cols.start), K_.step);
    for (int row = rows.start; row < rows.end; ++row) std::memset(at(row, cols.start), 0, bytes);
}

}  // namespace gkern::detail
