// SPDX-License-Identifier: Apache-2.0
// exp(−z) for the kernel matrix, z ≥ 0, +Inf or NaN; exp(−0) is exactly 1. Included once per SIMD target.
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

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// max(v, limit), NaN where v is NaN. x86 returns the second operand then, Arm a NaN; plain C++ targets may
/// drop NaN.
template <class V>
HWY_INLINE V atLeast(V limit, V v) {
#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
    return hn::IfThenElse(hn::Lt(v, limit), limit, v);
#else
    return hn::Max(limit, v);
#endif
}

template <class D, class V>
HWY_INLINE V horner(D, V, V sum) {
    return sum;
}
/// sum·x^k + … + c_k, the coefficients from the highest power down.
template <class D, class V, class... C>
HWY_INLINE V horner(D d, V x, V sum, double c, C... rest) {
    return horner(d, x, hn::MulAdd(sum, x, hn::Set(d, static_cast<hn::TFromD<D>>(c))), rest...);
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
/// @param scale −log2(e)·factor, where z = factor·sum
template <class D, class V>
HWY_INLINE V expFloatGrade(D d, V sum, V scale) {
    // 2^-160 is below half the smallest float.
    const V t = atLeast(hn::Set(d, -160.0), hn::Mul(sum, scale));
    const V shifted = hn::Add(t, hn::Set(d, kRounder));
    const V f = hn::Sub(t, hn::Sub(shifted, hn::Set(d, kRounder)));
    const V e =
        horner(d, f, hn::Set(d, 0x1.fde6186ba9d86p-17), 0x1.445c84aa980bdp-13, 0x1.5d8a85e3569bcp-10,
               0x1.3b29f39c5f681p-7, 0x1.c6b08ac08f6d8p-5, 0x1.ebfbe077885d2p-3, 0x1.62e42ff0e1761p-1, 1.0);
    // A product and not a sum of exponents: NaN stays NaN.
    return hn::Mul(e, powerOfTwo(d, shifted));
}

/// exp(−z) within 1 ULP, subnormal results included.
///
/// r = −z − n·ln 2 comes in two parts, so that e^r carries 0.5 ULP of its last addition and at most 0.4 of
/// the sum before it.
template <class D, class V>
HWY_INLINE V expDouble(D d, V minusZ) {
    // exp(−750) is below half the smallest double.
    const V a = atLeast(hn::Set(d, -750.0), minusZ);
    const V shifted = hn::MulAdd(a, hn::Set(d, 0x1.71547652b82fep0), hn::Set(d, kRounder));
    const V n = hn::Sub(shifted, hn::Set(d, kRounder));
    // ln 2 in two parts (fdlibm's): n times the first is exact.
    const V high = hn::NegMulAdd(n, hn::Set(d, 0x1.62e42feep-1), a);
    const V low = hn::Mul(n, hn::Set(d, 0x1.a39ef35793c76p-33));
    const V r = hn::Sub(high, low);
    const V rest = hn::Sub(hn::Sub(high, r), low);
    const V q =
        horner(d, r, hn::Set(d, 0x1.ad7f660f09166p-26), 0x1.28ad686904203p-22, 0x1.71df2546bb178p-19,
               0x1.a0199a1729893p-16, 0x1.a01a012a64808p-13, 0x1.6c16c184264e7p-10, 0x1.1111111127ba9p-7,
               0x1.555555555088dp-5, 0x1.55555555554fap-3, 0x1.000000000000ap-1);
    const V e = hn::Add(hn::Set(d, 1.0), hn::Add(r, hn::MulAdd(hn::Mul(r, r), q, rest)));
    if (HWY_LIKELY(hn::AllTrue(d, hn::Gt(a, hn::Set(d, -700.0))))) return hn::Mul(e, powerOfTwo(d, shifted));
    // Two factors, of which the second alone may lead below the normal numbers: one rounding. NaN comes here
    // too.
    const V n1 = hn::IfThenElse(hn::Lt(n, hn::Set(d, -1000.0)), hn::Set(d, -1000.0), n);
    const V first = powerOfTwo(d, hn::Add(n1, hn::Set(d, kRounder)));
    const V second = powerOfTwo(d, hn::Add(hn::Sub(n, n1), hn::Set(d, kRounder)));
    return hn::Mul(hn::Mul(e, first), second);
}

/// exp(−z) in float from a float sum ≥ 0 and finite: within 2 ULP; what would be subnormal is 0.
/// @param scale −log2(e)·factor
template <class D, class V>
HWY_INLINE V expFast(D d, V sum, V scale) {
    const V rounder = hn::Set(d, 0x1.8p23F + 127);
    const V t = hn::Max(hn::Set(d, -200.0F), hn::Mul(sum, scale));
    const V shifted = hn::Add(t, rounder);
    const V f = hn::Sub(t, hn::Sub(shifted, rounder));
    const V e = horner(d, f, hn::Set(d, 0x1.41fbcep-13F), 0x1.5f3e52p-10, 0x1.3b2d4cp-7, 0x1.c6aee8p-5,
                       0x1.ebfbdcp-3, 0x1.62e43p-1, 1.0);
    const hn::RebindToUnsigned<D> du;
    const V power = hn::BitCast(d, hn::ShiftLeft<23>(hn::BitCast(du, shifted)));
    return hn::IfThenElseZero(hn::Gt(t, hn::Set(d, -126.0F)), hn::Mul(e, power));
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
