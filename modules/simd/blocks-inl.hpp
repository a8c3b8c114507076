// SPDX-License-Identifier: Apache-2.0
// Vectors as blocks of 128 bits, for code that is compiled once per SIMD target.
#if defined(GKERN_SIMD_BLOCKS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_SIMD_BLOCKS_INL_HPP
#undef GKERN_SIMD_BLOCKS_INL_HPP
#else
#define GKERN_SIMD_BLOCKS_INL_HPP
#endif

#include <hwy/highway.h>

#include "simd/unroll-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR  // which has no blocks

/// Blocks of a vector, and lanes of a block.
template <class D>
constexpr int kBlocksOf = static_cast<int>(hn::MaxLanes(D()) * sizeof(hn::TFromD<D>) / 16);
template <class T>
constexpr int kBlockLanes = static_cast<int>(16 / sizeof(T));

/// Block b from at(b).
template <class D, class At>
HWY_INLINE hn::Vec<D> loadBlocks(D d, const At& at) {
    if constexpr (kBlocksOf<D> == 1) {
        return hn::LoadU(d, at(0));
    } else {
        const hn::Half<D> half;
        if constexpr (kBlocksOf<D> == 2) {
            return hn::Combine(d, hn::LoadU(half, at(1)), hn::LoadU(half, at(0)));
        } else {
            const hn::Half<decltype(half)> block;
            return hn::Combine(d, hn::Combine(half, hn::LoadU(block, at(3)), hn::LoadU(block, at(2))),
                               hn::Combine(half, hn::LoadU(block, at(1)), hn::LoadU(block, at(0))));
        }
    }
}

/// Block b to at(b).
template <class D, class At>
HWY_INLINE void storeBlocks(D d, hn::Vec<D> v, const At& at) {
    if constexpr (kBlocksOf<D> == 1) {
        hn::StoreU(v, d, at(0));
    } else {
        const hn::Half<D> half;
        const auto lower = hn::LowerHalf(half, v), upper = hn::UpperHalf(half, v);
        if constexpr (kBlocksOf<D> == 2) {
            hn::StoreU(lower, half, at(0));
            hn::StoreU(upper, half, at(1));
        } else {
            const hn::Half<decltype(half)> block;
            hn::StoreU(hn::LowerHalf(block, lower), block, at(0));
            hn::StoreU(hn::UpperHalf(block, lower), block, at(1));
            hn::StoreU(hn::LowerHalf(block, upper), block, at(2));
            hn::StoreU(hn::UpperHalf(block, upper), block, at(3));
        }
    }
}

/// Transposes within each block: lane i of vector j becomes lane j of vector i.
template <class D, class V>
HWY_INLINE void transpose(D d, V (&v)[4]) {
    const V a = hn::InterleaveLower(d, v[0], v[2]), b = hn::InterleaveLower(d, v[1], v[3]);
    const V c = hn::InterleaveUpper(d, v[0], v[2]), e = hn::InterleaveUpper(d, v[1], v[3]);
    v[0] = hn::InterleaveLower(d, a, b);
    v[1] = hn::InterleaveUpper(d, a, b);
    v[2] = hn::InterleaveLower(d, c, e);
    v[3] = hn::InterleaveUpper(d, c, e);
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
