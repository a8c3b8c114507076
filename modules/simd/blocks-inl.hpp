// SPDX-License-Identifier: Apache-2.0
// Vectors as blocks of 128 bits, for code that is compiled once per SIMD target.
#if defined(GKERN_SIMD_BLOCKS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_SIMD_BLOCKS_INL_HPP
#undef GKERN_SIMD_BLOCKS_INL_HPP
#else
#define GKERN_SIMD_BLOCKS_INL_HPP
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR  // which has no blocks

/// Blocks of 128 bits in a vector.
constexpr int kBlocks = static_cast<int>(hn::MaxLanes(hn::ScalableTag<uint8_t>()) / 16);

/// 16 bytes from each of the pointers.
HWY_INLINE hn::Vec<hn::ScalableTag<uint8_t>> loadBlocks(const uint8_t* const (&from)[kBlocks]) {
    const hn::ScalableTag<uint8_t> d;
    if constexpr (kBlocks == 1) {
        return hn::LoadU(d, from[0]);
    } else {
        const hn::Half<decltype(d)> half;
        if constexpr (kBlocks == 2) {
            return hn::Combine(d, hn::LoadU(half, from[1]), hn::LoadU(half, from[0]));
        } else {
            const hn::Half<decltype(half)> block;
            return hn::Combine(d, hn::Combine(half, hn::LoadU(block, from[3]), hn::LoadU(block, from[2])),
                               hn::Combine(half, hn::LoadU(block, from[1]), hn::LoadU(block, from[0])));
        }
    }
}

/// Transposes within each block: lane i of vector j becomes lane j of vector i.
template <class D, class V>
HWY_INLINE void transpose(D d, V (&v)[4]) {
    const hn::RepartitionToWide<D> wide;
    const auto low01 = hn::BitCast(wide, hn::InterleaveLower(d, v[0], v[1]));
    const auto high01 = hn::BitCast(wide, hn::InterleaveUpper(d, v[0], v[1]));
    const auto low23 = hn::BitCast(wide, hn::InterleaveLower(d, v[2], v[3]));
    const auto high23 = hn::BitCast(wide, hn::InterleaveUpper(d, v[2], v[3]));
    v[0] = hn::BitCast(d, hn::InterleaveLower(wide, low01, low23));
    v[1] = hn::BitCast(d, hn::InterleaveUpper(wide, low01, low23));
    v[2] = hn::BitCast(d, hn::InterleaveLower(wide, high01, high23));
    v[3] = hn::BitCast(d, hn::InterleaveUpper(wide, high01, high23));
}

template <class D, class V>
HWY_INLINE void transpose(D d, V (&v)[2]) {
    const V first = v[0];
    v[0] = hn::InterleaveLower(d, first, v[1]);
    v[1] = hn::InterleaveUpper(d, first, v[1]);
}

#endif

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
