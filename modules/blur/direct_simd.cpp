// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the direct engine: the vertical pass of a block of rows into a strip of sums that stays in the L1/L2
// cache, the horizontal pass from the strip, one store. Compiled once per SIMD target, chosen at run time.
//
// Every output element sees the same operations in the same order wherever it stands in a vector, tile or band, and every
// target here has fused multiply-add: results are bit-identical over targets, threads, tiles and ROIs.
//
// Float pictures are summed as c + Σ w_i·(x_i − c) with c the pixel at the anchor. The weights then need not sum to 1 to
// the last bit for a flat region to stay flat to the last bit, and rounding scales with the contrast, not the level.
// Integer results are rounded to levels, which does that for them; they take the plain sum.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blur/direct_simd.cpp"
// Targets without fused multiply-add or with vectors of unknown size. A scalar target stays as the baseline that Highway wants.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <cstring>

#include "blur/direct.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Pixels as sums. T is the pixel type, d the vector of sums.

template <class D, class T>
HWY_INLINE hn::Vec<D> loadPixels(D d, const T* p) {
    using Sum = hn::TFromD<D>;
    const hn::Rebind<T, D> dt;
    if constexpr (std::is_same_v<T, Sum>) {
        return hn::LoadU(d, p);
    } else if constexpr (std::is_same_v<Sum, double> || std::is_same_v<T, hwy::float16_t>) {
        return hn::PromoteTo(d, hn::LoadU(dt, p));  // int32 or half
    } else {
        const hn::Rebind<int32_t, D> di;
        return hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(dt, p)));
    }
}

/// Rounds to nearest even and saturates, as cv::saturate_cast does.
template <class D, class T>
HWY_INLINE void storePixels(D d, hn::Vec<D> v, T* p) {
    using Sum = hn::TFromD<D>;
    const hn::Rebind<T, D> dt;
    if constexpr (std::is_same_v<T, Sum>) {
        hn::StoreU(v, d, p);
    } else if constexpr (std::is_same_v<Sum, double>) {
        hn::StoreU(hn::DemoteTo(dt, hn::Round(v)), dt, p);
    } else if constexpr (std::is_same_v<T, hwy::float16_t>) {
        hn::StoreU(hn::DemoteTo(dt, v), dt, p);
    } else {
        hn::StoreU(hn::DemoteTo(dt, hn::NearestInt(v)), dt, p);
    }
}

/// One block of kRows rows and kVectors vectors of the vertical pass, at element e of the rows.
template <bool kContrast, int kRows, int kVectors, class D, class T, class Sum>
HWY_INLINE void verticalBlock(D d, const DirectTaps<Sum>& taps, const T* const* rows, ptrdiff_t e, Sum* strip,
                              size_t stride) {
    using V = hn::Vec<D>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    const int size = static_cast<int>(taps.weights.size());
    const Sum* HWY_RESTRICT w = taps.weights.data();
    V sum[kRows][kVectors], centre[kRows][kVectors];
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v) {
            sum[r][v] = hn::Zero(d);
            if constexpr (kContrast) centre[r][v] = loadPixels(d, rows[r + taps.anchor] + e + v * N);
        }
    // Source row i is tap i − r of output row r. Away from the ends it is a tap of every row of the block.
    const auto addRow = [&](int i, auto all) HWY_ATTR {
        V x[kVectors];
        for (int v = 0; v < kVectors; ++v) x[v] = loadPixels(d, rows[i] + e + v * N);
        for (int r = 0; r < kRows; ++r) {
            if (!decltype(all)::value && (i < r || i - r >= size)) continue;
            const V weight = hn::Set(d, w[i - r]);
            for (int v = 0; v < kVectors; ++v)
                sum[r][v] = hn::MulAdd(weight, kContrast ? hn::Sub(x[v], centre[r][v]) : x[v], sum[r][v]);
        }
    };
    const int last = size + kRows - 1;
    int i = 0;
    for (; i < kRows - 1; ++i) addRow(i, std::false_type());
    for (; i < size; ++i) addRow(i, std::true_type());
    for (; i < last; ++i) addRow(i, std::false_type());
    for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v)
            hn::StoreU(kContrast ? hn::Add(centre[r][v], sum[r][v]) : sum[r][v], d, strip + r * stride + v * N);
}

/// The vertical pass of elements [e, e + count) into strip, which has room for a vector more.
template <bool kContrast, int kRows, class T, class Sum>
HWY_INLINE void verticalRows(const DirectTaps<Sum>& taps, const T* const* rows, ptrdiff_t e, ptrdiff_t count, Sum* strip,
                             DirectScratch<Sum>& scratch) {
    const hn::ScalableTag<Sum> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    constexpr int kWide = HWY_TARGET == HWY_AVX2 ? 2 : 3;  // sums, centres and pixels fit the registers
    const size_t stride = scratch.stripStride;
    ptrdiff_t done = 0;
    for (; done + kWide * N <= count; done += kWide * N)
        verticalBlock<kContrast, kRows, kWide>(d, taps, rows, e + done, strip + done, stride);
    for (; done + N <= count; done += N)
        verticalBlock<kContrast, kRows, 1>(d, taps, rows, e + done, strip + done, stride);
    if (done == count) return;
    const size_t rest = static_cast<size_t>(count - done);
    const size_t sourceRows = taps.weights.size() + kRows - 1;
    const T** copies = reinterpret_cast<const T**>(scratch.pointers.data() + sourceRows);
    for (size_t i = 0; i < sourceRows; ++i) {
        T* copy = reinterpret_cast<T*>(scratch.tail.data() + i * kVectorBytes);
        std::memcpy(copy, rows[i] + e + done, rest * sizeof(T));
        copies[i] = copy;
    }
    verticalBlock<kContrast, kRows, 1>(d, taps, copies, 0, strip + done, stride);
}

/// The horizontal sums of kVectors vectors; p is the element at the anchor of the first one.
template <bool kContrast, int kVectors, class D, class Sum>
HWY_INLINE void horizontalBlock(D d, const DirectTaps<Sum>& taps, const Sum* HWY_RESTRICT p, ptrdiff_t channels,
                                hn::Vec<D>* HWY_RESTRICT out) {
    using V = hn::Vec<D>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    const int size = static_cast<int>(taps.weights.size());
    const Sum* HWY_RESTRICT w = taps.weights.data();
    V sum[kVectors], centre[kVectors];
    for (int v = 0; v < kVectors; ++v) {
        sum[v] = hn::Zero(d);
        centre[v] = hn::LoadU(d, p + v * N);
    }
    if (taps.symmetric) {  // pairs from the outside in: half the products, and small terms are added first
        for (int i = 0; i < taps.anchor; ++i) {
            const V weight = hn::Set(d, w[i]);
            const ptrdiff_t offset = (taps.anchor - i) * channels;
            for (int v = 0; v < kVectors; ++v) {
                V left = hn::LoadU(d, p + v * N - offset), right = hn::LoadU(d, p + v * N + offset);
                if constexpr (kContrast) {
                    left = hn::Sub(left, centre[v]);
                    right = hn::Sub(right, centre[v]);
                }
                sum[v] = hn::MulAdd(weight, hn::Add(left, right), sum[v]);
            }
        }
        const V weight = hn::Set(d, w[taps.anchor]);
        for (int v = 0; v < kVectors; ++v)
            out[v] = kContrast ? hn::Add(centre[v], sum[v]) : hn::MulAdd(weight, centre[v], sum[v]);
        return;
    }
    for (int i = 0; i < size; ++i) {
        const V weight = hn::Set(d, w[i]);
        for (int v = 0; v < kVectors; ++v) {
            const V x = hn::LoadU(d, p + v * N + (i - taps.anchor) * channels);
            sum[v] = hn::MulAdd(weight, kContrast ? hn::Sub(x, centre[v]) : x, sum[v]);
        }
    }
    for (int v = 0; v < kVectors; ++v) out[v] = kContrast ? hn::Add(centre[v], sum[v]) : sum[v];
}

/// The horizontal pass of `count` elements from the strip (at the anchor of the first) to dst.
template <bool kContrast, class T, class Sum>
HWY_INLINE void horizontalRow(const DirectTaps<Sum>& taps, const Sum* strip, ptrdiff_t channels, ptrdiff_t count,
                              T* HWY_RESTRICT dst, bool stream) {
    const hn::ScalableTag<Sum> d;
    using V = hn::Vec<decltype(d)>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    constexpr int kWide = 4;
    V out[kWide];
    ptrdiff_t done = 0;
    for (; done + kWide * N <= count; done += kWide * N) {
        horizontalBlock<kContrast, kWide>(d, taps, strip + done, channels, out);
        for (int v = 0; v < kWide; ++v) {
            if constexpr (std::is_same_v<T, Sum>) {
                if (stream) {
                    hn::Stream(out[v], d, dst + done + v * N);
                    continue;
                }
            }
            storePixels(d, out[v], dst + done + v * N);
        }
    }
    for (; done + N <= count; done += N) {
        horizontalBlock<kContrast, 1>(d, taps, strip + done, channels, out);
        storePixels(d, out[0], dst + done);
    }
    if (done == count) return;
    HWY_ALIGN T last[HWY_MAX_BYTES / sizeof(Sum)];
    horizontalBlock<kContrast, 1>(d, taps, strip + done, channels, out);
    storePixels(d, out[0], last);
    std::memcpy(dst + done, last, static_cast<size_t>(count - done) * sizeof(T));
}

/// Columns [from, to) of a tile's halo that lie outside the picture: fetched pixel by pixel by the border's rule, and
/// summed vertically like any others.
template <bool kContrast, int kRows, class T, class Sum>
HWY_INLINE void verticalOutside(const DirectTile<Sum>& tile, ptrdiff_t from, ptrdiff_t to) {
    if (from >= to) return;
    DirectScratch<Sum>& scratch = *tile.scratch;
    const ptrdiff_t first = tile.begin - tile.x->anchor;
    const size_t size = tile.channels * sizeof(T), columns = static_cast<size_t>(to - from);
    const size_t sourceRows = tile.y->weights.size() + kRows - 1;
    const T** rows = reinterpret_cast<const T**>(scratch.pointers.data());
    for (size_t i = 0; i < sourceRows; ++i) {
        uint8_t* row = scratch.gathered.data() + i * columns * size;
        rows[i] = reinterpret_cast<const T*>(row);
        for (size_t c = 0; c < columns; ++c) {
            const int column = tile.halo[from - first + static_cast<ptrdiff_t>(c)];
            std::memcpy(row + c * size, column < 0 ? tile.border : tile.source[i] + column * size, size);
        }
    }
    verticalRows<kContrast, kRows>(*tile.y, rows, 0, static_cast<ptrdiff_t>(columns) * tile.channels,
                                   scratch.strip.data() + (from - first) * tile.channels, scratch);
}

template <bool kContrast, int kRows, class T, class Sum>
HWY_INLINE void tileRows(const DirectTile<Sum>& tile) {
    const ptrdiff_t channels = tile.channels, before = tile.x->anchor;
    const ptrdiff_t first = tile.begin - before;
    const ptrdiff_t end = tile.end + static_cast<ptrdiff_t>(tile.x->weights.size()) - 1 - before;
    const ptrdiff_t inside = HWY_MAX(first, 0), insideEnd = HWY_MIN(end, tile.width);
    const T* const* rows = reinterpret_cast<const T* const*>(tile.source);
    Sum* strip = tile.scratch->strip.data();

    // From left to right: each part may write a vector beyond its end.
    verticalOutside<kContrast, kRows, T>(tile, first, HWY_MIN(end, 0));
    verticalRows<kContrast, kRows>(*tile.y, rows, inside * channels, (insideEnd - inside) * channels,
                                   strip + (inside - first) * channels, *tile.scratch);
    verticalOutside<kContrast, kRows, T>(tile, HWY_MAX(first, tile.width), end);
    for (int r = 0; r < kRows; ++r)
        horizontalRow<kContrast>(*tile.x, strip + r * tile.scratch->stripStride + before * channels, channels,
                                 (tile.end - tile.begin) * channels, reinterpret_cast<T*>(tile.dst[r]), tile.stream);
}

template <bool kContrast, class T, class Sum>
HWY_INLINE void tileOf(const DirectTile<Sum>& tile) {
    if (tile.rows == kBlockRows) return tileRows<kContrast, kBlockRows, T>(tile);
    // The last rows of a band, one by one.
    DirectTile<Sum> row = tile;
    row.rows = 1;
    for (int r = 0; r < tile.rows; ++r) {
        row.source = tile.source + r;
        row.dst = tile.dst + r;
        tileRows<kContrast, 1, T>(row);
    }
}

void tileFloat(int depth, const DirectTile<float>& tile) {
    switch (depth) {
        case CV_8U: return tileOf<false, uint8_t>(tile);
        case CV_8S: return tileOf<false, int8_t>(tile);
        case CV_16U: return tileOf<false, uint16_t>(tile);
        case CV_16S: return tileOf<false, int16_t>(tile);
        case CV_16F: return tileOf<true, hwy::float16_t>(tile);
        default: return tileOf<true, float>(tile);
    }
}

void tileDouble(int depth, const DirectTile<double>& tile) {
    if (depth == CV_32S) return tileOf<false, int32_t>(tile);
    tileOf<true, double>(tile);
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(tileFloat);
HWY_EXPORT(tileDouble);

void directTileFloat(int depth, const DirectTile<float>& tile) { HWY_DYNAMIC_DISPATCH(tileFloat)(depth, tile); }
void directTileDouble(int depth, const DirectTile<double>& tile) { HWY_DYNAMIC_DISPATCH(tileDouble)(depth, tile); }

void directFence() { hwy::FlushStream(); }

bool directSupported() {
    return (hwy::SupportedTargets() & (HWY_AVX2 | HWY_AVX3 | HWY_AVX3_DL | HWY_NEON)) != 0;
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
