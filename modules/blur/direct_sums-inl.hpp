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
//
// Pairs of contrasts x_{−i} + x_i − 2c take two additions each. Summed by parts they are steps from line to
// line, Σ W_i·((x_i − x_{i−1}) − (x_{1−i} − x_{−i})) with W_i = Σ_{j≥i} w_j: one addition each, and one a
// line, whose step serves all results. Rounding grows with σ, so that it is for small ones
// (suitsSteps()).

#if defined(GKERN_BLUR_DIRECT_SUMS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_DIRECT_SUMS_INL
#undef GKERN_BLUR_DIRECT_SUMS_INL
#else
#define GKERN_BLUR_DIRECT_SUMS_INL
#endif

#include <hwy/highway.h>

#include "blur/direct.hpp"
#include "simd/pairs-inl.hpp"
#include "simd/unroll-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// DirectTaps in registers: a loop that stores bytes would read them again after every store.
template <class Sum>
struct Taps {
    explicit Taps(const DirectTaps<Sum>& taps)
        : weights(taps.weights.data()),
          steps(taps.steps.data()),
          start(taps.start),
          size(static_cast<ptrdiff_t>(taps.weights.size())),
          anchor(taps.anchor) {}

    const Sum* HWY_RESTRICT weights;
    const Sum* HWY_RESTRICT steps;
    Sum start;
    ptrdiff_t size, anchor;
};

/// Results that are summed together: output rows of a block, or columns of a row.
constexpr int kLines = kBlockRows;

/// a + b and a − b by the unit that multiplies and adds. Processors with units of their own for additions are
/// done sooner where both have as much to do.
template <class D, class V>
HWY_INLINE V fusedAdd(D d, V a, V b) {
    return hn::MulAdd(hn::Set(d, hn::TFromD<D>(1)), a, b);
}
template <class D, class V>
HWY_INLINE V fusedSub(D d, V a, V b) {
    return hn::NegMulAdd(hn::Set(d, hn::TFromD<D>(1)), b, a);
}

/// How pairs are summed: pixels, contrasts to the pixel at the anchor, or steps from line to line.
enum class Pairs { kPixels, kContrasts, kSteps };

/// The sums of results 0 … kCount − 1 for symmetric taps; at(i) is where the vector of line i lies, aligned,
/// line 0 being the first tap of result 0.
/// @tparam kAnchor pairs; 0: any.
template <Pairs kPairs, int kAnchor, int kCount, class D, class Sum, class At, class V>
HWY_INLINE void pairSums(D d, const Taps<Sum>& taps, const At& at, V (&out)[kCount]) {
    static_assert(kChunkPairs % kCount == 0, "the loop below counts phases");
    constexpr bool kSteps = kPairs == Pairs::kSteps, kContrasts = kPairs == Pairs::kContrasts;
    const Sum* HWY_RESTRICT weights = kSteps ? taps.steps : taps.weights;
    const ptrdiff_t anchor = kAnchor > 0 ? kAnchor : taps.anchor;
    V sum[kCount], total[kCount], twice[kCount];
    unrolled<kCount>([&](auto r) GKERN_BODY {
        sum[r] = kPairs == Pairs::kPixels ? hn::Set(d, taps.start) : hn::Zero(d);
        total[r] = hn::Zero(d);
        if constexpr (kContrasts) {
            twice[r] = hn::Load(d, at(anchor + r));
            twice[r] = hn::Add(twice[r], twice[r]);
        }
    });
    const auto line = [&](ptrdiff_t i) GKERN_BODY { return kept(hn::Load(d, at(i))); };
    PairWindow<kCount, V> window;
    V lastBelow = hn::Zero(d), firstAbove = hn::Zero(d);  // lines, where steps are wanted
    if constexpr (kSteps) {
        lastBelow = line(kCount - 1);
        firstAbove = line(2 * anchor);
        window.fill([&](ptrdiff_t r) GKERN_BODY { return hn::Sub(line(r + 1), line(r)); },
                    [&](ptrdiff_t r)
                        GKERN_BODY { return fusedSub(d, line(2 * anchor + r), line(2 * anchor + r - 1)); });
    } else {
        window.fill(line, [&](ptrdiff_t r) GKERN_BODY { return line(2 * anchor + r); });
    }
    // Taps ∓(anchor − s); phase is s modulo kCount.
    const auto add = [&](ptrdiff_t s, auto phase) GKERN_BODY {
        V below, above;
        if constexpr (kSteps) {
            const V nextBelow = line(s + kCount), nextAbove = line(2 * anchor - s - 1);
            below = hn::Sub(nextBelow, lastBelow);
            above = fusedSub(d, firstAbove, nextAbove);
            lastBelow = nextBelow;
            firstAbove = nextAbove;
        } else {
            below = line(s + kCount - 1);
            above = line(2 * anchor - s);
        }
        const V weight = hn::Set(d, weights[s]);
        window.template step<phase % kCount>(below, above, [&](auto r, V low, V high) GKERN_BODY {
            if constexpr (kSteps)
                sum[r] = hn::MulAdd(weight, hn::Sub(high, low), sum[r]);
            else if constexpr (kContrasts)
                sum[r] = hn::MulAdd(weight,
                                    r % 2 == 0 ? hn::Sub(hn::Add(low, high), twice[r])
                                               : fusedSub(d, hn::Add(low, high), twice[r]),
                                    sum[r]);
            else
                sum[r] = hn::MulAdd(weight, hn::Add(low, high), sum[r]);
        });
    };
    ptrdiff_t s = 0;
    for (; s + kCount <= anchor; s += kCount) {
        unrolled<kCount>([&](auto phase) GKERN_BODY { add(s + phase, phase); });
        if ((s + kCount) % kChunkPairs == 0) {
            unrolled<kCount>([&](auto r) GKERN_BODY {
                total[r] = fusedAdd(d, total[r], sum[r]);
                sum[r] = hn::Zero(d);
            });
        }
    }
    unrolled<kCount - 1>([&](auto phase) GKERN_BODY {
        if (s + phase < anchor) add(s + phase, phase);
    });
    if (anchor >= kChunkPairs)
        unrolled<kCount>([&](auto r) GKERN_BODY { sum[r] = fusedAdd(d, total[r], sum[r]); });
    unrolled<kCount>([&](auto r) GKERN_BODY {
        const V centre = line(anchor + r);
        out[r] = kPairs == Pairs::kPixels ? hn::MulAdd(hn::Set(d, weights[anchor]), centre, sum[r])
                                          : fusedAdd(d, centre, sum[r]);
    });
}

/// The same for any taps.
template <bool kContrast, class D, class Sum, class At, class V>
HWY_INLINE void tapSums(D d, const Taps<Sum>& taps, const At& at, V (&out)[kLines]) {
    const ptrdiff_t size = taps.size;
    V sum[kLines], centre[kLines];
    unrolled<kLines>([&](auto r) GKERN_BODY {
        sum[r] = hn::Set(d, taps.start);
        centre[r] = hn::Load(d, at(r + taps.anchor));
    });
    for (ptrdiff_t i = 0; i < size + kLines - 1; ++i) {
        const V x = kept(hn::Load(d, at(i)));
        unrolled<kLines>([&](auto r) GKERN_BODY {  // line i is tap i − r of result r
            if (i < r || i - r >= size) return;
            const V weight = hn::Set(d, taps.weights[i - r]);
            sum[r] = hn::MulAdd(weight, kContrast ? hn::Sub(x, centre[r]) : x, sum[r]);
        });
    }
    unrolled<kLines>([&](auto r) GKERN_BODY { out[r] = kContrast ? hn::Add(centre[r], sum[r]) : sum[r]; });
}

/// pairSums() for kAnchor pairs, contrasts as steps: all lines stay in registers.
template <bool kContrast, int kAnchor, class D, class Sum, class At, class V>
HWY_INLINE void fewPairSums(D d, const Taps<Sum>& taps, const At& at, V (&out)[kLines]) {
    constexpr int kCount = 2 * kAnchor + kLines;
    V line[kCount];
    unrolled<kCount>([&](auto i) GKERN_BODY { line[i] = kept(hn::Load(d, at(i))); });
    V value[kCount];
    value[0] = line[0];
    unrolled<kCount - 1>([&](auto i) GKERN_BODY {
        value[i + 1] = !kContrast   ? line[i + 1]
                       : i % 2 == 0 ? hn::Sub(line[i + 1], line[i])
                                    : fusedSub(d, line[i + 1], line[i]);
    });
    const V start = kContrast ? hn::Zero(d) : hn::Set(d, taps.start);
    unrolled<kLines>([&](auto r) GKERN_BODY { out[r] = start; });
    unrolled<kAnchor>([&](auto s) GKERN_BODY {
        const V weight = hn::Set(d, kContrast ? taps.steps[s] : taps.weights[s]);
        unrolled<kLines>([&](auto r) GKERN_BODY {
            const V high = value[r + 2 * kAnchor - s];
            out[r] = hn::MulAdd(
                weight, kContrast ? hn::Sub(high, value[r + s + 1]) : hn::Add(value[r + s], high), out[r]);
        });
    });
    unrolled<kLines>([&](auto r) GKERN_BODY {
        const V centre = line[r + kAnchor];
        out[r] = kContrast ? fusedAdd(d, centre, out[r])
                           : hn::MulAdd(hn::Set(d, taps.weights[kAnchor]), centre, out[r]);
    });
}

/// fewPairSums() for results that share no lines: line i of result r is at(r, i).
template <bool kContrast, int kAnchor, class D, class Sum, class At, class V>
HWY_INLINE void separateSums(D d, const Taps<Sum>& taps, const At& at, V (&out)[kLines]) {
    const V centreWeight = hn::Set(d, kContrast ? Sum(1) : taps.weights[kAnchor]);
    unrolled<kLines>([&](auto r) GKERN_BODY {
        const V centre = hn::Load(d, at(r, kAnchor));
        out[r] = hn::Set(d, taps.start);
        unrolled<kAnchor>([&](auto s) GKERN_BODY {
            const V pair = hn::Add(hn::Load(d, at(r, s)), hn::Load(d, at(r, 2 * kAnchor - s)));
            out[r] = hn::MulAdd(hn::Set(d, taps.weights[s]),
                                kContrast ? hn::Sub(pair, hn::Add(centre, centre)) : pair, out[r]);
        });
        out[r] = hn::MulAdd(centreWeight, centre, out[r]);
    });
}

/// Kernels that have code of their own: kAnyTaps, kAnyPairs, kAnySteps, or a symmetric one of that many
/// pairs.
constexpr int kAnyTaps = -3, kAnyPairs = -2, kAnySteps = -1;

/// The sums of results 0 … kCount − 1; more than kLines only of pairs.
template <bool kContrast, int kKernel, int kCount, class D, class Sum, class At, class V>
HWY_INLINE void sumsOf(D d, const Taps<Sum>& taps, const At& at, V (&out)[kCount]) {
    if constexpr (kKernel == kAnyTaps)
        tapSums<kContrast>(d, taps, at, out);
    else if constexpr (kKernel == kAnySteps)
        pairSums<Pairs::kSteps, 0>(d, taps, at, out);
    else if constexpr (kKernel == kAnyPairs)
        pairSums<kContrast ? Pairs::kContrasts : Pairs::kPixels, 0>(d, taps, at, out);
    else if constexpr (kKernel > (kContrast ? kPlainPairs<Sum> : kFewPairs))
        pairSums<kContrast ? Pairs::kSteps : Pairs::kPixels, kKernel>(d, taps, at, out);
    else
        fewPairSums<kContrast, kKernel>(d, taps, at, out);
}

/// Calls f with the number of pairs as a constant, if there are no more than kMost.
template <int kMost, class F>
HWY_INLINE bool withFewPairs(ptrdiff_t pairs, F f) {
    unrolled<kMost>([&](auto i) GKERN_BODY {
        if (pairs == i + 1) f(std::integral_constant<int, i + 1>());
    });
    return pairs >= 1 && pairs <= kMost;
}

/// Calls f with the kind of kernel as a constant; those of up to kMost pairs have code of their own.
template <bool kContrast, int kMost, class Sum, class F>
HWY_INLINE void withKernel(const DirectTaps<Sum>& taps, F f) {
    if (!taps.symmetric) return f(std::integral_constant<int, kAnyTaps>());
    const bool steps = !taps.steps.empty();
    if ((!kContrast || steps) && withFewPairs<kMost>(taps.anchor, f)) return;
    if constexpr (kContrast)
        if (steps) return f(std::integral_constant<int, kAnySteps>());
    f(std::integral_constant<int, kAnyPairs>());
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_DIRECT_SUMS_INL
