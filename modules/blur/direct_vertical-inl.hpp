// SPDX-License-Identifier: Apache-2.0
// The vertical pass of the direct engine. Included once per SIMD target.

#if defined(GKERN_BLUR_DIRECT_VERTICAL_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_DIRECT_VERTICAL_INL
#undef GKERN_BLUR_DIRECT_VERTICAL_INL
#else
#define GKERN_BLUR_DIRECT_VERTICAL_INL
#endif

#include <hwy/highway.h>

#include <cstring>

#include "blur/direct_pixels-inl.hpp"
#include "blur/direct_plain-inl.hpp"
#include "blur/direct_sums-inl.hpp"
#include "blur/pixels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Where a block of output rows goes, and of how many bytes its pixels are in the end.
struct Output {
    uint8_t* rows[kLines];
    ptrdiff_t pixelBytes;
    uint32_t flip;  ///< see inOrder()
};

/// The vertical pass of a block of rows, to pixels of type T.
template <bool kContrast, int kKernel, class T, class Sum>
HWY_NOINLINE void verticalRows(const DirectBlock<Sum>& block, const Output& output) {
    const hn::ScalableTag<Sum> d;
    using V = hn::Vec<decltype(d)>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    constexpr int kLanes = kBlockLanes<Sum>, kVectors = static_cast<int>(sizeof(Sum) / sizeof(T));
    const DirectSegments segments = *block.segments;
    const Taps<Sum> taps(*block.y);
    const Sum* const* HWY_RESTRICT rows = block.rows;
    const ptrdiff_t pixelBytes = kBlocks * output.pixelBytes;
    const uint32_t flip = output.flip;
    uint8_t* begin[kLines][kBlocks];  // of each segment of each output row
    for (int r = 0; r < kLines; ++r)
        for (int b = 0; b < kBlocks; ++b)
            begin[r][b] = output.rows[r] + segments.start[b] * static_cast<ptrdiff_t>(sizeof(T));
    const uint8_t* const next[kLines] = {block.next[0], block.next[1], block.next[2], block.next[3]};
    for (ptrdiff_t index = 0; index < segments.length; index += kVectors * kLanes) {
        const ptrdiff_t e = index / kLanes * N;
        const ptrdiff_t offset = index * static_cast<ptrdiff_t>(sizeof(T));
        prefetch(next, index * pixelBytes);
        hn::Vec<hn::ScalableTag<uint32_t>> packed[kLines];
        unrolled<kVectors>([&](auto i) GKERN_BODY {
            V sum[kLines];
            sumsOf<kContrast, kKernel>(
                d, taps, [&](ptrdiff_t line) GKERN_BODY { return rows[line] + e + i * N; }, sum);
            unrolled<kLines>([&](auto r) GKERN_BODY {
                if constexpr (std::is_same_v<T, Sum>)
                    packed[r] = hn::BitCast(hn::ScalableTag<uint32_t>(), sum[r]);
                else
                    packLanes<T, i>(sum[r], packed[r]);
            });
        });
        unrolled<kLines>([&](auto r) GKERN_BODY {
            const hn::ScalableTag<uint8_t> bytes;
            const auto to = [&](int b) GKERN_BODY { return begin[r][b] + offset; };
            if constexpr (std::is_same_v<T, Sum>)
                storeBlocks(bytes, hn::BitCast(bytes, packed[r]), to);
            else
                storeBlocks(bytes, hn::BitCast(bytes, inOrder<T>(packed[r], flip)), to);
        });
    }
}

template <bool kContrast, class T, class Sum>
void verticalBlock(const DirectBlock<Sum>& block, const Output& output) {
    withKernel<kContrast>(*block.y, [&](auto kernel) { verticalRows<kContrast, kernel, T>(block, output); });
}

/// The vertical pass to pixels of type T, 8 or 16 bits, from sums that fit.
template <class T>
void verticalPacked(const DirectBlock<float>& block, uint32_t flip) {
    verticalBlock<false, T>(
        block, {{block.dst[0], block.dst[1], block.dst[2], block.dst[3]}, ptrdiff_t{sizeof(T)}, flip});
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
    const ptrdiff_t stride = directNarrowed(block.width, block.segments->length);
    Output output = {{}, ptrdiff_t{sizeof(T)}, 0};
    for (int r = 0; r < kLines; ++r) output.rows[r] = reinterpret_cast<uint8_t*>(block.scratch + r * stride);
    verticalBlock<kContrast, Sum>(block, output);
    for (int r = 0; r < kLines; ++r) narrowRow<T>(block.scratch + r * stride, block.width, block.dst[r]);
}

/// The vertical pass to pixels that are sums.
template <class Sum>
void verticalOfSums(const DirectBlock<Sum>& block) {
    const auto plain = [&](auto pairs) { plainVertical<pairs>(block); };
    if (block.segments->plain && withFewPairs(block.y->anchor, plain)) return;
    verticalBlock<true, Sum>(
        block, {{block.dst[0], block.dst[1], block.dst[2], block.dst[3]}, ptrdiff_t{sizeof(Sum)}, 0});
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_DIRECT_VERTICAL_INL
