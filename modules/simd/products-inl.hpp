// SPDX-License-Identifier: Apache-2.0
// Sums of products of 16-bit integers, two by two in 32 bits. Included once per SIMD target.
#if defined(GKERN_SIMD_PRODUCTS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_SIMD_PRODUCTS_INL_HPP
#undef GKERN_SIMD_PRODUCTS_INL_HPP
#else
#define GKERN_SIMD_PRODUCTS_INL_HPP
#endif

#include <hwy/highway.h>

#include "simd/unroll-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_NATIVE_FMA  // directSupported()

using Numbers = hn::ScalableTag<int16_t>;
using Sums = hn::ScalableTag<int32_t>;
using Number = hn::Vec<Numbers>;
using Sum = hn::Vec<Sums>;
/// Vector registers of the target.
constexpr int kRegisters = HWY_TARGET == HWY_AVX2 ? 16 : 32;

HWY_INLINE ptrdiff_t numbersOfVector() {
    return static_cast<ptrdiff_t>(hn::Lanes(Numbers()));
}

HWY_INLINE Number weightPair(int32_t pair) {
    return hn::BitCast(Numbers(), hn::Set(Sums(), pair));
}

/// Sums of products side by side.
template <int kCount>
struct ProductSums {
    // Either half of what belongs to each lane, or all of it in one, as the target has it.
    Sum first[kCount], second[kCount];

    // GCC does not give an implicit constructor the target's attributes.
    HWY_INLINE ProductSums() {}

    HWY_INLINE void begin(int i, Sum start) {
#if HWY_ARCH_X86
        first[i] = start;
        second[i] = hn::Zero(Sums());
#else
        first[i] = hn::InterleaveLower(Sums(), start, hn::Zero(Sums()));
        second[i] = hn::InterleaveUpper(Sums(), start, hn::Zero(Sums()));
#endif
    }
    HWY_INLINE void add(int i, Number numbers, Number weights) {
#if HWY_TARGET == HWY_AVX3_DL
        // Highway 1.0.3 generates two instructions, and does not tell the compiler of this one.
        asm("vpdpwssd %2, %1, %0" : "+v"(first[i].raw) : "v"(numbers.raw), "v"(weights.raw));
#else
        first[i] = hn::ReorderWidenMulAccumulate(Sums(), numbers, weights, first[i], second[i]);
#endif
    }
    HWY_INLINE Sum total(int i) const {
        return hn::RearrangeToOddPlusEven(first[i], second[i]);
    }

    HWY_INLINE void beginAll(Sum start) {
        unrolled<kCount>([&](auto i) GKERN_BODY { begin(i, start); });
    }
};

#endif

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
