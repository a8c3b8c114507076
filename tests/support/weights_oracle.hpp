// SPDX-License-Identifier: Apache-2.0
// 50-digit Gaussian weights, straight from the definitions.
#pragma once

#include <boost/math/constants/constants.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>

#include "gkern/weights.hpp"

namespace support {

// 50 digits of the result need more within: erfc is the small difference of large terms, and weights of σ =
// 1e5 of erfc.
using Real = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<80>>;

inline Real integratedReference(double x, double sigma) {
    const Real scale = Real(sigma) * sqrt(Real(2));
    const Real n = abs(Real(x)), half = Real(1) / 2;
    if (n < half) return (erf((half - n) / scale) + erf((half + n) / scale)) / 2;
    return (erfc((n - half) / scale) - erfc((n + half) / scale)) / 2;
}

inline Real sampledReference(double x, double sigma) {
    const Real z = Real(x) / Real(sigma);
    return exp(-z * z / 2) / (Real(sigma) * boost::math::constants::root_two_pi<Real>());
}

/// e^(−t)·I_n(t) = (1/π)∫ exp(t(cos θ − 1)) cos nθ dθ over 0…π, for integer n: the trapezoidal rule with N
/// nodes per turn is exact up to I_{N−n}, which is below the 50th digit of I_n for the N taken here.
inline Real discreteReference(double x, double sigma) {
    using Wide = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<420>>;
    const long n = static_cast<long>(x);
    const Wide t = Wide(sigma) * Wide(sigma);
    const long nodes = 2 * n + static_cast<long>(20 * sigma) + 120;
    const Wide step = boost::math::constants::two_pi<Wide>() / nodes;
    Wide sum = 1;
    for (long k = 1; k <= nodes / 2; ++k) {
        const Wide theta = step * k;
        const Wide exponent = t * (cos(theta) - 1);
        if (exponent < -960) break;  // 417 digits below the first term
        const Wide term = exp(exponent) * cos(theta * n);
        sum += 2 * k == nodes ? term : 2 * term;
    }
    return Real(sum / nodes);
}

inline Real weightReference(double x, double sigma, gkern::WeightModel model) {
    switch (model) {
        case gkern::WeightModel::Integrated:
            return integratedReference(x, sigma);
        case gkern::WeightModel::Sampled:
            return sampledReference(x, sigma);
        default:
            return discreteReference(x, sigma);
    }
}

/// |value − reference| in units of the last place of a double near the reference.
inline double ulps(double value, const Real& reference) {
    const double rounded = static_cast<double>(reference);
    const double next = std::nextafter(rounded, std::numeric_limits<double>::infinity());
    return static_cast<double>(abs(Real(value) - reference) / (Real(next) - Real(rounded)));
}

}  // namespace support
