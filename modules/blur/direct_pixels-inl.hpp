// SPDX-License-Identifier: Apache-2.0
// The way of pixels into the vectors of the direct engine and back. Included once per SIMD target.
//
// In the horizontal pass a vector holds one column of each segment: lane (b, r) is row r, segment b. In a row
// of sums it holds consecutive elements of each segment: lane (b, k) is element q·k + … of segment b. Both
// ways between them are transpositions within the blocks of 128 bits.

#if defined(GKERN_BLUR_DIRECT_PIXELS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_DIRECT_PIXELS_INL
#undef GKERN_BLUR_DIRECT_PIXELS_INL
#else
#define GKERN_BLUR_DIRECT_PIXELS_INL
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "blur/direct_sums-inl.hpp"
#include "blur/pixels-inl.hpp"
#include "simd/blocks-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Blocks of a vector, each of which holds pixels of a segment of its own. In the horizontal pass as many
/// rows share a vector as a block has lanes.
constexpr int kBlocks = kBlocksOf<hn::ScalableTag<uint8_t>>;
static_assert(kBlocks <= kMostSegments, "segments of a row");

/// Asks for the bytes at `offset` of rows that a later quad or block needs: the rows of a picture are too
/// short, and too many at a time, for the prefetchers of processors to foresee them.
HWY_INLINE void prefetch(const uint8_t* const (&rows)[kBlockRows], ptrdiff_t offset) {
    unrolled<kBlockRows>([&](auto r) GKERN_BODY { hwy::Prefetch(rows[r] + offset); });
}

/// 16-bit pixels count from mid-scale: the sums are half as large, and so is their rounding.
constexpr uint32_t kMidScale = 0x80008000;

/// Four bytes of pixels, or two of 16 bits, in every lane: the i-th of each lane as a float.
template <class T, int i, class V>
HWY_INLINE hn::Vec<hn::ScalableTag<float>> pixelOfLane(V packed) {
    const hn::ScalableTag<float> d;
    const hn::ScalableTag<uint32_t> du;
    const hn::ScalableTag<int32_t> di;
    if constexpr (sizeof(T) == 1) {
        if constexpr (i == 0) return hn::ConvertTo(d, hn::BitCast(di, hn::And(packed, hn::Set(du, 0xFF))));
        if constexpr (i == 3) return hn::ConvertTo(d, hn::BitCast(di, hn::ShiftRight<24>(packed)));
        return hn::ConvertTo(d, hn::BitCast(di, hn::And(hn::ShiftRight<8 * i>(packed), hn::Set(du, 0xFF))));
    } else {
        auto left = hn::BitCast(di, packed);
        if constexpr (i == 0) left = hn::ShiftLeft<16>(left);
        return hn::ConvertTo(d, hn::ShiftRight<16>(left));
    }
}

/// The elements from `index` on of every segment of every row, one vector an element, as many as fill
/// 16 bytes of P: Sum, or uint8_t or int16_t for sums in float. The bits of `flip` are changed in 16-bit
/// pixels.
template <class P, class Sum>
HWY_INLINE void unpack(const uint8_t* const (&from)[kBlockLanes<Sum>][kBlocks], ptrdiff_t index,
                       [[maybe_unused]] uint32_t flip, Sum* HWY_RESTRICT out) {
    const hn::ScalableTag<Sum> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    constexpr int kRows = kBlockLanes<Sum>;
    hn::Vec<decltype(d)> v[kRows];
    unrolled<kRows>([&](auto r) GKERN_BODY {
        const auto at = [&](int b)
                            GKERN_BODY { return from[r][b] + index * static_cast<ptrdiff_t>(sizeof(P)); };
        v[r] = hn::BitCast(d, loadBlocks(hn::ScalableTag<uint8_t>(), at));
    });
    transpose(d, v);
    unrolled<kRows>([&](auto m) GKERN_BODY {
        constexpr int kPacked = static_cast<int>(sizeof(Sum) / sizeof(P));
        if constexpr (kPacked == 1) {
            hn::Store(v[m], d, out + m * N);
        } else {
            const hn::ScalableTag<uint32_t> du;
            auto packed = hn::BitCast(du, v[m]);
            if constexpr (sizeof(P) == 2) packed = hn::Xor(packed, hn::Set(du, flip));
            unrolled<kPacked>([&](auto i) GKERN_BODY {
                hn::Store(pixelOfLane<P, i>(packed), d, out + (m * kPacked + i) * N);
            });
        }
    });
}

/// Rounds v to the nearest integer, even if half-way; the lowest bits of each lane are its two's complement.
/// |v| must be below 2^21.
template <class V>
HWY_INLINE hn::Vec<hn::ScalableTag<uint32_t>> roundedBits(V v) {
    const hn::ScalableTag<float> d;
    const hn::ScalableTag<uint32_t> du;
    return hn::BitCast(du, hn::Add(v, hn::Set(d, 12582912.0f)));  // 1.5·2^23: a unit in the last place is 1
}

/// Puts the rounded sums of vector i of those that fill a block of pixels into `packed`, above those before
/// it.
template <class T, int i, class V, class P>
HWY_INLINE void packLanes(V v, P& packed) {
    const hn::ScalableTag<uint32_t> du;
    if constexpr (i == 0) {
        packed = roundedBits(v);
    } else {
        constexpr int kShift = 8 * sizeof(T) * i;
        packed = hn::IfVecThenElse(hn::Set(du, (uint32_t{1} << kShift) - 1), packed,
                                   hn::ShiftLeft<kShift>(roundedBits(v)));
    }
}

/// Lanes of pixels that packLanes() put above each other, in the order of their elements; `flip` as in
/// unpack().
template <class T, class P>
HWY_INLINE P inOrder(P packed, [[maybe_unused]] uint32_t flip) {
    const hn::ScalableTag<uint32_t> du;
    const hn::ScalableTag<uint8_t> d8;
    alignas(16) static constexpr uint8_t kBytes[16] = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15},
                                         kWords[16] = {0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15};
    const auto order = hn::LoadDup128(d8, sizeof(T) == 1 ? kBytes : kWords);
    packed = hn::BitCast(du, hn::TableLookupBytes(hn::BitCast(d8, packed), order));
    return sizeof(T) == 2 ? hn::Xor(packed, hn::Set(du, flip)) : packed;
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_DIRECT_PIXELS_INL
