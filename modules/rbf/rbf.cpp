// SPDX-License-Identifier: Apache-2.0
#include "gkern/rbf.hpp"

#include <algorithm>

#include "rbf/metric.hpp"
#include "rbf/pack.hpp"
#include "rbf/tile.hpp"
#include "rbf/validate.hpp"

namespace gkern {
namespace {

using detail::kTileSide;

int tileCount(int length) {
    return (length - 1) / kTileSide + 1;
}

cv::Range tileRange(int index, int length) {
    const int start = index * kTileSide;
    return {start, start + std::min(kTileSide, length - start)};
}

template <typename T>
void mirrorTile(cv::Mat& K, const cv::Range& rows, const cv::Range& cols) {
    for (int j = cols.start; j < cols.end; ++j) {
        T* mirrored = K.ptr<T>(j);
        for (int i = rows.start; i < rows.end; ++i) mirrored[i] = K.ptr<T>(i)[j];
    }
}

void computeCross(const detail::PackedRows& x, const detail::PackedRows& y, const detail::Metric& metric,
                  cv::Mat& K) {
    const int tilesAcross = tileCount(K.cols);
    cv::parallel_for_(cv::Range(0, tileCount(K.rows) * tilesAcross), [&](const cv::Range& range) {
        for (int t = range.start; t < range.end; ++t) {
            const cv::Range rows = tileRange(t / tilesAcross, K.rows),
                            cols = tileRange(t % tilesAcross, K.cols);
            detail::computeTile(x, rows, y, cols, metric, K.type(),
                                K.ptr(rows.start) + cols.start * K.elemSize(), K.step);
        }
    });
}

/// The tiles on and above the diagonal; those above are copied to their mirror images.
///
/// Tile row r has tiles − r of them and row tiles − 1 − r has r + 1, so that two such rows, one after the
/// other, make one of tiles + 1: equal pieces for the threads.
void computeSelf(const detail::PackedRows& x, const detail::Metric& metric, cv::Mat& K) {
    const int tiles = tileCount(K.rows), across = tiles + 1;
    cv::parallel_for_(cv::Range(0, (tiles + 1) / 2 * across), [&](const cv::Range& range) {
        for (int t = range.start; t < range.end; ++t) {
            const int folded = t / across, position = t % across;
            const bool upper = position < tiles - folded;
            if (!upper && 2 * folded + 1 == tiles) continue;  // the middle row has no partner
            const int tileRow = upper ? folded : tiles - 1 - folded;
            const int tileCol = upper ? folded + position : position - 1;
            const cv::Range rows = tileRange(tileRow, K.rows), cols = tileRange(tileCol, K.cols);
            detail::computeTile(x, rows, x, cols, metric, K.type(),
                                K.ptr(rows.start) + cols.start * K.elemSize(), K.step);
            if (tileRow == tileCol) continue;
            if (K.type() == CV_32F)
                mirrorTile<float>(K, rows, cols);
            else
                mirrorTile<double>(K, rows, cols);
        }
    });
}

}  // namespace

void rbfKernel(cv::InputArray X, cv::InputArray Y, cv::OutputArray K, const RbfParams& params) {
    const detail::KernelShape shape = detail::validate(X, Y, K, params);
    const detail::Metric metric = detail::makeMetric(params, shape.features);
    // Both are copied as a whole before K is created or written: K may be, or share memory with, either of
    // them.
    const detail::PackedRows x = detail::pack(X, metric.prescale);
    const detail::PackedRows y = shape.selfKernel ? detail::PackedRows{} : detail::pack(Y, metric.prescale);

    K.create(shape.rows, shape.cols, shape.ktype);
    cv::Mat result = K.getMat();
    if (shape.selfKernel)
        computeSelf(x, metric, result);
    else
        computeCross(x, y, metric, result);
}

void rbfKernel(cv::InputArray X, cv::InputArray Y, cv::OutputArray K, double sigma) {
    detail::validateSigma(sigma);
    RbfParams params;
    params.sigma = sigma;
    rbfKernel(X, Y, K, params);
}

}  // namespace gkern
