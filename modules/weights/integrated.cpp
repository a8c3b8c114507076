// SPDX-License-Identifier: Apache-2.0
#include <boost/math/constants/constants.hpp>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>

#include "weights/tap.hpp"

namespace gkern::detail {
namespace {

namespace constants = boost::math::constants;

/// A quotient edge/(σ√2) as a double and what rounding took from it.
struct ScaledEdge {
    double value;
    double residue;
};

ScaledEdge scaledEdge(double edge, double sigma) {
    // √2 in two doubles: the tail of erfc turns a relative error ε of its argument a into 2a²ε, 1400 ε at a
    // = 27.
    constexpr double kSqrt2 = 1.4142135623730951, kSqrt2Residue = -9.6672933134529135e-17;
    const double scale = sigma * kSqrt2;
    const double scaleResidue = std::fma(sigma, kSqrt2, -scale) + sigma * kSqrt2Residue;
    const double value = edge / scale;
    if (!std::isfinite(value)) return {value, 0};
    return {value, (std::fma(-value, scale, edge) - value * scaleResidue) / scale};
}

/// erfc(edge/(√2σ)), corrected to first order for the rounding of the argument.
double erfcAt(double edge, double sigma) {
    const ScaledEdge a = scaledEdge(edge, sigma);
    constexpr double kUnderflow = 27.3;  // erfc is below the smallest double from here on
    if (a.value > kUnderflow) return 0;
    const double slope = -constants::two_div_root_pi<double>() * std::exp(-a.value * a.value);
    return boost::math::erfc(a.value) + slope * a.residue;
}

}  // namespace

double integratedTail(double edge, double sigma) {
    return erfcAt(edge, sigma);
}

double integratedTap(double x, double sigma) {
    if (x < 0.5) {  // the cell holds the centre: a sum of two masses, nothing cancels
        const double right = boost::math::erf(scaledEdge(0.5 + x, sigma).value);
        const double left = boost::math::erf(scaledEdge(0.5 - x, sigma).value);
        return 0.5 * (left + right);
    }
    const double fall = x / sigma / sigma;  // how steeply the density falls across the cell, in e-folds
    if (fall >= 1) return 0.5 * (erfcAt(x - 0.5, sigma) - erfcAt(x + 0.5, sigma));

    // A flat cell: the difference of erfc would cancel (to nothing at σ = 1e16), the integral of the density
    // does not: G(x)·∫ exp(−xu/σ² − u²/2σ²) du over |u| ≤ ½, folded to u ≥ 0. It is close to 1, so only its
    // small difference from 1 is integrated; ten nodes leave less than 1e-17 for fall < 1.
    const double curvature = 0.5 / sigma / sigma;
    const auto excess = [=](double u) {
        const double slope = std::sinh(0.5 * fall * u);  // cosh(v) = 1 + 2 sinh²(v/2)
        const double bend = std::expm1(-curvature * u * u);
        return 2 * (2 * slope * slope * (1 + bend) + bend);
    };
    const double density = sampledTap(x, sigma);
    return density + density * boost::math::quadrature::gauss<double, 10>::integrate(excess, 0.0, 0.5);
}

}  // namespace gkern::detail
