// SPDX-License-Identifier: Apache-2.0
// The scaled modified Bessel functions e^(−t) I_ν(t), t = σ², by their ratios
//     r_ν = I_ν(t)/I_{ν−1}(t) = 1/(2ν/t + r_{ν+1}),
// evaluated downwards, where the recurrence is stable (Gautschi, "Computational aspects of three-term
// recurrence relations", SIAM Review 9(1), 1967). All terms are positive. Each step adds its rounding, and up
// to 10⁶ steps are needed, so the recurrence runs in 113-bit floats: the sum of the roundings stays far below
// one ULP of a double.
#include <algorithm>
#include <boost/math/constants/constants.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>

#include "weights/tap.hpp"

namespace gkern::detail {
namespace {

using Quad = boost::multiprecision::cpp_bin_float_quad;

/// Calls visit(k, r_{first+k}) for k = last … 1, downwards from an order where starting with r = 0 does no
/// harm.
template <class Visit>
void forEachRatioDownwards(double first, int last, double sigma, Visit visit) {
    const Quad t = Quad(sigma) * Quad(sigma);
    // An error at order ν shrinks by r² a step, r ≈ exp(−ν/σ²): 78 e-folds of it need 4σ steps above 12σ.
    const int start = std::max(last, static_cast<int>(12.5 * sigma)) + static_cast<int>(4 * sigma) + 60;
    Quad r = 0;
    for (int k = start; k >= 1; --k) {
        r = t / (2 * Quad(first + k) + t * r);
        visit(k, r);
    }
}

}  // namespace

std::vector<double> discreteRatios(double first, int count, double sigma) {
    std::vector<Quad> ratios(count);
    forEachRatioDownwards(first, count - 1, sigma, [&](int k, const Quad& r) {
        if (k < count) ratios[k] = r;
    });
    std::vector<double> result(count);
    Quad product = 1;
    for (int k = 0; k < count; ++k) {
        if (k > 0) product *= ratios[k];
        result[k] = static_cast<double>(product);
        if (result[k] == 0) break;  // underflown for good
    }
    return result;
}

double discreteTap(double x, double sigma) {
    const double first = x - std::floor(x);
    const int order = static_cast<int>(std::min(x - first, 1e9));
    if (order > 40 * sigma + 400) return 0;  // below the smallest double
    Quad sum = 1, product = 1;  // Σ_{k≥0} I_{first+k}/I_first by Horner's rule, and I_x/I_first
    forEachRatioDownwards(first, order, sigma, [&](int k, const Quad& r) {
        sum = 1 + r * sum;
        if (k <= order) product *= r;
    });
    if (first == 0) return static_cast<double>(product / (2 * sum - 1));  // e^t = I_0 + 2 Σ_{k≥1} I_k
    // e^(−t)·I_½(t) = (1 − e^(−2t))/√(2πt)
    const Quad t = Quad(sigma) * Quad(sigma);
    const Quad half =
        -boost::multiprecision::expm1(-2 * t) / sqrt(boost::math::constants::two_pi<Quad>() * t);
    return static_cast<double>(product * half);
}

}  // namespace gkern::detail
