// SPDX-License-Identifier: Apache-2.0
#include "rbf/exp.hpp"

#include <cstdint>
#include <cstring>

namespace gkern::detail {
namespace {

// exp(−750) is below half the smallest double.
constexpr double kUnderflow = 750;

// The lowest bits of n + kRounder, for an integer n, are those of n.
constexpr double kRounder = 0x1.8p52;

constexpr double kLog2E = 0x1.71547652b82fep0;
// ln 2 in two parts (fdlibm's): n·kLn2High is exact for |n| < 2^20.
constexpr double kLn2High = 0x1.62e42feep-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

/// 2^n for an integer n in [−1022, 1023].
double powerOfTwo(double n) {
    const double shifted = n + (kRounder + 1023);
    std::uint64_t bits;
    std::memcpy(&bits, &shifted, sizeof bits);
    bits <<= 52;
    double result;
    std::memcpy(&result, &bits, sizeof result);
    return result;
}

/// (e^r − 1 − r)/r² for |r| ≤ ln(2)/2. Cutting the series after r^13 costs 0.04 ULP of e^r.
double expTail(double r) {
    double p = 1.0 / 6227020800;
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    return p * r + 0.5;
}

/// exp(−z) = 2^n·e^r with r = −z − n·ln 2 in two parts, so that e^r carries 0.5 ULP of its last addition and
/// at most 0.4 of the sum before it.
double expOfNegativeOne(double z) {
    const double a = z > kUnderflow ? -kUnderflow : -z;  // keeps NaN
    const double n = (a * kLog2E + kRounder) - kRounder;
    const double high = a - n * kLn2High, low = n * kLn2Low;
    const double r = high - low;
    const double rest = (high - r) - low;
    const double e = 1 + (r + (rest + r * r * expTail(r)));
    // The second factor alone may lead below the normal numbers: one rounding.
    const double n1 = n < -1000 ? -1000 : n;
    return e * powerOfTwo(n1) * powerOfTwo(n - n1);
}

template <typename T>
void expOfNegativeAll(const double* z, int count, T* out) {
    for (int i = 0; i < count; ++i) out[i] = T(expOfNegativeOne(z[i]));
}

}  // namespace

void expOfNegative(const double* z, int count, double* out) {
    expOfNegativeAll(z, count, out);
}
void expOfNegative(const double* z, int count, float* out) {
    expOfNegativeAll(z, count, out);
}

}  // namespace gkern::detail
