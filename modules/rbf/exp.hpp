// SPDX-License-Identifier: Apache-2.0
/// The exponential of the kernel matrix.
#pragma once

namespace gkern::detail {

/// out[i] = exp(−z[i]) for z ≥ 0, +Inf or NaN: within 1 ULP, gradual underflow included; exp(0) is exactly 1.
/// The float overload rounds the double result.
void expOfNegative(const double* z, int count, double* out);
void expOfNegative(const double* z, int count, float* out);

}  // namespace gkern::detail
