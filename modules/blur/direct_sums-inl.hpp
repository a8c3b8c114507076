// SPDX-License-Identifier: Apache-2.0
// The sums of the direct engine: four neighbouring results of one axis, each in a vector. Included once per
// SIMD target.
//
// Every result sees the same operations in the same order wherever it stands in a vector, tile or band, and
// every target here has fused multiply-add: results are bit-identical over targets, threads, tiles and ROIs.
//
// Float pictures are summed as c + Σ w_i·(x_i − c) with c the pixel at the anchor. The weights then need not
// sum to 1 to the last bit for a flat region to stay flat to the last bit, and rounding scales with the
// contrast, not the level. Integer results are rounded to levels, which does that for them; they take the
// plain sum.
//
// Symmetric kernels are summed in pairs from the outside in. That halves the products, and small terms come
// first. After every kChunkPairs pairs the sum goes into a total and begins anew: most roundings are then
// those of small sums. Plan::directRoundingBound() counts them.

#if defined(GKERN_BLUR_DIRECT_SUMS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_DIRECT_SUMS_INL
#undef GKERN_BLUR_DIRECT_SUMS_INL
#else
#define GKERN_BLUR_DIRECT_SUMS_INL
#endif

#include <hwy/highway.h>

#include "blur/direct.hpp"
#include "simd/unroll-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// DirectTaps in registers: a loop that stores bytes would read them again after every store.
template <class Sum>
struct Taps {
    explicit Taps(const DirectTaps<Sum>& taps)
        : weights(taps.weights.data()),
          size(static_cast<ptrdiff_t>(taps.weights.size())),
          anchor(taps.anchor) {}

    const Sum* HWY_RESTRICT weights;
    ptrdiff_t size, anchor;
};

/// Results that are summed together: output rows of a block, or columns of a row.
constexpr int kLines = kBlockRows;

/// The lines that one step of pairSums() adds up. Tap −i of result r is line r + anchor − i, which was tap
/// −(i + 1) of result r + 1 in the step before, and likewise above: a step loads two vectors and the others
/// stay in registers. A line's slot is its number modulo the results.
template <class V>
struct PairWindow {
    V below[kLines], above[kLines];
};

/// Step s, taps ∓(anchor − s); kPhase is s modulo kLines.
template <bool kContrast, int kPhase, class D, class Sum, class At, class V>
HWY_INLINE void addPairs(D d, const Sum* HWY_RESTRICT weights, ptrdiff_t anchor, ptrdiff_t s, const At& at,
                         const V (&twice)[kLines], PairWindow<V>& window, V (&sum)[kLines]) {
    window.below[(kPhase + kLines - 1) % kLines] = hn::Load(d, at(s + kLines - 1));
    window.above[(kLines - kPhase) % kLines] = hn::Load(d, at(2 * anchor - s));
    const V weight = hn::Set(d, weights[s]);
    unrolled<kLines>([&](auto r) GKERN_BODY {
        const V pair =
            hn::Add(window.below[(kPhase + r) % kLines], window.above[(kLines - kPhase + r) % kLines]);
        if constexpr (!kContrast) {
            sum[r] = hn::MulAdd(weight, pair, sum[r]);
        } else {
            // Either way pair − twice, rounded once. Processors with units of their own for additions have
            // one addition less to do than there would be multiply-adds.
            const V contrast =
                r % 2 == 0 ? hn::Sub(pair, twice[r]) : hn::NegMulAdd(hn::Set(d, Sum(1)), twice[r], pair);
            sum[r] = hn::MulAdd(weight, contrast, sum[r]);
        }
    });
}

/// The sums of results 0 … kLines − 1 for symmetric taps; at(i) is where the vector of line i lies, aligned,
/// line 0 being the first tap of result 0.
template <bool kContrast, class D, class Sum, class At, class V>
HWY_INLINE void pairSums(D d, const Taps<Sum>& taps, const At& at, V (&out)[kLines]) {
    static_assert(kLines == 4 && kChunkPairs % 4 == 0, "the loop below counts phases");
    const Sum* HWY_RESTRICT w = taps.weights;
    const ptrdiff_t anchor = taps.anchor;
    V sum[kLines], twice[kLines], total[kLines];
    PairWindow<V> window;
    unrolled<kLines>([&](auto r) GKERN_BODY {
        sum[r] = total[r] = hn::Zero(d);
        twice[r] = hn::Load(d, at(anchor + r));
        twice[r] = hn::Add(twice[r], twice[r]);
        // All but what the first step loads itself.
        window.below[r] = r + 1 < kLines ? hn::Load(d, at(r)) : sum[r];
        window.above[r] = r > 0 ? hn::Load(d, at(2 * anchor + r)) : sum[r];
    });
    ptrdiff_t s = 0;
    for (; s + 4 <= anchor; s += 4) {
        addPairs<kContrast, 0>(d, w, anchor, s, at, twice, window, sum);
        addPairs<kContrast, 1>(d, w, anchor, s + 1, at, twice, window, sum);
        addPairs<kContrast, 2>(d, w, anchor, s + 2, at, twice, window, sum);
        addPairs<kContrast, 3>(d, w, anchor, s + 3, at, twice, window, sum);
        if ((s + 4) % kChunkPairs == 0) {
            unrolled<kLines>([&](auto r) GKERN_BODY {
                total[r] = hn::Add(total[r], sum[r]);
                sum[r] = hn::Zero(d);
            });
        }
    }
    if (s < anchor) addPairs<kContrast, 0>(d, w, anchor, s, at, twice, window, sum);
    if (s + 1 < anchor) addPairs<kContrast, 1>(d, w, anchor, s + 1, at, twice, window, sum);
    if (s + 2 < anchor) addPairs<kContrast, 2>(d, w, anchor, s + 2, at, twice, window, sum);
    if (anchor >= kChunkPairs)
        unrolled<kLines>([&](auto r) GKERN_BODY { sum[r] = hn::Add(total[r], sum[r]); });
    // Half of twice the pixel at the anchor, exactly; with a weight of 1 where contrasts were summed.
    const V weight = hn::Set(d, kContrast ? Sum(0.5) : w[anchor] / 2);
    unrolled<kLines>([&](auto r) GKERN_BODY { out[r] = hn::MulAdd(weight, twice[r], sum[r]); });
}

/// The same for any taps.
template <bool kContrast, class D, class Sum, class At, class V>
HWY_INLINE void tapSums(D d, const Taps<Sum>& taps, const At& at, V (&out)[kLines]) {
    const ptrdiff_t size = taps.size;
    V sum[kLines], centre[kLines];
    unrolled<kLines>([&](auto r) GKERN_BODY {
        sum[r] = hn::Zero(d);
        centre[r] = hn::Load(d, at(r + taps.anchor));
    });
    for (ptrdiff_t i = 0; i < size + kLines - 1; ++i) {
        const V x = hn::Load(d, at(i));
        unrolled<kLines>([&](auto r) GKERN_BODY {  // line i is tap i − r of result r
            if (i < r || i - r >= size) return;
            const V weight = hn::Set(d, taps.weights[i - r]);
            sum[r] = hn::MulAdd(weight, kContrast ? hn::Sub(x, centre[r]) : x, sum[r]);
        });
    }
    unrolled<kLines>([&](auto r) GKERN_BODY { out[r] = kContrast ? hn::Add(centre[r], sum[r]) : sum[r]; });
}

/// pairSums() for kAnchor pairs: all lines stay in registers.
template <bool kContrast, int kAnchor, class D, class Sum, class At, class V>
HWY_INLINE void fewPairSums(D d, const Taps<Sum>& taps, const At& at, V (&out)[kLines]) {
    constexpr int kCount = 2 * kAnchor + kLines;
    V line[kCount];
    unrolled<kCount>([&](auto i) GKERN_BODY { line[i] = hn::Load(d, at(i)); });
    const V centreWeight = hn::Set(d, kContrast ? Sum(1) : taps.weights[kAnchor]);
    unrolled<kLines>([&](auto r) GKERN_BODY { out[r] = hn::Zero(d); });
    unrolled<kAnchor>([&](auto s) GKERN_BODY {
        const V weight = hn::Set(d, taps.weights[s]);
        unrolled<kLines>([&](auto r) GKERN_BODY {
            const V pair = hn::Add(line[r + s], line[r + 2 * kAnchor - s]), centre = line[r + kAnchor];
            out[r] = hn::MulAdd(weight, kContrast ? hn::Sub(pair, hn::Add(centre, centre)) : pair, out[r]);
        });
    });
    unrolled<kLines>([&](auto r)
                         GKERN_BODY { out[r] = hn::MulAdd(centreWeight, line[r + kAnchor], out[r]); });
}

/// fewPairSums() for results that share no lines: line i of result r is at(r, i).
template <bool kContrast, int kAnchor, class D, class Sum, class At, class V>
HWY_INLINE void separateSums(D d, const Taps<Sum>& taps, const At& at, V (&out)[kLines]) {
    const V centreWeight = hn::Set(d, kContrast ? Sum(1) : taps.weights[kAnchor]);
    unrolled<kLines>([&](auto r) GKERN_BODY {
        const V centre = hn::Load(d, at(r, kAnchor));
        out[r] = hn::Zero(d);
        unrolled<kAnchor>([&](auto s) GKERN_BODY {
            const V pair = hn::Add(hn::Load(d, at(r, s)), hn::Load(d, at(r, 2 * kAnchor - s)));
            out[r] = hn::MulAdd(hn::Set(d, taps.weights[s]),
                                kContrast ? hn::Sub(pair, hn::Add(centre, centre)) : pair, out[r]);
        });
        out[r] = hn::MulAdd(centreWeight, centre, out[r]);
    });
}

/// Kernels that have code of their own: kAnyTaps, kAnyPairs, or a symmetric one of that many pairs.
constexpr int kAnyTaps = -2, kAnyPairs = -1;

/// The sums of results 0 … kLines − 1.
template <bool kContrast, int kKernel, class D, class Sum, class At, class V>
HWY_INLINE void sumsOf(D d, const Taps<Sum>& taps, const At& at, V (&out)[kLines]) {
    if constexpr (kKernel == kAnyTaps)
        tapSums<kContrast>(d, taps, at, out);
    else if constexpr (kKernel == kAnyPairs)
        pairSums<kContrast>(d, taps, at, out);
    else
        fewPairSums<kContrast, kKernel>(d, taps, at, out);
}

/// Calls f with the number of pairs as a constant, if there are few.
template <class F>
HWY_INLINE bool withFewPairs(ptrdiff_t pairs, F f) {
    static_assert(kFewPairs == 4, "cases below");
    if (pairs == 1) f(std::integral_constant<int, 1>());
    if (pairs == 2) f(std::integral_constant<int, 2>());
    if (pairs == 3) f(std::integral_constant<int, 3>());
    if (pairs == 4) f(std::integral_constant<int, 4>());
    return pairs >= 1 && pairs <= kFewPairs;
}

/// Calls f with the kind of kernel as a constant. Sums in double of few pairs are plain
/// (direct_plain-inl.hpp) or rare.
template <class Sum, class F>
HWY_INLINE void withKernel(const DirectTaps<Sum>& taps, F f) {
    if (!taps.symmetric) return f(std::integral_constant<int, kAnyTaps>());
    if constexpr (std::is_same_v<Sum, float>)
        if (withFewPairs(taps.anchor, f)) return;
    f(std::integral_constant<int, kAnyPairs>());
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_DIRECT_SUMS_INL
