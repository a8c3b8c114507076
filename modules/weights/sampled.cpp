// SPDX-License-Identifier: Apache-2.0
#include <boost/math/constants/constants.hpp>
#include <cmath>

#include "weights/tap.hpp"

namespace gkern::detail {

double gaussianExp(double square, double sigma) {
    // z = square/σ² in two doubles: exp turns an absolute error of z into a relative one of the result, and z
    // reaches 1490. Dividing twice keeps σ² from overflowing and underflowing.
    const double once = square / sigma;
    const double z = once / sigma;
    constexpr double kUnderflow = 1492;  // exp(−z/2) is below the smallest double from here on
    if (!(z < kUnderflow)) return 0;
    const double onceResidue = std::fma(-once, sigma, square) / sigma;
    const double zResidue = (std::fma(-z, sigma, once) + onceResidue) / sigma;
    const double rounded = std::exp(-0.5 * z);
    return std::isfinite(zResidue) ? rounded - rounded * 0.5 * zResidue : rounded;
}

double sampledTap(double x, double sigma) {
    return gaussianExp(x * x, sigma) * (boost::math::constants::one_div_root_two_pi<double>() / sigma);
}

}  // namespace gkern::detail
