// SPDX-License-Identifier: Apache-2.0
// The two passes of the direct engine. Compiled once per SIMD target, chosen at run time.
//
// Both passes walk lines of vectors in the same way and share their arithmetic (direct_sums-inl.hpp). In the
// horizontal pass a line is a column of four rows at a time, in the vertical one a row of sums. No vector is
// loaded across cache lines, and each one that is loaded serves four results.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blur/direct_simd.cpp"
// Targets without fused multiply-add or with vectors of unknown size. The baseline that Highway insists on
// never runs (directSupported()); EMU128 has the operations, which its other baseline, of single lanes,
// lacks.
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

/// Asks for the bytes at `offset` of rows that a later quad or block needs: the rows of a picture are too
/// short, and too many at a time, for the prefetchers of processors to foresee them.
HWY_INLINE void prefetch(const uint8_t* const (&rows)[kBlockRows], ptrdiff_t offset) {
    unrolled<kBlockRows>([&](auto r) GKERN_BODY { hwy::Prefetch(rows[r] + offset); });
}

/// Sums over x of rows[0 … kBlockLanes − 1], whose pixels are of type P, to out.
template <bool kContrast, int kKernel, class P, class Sum>
HWY_NOINLINE void horizontalRows(const DirectQuad<Sum>& quad, const uint8_t* const (&rows)[kBlockLanes<Sum>],
                                 Sum* const (&out)[kBlockLanes<Sum>]) {
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
            unpack<P>(rows, segments, first + fetched, columns + fetched * N);
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
void horizontalQuad(const DirectQuad<Sum>& quad, const uint8_t* const (&rows)[kBlockRows]) {
    constexpr int kLanes = kBlockLanes<Sum>;
    for (int first = 0; first < kBlockRows; first += kLanes) {
        const uint8_t* from[kLanes];
        Sum* to[kLanes];
        for (int r = 0; r < kLanes; ++r) {
            from[r] = rows[first + r];
            to[r] = quad.out[first + r];
        }
        withKernel(*quad.x, [&](auto kernel) { horizontalRows<kContrast, kernel, P>(quad, from, to); });
    }
}

/// Pixels as sums, a row of them.
template <class T, class Sum>
HWY_NOINLINE void convertRow(const uint8_t* from, ptrdiff_t count, Sum* to) {
    const hn::ScalableTag<Sum> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    for (ptrdiff_t e = 0; e < count; e += N)
        hn::StoreU(loadPixels(d, reinterpret_cast<const T*>(from) + e), d, to + e);
}

/// The horizontal pass of a quad of rows.
template <bool kContrast, class T, class Sum>
void horizontal(const DirectQuad<Sum>& quad) {
    if constexpr (std::is_same_v<T, Sum>) {
        const auto plain = [&](auto pairs) { plainHorizontal<pairs>(quad); };
        if (quad.segments->plain && withFewPairs(quad.x->anchor, plain)) return;
    }
    if constexpr (kPackable<T, Sum>) {
        horizontalQuad<kContrast, T>(quad, quad.rows);
    } else {
        const ptrdiff_t stride = quad.count + directSlack(quad.channels);
        Sum* converted =
            quad.scratch + directColumns<Sum>(static_cast<ptrdiff_t>(quad.x->weights.size()), quad.channels);
        const uint8_t* rows[kBlockRows];
        for (int r = 0; r < kBlockRows; ++r) {
            convertRow<T>(quad.rows[r], quad.count, converted + r * stride);
            rows[r] = reinterpret_cast<const uint8_t*>(converted + r * stride);
        }
        horizontalQuad<kContrast, Sum>(quad, rows);
    }
}

/// The vertical pass of a block of rows.
template <bool kContrast, int kKernel, class T, class Sum>
HWY_NOINLINE void verticalBlock(const DirectBlock<Sum>& block) {
    const hn::ScalableTag<Sum> d;
    using V = hn::Vec<decltype(d)>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    constexpr int kLanes = kBlockLanes<Sum>, kVectors = kStoredVectors<T, Sum>;
    const DirectSegments segments = *block.segments;
    const Taps<Sum> taps(*block.y);
    const Sum* const* HWY_RESTRICT rows = block.rows;
    uint8_t* begin[kLines][kBlocks];  // of each segment of each output row
    for (int r = 0; r < kLines; ++r)
        for (int b = 0; b < kBlocks; ++b)
            begin[r][b] = block.dst[r] + segments.start[b] * static_cast<ptrdiff_t>(sizeof(T));
    const uint8_t* const next[kLines] = {block.next[0], block.next[1], block.next[2], block.next[3]};
    for (ptrdiff_t index = 0; index < segments.length; index += kVectors * kLanes) {
        const ptrdiff_t e = index / kLanes * N;
        const ptrdiff_t offset = index * static_cast<ptrdiff_t>(sizeof(T));
        prefetch(next, kBlocks * offset);
        if constexpr (kPackable<T, Sum> && !std::is_same_v<T, Sum>) {
            hn::Vec<hn::ScalableTag<uint32_t>> packed[kLines];
            unrolled<kVectors>([&](auto i) GKERN_BODY {
                V sum[kLines];
                sumsOf<kContrast, kKernel>(
                    d, taps, [&](ptrdiff_t line) GKERN_BODY { return rows[line] + e + i * N; }, sum);
                unrolled<kLines>([&](auto r) GKERN_BODY { packLanes<T, i>(sum[r], packed[r]); });
            });
            unrolled<kLines>([&](auto r) GKERN_BODY {
                uint8_t* to[kBlocks];
                unrolled<kBlocks>([&](auto b) GKERN_BODY { to[b] = begin[r][b] + offset; });
                storeBlocks(inOrder<T>(packed[r]), to);
            });
        } else {
            V sum[kLines];
            sumsOf<kContrast, kKernel>(
                d, taps, [&](ptrdiff_t line) GKERN_BODY { return rows[line] + e; }, sum);
            unrolled<kLines>([&](auto r) GKERN_BODY {
                if constexpr (std::is_same_v<T, Sum>) {
                    uint8_t* to[kBlocks];
                    unrolled<kBlocks>([&](auto b) GKERN_BODY { to[b] = begin[r][b] + offset; });
                    storeBlocks(sum[r], to);
                } else {
                    storePieces(d, sum[r], segments, index, reinterpret_cast<T*>(block.dst[r]));
                }
            });
        }
    }
}

template <bool kContrast, class T, class Sum>
void vertical(const DirectBlock<Sum>& block) {
    if constexpr (std::is_same_v<T, Sum>) {
        const auto plain = [&](auto pairs) { plainVertical<pairs>(block); };
        if (block.segments->plain && withFewPairs(block.y->anchor, plain)) return;
    }
    withKernel(*block.y, [&](auto kernel) { verticalBlock<kContrast, kernel, T>(block); });
}

/// Float pictures in sums that are no wider than they need; the others are rounded to their depth.
template <class T, class Sum>
constexpr bool kContrasts =
    !std::is_integral_v<T> && (std::is_same_v<Sum, float> || std::is_same_v<T, double>);

template <class Sum>
void horizontalAny(int depth, const DirectQuad<Sum>& quad) {
    withPixelType<Sum>(depth, [&](auto pixel) {
        using T = decltype(pixel);
        horizontal<kContrasts<T, Sum>, T>(quad);
    });
}

template <class Sum>
void verticalAny(int depth, const DirectBlock<Sum>& block) {
    withPixelType<Sum>(depth, [&](auto pixel) {
        using T = decltype(pixel);
        vertical<kContrasts<T, Sum>, T>(block);
    });
}

void horizontalFloat(int depth, const DirectQuad<float>& quad) {
    horizontalAny(depth, quad);
}
void horizontalDouble(int depth, const DirectQuad<double>& quad) {
    horizontalAny(depth, quad);
}
void verticalFloat(int depth, const DirectBlock<float>& block) {
    verticalAny(depth, block);
}
void verticalDouble(int depth, const DirectBlock<double>& block) {
    verticalAny(depth, block);
}
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
    // Asked once: in a virtual machine the processor's answer takes tens of microseconds.
    static const bool supported = (hwy::SupportedTargets() & (HWY_AVX2 | HWY_AVX3 | HWY_NEON)) != 0;
    return supported;
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
