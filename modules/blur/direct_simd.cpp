// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the direct engine: the vertical pass of a block of rows into a strip of sums that stays
// in the cache, the horizontal pass from the strip, one store. Compiled once per SIMD target, chosen at run
// time.
//
// Every output element sees the same operations in the same order wherever it stands in a vector, tile or
// band, and every target here has fused multiply-add: results are bit-identical over targets, threads, tiles
// and ROIs.
//
// Float pictures are summed as c + Σ w_i·(x_i − c) with c the pixel at the anchor. The weights then need not
// sum to 1 to the last bit for a flat region to stay flat to the last bit, and rounding scales with the
// contrast, not the level. Integer results are rounded to levels, which does that for them; they take the
// plain sum.
//
// Symmetric kernels are summed in pairs from the outside in. That halves the products, and as small terms
// come first, the rounding of an axis is about (σ + 2) units instead of the number of taps.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blur/direct_simd.cpp"
// Targets without fused multiply-add or with vectors of unknown size. A scalar target stays as the baseline.
#define HWY_DISABLED_TARGETS \
    (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "blur/direct.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A lambda that is always inlined, as a loop body over constants: only so do compilers keep small arrays of
// vectors in registers (GCC 12 leaves them in memory when it unrolls the loop itself).
#define GKERN_BODY HWY_ATTR __attribute__((always_inline))

template <class F, int... i>
HWY_INLINE void unrolledOver(F f, std::integer_sequence<int, i...>) {
    (f(std::integral_constant<int, i>()), ...);
}

/// f(0), …, f(kCount − 1), each with its constant.
template <int kCount, class F>
HWY_INLINE void unrolled(F f) {
    unrolledOver(f, std::make_integer_sequence<int, kCount>());
}

/// A vector of pixels of type T as sums.
template <class D, class T>
HWY_INLINE hn::Vec<D> loadPixels(D d, const T* p) {
    using Sum = hn::TFromD<D>;
    const hn::Rebind<T, D> dt;
    const hn::Rebind<int32_t, D> di;
    if constexpr (std::is_same_v<T, Sum>) {
        return hn::LoadU(d, p);
    } else if constexpr (std::is_same_v<T, hwy::float16_t>) {
        return hn::PromoteTo(d, hn::LoadU(dt, p));
    } else if constexpr (std::is_same_v<T, int32_t>) {
        return hn::PromoteTo(d, hn::LoadU(dt, p));
    } else if constexpr (std::is_same_v<Sum, double>) {
        return hn::PromoteTo(d, hn::PromoteTo(di, hn::LoadU(dt, p)));
    } else {
        return hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(dt, p)));
    }
}

/// A vector of sums as pixels: rounded to nearest even and saturated, as cv::saturate_cast does.
template <class D, class T>
HWY_INLINE void storePixels(D d, hn::Vec<D> v, T* p) {
    using Sum = hn::TFromD<D>;
    const hn::Rebind<T, D> dt;
    if constexpr (std::is_same_v<T, Sum>) {
        hn::StoreU(v, d, p);
    } else if constexpr (std::is_same_v<T, hwy::float16_t>) {
        hn::StoreU(hn::DemoteTo(dt, v), dt, p);
    } else if constexpr (std::is_same_v<Sum, float>) {
        hn::StoreU(hn::DemoteTo(dt, hn::NearestInt(v)), dt, p);
    } else {
        const hn::Rebind<int32_t, D> di;
        const auto rounded = hn::DemoteTo(di, hn::Round(v));
        if constexpr (std::is_same_v<T, int32_t>)
            hn::StoreU(rounded, di, p);
        else
            hn::StoreU(hn::DemoteTo(dt, rounded), dt, p);
    }
}

constexpr int kRows = kBlockRows;

/// The source pixels that one step of verticalPairs() adds up, for every row of the block. Tap −i of row r is
/// source row r + anchor − i, which was tap −(i + 1) of row r + 1 in the step before, and likewise above: a
/// step loads two vectors and the others stay in registers. A source row's slot is its number modulo the rows
/// of the block.
template <class V>
struct PairWindow {
    V below[kRows], above[kRows];
};

/// Step s of the block, taps ∓(anchor − s); kPhase is s modulo kRows.
template <bool kContrast, int kPhase, class D, class T, class V>
HWY_INLINE void addPairs(D d, const hn::TFromD<D>* HWY_RESTRICT weights, int anchor, int s,
                         const T* const* rows, ptrdiff_t e, const V (&twice)[kRows], PairWindow<V>& window,
                         V (&sum)[kRows]) {
    window.below[(kPhase + kRows - 1) % kRows] = loadPixels(d, rows[s + kRows - 1] + e);
    window.above[(kRows - kPhase) % kRows] = loadPixels(d, rows[2 * anchor - s] + e);
    const V weight = hn::Set(d, weights[s]);
    unrolled<kRows>([&](auto r) GKERN_BODY {
        const V pair =
            hn::Add(window.below[(kPhase + r) % kRows], window.above[(kRows - kPhase + r) % kRows]);
        sum[r] = hn::MulAdd(weight, kContrast ? hn::Sub(pair, twice[r]) : pair, sum[r]);
    });
}

/// The vertical pass of one vector of each row of a block, at element e of the source rows, for symmetric
/// taps.
template <bool kContrast, class D, class T, class Sum>
HWY_INLINE void verticalPairs(D d, const DirectTaps<Sum>& taps, const T* const* rows, ptrdiff_t e, Sum* strip,
                              size_t stride) {
    using V = hn::Vec<D>;
    static_assert(kRows == 4, "the loop below counts phases");
    const Sum* HWY_RESTRICT w = taps.weights.data();
    const int anchor = taps.anchor;
    V sum[kRows], twice[kRows];
    PairWindow<V> window;
    unrolled<kRows>([&](auto r) GKERN_BODY {
        sum[r] = hn::Zero(d);
        twice[r] = loadPixels(d, rows[anchor + r] + e);
        if (kContrast) twice[r] = hn::Add(twice[r], twice[r]);
        window.below[r] = loadPixels(d, rows[r] + e);
        window.above[r] = loadPixels(d, rows[2 * anchor + r] + e);
    });
    int s = 0;
    for (; s + 4 <= anchor; s += 4) {
        addPairs<kContrast, 0>(d, w, anchor, s, rows, e, twice, window, sum);
        addPairs<kContrast, 1>(d, w, anchor, s + 1, rows, e, twice, window, sum);
        addPairs<kContrast, 2>(d, w, anchor, s + 2, rows, e, twice, window, sum);
        addPairs<kContrast, 3>(d, w, anchor, s + 3, rows, e, twice, window, sum);
    }
    if (s < anchor) addPairs<kContrast, 0>(d, w, anchor, s, rows, e, twice, window, sum);
    if (s + 1 < anchor) addPairs<kContrast, 1>(d, w, anchor, s + 1, rows, e, twice, window, sum);
    if (s + 2 < anchor) addPairs<kContrast, 2>(d, w, anchor, s + 2, rows, e, twice, window, sum);
    const V weight = hn::Set(d, w[anchor]);
    unrolled<kRows>([&](auto r) GKERN_BODY {
        const V centre = loadPixels(d, rows[anchor + r] + e);
        hn::StoreU(kContrast ? hn::Add(centre, sum[r]) : hn::MulAdd(weight, centre, sum[r]), d,
                   strip + r * stride);
    });
}

/// The same for any taps.
template <bool kContrast, class D, class T, class Sum>
HWY_INLINE void verticalTaps(D d, const DirectTaps<Sum>& taps, const T* const* rows, ptrdiff_t e, Sum* strip,
                             size_t stride) {
    using V = hn::Vec<D>;
    const int size = static_cast<int>(taps.weights.size());
    V sum[kRows], centre[kRows];
    unrolled<kRows>([&](auto r) GKERN_BODY {
        sum[r] = hn::Zero(d);
        centre[r] = loadPixels(d, rows[r + taps.anchor] + e);
    });
    for (int i = 0; i < size + kRows - 1; ++i) {
        const V x = loadPixels(d, rows[i] + e);
        unrolled<kRows>([&](auto r) GKERN_BODY {  // source row i is tap i − r of output row r
            if (i < r || i - r >= size) return;
            const V weight = hn::Set(d, taps.weights[i - r]);
            sum[r] = hn::MulAdd(weight, kContrast ? hn::Sub(x, centre[r]) : x, sum[r]);
        });
    }
    unrolled<kRows>([&](auto r) GKERN_BODY {
        hn::StoreU(kContrast ? hn::Add(centre[r], sum[r]) : sum[r], d, strip + r * stride);
    });
}

template <bool kContrast, class D, class T, class Sum>
HWY_INLINE void vertical(D d, const DirectTaps<Sum>& taps, const T* const* rows, ptrdiff_t e, Sum* strip,
                         size_t stride) {
    if (taps.symmetric)
        verticalPairs<kContrast>(d, taps, rows, e, strip, stride);
    else
        verticalTaps<kContrast>(d, taps, rows, e, strip, stride);
}

/// The vertical pass of elements [e, e + count) of a block into the strip, which has room for a vector more.
template <bool kContrast, class T, class Sum>
HWY_NOINLINE void verticalRows(const DirectTaps<Sum>& taps, const T* const* rows, ptrdiff_t e,
                               ptrdiff_t count, Sum* strip, DirectScratch<Sum>& scratch) {
    const hn::ScalableTag<Sum> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    const size_t sourceRows = taps.weights.size() + kRows - 1;
    ptrdiff_t done = 0;
    for (; done + N <= count; done += N) {
        // The rows that the next block reads first; no stream that a processor would recognise leads to them.
        for (int r = 0; r < kRows; ++r) hwy::Prefetch(rows[sourceRows + r] + e + done);
        vertical<kContrast>(d, taps, rows, e + done, strip + done, scratch.stripStride);
    }
    if (done >= count) return;
    const T** copies = reinterpret_cast<const T**>(scratch.pointers.data() + sourceRows + kRows);
    for (size_t i = 0; i < sourceRows; ++i) {
        T* copy = reinterpret_cast<T*>(scratch.tail.data() + i * kVectorBytes);
        std::memcpy(copy, rows[i] + e + done, static_cast<size_t>(count - done) * sizeof(T));
        copies[i] = copy;
    }
    vertical<kContrast>(d, taps, copies, 0, strip + done, scratch.stripStride);
}

/// The horizontal sums of kVectors vectors; p is the element at the anchor of the first one.
template <bool kContrast, int kVectors, class D, class Sum>
HWY_INLINE void horizontal(D d, const DirectTaps<Sum>& taps, const Sum* HWY_RESTRICT p, ptrdiff_t channels,
                           hn::Vec<D> (&out)[kVectors]) {
    using V = hn::Vec<D>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    const Sum* HWY_RESTRICT w = taps.weights.data();
    V sum[kVectors], centre[kVectors], twice[kVectors];
    unrolled<kVectors>([&](auto v) GKERN_BODY {
        sum[v] = hn::Zero(d);
        centre[v] = hn::LoadU(d, p + v * N);
        twice[v] = hn::Add(centre[v], centre[v]);
    });
    if (taps.symmetric) {
        for (int i = 0; i < taps.anchor; ++i) {
            const V weight = hn::Set(d, w[i]);
            const ptrdiff_t offset = (taps.anchor - i) * channels;
            unrolled<kVectors>([&](auto v) GKERN_BODY {
                const V pair = hn::Add(hn::LoadU(d, p + v * N - offset), hn::LoadU(d, p + v * N + offset));
                sum[v] = hn::MulAdd(weight, kContrast ? hn::Sub(pair, twice[v]) : pair, sum[v]);
            });
        }
        const V weight = hn::Set(d, w[taps.anchor]);
        unrolled<kVectors>([&](auto v) GKERN_BODY {
            out[v] = kContrast ? hn::Add(centre[v], sum[v]) : hn::MulAdd(weight, centre[v], sum[v]);
        });
        return;
    }
    const int size = static_cast<int>(taps.weights.size());
    for (int i = 0; i < size; ++i) {
        const V weight = hn::Set(d, w[i]);
        unrolled<kVectors>([&](auto v) GKERN_BODY {
            const V x = hn::LoadU(d, p + v * N + (i - taps.anchor) * channels);
            sum[v] = hn::MulAdd(weight, kContrast ? hn::Sub(x, centre[v]) : x, sum[v]);
        });
    }
    unrolled<kVectors>([&](auto v) GKERN_BODY { out[v] = kContrast ? hn::Add(centre[v], sum[v]) : sum[v]; });
}

/// The horizontal pass of `count` elements from the strip (at the anchor of the first) to dst.
template <bool kContrast, class T, class Sum>
HWY_NOINLINE void horizontalRow(const DirectTaps<Sum>& taps, const Sum* strip, ptrdiff_t channels,
                                ptrdiff_t count, T* HWY_RESTRICT dst) {
    const hn::ScalableTag<Sum> d;
    using V = hn::Vec<decltype(d)>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    constexpr int kWide = 4;
    V out[kWide], last[1];
    ptrdiff_t done = 0;
    for (; done + kWide * N <= count; done += kWide * N) {
        horizontal<kContrast>(d, taps, strip + done, channels, out);
        unrolled<kWide>([&](auto v) GKERN_BODY { storePixels(d, out[v], dst + done + v * N); });
    }
    for (; done < count; done += N) {
        horizontal<kContrast>(d, taps, strip + done, channels, last);
        if (done + N <= count) {
            storePixels(d, last[0], dst + done);
        } else {
            HWY_ALIGN T pixels[HWY_MAX_BYTES / sizeof(T)];
            storePixels(d, last[0], pixels);
            std::memcpy(dst + done, pixels, static_cast<size_t>(count - done) * sizeof(T));
        }
    }
}

/// Columns [from, to) of a tile, outside of the picture: fetched pixel by pixel by the border's rule, and summed vertically
/// like any others.
template <bool kContrast, class T, class Sum>
HWY_NOINLINE void verticalFetched(const DirectTile<Sum>& tile, ptrdiff_t from, ptrdiff_t to) {
    DirectScratch<Sum>& scratch = *tile.scratch;
    const ptrdiff_t first = tile.begin - tile.x->anchor, channels = tile.channels, elements = (to - from) * channels;
    const size_t sourceRows = tile.y->weights.size() + kRows - 1;
    const T** rows = reinterpret_cast<const T**>(scratch.pointers.data());
    for (size_t i = 0; i < sourceRows; ++i) {
        T* out = reinterpret_cast<T*>(scratch.gathered.data()) + static_cast<ptrdiff_t>(i) * elements;
        rows[i] = out;
        for (ptrdiff_t x = from; x < to; ++x) {
            const int column = tile.halo[x - first];
            const T* pixel = column < 0 ? reinterpret_cast<const T*>(tile.border)
                                        : reinterpret_cast<const T*>(tile.source[i]) + column * channels;
            for (ptrdiff_t c = 0; c < channels; ++c) *out++ = pixel[c];
        }
    }
    for (int r = 0; r < kRows; ++r) rows[sourceRows + r] = rows[0];  // nothing more to prefetch
    verticalRows<kContrast>(*tile.y, rows, 0, elements, scratch.strip.data() + (from - first) * channels, scratch);
}

/// Whether the border's rule puts pixels of the tile's columns [inside, insideEnd) on all of [from, to).
template <class Sum>
bool mirrorsInside(const DirectTile<Sum>& tile, ptrdiff_t from, ptrdiff_t to, ptrdiff_t inside, ptrdiff_t insideEnd) {
    const int* halo = tile.halo + tile.x->anchor - tile.begin;
    return std::all_of(halo + from, halo + to, [=](int column) { return column >= inside && column < insideEnd; });
}

/// Columns [from, to) of a tile where that is so: their sums are copies.
template <class Sum>
void copyMirrored(const DirectTile<Sum>& tile, ptrdiff_t from, ptrdiff_t to) {
    const ptrdiff_t first = tile.begin - tile.x->anchor, channels = tile.channels;
    for (int r = 0; r < tile.rows; ++r) {
        Sum* row = tile.scratch->strip.data() + r * tile.scratch->stripStride;
        for (ptrdiff_t x = from; x < to; ++x)
            for (ptrdiff_t c = 0; c < channels; ++c)
                row[(x - first) * channels + c] = row[(tile.halo[x - first] - first) * channels + c];
    }
}

template <bool kContrast, class T, class Sum>
HWY_INLINE void blurTile(const DirectTile<Sum>& tile) {
    const ptrdiff_t channels = tile.channels, before = tile.x->anchor;
    const ptrdiff_t first = tile.begin - before;
    const ptrdiff_t end = tile.end + static_cast<ptrdiff_t>(tile.x->weights.size()) - 1 - before;
    const ptrdiff_t inside = HWY_MAX(first, 0), insideEnd = HWY_MIN(end, tile.width);
    const T* const* rows = reinterpret_cast<const T* const*>(tile.source);
    Sum* strip = tile.scratch->strip.data();
    const bool copyLeft = mirrorsInside(tile, first, inside, inside, insideEnd);
    const bool copyRight = mirrorsInside(tile, insideEnd, end, inside, insideEnd);

    // From left to right: each vertical pass may write a vector beyond its end.
    if (!copyLeft) verticalFetched<kContrast, T>(tile, first, inside);
    verticalRows<kContrast>(*tile.y, rows, inside * channels, (insideEnd - inside) * channels,
                            strip + (inside - first) * channels, *tile.scratch);
    if (!copyRight) verticalFetched<kContrast, T>(tile, insideEnd, end);
    if (copyLeft) copyMirrored(tile, first, inside);
    if (copyRight) copyMirrored(tile, insideEnd, end);
    for (int r = 0; r < tile.rows; ++r)
        horizontalRow<kContrast>(*tile.x, strip + r * tile.scratch->stripStride + before * channels, channels,
                                 (tile.end - tile.begin) * channels, reinterpret_cast<T*>(tile.dst[r]));
}

void tileFloat(int depth, const DirectTile<float>& tile) {
    switch (depth) {
        case CV_8U:
            return blurTile<false, uint8_t>(tile);
        case CV_8S:
            return blurTile<false, int8_t>(tile);
        case CV_16U:
            return blurTile<false, uint16_t>(tile);
        case CV_16S:
            return blurTile<false, int16_t>(tile);
        case CV_16F:
            return blurTile<true, hwy::float16_t>(tile);
        default:
            return blurTile<true, float>(tile);
    }
}

void tileDouble(int depth, const DirectTile<double>& tile) {
    switch (depth) {
        case CV_8U:
            return blurTile<false, uint8_t>(tile);
        case CV_8S:
            return blurTile<false, int8_t>(tile);
        case CV_16U:
            return blurTile<false, uint16_t>(tile);
        case CV_16S:
            return blurTile<false, int16_t>(tile);
        case CV_32S:
            return blurTile<false, int32_t>(tile);
        default:
            return blurTile<true, double>(tile);
    }
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(tileFloat);
HWY_EXPORT(tileDouble);

void directTile(int depth, const DirectTile<float>& tile) {
    HWY_DYNAMIC_DISPATCH(tileFloat)(depth, tile);
}
void directTile(int depth, const DirectTile<double>& tile) {
    HWY_DYNAMIC_DISPATCH(tileDouble)(depth, tile);
}

bool directSupported() {
    return (hwy::SupportedTargets() & (HWY_AVX2 | HWY_AVX3 | HWY_AVX3_DL | HWY_NEON)) != 0;
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
