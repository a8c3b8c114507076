// SPDX-License-Identifier: Apache-2.0
// The two passes of the direct engine. Compiled once per SIMD target, chosen at run time.
//
// Both passes walk lines of vectors in the same way and share their arithmetic (direct_sums-inl.hpp). In the
// horizontal pass a line is a column of four rows at a time, in the vertical one a row of sums. No vector is
// loaded across cache lines, and each one that is loaded serves four results.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blur/direct_simd.cpp"
// Targets without fused multiply-add or with vectors of unknown size. The baseline that Highway insists on
// never runs (directSupported()) and is left empty; EMU128 has the operations that the headers name, which
// its other baseline, of single lanes, lacks.
#define HWY_BROKEN_EMU128 0
#define HWY_DISABLED_TARGETS \
    (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "blur/direct.hpp"
#include "blur/direct_pixels-inl.hpp"
#include "blur/direct_plain-inl.hpp"
#include "blur/direct_sums-inl.hpp"
#include "blur/pixels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_EMU128

bool supported() {
    return false;
}
[[noreturn]] void refuse() {
    HWY_ABORT("the direct engine has no code for processors without fused multiply-add");
}
void horizontalFloat(int, const DirectQuad<float>&) {
    refuse();
}
void horizontalDouble(int, const DirectQuad<double>&) {
    refuse();
}
void verticalFloat(int, const DirectBlock<float>&) {
    refuse();
}
void verticalDouble(int, const DirectBlock<double>&) {
    refuse();
}

#else

bool supported() {
    return true;
}

/// Asks for the bytes at `offset` of rows that a later quad or block needs: the rows of a picture are too
/// short, and too many at a time, for the prefetchers of processors to foresee them.
HWY_INLINE void prefetch(const uint8_t* const (&rows)[kBlockRows], ptrdiff_t offset) {
    unrolled<kBlockRows>([&](auto r) GKERN_BODY { hwy::Prefetch(rows[r] + offset); });
}

/// Sums over x of rows[0 … kBlockLanes − 1], whose pixels are of type P, to out. `flip`: see unpack().
template <bool kContrast, int kKernel, class P, class Sum>
HWY_NOINLINE void horizontalRows(const DirectQuad<Sum>& quad, const uint8_t* const (&rows)[kBlockLanes<Sum>],
                                 Sum* const (&out)[kBlockLanes<Sum>], uint32_t flip) {
    const hn::ScalableTag<Sum> d;
    using V = hn::Vec<decltype(d)>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    constexpr int kLanes = kBlockLanes<Sum>;
    constexpr ptrdiff_t kFetched = 16 / sizeof(P);
    const Taps<Sum> taps(*quad.x);
    const DirectSegments segments = *quad.segments;
    const ptrdiff_t channels = quad.channels, step = kLines * channels, chunk = directChunk(channels),
                    reach = (taps.size - 1) * channels;
    Sum* HWY_RESTRICT columns = quad.scratch;
    Sum* rowsOut[kLanes];
    for (int r = 0; r < kLanes; ++r) rowsOut[r] = out[r];
    // Four columns of sums as one or two vectors of each row.
    const auto toRows = [&](V(&sum)[kLines], ptrdiff_t column) GKERN_BODY {
        unrolled<kLines / kLanes>([&](auto half) GKERN_BODY {
            V part[kLanes];
            unrolled<kLanes>([&](auto i) GKERN_BODY { part[i] = sum[half * kLanes + i]; });
            transpose(d, part);
            unrolled<kLanes>(
                [&](auto r) GKERN_BODY { hn::Store(part[r], d, rowsOut[r] + (column / kLanes + half) * N); });
        });
    };

    ptrdiff_t fetched = 0;
    for (ptrdiff_t first = 0; first < segments.length; first += chunk) {
        const ptrdiff_t wanted = std::min(chunk, segments.length - first);
        const ptrdiff_t summed = (wanted + step - 1) / step * step;
        for (; fetched < summed + reach; fetched += kFetched) {
            unpack<P>(rows, segments, first + fetched, flip, columns + fetched * N);
            prefetch(quad.next, (first + fetched) * kBlocks * static_cast<ptrdiff_t>(sizeof(P)));
        }
        V sum[kLines];
        if (channels == 1) {
            for (ptrdiff_t j = 0; j < wanted; j += kLines) {
                const Sum* HWY_RESTRICT begin = columns + j * N;
                sumsOf<kContrast, kKernel>(
                    d, taps, [&](ptrdiff_t i) GKERN_BODY { return begin + i * N; }, sum);
                toRows(sum, first + j);
            }
        } else if constexpr (kKernel == 1 || kKernel == 2) {
            for (ptrdiff_t j = 0; j < wanted; j += kLines) {
                const Sum* HWY_RESTRICT begin = columns + j * N;
                separateSums<kContrast, kKernel>(
                    d, taps,
                    [&](ptrdiff_t r, ptrdiff_t i) GKERN_BODY { return begin + (r + i * channels) * N; }, sum);
                toRows(sum, first + j);
            }
        } else {
            // Neighbouring results of one channel share what they load; they take the place of columns that
            // no later sum needs, and go on from there in the order of their elements.
            for (ptrdiff_t j = 0; j < summed; j += step) {
                for (ptrdiff_t c = 0; c < channels; ++c) {
                    Sum* begin = columns + (j + c) * N;
                    const ptrdiff_t distance = channels * N;
                    sumsOf<kContrast, kKernel>(
                        d, taps, [&](ptrdiff_t i) GKERN_BODY { return begin + i * distance; }, sum);
                    unrolled<kLines>([&](auto i) GKERN_BODY { hn::Store(sum[i], d, begin + i * distance); });
                }
            }
            for (ptrdiff_t j = 0; j < wanted; j += kLines) {
                unrolled<kLines>([&](auto i) GKERN_BODY { sum[i] = hn::Load(d, columns + (j + i) * N); });
                toRows(sum, first + j);
            }
        }
        fetched -= chunk;
        if (first + chunk < segments.length)
            std::memmove(columns, columns + chunk * N, static_cast<size_t>(fetched * N) * sizeof(Sum));
    }
}

template <bool kContrast, class P, class Sum>
void horizontalQuad(const DirectQuad<Sum>& quad, const uint8_t* const (&rows)[kBlockRows],
                    uint32_t flip = 0) {
    constexpr int kLanes = kBlockLanes<Sum>;
    for (int first = 0; first < kBlockRows; first += kLanes) {
        const uint8_t* from[kLanes];
        Sum* to[kLanes];
        for (int r = 0; r < kLanes; ++r) {
            from[r] = rows[first + r];
            to[r] = quad.out[first + r];
        }
        withKernel(*quad.x, [&](auto kernel) { horizontalRows<kContrast, kernel, P>(quad, from, to, flip); });
    }
}

/// A row of pixels as sums, or as wider pixels.
template <class T, class P>
HWY_NOINLINE void widenRow(const uint8_t* from, ptrdiff_t count, P* to) {
    const hn::ScalableTag<P> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    for (ptrdiff_t e = 0; e < count; e += N) {
        const T* pixels = reinterpret_cast<const T*>(from) + e;
        if constexpr (sizeof(P) == 2)
            hn::StoreU(hn::PromoteTo(d, hn::LoadU(hn::Rebind<T, decltype(d)>(), pixels)), d, to + e);
        else
            hn::StoreU(loadPixels(d, pixels), d, to + e);
    }
}

/// The horizontal pass for pixels of type T that have no way of their own into the columns: that of P.
template <bool kContrast, class T, class P, class Sum>
void horizontalWidened(const DirectQuad<Sum>& quad) {
    const ptrdiff_t stride = quad.count + directSlack(quad.channels);
    P* widened = reinterpret_cast<P*>(
        quad.scratch + directColumns<Sum>(static_cast<ptrdiff_t>(quad.x->weights.size()), quad.channels));
    const uint8_t* rows[kBlockRows];
    for (int r = 0; r < kBlockRows; ++r) {
        widenRow<T>(quad.rows[r], quad.count, widened + r * stride);
        rows[r] = reinterpret_cast<const uint8_t*>(widened + r * stride);
    }
    horizontalQuad<kContrast, P>(quad, rows);
}

/// The horizontal pass for pixels that are sums already.
template <class Sum>
void horizontalOfSums(const DirectQuad<Sum>& quad) {
    const auto plain = [&](auto pairs) { plainHorizontal<pairs>(quad); };
    if (quad.segments->plain && withFewPairs(quad.x->anchor, plain)) return;
    horizontalQuad<true, Sum>(quad, quad.rows);
}

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
            uint8_t* to[kBlocks];
            unrolled<kBlocks>([&](auto b) GKERN_BODY { to[b] = begin[r][b] + offset; });
            if constexpr (std::is_same_v<T, Sum>)
                storeBlocks(packed[r], to);
            else
                storeBlocks(inOrder<T>(packed[r], flip), to);
        });
    }
}

template <bool kContrast, class T, class Sum>
void verticalBlock(const DirectBlock<Sum>& block, const Output& output) {
    withKernel(*block.y, [&](auto kernel) { verticalRows<kContrast, kernel, T>(block, output); });
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

// Depths share code where their bits allow it: 8S goes through the columns as 16S, and leaves as 8U, as the
// lowest byte of a sum is the same either way. Float pictures are summed as contrasts, in sums that are no
// wider than they need. All others are rounded to their depth.

void horizontalFloat(int depth, const DirectQuad<float>& quad) {
    switch (depth) {
        case CV_8U:
            return horizontalQuad<false, uint8_t>(quad, quad.rows);
        case CV_8S:
            return horizontalWidened<false, int8_t, int16_t>(quad);
        case CV_16U:
            return horizontalQuad<false, int16_t>(quad, quad.rows, kMidScale);
        case CV_16S:
            return horizontalQuad<false, int16_t>(quad, quad.rows);
        case CV_16F:
            return horizontalWidened<true, hwy::float16_t, float>(quad);
        default:
            return horizontalOfSums(quad);
    }
}

void horizontalDouble(int depth, const DirectQuad<double>& quad) {
    withPixelType<double>(depth, [&](auto pixel) {
        using T = decltype(pixel);
        if constexpr (std::is_same_v<T, double>)
            horizontalOfSums(quad);
        else
            horizontalWidened<false, T, double>(quad);
    });
}

void verticalFloat(int depth, const DirectBlock<float>& block) {
    switch (depth) {
        case CV_8U:
        case CV_8S:
            return verticalPacked<uint8_t>(block, 0);
        case CV_16U:
            return verticalPacked<int16_t>(block, kMidScale);
        case CV_16S:
            return verticalPacked<int16_t>(block, 0);
        case CV_16F:
            return verticalNarrowed<true, hwy::float16_t>(block);
        default:
            return verticalOfSums(block);
    }
}

void verticalDouble(int depth, const DirectBlock<double>& block) {
    withPixelType<double>(depth, [&](auto pixel) {
        using T = decltype(pixel);
        if constexpr (std::is_same_v<T, double>)
            verticalOfSums(block);
        else
            verticalNarrowed<false, T>(block);
    });
}

#endif  // HWY_TARGET

int blocks() {
    return kBlocks;
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(horizontalFloat);
HWY_EXPORT(horizontalDouble);
HWY_EXPORT(verticalFloat);
HWY_EXPORT(verticalDouble);
HWY_EXPORT(blocks);
HWY_EXPORT(supported);

void directHorizontal(int depth, const DirectQuad<float>& quad) {
    HWY_DYNAMIC_DISPATCH(horizontalFloat)(depth, quad);
}
void directHorizontal(int depth, const DirectQuad<double>& quad) {
    HWY_DYNAMIC_DISPATCH(horizontalDouble)(depth, quad);
}
void directVertical(int depth, const DirectBlock<float>& block) {
    HWY_DYNAMIC_DISPATCH(verticalFloat)(depth, block);
}
void directVertical(int depth, const DirectBlock<double>& block) {
    HWY_DYNAMIC_DISPATCH(verticalDouble)(depth, block);
}

int directBlocks() {
    return HWY_DYNAMIC_DISPATCH(blocks)();
}

bool directSupported() {
    return HWY_DYNAMIC_DISPATCH(supported)();
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
