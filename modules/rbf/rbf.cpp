// SPDX-License-Identifier: Apache-2.0
#include "gkern/rbf.hpp"

#include <algorithm>

#include "memory/create.hpp"
#include "rbf/matrix.hpp"
#include "rbf/problem.hpp"
#include "rbf/progress.hpp"
#include "rbf/validate.hpp"

namespace gkern {
namespace {

using detail::Problem;
using detail::Progress;

/// Tiles below one another use the same rows of Y. That pays while those and the rows of X fit the L2 cache
/// (measured with 1 MB), except with so few features that it pays more to write the same pages of K, side by
/// side.
constexpr int kBand = 8;

bool sharesColumns(const Problem& problem) {
    return problem.features() > 64 && problem.features() <= 256;
}

void computeCross(const Problem& problem, Progress& progress, cv::Mat& K) {
    const int across = problem.colBlocks(), down = problem.rowBlocks();
    const int band = sharesColumns(problem) ? kBand : 1;
    const detail::MatrixWriter writer(K);
    progress.forEach(down * across, problem.work(), [&](int t) {
        const int top = t / (band * across) * band, height = std::min(band, down - top);
        const int within = t - top * across;
        writer.write(problem, top + within % height, within / height);
        progress.step();
    });
}

/// Tiles of a square whose mirror image is written at the same time: the rows of K that it touches, one
/// page each or more, then stay in the translation buffers of the processor.
constexpr int kSquare = 4;

/// The tiles on and above the diagonal; those above are written to their mirror images as well.
///
/// Row r of squares has squares − r of them and row squares − 1 − r has r + 1, so that two such rows,
/// one after the other, make one of squares + 1: equal pieces for the threads.
void computeSelf(const Problem& problem, Progress& progress, cv::Mat& K) {
    const int tiles = problem.rowBlocks(), side = tiles < 8 * kSquare ? 1 : kSquare;
    const int squares = (tiles - 1) / side + 1, across = squares + 1;
    const detail::MatrixWriter writer(K);
    progress.forEach((squares + 1) / 2 * across, problem.work() / 2, [&](int s) {
        const int folded = s / across, position = s % across;
        const bool upper = position < squares - folded;
        if (!upper && 2 * folded + 1 == squares) return;  // the middle row has no partner
        const int top = side * (upper ? folded : squares - 1 - folded);
        const int left = side * (upper ? folded + position : position - 1);
        const bool byColumn = sharesColumns(problem);
        for (int t = 0; t < side * side; ++t) {
            const int row = top + (byColumn ? t % side : t / side),
                      col = left + (byColumn ? t / side : t % side);
            if (row > col || col >= tiles) continue;
            if (progress.stopped()) return;
            if (row == col)
                writer.writeDiagonal(problem, row);
            else
                writer.writeTwice(problem, row, col);
            progress.step();
        }
    });
}

}  // namespace

RbfCancelled::~RbfCancelled() = default;
const char* RbfCancelled::what() const noexcept {
    return "gkern: cancelled by the progress callback";
}

void rbfKernel(cv::InputArray X, cv::InputArray Y, cv::OutputArray K, const RbfParams& params) {
    const detail::KernelShape shape = detail::validate(X, Y, K, params);
    // Reads both as a whole before K is created or written: K may be, or share memory with, either of
    // them.
    const Problem problem(X, Y, params, shape);
    detail::createResult(K, {shape.cols, shape.rows}, shape.ktype);
    cv::Mat result = K.getMat();
    // A std::vector is one row, even where it was created as a column.
    if (result.rows != shape.rows) result = result.reshape(1, shape.rows);
    const double tiles = problem.rowBlocks();
    Progress progress(params.progress,
                      shape.selfKernel ? tiles * (tiles + 1) / 2 : tiles * problem.colBlocks());
    if (shape.selfKernel)
        computeSelf(problem, progress, result);
    else
        computeCross(problem, progress, result);
}

void rbfKernel(cv::InputArray X, cv::InputArray Y, cv::OutputArray K, double sigma) {
    detail::validateSigma(sigma);
    RbfParams params;
    params.sigma = sigma;
    rbfKernel(X, Y, K, params);
}

}  // namespace gkern
