// SPDX-License-Identifier: Apache-2.0
#include "rbf/boxes.hpp"

#include <algorithm>
#include <cmath>

namespace gkern::detail {
namespace {

/// In one loop over memory that does not overlap, which compilers then vectorise.
void extend(const double* __restrict value, std::size_t features, double* __restrict low,
            double* __restrict high, double* __restrict check) {
    for (std::size_t k = 0; k < features; ++k) {
        low[k] = value[k] < low[k] ? value[k] : low[k];
        high[k] = value[k] > high[k] ? value[k] : high[k];
        check[k] += value[k] * 0;
    }
}

}  // namespace

Boxes::Boxes(const FeatureRows& rows, const std::vector<double>& prescale, int side)
    : features_(rows.features()) {
    const int blocks = (rows.count() - 1) / side + 1;
    const std::size_t features = std::size_t(features_);
    low_.resize(std::size_t(blocks) * features);
    high_.resize(low_.size());
    finite_.resize(std::size_t(blocks));
    forBlocks(blocks, double(rows.count()) * features_, [&](int b) {
        thread_local cv::Mat buffer;
        double* low = low_.data() + std::size_t(b) * features;
        double* high = high_.data() + std::size_t(b) * features;
        std::fill_n(low, features, INFINITY);
        std::fill_n(high, features, -INFINITY);
        std::vector<double> check(features, 0.0);  // NaN as soon as one value is not finite
        const int end = std::min((b + 1) * side, rows.count());
        const int atOnce = std::max(1, kValuesAtOnce / features_);
        for (int first = b * side; first < end; first += atOnce) {
            const cv::Mat values = rows.read(first, std::min(first + atOnce, end), buffer);
            for (int row = 0; row < values.rows; ++row)
                extend(values.ptr<double>(row), features, low, high, check.data());
        }
        for (std::size_t k = 0; k < features; ++k) {
            low[k] *= prescale[k];
            high[k] *= prescale[k];
        }
        finite_[std::size_t(b)] = std::all_of(check.begin(), check.end(), [](double c) { return c == 0; });
    });
}

Boxes::Sums Boxes::sumsTo(int block, const Boxes& other, int otherBlock,
                          const std::vector<double>& weight) const {
    if (!finite_[std::size_t(block)] || !other.finite_[std::size_t(otherBlock)]) return {0, INFINITY};
    const std::size_t features = std::size_t(features_);
    const double* low = low_.data() + std::size_t(block) * features;
    const double* high = high_.data() + std::size_t(block) * features;
    const double* otherLow = other.low_.data() + std::size_t(otherBlock) * features;
    const double* otherHigh = other.high_.data() + std::size_t(otherBlock) * features;
    Sums sums{0, 0};
    for (std::size_t k = 0; k < features; ++k) {
        const double above = low[k] - otherHigh[k], below = otherLow[k] - high[k];
        double gap = std::max(0.0, std::max(above, below));
        double reach = std::max(-above, -below);
        if (!weight.empty()) {
            gap *= weight[k];
            reach *= weight[k];
        }
        sums.least += gap * gap;
        sums.most += reach * reach;
    }
    return sums;
}

double Boxes::reach(const std::vector<double>& centre, const std::vector<double>& weight) const {
    if (std::find(finite_.begin(), finite_.end(), 0) != finite_.end()) return INFINITY;
    const std::size_t features = std::size_t(features_);
    double reach = 0;
    for (std::size_t i = 0; i < low_.size(); ++i) {
        const std::size_t k = i % features;
        reach = std::max(reach, std::max(high_[i] - centre[k], centre[k] - low_[i]) * weight[k]);
    }
    return reach;
}

}  // namespace gkern::detail
