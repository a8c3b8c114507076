// SPDX-License-Identifier: Apache-2.0
// The horizontal pass of the direct engine for few taps of 32F and 64F: rows as they stand in the picture.
// Loads across cache lines, or lanes of two vectors where an instruction brings them together, then cost
// less than bringing columns together. Included once per SIMD target.

#if defined(GKERN_BLUR_DIRECT_PLAIN_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_DIRECT_PLAIN_INL
#undef GKERN_BLUR_DIRECT_PLAIN_INL
#else
#define GKERN_BLUR_DIRECT_PLAIN_INL
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "blur/direct_sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Whether an instruction brings together lanes of two neighbouring vectors, and that: the lanes from kLane
/// of the first one on. Highway 1.0.3 has words for those of blocks alone.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
constexpr bool kJoinsLanes = true;

template <int kLane, class V>
HWY_INLINE V joined(V first, V second) {
    using T = hn::TFromV<V>;
    if constexpr (kLane == 0)
        return first;
    else if constexpr (sizeof(T) == 4)
        return V{_mm512_castsi512_ps(
            _mm512_alignr_epi32(_mm512_castps_si512(second.raw), _mm512_castps_si512(first.raw), kLane))};
    else
        return V{_mm512_castsi512_pd(
            _mm512_alignr_epi64(_mm512_castpd_si512(second.raw), _mm512_castpd_si512(first.raw), kLane))};
}
#else
constexpr bool kJoinsLanes = false;

template <int kLane, class V>
HWY_INLINE V joined(V, V);
#endif

/// Pairs up to which rows go this way. Contrasts up to kPlainPairs, as no step is shared there.
template <class Sum>
constexpr int kMostPlainPairs = kJoinsLanes ? 12 : kPlainPairs<Sum>;

/// Sums over x by contrasts; at(k): the pixels k taps after `centre`.
template <int kAnchor, class D, class Sum, class V, class At>
HWY_INLINE V sumOfContrasts(D d, const Taps<Sum>& taps, V centre, const At& at) {
    const V twice = hn::Add(centre, centre);
    V sum = hn::Zero(d);
    unrolled<kAnchor>([&](auto s) GKERN_BODY {
        const V low = at(std::integral_constant<int, s - kAnchor>()),
                high = at(std::integral_constant<int, kAnchor - s>());
        sum = hn::MulAdd(hn::Set(d, taps.weights[s]), hn::Sub(hn::Add(low, high), twice), sum);
    });
    return hn::Add(centre, sum);
}

/// The same by steps, with the operations of pairSums(); stepAt(k): what the pixels k + 1 taps after `centre`
/// are more than those before them.
template <int kAnchor, class D, class Sum, class V, class StepAt>
HWY_INLINE V sumOfSteps(D d, const Taps<Sum>& taps, V centre, const StepAt& stepAt) {
    V sum = hn::Zero(d), total = hn::Zero(d);
    unrolled<kAnchor>([&](auto s) GKERN_BODY {
        const V low = stepAt(std::integral_constant<int, s - kAnchor>()),
                high = stepAt(std::integral_constant<int, kAnchor - 1 - s>());
        sum = hn::MulAdd(hn::Set(d, taps.steps[s]), hn::Sub(high, low), sum);
        if constexpr ((s + 1) % kChunkPairs == 0) {
            total = hn::Add(total, sum);
            sum = hn::Zero(d);
        }
    });
    if constexpr (kAnchor >= kChunkPairs) sum = hn::Add(total, sum);
    return hn::Add(centre, sum);
}

/// Sums over x of one row from the elements at `from`, whole vectors of them. Asks for as many at `next`, of
/// a row that is needed later, if kFetch.
template <bool kFetch, int kAnchor, class Sum>
HWY_INLINE void loadedSums(const Taps<Sum>& taps, ptrdiff_t channels, const Sum* from, ptrdiff_t count,
                           [[maybe_unused]] const Sum* next, Sum* HWY_RESTRICT out) {
    const hn::ScalableTag<Sum> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    for (ptrdiff_t e = 0; e < count; e += N) {
        const Sum* centre = from + e + kAnchor * channels;
        if constexpr (kFetch) hwy::Prefetch(next + e);
        const auto at = [&](auto k) GKERN_BODY { return hn::LoadU(d, centre + k * channels); };
        const auto stepAt = [&](auto k) GKERN_BODY {
            return hn::Sub(at(std::integral_constant<int, k + 1>()), at(k));
        };
        if constexpr (kAnchor <= kPlainPairs<Sum>)
            hn::Store(sumOfContrasts<kAnchor>(d, taps, hn::LoadU(d, centre), at), d, out + e);
        else
            hn::Store(sumOfSteps<kAnchor>(d, taps, hn::LoadU(d, centre), stepAt), d, out + e);
    }
}

/// Lanes, from one of vector 0 on or before it, of vectors in a row, of which `first` is number −kBefore.
template <int kBefore, int kFrom, class V>
HWY_INLINE V window(const V* first) {
    constexpr int kLanes = static_cast<int>(kVectorBytes / sizeof(hn::TFromV<V>));
    constexpr int kLane = kFrom + kBefore * kLanes, kVector = kLane / kLanes;
    if constexpr (kLane % kLanes == 0)
        return first[kVector];
    else
        return joined<kLane % kLanes>(first[kVector], first[kVector + 1]);
}

/// Vectors on either side of one whose lanes its sums take.
template <class Sum, int kAnchor, int kChannels>
constexpr int kSides = (kAnchor * kChannels + static_cast<int>(kVectorBytes / sizeof(Sum)) - 1) /
                           static_cast<int>(kVectorBytes / sizeof(Sum)) +
                       (kAnchor > kPlainPairs<Sum> ? 1 : 0);

/// loadedSums() where memory may be read as far as kSides before the first vector and behind the last: each
/// line of it is loaded once.
template <int kAnchor, int kChannels, class Sum>
HWY_INLINE void joinedSums(const Taps<Sum>& taps, const Sum* from, ptrdiff_t count, const Sum* next,
                           Sum* HWY_RESTRICT out) {
    const hn::ScalableTag<Sum> d;
    using V = hn::Vec<decltype(d)>;
    constexpr int N = static_cast<int>(kVectorBytes / sizeof(Sum));
    constexpr int kSide = kSides<Sum, kAnchor, kChannels>;
    constexpr bool kSteps = kAnchor > kPlainPairs<Sum>;
    const Sum* centre = from + kAnchor * kChannels;
    V line[2 * kSide + 1], step[2 * kSide + 1];  // vectors −kSide … kSide; steps reach one less
    unrolled<2 * kSide>([&](auto i) GKERN_BODY { line[i + 1] = hn::LoadU(d, centre + (i - kSide) * N); });
    if constexpr (kSteps)
        unrolled<2 * kSide - 1>([&](auto i) GKERN_BODY {
            step[i + 1] = hn::Sub(joined<kChannels>(line[i + 1], line[i + 2]), line[i + 1]);
        });
    for (ptrdiff_t e = 0; e < count; e += N) {
        hwy::Prefetch(next + e);
        unrolled<2 * kSide>([&](auto i) GKERN_BODY { line[i] = line[i + 1]; });
        line[2 * kSide] = hn::LoadU(d, centre + e + kSide * N);
        if constexpr (kSteps) {
            unrolled<2 * kSide - 1>([&](auto i) GKERN_BODY { step[i] = step[i + 1]; });
            step[2 * kSide - 1] =
                hn::Sub(joined<kChannels>(line[2 * kSide - 1], line[2 * kSide]), line[2 * kSide - 1]);
            const auto stepAt = [&](auto k) GKERN_BODY { return window<kSide, k * kChannels>(step); };
            hn::Store(sumOfSteps<kAnchor>(d, taps, line[kSide], stepAt), d, out + e);
        } else {
            const auto at = [&](auto k) GKERN_BODY { return window<kSide, k * kChannels>(line); };
            hn::Store(sumOfContrasts<kAnchor>(d, taps, line[kSide], at), d, out + e);
        }
    }
}

/// @tparam kChannels 0: any, by loads.
template <int kAnchor, int kChannels, class Sum>
HWY_NOINLINE void plainRows(const DirectQuad<Sum>& quad) {
    const Taps<Sum> taps(*quad.x);
    // Vectors of sums that see nothing but the picture; the others come from the copy, which has room around.
    constexpr ptrdiff_t kUnit = kVectorBytes / sizeof(Sum);
    constexpr ptrdiff_t kEnd = kChannels == 0 ? 0 : kSides<Sum, kAnchor, kChannels> * kUnit;
    const ptrdiff_t length = quad.segments->length, reach = (taps.size - 1) * quad.channels;
    ptrdiff_t begin = 0, end = 0;
    if (quad.directEnd > 0) {
        begin = (quad.directBegin + kUnit - 1) / kUnit * kUnit + kEnd;
        end = std::max(begin, (quad.directEnd - reach) / kUnit * kUnit - kEnd);
    }
    for (int r = 0; r < kBlockRows; ++r) {
        const Sum* row = reinterpret_cast<const Sum*>(quad.rows[r]);
        const Sum* direct = reinterpret_cast<const Sum*>(quad.direct[r]) + (begin - quad.directBegin);
        const Sum* next = reinterpret_cast<const Sum*>(quad.next[r]);
        const auto sum = [&](const Sum* from, ptrdiff_t first, ptrdiff_t last) GKERN_BODY {
            const ptrdiff_t count = last - first;
            if constexpr (kChannels != 0)
                joinedSums<kAnchor, kChannels>(taps, from, count, next + first, quad.out[r] + first);
            else if (quad.large)  // otherwise loads are what this pass waits for
                loadedSums<true, kAnchor>(taps, quad.channels, from, count, next + first,
                                          quad.out[r] + first);
            else
                loadedSums<false, kAnchor>(taps, quad.channels, from, count, next, quad.out[r] + first);
        };
        if (begin > 0) sum(row, 0, begin);
        if (begin < end) sum(direct, begin, end);
        sum(row + end, end, length);
    }
}

template <int kAnchor, class Sum>
void plainHorizontal(const DirectQuad<Sum>& quad) {
    if constexpr (kJoinsLanes) {
        if (quad.channels == 1) return plainRows<kAnchor, 1>(quad);
        if (quad.channels == 3) return plainRows<kAnchor, 3>(quad);
    }
    plainRows<kAnchor, 0>(quad);
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_DIRECT_PLAIN_INL
