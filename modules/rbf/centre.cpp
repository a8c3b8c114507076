// SPDX-License-Identifier: Apache-2.0
#include "rbf/centre.hpp"

#include <algorithm>
#include <cmath>

namespace gkern::detail {
namespace {

/// Mean of some rows, features that are not finite left out.
std::vector<double> roughMean(const FeatureRows& rows) {
    constexpr int kGroups = 8, kGroup = 2;
    const int groups = rows.count() <= kGroups * kGroup ? 1 : kGroups;
    const int group = groups == 1 ? rows.count() : kGroup;
    std::vector<double> sum(std::size_t(rows.features()));
    cv::Mat buffer;
    const auto forRows = [&](const auto& take) {
        for (int g = 0; g < groups; ++g) {
            const int first = static_cast<int>(int64_t{g} * (rows.count() - group) / std::max(1, groups - 1));
            const cv::Mat values = rows.read(first, first + group, buffer);
            for (int i = 0; i < group; ++i) take(values.ptr<double>(i));
        }
    };
    forRows([&](const double* row) {
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += row[k];
    });
    const bool finite = std::all_of(sum.begin(), sum.end(), [](double s) { return std::isfinite(s); });
    if (finite) {
        for (double& s : sum) s /= groups * group;
        return sum;
    }
    std::vector<double> count(sum.size());
    std::fill(sum.begin(), sum.end(), 0.0);
    forRows([&](const double* row) {
        for (std::size_t k = 0; k < sum.size(); ++k)
            if (std::isfinite(row[k])) {
                sum[k] += row[k];
                ++count[k];
            }
    });
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] = count[k] > 0 ? sum[k] / count[k] : 0;
    return sum;
}

}  // namespace

std::vector<double> centreOf(const FeatureRows& x, const FeatureRows& y, bool self,
                             const std::vector<double>& prescale) {
    std::vector<double> centre = roughMean(x);
    const std::vector<double> other = self ? centre : roughMean(y);
    for (std::size_t k = 0; k < centre.size(); ++k) {
        const double mean = centre[k] / 2 + other[k] / 2, rounded = static_cast<float>(mean);
        const double c = (std::isfinite(rounded) ? rounded : mean) * prescale[k];
        centre[k] = std::isfinite(c) ? c : 0;
    }
    return centre;
}

}  // namespace gkern::detail
