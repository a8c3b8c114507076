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
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

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
    const hn::Rebind<float, D> df;
    if constexpr (std::is_same_v<T, Sum>) {
        return hn::LoadU(d, p);
    } else if constexpr (std::is_same_v<T, hwy::float16_t> && std::is_same_v<Sum, double>) {
        return hn::PromoteTo(d, hn::PromoteTo(df, hn::LoadU(dt, p)));
    } else if constexpr (std::is_same_v<T, hwy::float16_t> || std::is_same_v<T, float>) {
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
    } else if constexpr (std::is_same_v<T, float>) {
        hn::StoreU(hn::DemoteTo(dt, v), dt, p);
    } else if constexpr (std::is_same_v<T, hwy::float16_t>) {
        const hn::Rebind<float, D> df;
        if constexpr (std::is_same_v<Sum, double>)
            hn::StoreU(hn::DemoteTo(dt, hn::DemoteTo(df, v)), dt, p);
        else
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

/// The rows that one step of verticalPairs() adds up, for every row of the block. Tap −i of row r is source
/// row r + anchor − i, which was tap −(i + 1) of row r + 1 in the step before, and likewise above: a step
/// loads two vectors and the others stay in registers. A source row's slot is its number modulo the rows of
/// the block.
template <class V>
struct PairWindow {
    V below[kRows], above[kRows];
};

/// Step s of the block, taps ∓(anchor − s); kPhase is s modulo kRows.
template <bool kContrast, int kPhase, class D, class Sum, class V>
HWY_INLINE void addPairs(D d, const Sum* HWY_RESTRICT weights, int anchor, int s, const Sum* const* rows,
                         ptrdiff_t e, const V (&twice)[kRows], PairWindow<V>& window, V (&sum)[kRows]) {
    window.below[(kPhase + kRows - 1) % kRows] = hn::Load(d, rows[s + kRows - 1] + e);
    window.above[(kRows - kPhase) % kRows] = hn::Load(d, rows[2 * anchor - s] + e);
    const V weight = hn::Set(d, weights[s]);
    unrolled<kRows>([&](auto r) GKERN_BODY {
        const V pair =
            hn::Add(window.below[(kPhase + r) % kRows], window.above[(kRows - kPhase + r) % kRows]);
        sum[r] = hn::MulAdd(weight, kContrast ? hn::Sub(pair, twice[r]) : pair, sum[r]);
    });
}

/// The vertical pass of one vector of each row of a block, at element e of the rows, for symmetric taps.
template <bool kContrast, class D, class Sum>
HWY_INLINE void verticalPairs(D d, const DirectTaps<Sum>& taps, const Sum* const* rows, ptrdiff_t e,
                              Sum* strip, size_t stride) {
    using V = hn::Vec<D>;
    static_assert(kRows == 4, "the loop below counts phases");
    const Sum* HWY_RESTRICT w = taps.weights.data();
    const int anchor = taps.anchor;
    V sum[kRows], twice[kRows];
    PairWindow<V> window;
    unrolled<kRows>([&](auto r) GKERN_BODY {
        sum[r] = hn::Zero(d);
        twice[r] = hn::Load(d, rows[anchor + r] + e);
        twice[r] = hn::Add(twice[r], twice[r]);
        // All but what the first step loads itself.
        window.below[r] = r + 1 < kRows ? hn::Load(d, rows[r] + e) : sum[r];
        window.above[r] = r > 0 ? hn::Load(d, rows[2 * anchor + r] + e) : sum[r];
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
    // Half of twice the pixel at the anchor, exactly; with a weight of 1 where contrasts were summed.
    const V weight = hn::Set(d, kContrast ? Sum(0.5) : w[anchor] / 2);
    unrolled<kRows>([&](auto r) GKERN_BODY {
        hn::Store(hn::MulAdd(weight, twice[r], sum[r]), d, strip + r * stride + e);
    });
}

/// The same for any taps.
template <bool kContrast, class D, class Sum>
HWY_INLINE void verticalTaps(D d, const DirectTaps<Sum>& taps, const Sum* const* rows, ptrdiff_t e,
                             Sum* strip, size_t stride) {
    using V = hn::Vec<D>;
    const int size = static_cast<int>(taps.weights.size());
    V sum[kRows], centre[kRows];
    unrolled<kRows>([&](auto r) GKERN_BODY {
        sum[r] = hn::Zero(d);
        centre[r] = hn::Load(d, rows[r + taps.anchor] + e);
    });
    for (int i = 0; i < size + kRows - 1; ++i) {
        const V x = hn::Load(d, rows[i] + e);
        unrolled<kRows>([&](auto r) GKERN_BODY {  // source row i is tap i − r of output row r
            if (i < r || i - r >= size) return;
            const V weight = hn::Set(d, taps.weights[i - r]);
            sum[r] = hn::MulAdd(weight, kContrast ? hn::Sub(x, centre[r]) : x, sum[r]);
        });
    }
    unrolled<kRows>([&](auto r) GKERN_BODY {
        hn::Store(kContrast ? hn::Add(centre[r], sum[r]) : sum[r], d, strip + r * stride + e);
    });
}

/// The vertical pass of `count` elements, up to the next whole vector.
template <bool kContrast, class Sum>
HWY_NOINLINE void verticalBlock(const DirectTaps<Sum>& taps, const Sum* const* rows, ptrdiff_t count,
                                Sum* strip, size_t stride) {
    const hn::ScalableTag<Sum> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    if (taps.symmetric)
        for (ptrdiff_t e = 0; e < count; e += N) verticalPairs<kContrast>(d, taps, rows, e, strip, stride);
    else
        for (ptrdiff_t e = 0; e < count; e += N) verticalTaps<kContrast>(d, taps, rows, e, strip, stride);
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

/// Source pixels as sums, the pixels of the border included.
template <class T, class Sum>
void fill(const DirectRow<Sum>& row) {
    const hn::ScalableTag<Sum> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d)), channels = row.channels;
    const T* source = reinterpret_cast<const T*>(row.source);
    const auto fetch = [&](ptrdiff_t from,
                           ptrdiff_t to) {  // columns outside of the picture, by the border's rule
        for (ptrdiff_t x = from; x < to; ++x) {
            const int column = source == nullptr ? -1 : row.columns[x];
            const T* pixel = column < 0 ? reinterpret_cast<const T*>(row.border) : source + column * channels;
            for (ptrdiff_t c = 0; c < channels; ++c)
                row.out[x * channels + c] = hn::GetLane(loadPixels(hn::CappedTag<Sum, 1>(), pixel + c));
        }
    };
    if (source == nullptr) return fetch(0, row.count);
    fetch(0, row.inside);
    const T* in = source + row.columns[row.inside] * channels;
    Sum* out = row.out + row.inside * channels;
    const ptrdiff_t elements = (row.insideEnd - row.inside) * channels;
    ptrdiff_t e = 0;
    for (; e + N <= elements; e += N) hn::StoreU(loadPixels(d, in + e), d, out + e);
    if (e < elements) {
        HWY_ALIGN T last[HWY_MAX_BYTES / sizeof(T)] = {};
        std::memcpy(last, in + e, static_cast<size_t>(elements - e) * sizeof(T));
        hn::StoreU(loadPixels(d, last), d, out + e);  // runs over into the right border, which comes next
    }
    fetch(row.insideEnd, row.count);
}

template <bool kContrast, class T, class Sum>
void blurRows(const DirectBlock<Sum>& block) {
    verticalBlock<kContrast>(
        *block.y, block.rows,
        block.width + (static_cast<ptrdiff_t>(block.x->weights.size()) - 1) * block.channels, block.strip,
        block.stride);
    for (int r = 0; r < block.height; ++r)
        horizontalRow<kContrast>(*block.x, block.strip + r * block.stride + block.x->anchor * block.channels,
                                 block.channels, block.width, reinterpret_cast<T*>(block.dst[r]));
}

/// Calls f with a value of the pixel type of `depth`; float sums serve no CV_32S and CV_64F.
template <class Sum, class F>
HWY_INLINE void withPixelType(int depth, F f) {
    if constexpr (std::is_same_v<Sum, double>) {
        if (depth == CV_32S) return f(int32_t());
        if (depth == CV_64F) return f(double());
    }
    switch (depth) {
        case CV_8U:
            return f(uint8_t());
        case CV_8S:
            return f(int8_t());
        case CV_16U:
            return f(uint16_t());
        case CV_16S:
            return f(int16_t());
        case CV_16F:
            return f(hwy::float16_t());
        default:
            return f(float());
    }
}

template <class Sum>
void fillAny(int depth, const DirectRow<Sum>& row) {
    withPixelType<Sum>(depth, [&](auto pixel) { fill<decltype(pixel)>(row); });
}

template <class Sum>
void blurAny(int depth, const DirectBlock<Sum>& block) {
    withPixelType<Sum>(depth, [&](auto pixel) {
        using T = decltype(pixel);
        constexpr bool kRounded =
            std::is_integral_v<T> || (std::is_same_v<Sum, double> && !std::is_same_v<T, double>);
        blurRows<!kRounded, T>(block);
    });
}

void fillFloat(int depth, const DirectRow<float>& row) {
    fillAny(depth, row);
}
void fillDouble(int depth, const DirectRow<double>& row) {
    fillAny(depth, row);
}
void blurFloat(int depth, const DirectBlock<float>& block) {
    blurAny(depth, block);
}
void blurDouble(int depth, const DirectBlock<double>& block) {
    blurAny(depth, block);
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(fillFloat);
HWY_EXPORT(fillDouble);
HWY_EXPORT(blurFloat);
HWY_EXPORT(blurDouble);

void directFill(int depth, const DirectRow<float>& row) {
    HWY_DYNAMIC_DISPATCH(fillFloat)(depth, row);
}
void directFill(int depth, const DirectRow<double>& row) {
    HWY_DYNAMIC_DISPATCH(fillDouble)(depth, row);
}
void directBlur(int depth, const DirectBlock<float>& block) {
    HWY_DYNAMIC_DISPATCH(blurFloat)(depth, block);
}
void directBlur(int depth, const DirectBlock<double>& block) {
    HWY_DYNAMIC_DISPATCH(blurDouble)(depth, block);
}

bool directSupported() {
    // Asked once: in a virtual machine the processor's answer takes tens of microseconds.
    static const bool supported = (hwy::SupportedTargets() & (HWY_AVX2 | HWY_AVX3 | HWY_NEON)) != 0;
    return supported;
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
