// SPDX-License-Identifier: Apache-2.0
// exp(−z) for the kernel matrix, z ≥ 0, +Inf or NaN; exp(−0) is exactly 1. Included once per SIMD
// target.
//
// The polynomials are minimax approximations (Remez, coefficients then rounded to the type) of
// (2^f − 1)/f on |f| ≤ ½ and of (e^r − 1 − r)/r² on |r| ≤ ½ ln 2.
#if defined(GKERN_RBF_EXP_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_RBF_EXP_INL_HPP
#undef GKERN_RBF_EXP_INL_HPP
#else
#define GKERN_RBF_EXP_INL_HPP
#endif

#include <hwy/highway.h>

#include "rbf/registers-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// max(v, limit), NaN where v is NaN. x86 returns the second operand then, Arm a NaN; plain C++ targets
/// may drop NaN.
template <class V>
HWY_INLINE V atLeast(V limit, V v) {
#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
    return hn::IfThenElse(hn::Lt(v, limit), limit, v);
#else
    return hn::Max(limit, v);
#endif
}

// A function below works on kCount vectors at a time, step by step: one after the other would leave the
// processor waiting for the latency of each step.

/// sum_i = sum_i·x_i^k + … + c_k, the coefficients from the highest power but one down.
template <class D, class V, int kCount, class... C>
HWY_INLINE void horner(D d, const V (&x)[kCount], V (&sum)[kCount], C... coefficients) {
    const auto step = [&](double c) GKERN_BODY {
        const V coefficient = hn::Set(d, static_cast<hn::TFromD<D>>(c));
        unrolled<kCount>([&](auto i) GKERN_BODY { sum[i] = hn::MulAdd(sum[i], x[i], coefficient); });
    };
    (step(coefficients), ...);
}

// n + kRounder for an integer n has n in its lowest bits; the 1023 more make them the exponent of 2^n.
constexpr double kRounder = 0x1.8p52 + 1023;

/// 2^n from n + kRounder, for n in [−1022, 1023].
template <class D, class V>
HWY_INLINE V powerOfTwo(D d, V shifted) {
    const hn::RebindToUnsigned<D> du;
    return hn::BitCast(d, hn::ShiftLeft<52>(hn::BitCast(du, shifted)));
}

/// exp(−z) to 2^-34 of its value, for results that become floats: 0.501 units in their last place.
/// @param v in: sums, z = factor·sum; out: exp(−z)
/// @param scale −log2(e)·factor
template <class D, class V, int kCount>
HWY_INLINE void expFloatGrade(D d, V scale, V (&v)[kCount]) {
    V shifted[kCount], f[kCount];
    const V rounder = hn::Set(d, kRounder);
    unrolled<kCount>([&](auto i) GKERN_BODY {
        // 2^-160 is below half the smallest float.
        v[i] = atLeast(hn::Set(d, -160.0), hn::Mul(v[i], scale));
        shifted[i] = hn::Add(v[i], rounder);
        f[i] = hn::Sub(v[i], hn::Sub(shifted[i], rounder));
        v[i] = hn::Set(d, 0x1.fde6186ba9d86p-17);
    });
    horner(d, f, v, 0x1.445c84aa980bdp-13, 0x1.5d8a85e3569bcp-10, 0x1.3b29f39c5f681p-7, 0x1.c6b08ac08f6d8p-5,
           0x1.ebfbe077885d2p-3, 0x1.62e42ff0e1761p-1, 1.0);
    // A product and not a sum of exponents: NaN stays NaN.
    unrolled<kCount>([&](auto i) GKERN_BODY { v[i] = hn::Mul(v[i], powerOfTwo(d, shifted[i])); });
}

/// exp(v) for v = −z within 1 ULP, subnormal results included.
///
/// r = v − n·ln 2 comes in two parts, so that e^r carries 0.5 ULP of its last addition and at most 0.4
/// of the sum before it.
template <class D, class V, int kCount>
HWY_INLINE void expDouble(D d, V (&v)[kCount]) {
    V shifted[kCount], r[kCount], rest[kCount], q[kCount];
    const V rounder = hn::Set(d, kRounder);
    unrolled<kCount>([&](auto i) GKERN_BODY {
        // exp(−750) is below half the smallest double.
        v[i] = atLeast(hn::Set(d, -750.0), v[i]);
        shifted[i] = hn::MulAdd(v[i], hn::Set(d, 0x1.71547652b82fep0), rounder);
        const V n = hn::Sub(shifted[i], rounder);
        // ln 2 in two parts (fdlibm's): n times the first is exact.
        const V high = hn::NegMulAdd(n, hn::Set(d, 0x1.62e42feep-1), v[i]);
        const V low = hn::Mul(n, hn::Set(d, 0x1.a39ef35793c76p-33));
        r[i] = hn::Sub(high, low);
        rest[i] = hn::Sub(hn::Sub(high, r[i]), low);
        q[i] = hn::Set(d, 0x1.ad7f660f09166p-26);
    });
    horner(d, r, q, 0x1.28ad686904203p-22, 0x1.71df2546bb178p-19, 0x1.a0199a1729893p-16,
           0x1.a01a012a64808p-13, 0x1.6c16c184264e7p-10, 0x1.1111111127ba9p-7, 0x1.555555555088dp-5,
           0x1.55555555554fap-3, 0x1.000000000000ap-1);
    unrolled<kCount>([&](auto i) GKERN_BODY {
        q[i] = hn::Add(hn::Set(d, 1.0), hn::Add(r[i], hn::MulAdd(hn::Mul(r[i], r[i]), q[i], rest[i])));
        if (HWY_LIKELY(hn::AllTrue(d, hn::Gt(v[i], hn::Set(d, -700.0))))) {
            v[i] = hn::Mul(q[i], powerOfTwo(d, shifted[i]));
            return;
        }
        // Two factors, of which the second alone may lead below the normal numbers: one rounding. NaN
        // comes here too.
        const V n = hn::Sub(shifted[i], rounder), limit = hn::Set(d, -1000.0);
        const V n1 = hn::IfThenElse(hn::Lt(n, limit), limit, n);
        const V first = powerOfTwo(d, hn::Add(n1, rounder));
        const V second = powerOfTwo(d, hn::Add(hn::Sub(n, n1), rounder));
        v[i] = hn::Mul(hn::Mul(q[i], first), second);
    });
}

/// exp(−z) in float from float sums ≥ 0 and finite: within 2 ULP; what would be subnormal is 0.
/// @param v in: sums, z = factor·sum; out: exp(−z)
/// @param scale −log2(e)·factor
template <class D, class V, int kCount>
HWY_INLINE void expFast(D d, V scale, V (&v)[kCount]) {
    V t[kCount], shifted[kCount], f[kCount];
    const V rounder = hn::Set(d, 0x1.8p23F + 127);
    unrolled<kCount>([&](auto i) GKERN_BODY {
        t[i] = hn::Max(hn::Set(d, -200.0F), hn::Mul(v[i], scale));
        shifted[i] = hn::Add(t[i], rounder);
        f[i] = hn::Sub(t[i], hn::Sub(shifted[i], rounder));
        v[i] = hn::Set(d, 0x1.41fbcep-13F);
    });
    horner(d, f, v, 0x1.5f3e52p-10, 0x1.3b2d4cp-7, 0x1.c6aee8p-5, 0x1.ebfbdcp-3, 0x1.62e43p-1, 1.0);
    unrolled<kCount>([&](auto i) GKERN_BODY {
        const hn::RebindToUnsigned<D> du;
        const V power = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(du, shifted[i])));
        v[i] = hn::IfThenElseZero(hn::Gt(t[i], hn::Set(d, -126.0F)), hn::Mul(v[i], power));
    });
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
