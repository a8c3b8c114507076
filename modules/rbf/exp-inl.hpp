// SPDX-License-Identifier: Apache-2.0
// 2^t for the kernel matrix, t ≤ 0 up to rounding, −Inf or NaN; 2^0 is exactly 1. Included once per SIMD
// target.
//
// With n = round(8t), 2^t is 2^(n/8)·2^f, |f| ≤ 1/16; in float 16 and 1/32. The first factor comes from a
// table of the roots of 2 and an addition of exponents, the second is 1 + f·p(f). Each p is the minimax
// polynomial (Remez, coefficients then rounded to the type) of (2^f − 1)/f.
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

/// max(v, limit), NaN where v is NaN. x86 returns the second operand then, Arm a NaN; plain
/// C++ targets may drop NaN.
template <class V>
HWY_INLINE V atLeast(V limit, V v) {
#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
    return hn::IfThenElse(hn::Lt(v, limit), limit, v);
#else
    return hn::Max(limit, v);
#endif
}
/// Roots of 2 as a table: 2^steps of them between 1 and 2.
template <class T>
struct Roots;

template <>
struct Roots<double> {
    static constexpr int kSteps = 3, kMantissa = 52;
    /// Adding it to t leaves round(8t) + 8·1023 in the lowest bits: 1023 is the bias of exponents.
    static constexpr double kRounder = 0x1.8p49 + 1023;
    /// Bits of 2^(k/8) without its exponent, less k·2^49: n·2^49 holds those already.
    HWY_ALIGN static constexpr uint64_t kBits[8] = {
        0x0000000000000000, 0xffff72b83c7d517b, 0xffff06fe0a31b715, 0xfffebfdad5362a27,
        0xfffea09e667f3bcd, 0xfffeace5422aa0db, 0xfffee89f995ad3ad, 0xffff5818dcfba487};
    /// What 2^(k/8) loses by rounding, as a part of it.
    HWY_ALIGN static constexpr double kTails[8] = {0x0.0p+0,
                                                   -0x1.01b15eaa59348p-55,
                                                   0x1.34d754db0abb6p-55,
                                                   0x1.690cebb7aafb0p-56,
                                                   -0x1.3b3efbf5e2228p-54,
                                                   0x1.db72fc1f0eab4p-55,
                                                   0x1.c1a7792cb3387p-55,
                                                   0x1.4a385a63d07a7p-56};
};

template <>
struct Roots<float> {
    static constexpr int kSteps = 4, kMantissa = 23;
    static constexpr float kRounder = 0x1.8p19F + 127;
    HWY_ALIGN static constexpr uint32_t kBits[16] = {
        0x00000000, 0xfffdaac3, 0xfffb95c2, 0xfff9c3d3, 0xfff837f0, 0xfff6f532, 0xfff5fed7, 0xfff5583f,
        0xfff504f3, 0xfff508a4, 0xfff5672a, 0xfff6248c, 0xfff744fd, 0xfff8ccdf, 0xfffac0c7, 0xfffd257d};
};

/// table[n modulo its length], n in the lowest bits of each lane.
template <class D, class T, size_t kLength, class B>
HWY_INLINE hn::Vec<D> lookUp(D d, const T (&table)[kLength], B bits) {
    const hn::RebindToSigned<D> di;
    const auto mask = hn::Set(di, hn::TFromD<decltype(di)>(kLength - 1));
    auto index = hn::BitCast(di, bits);
    // Where a vector holds the table, it is looked up in a register, by an instruction that does not see the
    // other bits. Highway's checks do.
    constexpr bool kInRegister = hn::MaxLanes(d) == kLength && HWY_TARGET <= HWY_AVX3;
    if (!kInRegister || HWY_IS_DEBUG_BUILD) index = hn::And(index, mask);
    if constexpr (kInRegister)
        return hn::TableLookupLanes(hn::Load(d, table), hn::IndicesFromVec(d, index));
    else
        return hn::GatherIndex(d, table, index);
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

/// f of v and, in the lowest bits of `shifted`, n.
template <class D, class V>
HWY_INLINE V reduce(D d, V v, V& shifted) {
    const V rounder = hn::Set(d, Roots<hn::TFromD<D>>::kRounder);
    shifted = hn::Add(v, rounder);
    return hn::Sub(v, hn::Sub(shifted, rounder));
}

/// 2^(n/8) or 2^(n/16), which must be a normal number.
template <class D, class V>
HWY_INLINE V rootPower(D d, V shifted) {
    using R = Roots<hn::TFromD<D>>;
    const hn::RebindToUnsigned<D> du;
    const auto bits = hn::BitCast(du, shifted);
    return hn::BitCast(d, hn::Add(hn::ShiftLeft<R::kMantissa - R::kSteps>(bits), lookUp(du, R::kBits, bits)));
}

/// 2^v to 2^-32 of its value, for results that become floats: 0.502 units in their last place.
/// @tparam kBounded every v is above −1000
template <bool kBounded, class D, class V, int kCount>
HWY_INLINE void exp2FloatGrade(D d, V (&v)[kCount]) {
    V shifted[kCount], f[kCount];
    unrolled<kCount>([&](auto i) GKERN_BODY {
        // 2^-160 is below half the smallest float.
        if constexpr (!kBounded) v[i] = atLeast(hn::Set(d, -160.0), v[i]);
        f[i] = reduce(d, v[i], shifted[i]);
        v[i] = hn::Set(d, 0x1.3b324946b4d46p-7);
    });
    horner(d, f, v, 0x1.c6bb79d11ed8ap-5, 0x1.ebfbdfcfca9e1p-3, 0x1.62e42fd9cad35p-1, 1.0);
    // A NaN has arrived in v; what it makes of the power does not matter.
    unrolled<kCount>([&](auto i) GKERN_BODY { v[i] = hn::Mul(v[i], rootPower(d, shifted[i])); });
}

/// 2^(n/8 + f) within 0.75 ULP, n in the lowest bits of `shifted`.
template <class D, class V, int kCount>
HWY_INLINE void exp2OfParts(D d, const V (&shifted)[kCount], const V (&f)[kCount], V (&v)[kCount]) {
    unrolled<kCount>([&](auto i) GKERN_BODY { v[i] = hn::Set(d, 0x1.ffd3a7fbc0094p-17); });
    horner(d, f, v, 0x1.430dec9f1b1bbp-13, 0x1.5d87fe6d98b34p-10, 0x1.3b2ab6f1f19dfp-7, 0x1.c6b08d704a213p-5,
           0x1.ebfbdff82c6c5p-3, 0x1.62e42fefa39efp-1);
    unrolled<kCount>([&](auto i) GKERN_BODY {
        const V root = rootPower(d, shifted[i]);
        const V tail = lookUp(d, Roots<double>::kTails, hn::BitCast(hn::RebindToUnsigned<D>(), shifted[i]));
        v[i] = hn::MulAdd(root, hn::MulAdd(v[i], f[i], tail), root);
    });
}

// Powers below 2^-900 take a detour over higher ones, as the last product alone may lead below the normal
// numbers: this is added to the exponent, and its power taken out of the result.
constexpr double kDetour = 512;

template <class D, class M, class V>
HWY_INLINE V afterDetour(D d, M low, V v) {
    return hn::Mul(v, hn::IfThenElse(low, hn::Set(d, 0x1p-512), hn::Set(d, 1.0)));
}

/// 2^v; subnormal results are rounded once more.
/// @tparam kBounded every v is above −1000
template <bool kBounded, class D, class V, int kCount>
HWY_INLINE void exp2Double(D d, V (&v)[kCount]) {
    V shifted[kCount], f[kCount];
    hn::Mask<D> low[kCount];
    unrolled<kCount>([&](auto i) GKERN_BODY {
        if constexpr (!kBounded) {
            // 2^-1100 is below half the smallest double.
            v[i] = atLeast(hn::Set(d, -1100.0), v[i]);
            low[i] = hn::Lt(v[i], hn::Set(d, -900.0));
            v[i] = hn::Add(v[i], hn::IfThenElseZero(low[i], hn::Set(d, kDetour)));  // exactly
        }
        f[i] = reduce(d, v[i], shifted[i]);
    });
    exp2OfParts(d, shifted, f, v);
    if constexpr (!kBounded)
        unrolled<kCount>([&](auto i) GKERN_BODY { v[i] = afterDetour(d, low[i], v[i]); });
}

/// 2^v in float within 2 ULP, v above −120.
template <class D, class V, int kCount>
HWY_INLINE void exp2Fast(D d, V (&v)[kCount]) {
    V shifted[kCount], f[kCount];
    unrolled<kCount>([&](auto i) GKERN_BODY {
        f[i] = reduce(d, v[i], shifted[i]);
        v[i] = hn::Set(d, 0x1.c6b3f6p-5F);
    });
    horner(d, f, v, 0x1.ebff92p-3, 0x1.62e43p-1, 1.0);
    unrolled<kCount>([&](auto i) GKERN_BODY { v[i] = hn::Mul(v[i], rootPower(d, shifted[i])); });
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
