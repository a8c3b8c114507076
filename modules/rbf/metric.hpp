// SPDX-License-Identifier: Apache-2.0
/// From σ, γ or length-scales to the arithmetic of the exponent, safe from overflow and underflow.
#pragma once

#include <vector>

#include "gkern/rbf.hpp"

namespace gkern::detail {

/// The exponent of K(i,j) = exp(−z) is
///
///     z = factor · Σ_k ((x_k·prescale_k − y_k·prescale_k) · weight_k)²
///
/// where empty vectors stand for ones.
struct Metric {
    std::vector<double> prescale;  ///< powers of two ≤ 1, applied when rows are packed: exact
    std::vector<double> weight;    ///< applied to differences; applied to coordinates it would round offsets
    double factor;
};

/// @param params validated
/// @param features number of columns of X
Metric makeMetric(const RbfParams& params, int features);

}  // namespace gkern::detail
