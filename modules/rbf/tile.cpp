// SPDX-License-Identifier: Apache-2.0
#include "rbf/tile.hpp"

#include <algorithm>

#include "rbf/exp.hpp"

namespace gkern::detail {
namespace {

/// Sums for one row of X against a panel of Y. One array per row, not one for the block: compilers then keep
/// the sums in registers and work on several columns at once.
struct RowSums {
    double value[kPanelRows] = {};

    template <bool Weighted>
    void add(double x, const double* y, double weight) {
        for (int j = 0; j < kPanelRows; ++j) {
            double difference = x - y[j];
            if (Weighted) difference *= weight;
            value[j] += difference * difference;
        }
    }

    void store(double factor, double* z) const {
        for (int j = 0; j < kPanelRows; ++j) z[j] = factor * value[j];
    }
};

/// Exponents of a panel of X against a panel of Y, by direct differences: ‖x‖² + ‖y‖² − 2x·y would cancel.
/// Each sum runs over the features in order, so it does not depend on where the entry lies. Rows of z are
/// kTileSide apart.
template <bool Weighted>
void exponentsOfBlock(const double* x, const double* y, int features, const Metric& metric, double* z) {
    static_assert(kPanelRows == 4, "one RowSums for each row of a panel");
    RowSums row0, row1, row2, row3;
    for (int k = 0; k < features; ++k, x += kPanelRows, y += kPanelRows) {
        const double weight = Weighted ? metric.weight[size_t(k)] : 1;
        row0.add<Weighted>(x[0], y, weight);
        row1.add<Weighted>(x[1], y, weight);
        row2.add<Weighted>(x[2], y, weight);
        row3.add<Weighted>(x[3], y, weight);
    }
    row0.store(metric.factor, z);
    row1.store(metric.factor, z + kTileSide);
    row2.store(metric.factor, z + 2 * kTileSide);
    row3.store(metric.factor, z + 3 * kTileSide);
}

}  // namespace

void computeTile(const PackedRows& x, const cv::Range& rows, const PackedRows& y, const cv::Range& cols,
                 const Metric& metric, int ktype, uchar* tile, std::size_t step) {
    CV_DbgAssert(rows.start % kPanelRows == 0 && cols.start % kPanelRows == 0);
    CV_DbgAssert(rows.size() <= kTileSide && cols.size() <= kTileSide);
    const auto exponents = metric.weight.empty() ? exponentsOfBlock<false> : exponentsOfBlock<true>;
    double z[kPanelRows * kTileSide];
    for (int i = rows.start; i < rows.end; i += kPanelRows) {
        for (int j = cols.start; j < cols.end; j += kPanelRows) {
            exponents(x.panel(i), y.panel(j), x.features, metric, z + (j - cols.start));
        }
        const int lanes = std::min(kPanelRows, rows.end - i);
        for (int lane = 0; lane < lanes; ++lane) {
            uchar* out = tile + std::size_t(i - rows.start + lane) * step;
            if (ktype == CV_32F)
                expOfNegative(z + lane * kTileSide, cols.size(), reinterpret_cast<float*>(out));
            else
                expOfNegative(z + lane * kTileSide, cols.size(), reinterpret_cast<double*>(out));
        }
    }
}

}  // namespace gkern::detail
