// SPDX-License-Identifier: Apache-2.0
// Single taps and half columns of each weight model, before normalisation. Arguments are already judged.
#pragma once

#include <vector>

namespace gkern::detail {

/// Φ((x + ½)/σ) − Φ((x − ½)/σ) for x ≥ 0, within 4 ULP.
double integratedTap(double x, double sigma);

/// Mass of the integrated Gaussian outside [−edge, edge]: erfc(edge/(√2σ)), edge ≥ 0.
double integratedTail(double edge, double sigma);

/// exp(−square/(2σ²)) for square ≥ 0, within 1 ULP of the rounded result also where the exponent is large.
double gaussianExp(double square, double sigma);

/// G(x) = exp(−x²/(2σ²))/(σ√(2π)).
double sampledTap(double x, double sigma);

/// e^(−σ²)·I_x(σ²) for x ≥ 0, an integer or half-integer.
double discreteTap(double x, double sigma);

/// I_x(σ²)/I_first(σ²) at x = first, first + 1, … (count values); first is 0 or ½.
std::vector<double> discreteRatios(double first, int count, double sigma);

/// Largest σ for which the discrete model is offered: its cost and memory grow with σ.
inline constexpr double kMaxDiscreteSigma = 1e5;

}  // namespace gkern::detail
