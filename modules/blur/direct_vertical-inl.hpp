// SPDX-License-Identifier: Apache-2.0
// The vertical pass of the direct engine. Included once per SIMD target.

#if defined(GKERN_BLUR_DIRECT_VERTICAL_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_DIRECT_VERTICAL_INL
#undef GKERN_BLUR_DIRECT_VERTICAL_INL
#else
#define GKERN_BLUR_DIRECT_VERTICAL_INL
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <cstring>

#include "blur/direct_pixels-inl.hpp"
#include "blur/direct_sums-inl.hpp"
#include "blur/pixels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The vertical pass of a block of rows to pixels of type T, 8 or 16 bits, from sums in float. The bits of
/// `flip` are changed in 16-bit pixels.
template <int kRows, int kKernel, class T>
HWY_NOINLINE void verticalPackedRows(const DirectBlock<float>& block, uint32_t flip) {
    const hn::ScalableTag<float> d;
    using V = hn::Vec<decltype(d)>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    constexpr int kLanes = kBlockLanes<float>, kVectors = static_cast<int>(sizeof(float) / sizeof(T));
    const DirectSegments segments = *block.segments;
    const Taps<float> taps(*block.y);
    const float* const* HWY_RESTRICT rows = block.rows;
    uint8_t* begin[kRows][kBlocks];  // of each segment of each output row
    const uint8_t* next[kRows];
    for (int r = 0; r < kRows; ++r) {
        for (int b = 0; b < kBlocks; ++b)
            begin[r][b] = block.dst[r] + segments.start[b] * static_cast<ptrdiff_t>(sizeof(T));
        next[r] = block.next[r];
    }
    for (ptrdiff_t index = 0; index < segments.length; index += kVectors * kLanes) {
        const ptrdiff_t e = index / kLanes * N;
        const ptrdiff_t offset = index * static_cast<ptrdiff_t>(sizeof(T));
        unrolled<kRows>([&](auto r) GKERN_BODY { hwy::Prefetch(next[r] + kBlocks * offset); });
        hn::Vec<hn::ScalableTag<uint32_t>> packed[kRows];
        unrolled<kVectors>([&](auto i) GKERN_BODY {
            V sum[kRows];
            sumsOf<false, kKernel>(
                d, taps, [&](ptrdiff_t line) GKERN_BODY { return rows[line] + e + i * N; }, sum);
            unrolled<kRows>([&](auto r) GKERN_BODY { packLanes<T, i>(sum[r], packed[r]); });
        });
        unrolled<kRows>([&](auto r) GKERN_BODY {
            const hn::ScalableTag<uint8_t> bytes;
            storeBlocks(bytes, hn::BitCast(bytes, inOrder<T>(packed[r], flip)),
                        [&](int b) GKERN_BODY { return begin[r][b] + offset; });
        });
    }
}

template <class T>
void verticalPacked(const DirectBlock<float>& block, uint32_t flip) {
    constexpr bool kTall = sizeof(T) == 2 && kBlocks == kMostSegments;  // with registers for it
    if constexpr (kTall) {
        if (block.height == kTallRows)
            return withKernel<false, kManyPairs>(*block.y, [&](auto kernel) {
                if constexpr (kernel == kAnyPairs || kernel > kFewPairs)
                    verticalPackedRows<kTallRows, kernel, T>(block, flip);
            });
    }
    withKernel<false, sizeof(T) == 2 && !kTall ? kManyPairs : kFewPairs>(
        *block.y, [&](auto kernel) { verticalPackedRows<kLines, kernel, T>(block, flip); });
}

/// The vertical pass of a block of rows to sums, in the order of the picture, which become pixels of
/// `pixelBytes` in the end.
template <int kRows, bool kContrast, int kKernel, class Sum>
HWY_NOINLINE void verticalRows(const DirectBlock<Sum>& block, uint8_t* const (&out)[kTallRows],
                               ptrdiff_t pixelBytes) {
    const hn::ScalableTag<Sum> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    const Taps<Sum> taps(*block.y);
    const Sum* const* HWY_RESTRICT rows = block.rows;
    Sum* dst[kRows];
    const uint8_t* next[kRows];
    for (int r = 0; r < kRows; ++r) {
        dst[r] = reinterpret_cast<Sum*>(out[r]);
        next[r] = block.next[r];
    }
    hn::Vec<decltype(d)> sum[kRows];
    const auto sumsAt = [&](ptrdiff_t e) GKERN_BODY {
        sumsOf<kContrast, kKernel>(
            d, taps, [&](ptrdiff_t line) GKERN_BODY { return rows[line] + e; }, sum);
    };
    ptrdiff_t e = 0;
    if (block.stream) {
        for (; e < block.width; e += N) {
            sumsAt(e);
            unrolled<kRows>([&](auto r) GKERN_BODY { hn::Stream(sum[r], d, dst[r] + e); });
        }
        return;
    }
    for (; e + N <= block.width; e += N) {
        unrolled<kRows>([&](auto r) GKERN_BODY { hwy::Prefetch(next[r] + e * pixelBytes); });
        sumsAt(e);
        unrolled<kRows>([&](auto r) GKERN_BODY { hn::StoreU(sum[r], d, dst[r] + e); });
    }
    if (e == block.width) return;
    sumsAt(e);
    HWY_ALIGN Sum last[HWY_MAX_BYTES / sizeof(Sum)];
    unrolled<kRows>([&](auto r) GKERN_BODY {
        hn::Store(sum[r], d, last);
        std::memcpy(dst[r] + e, last, static_cast<size_t>(block.width - e) * sizeof(Sum));
    });
}

template <bool kContrast, class Sum>
void verticalToSums(const DirectBlock<Sum>& block, uint8_t* const (&out)[kTallRows], ptrdiff_t pixelBytes) {
    withKernel<kContrast, kPlainPairs<Sum>>(
        *block.y, [&](auto kernel) { verticalRows<kLines, kContrast, kernel>(block, out, pixelBytes); });
}

/// A row of sums as pixels of type T.
template <class T, class Sum>
HWY_NOINLINE void narrowRow(const Sum* from, ptrdiff_t count, uint8_t* to) {
    const hn::ScalableTag<Sum> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    ptrdiff_t e = 0;
    for (; e + N <= count; e += N) storePixels(d, hn::LoadU(d, from + e), reinterpret_cast<T*>(to) + e);
    if (e == count) return;
    HWY_ALIGN Sum sums[HWY_MAX_BYTES / sizeof(Sum)] = {};
    HWY_ALIGN T pixels[HWY_MAX_BYTES / sizeof(Sum)];
    const size_t left = static_cast<size_t>(count - e);
    std::memcpy(sums, from + e, left * sizeof(Sum));
    storePixels(d, hn::Load(d, sums), pixels);
    std::memcpy(reinterpret_cast<T*>(to) + e, pixels, left * sizeof(T));
}

/// The vertical pass to sums, and from there to pixels of type T.
template <bool kContrast, class T, class Sum>
void verticalNarrowed(const DirectBlock<Sum>& block) {
    uint8_t* rows[kTallRows];
    for (int r = 0; r < kLines; ++r)
        rows[r] = reinterpret_cast<uint8_t*>(block.scratch + r * directNarrowed(block.width));
    verticalToSums<kContrast>(block, rows, sizeof(T));
    for (int r = 0; r < kLines; ++r)
        narrowRow<T>(reinterpret_cast<const Sum*>(rows[r]), block.width, block.dst[r]);
}

/// The vertical pass to pixels that are sums.
template <class Sum>
void verticalOfSums(const DirectBlock<Sum>& block) {
    if (block.height == kTallRows)
        withKernel<true, kManyPairs>(*block.y, [&](auto kernel) {
            if constexpr (kernel == kAnySteps || kernel > kPlainPairs<Sum>)
                verticalRows<kTallRows, true, kernel>(block, block.dst, sizeof(Sum));
        });
    else
        verticalToSums<true>(block, block.dst, sizeof(Sum));
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_DIRECT_VERTICAL_INL
