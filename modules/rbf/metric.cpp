// SPDX-License-Identifier: Apache-2.0
#include "rbf/metric.hpp"

#include <cmath>

namespace gkern::detail {
namespace {

// Between these the squares of differences can be taken as they are: what overflows has z > 2^200 and K = 0,
// and what underflows is below 2^-200 of σ² and K = 1.
constexpr double kSmallestPlainSigma = 0x1p-400;
constexpr double kLargestPlainSigma = 0x1p400;
constexpr double kSmallestPlainGamma = 0x1p-800;
constexpr double kLargestPlainGamma = 0x1p800;

// Differences are measured in units of ℓ·2^52, so that the weight of a subnormal ℓ is finite.
constexpr int kHeadroom = 52;

/// z = factor · Σ ((x_k − y_k)/ℓ_k)² for any positive ℓ.
///
/// A unit ℓ_k ≥ 1 shrinks the coordinates by a power of two first, so that their difference cannot overflow
/// (what gets lost below the smallest double is nothing in units of ℓ_k). A unit ℓ_k < 1 enlarges the
/// difference only: an overflow there means z = ∞ and K = 0, while two equal coordinates still differ by 0.
Metric scaledMetric(const std::vector<double>& units, double factor) {
    Metric metric;
    metric.factor = std::ldexp(factor, 2 * kHeadroom);
    for (const double unit : units) {
        int exponent;
        const double fraction =
            std::frexp(unit, &exponent);  // unit = fraction·2^exponent, fraction in [0.5, 1)
        const int shrink = exponent > 0 ? -exponent : 0;
        metric.prescale.push_back(std::ldexp(1.0, shrink));
        metric.weight.push_back(std::ldexp(1 / fraction, -exponent - shrink - kHeadroom));
    }
    return metric;
}

/// Powers of two as units keep the rounding of σ and γ out of the sum.
Metric powerOfTwoMetric(int exponent, double factor, int features) {
    return scaledMetric(std::vector<double>(size_t(features), std::ldexp(1.0, exponent)), factor);
}

Metric metricOfSigma(double sigma, int features) {
    if (sigma >= kSmallestPlainSigma && sigma <= kLargestPlainSigma) return {{}, {}, 1 / (2 * sigma * sigma)};
    int exponent;
    const double fraction = std::frexp(sigma, &exponent);
    // 2^(exponent − 1) and a fraction in [1, 2): 2^1024 is not a double.
    return powerOfTwoMetric(exponent - 1, 1 / (2 * (2 * fraction) * (2 * fraction)), features);
}

Metric metricOfGamma(double gamma, int features) {
    if (gamma >= kSmallestPlainGamma && gamma <= kLargestPlainGamma) return {{}, {}, gamma};
    int exponent;
    std::frexp(gamma, &exponent);
    const int half = exponent / 2;  // γ = g·2^(2·half) and units of 2^-half
    return powerOfTwoMetric(-half, std::ldexp(gamma, -2 * half), features);
}

}  // namespace

Metric makeMetric(const RbfParams& params, int features) {
    if (params.sigma != 0) return metricOfSigma(params.sigma, features);
    if (params.gamma != 0) return metricOfGamma(params.gamma, features);
    return scaledMetric(params.lengthScales, 0.5);
}

}  // namespace gkern::detail
