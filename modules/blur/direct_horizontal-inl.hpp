// SPDX-License-Identifier: Apache-2.0
// The horizontal pass of the direct engine. Included once per SIMD target.

#if defined(GKERN_BLUR_DIRECT_HORIZONTAL_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_DIRECT_HORIZONTAL_INL
#undef GKERN_BLUR_DIRECT_HORIZONTAL_INL
#else
#define GKERN_BLUR_DIRECT_HORIZONTAL_INL
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "blur/direct_pixels-inl.hpp"
#include "blur/direct_plain-inl.hpp"
#include "blur/direct_sums-inl.hpp"
#include "blur/pixels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Sums over x of rows[0 … kBlockLanes − 1], whose pixels are of type P and stand in `picture` in part, to
/// out. `flip`: see unpack().
template <bool kContrast, int kKernel, class P, class Sum>
HWY_NOINLINE void horizontalRows(const DirectQuad<Sum>& quad, const uint8_t* const (&rows)[kBlockLanes<Sum>],
                                 const uint8_t* const (&picture)[kBlockLanes<Sum>],
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
    // Four columns of sums as one or two vectors of each row. What is summed in its own size goes back to its
    // place in the picture.
    constexpr bool kInPlace = std::is_same_v<P, Sum>;
    const auto toRows = [&](V(&sum)[kLines], ptrdiff_t column) GKERN_BODY {
        unrolled<kLines / kLanes>([&](auto half) GKERN_BODY {
            V part[kLanes];
            unrolled<kLanes>([&](auto i) GKERN_BODY { part[i] = sum[half * kLanes + i]; });
            transpose(d, part);
            unrolled<kLanes>([&](auto r) GKERN_BODY {
                if constexpr (kInPlace)
                    storeBlocks(d, part[r], [&](int b) GKERN_BODY {
                        return rowsOut[r] + segments.start[b] + column + half * kLanes;
                    });
                else
                    hn::Store(part[r], d, rowsOut[r] + (column / kLanes + half) * N);
            });
        });
    };

    ptrdiff_t fetched = 0;
    for (ptrdiff_t first = 0; first < segments.length; first += chunk) {
        const ptrdiff_t wanted = std::min(chunk, segments.length - first);
        const ptrdiff_t summed = (wanted + step - 1) / step * step;
        const uint8_t* from[kLanes]
                           [kBlocks];  // of each segment of each row: the picture where it has the rest
        for (int b = 0; b < kBlocks; ++b) {
            const ptrdiff_t start = segments.start[b], size = sizeof(P);
            const bool direct = start + first + fetched >= quad.directBegin &&
                                start + first + summed + reach + kFetched <= quad.directEnd;
            for (int r = 0; r < kLanes; ++r)
                from[r][b] = direct ? picture[r] + (start - quad.directBegin) * size : rows[r] + start * size;
        }
        for (; fetched < summed + reach; fetched += kFetched) {
            unpack<P>(from, first + fetched, flip, columns + fetched * N);
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
        } else if constexpr (kKernel > kFewPairs) {
            HWY_DASSERT(false);  // for one channel alone
        } else if constexpr (kKernel == 1 || kKernel == 2) {
            for (ptrdiff_t j = 0; j < wanted; j += kLines) {
                const Sum* HWY_RESTRICT begin = columns + j * N;
                separateSums<kContrast, kKernel>(
                    d, taps,
                    [&](ptrdiff_t r, ptrdiff_t i) GKERN_BODY { return begin + (r + i * channels) * N; }, sum);
                toRows(sum, first + j);
            }
        } else if (channels == 3) {
            // The results of three channels, in registers until they stand in the order of their elements.
            for (ptrdiff_t j = 0; j < wanted; j += step) {
                V all[3 * kLines];
                unrolled<3>([&](auto c) GKERN_BODY {
                    const Sum* HWY_RESTRICT begin = columns + (j + c) * N;
                    sumsOf<kContrast, kKernel>(
                        d, taps, [&](ptrdiff_t i) GKERN_BODY { return begin + i * 3 * N; }, sum);
                    unrolled<kLines>([&](auto i) GKERN_BODY { all[3 * i + c] = sum[i]; });
                });
                unrolled<3>([&](auto part) GKERN_BODY {
                    if (j + part * kLines >= wanted) return;
                    unrolled<kLines>([&](auto i) GKERN_BODY { sum[i] = all[part * kLines + i]; });
                    toRows(sum, first + j + part * kLines);
                });
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
        const uint8_t *from[kLanes], *picture[kLanes];
        Sum* to[kLanes];
        for (int r = 0; r < kLanes; ++r) {
            from[r] = rows[first + r];
            picture[r] = quad.direct[first + r];
            to[r] = quad.out[first + r];
        }
        const auto sum = [&](auto kernel) {
            horizontalRows<kContrast, kernel, P>(quad, from, picture, to, flip);
        };
        constexpr bool kMany = std::is_same_v<P, int16_t> || kContrast;
        if (kMany && quad.channels == 1)
            withKernel<kContrast, kMany ? kManyPairs : 0>(*quad.x, sum);
        else
            withKernel<kContrast, std::is_same_v<Sum, float> ? kFewPairs : 0>(*quad.x, sum);
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
    if (quad.segments->plain && withFewPairs<kMostPlainPairs<Sum>>(quad.x->anchor, plain)) return;
    horizontalQuad<true, Sum>(quad, quad.rows);
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_DIRECT_HORIZONTAL_INL
