// SPDX-License-Identifier: Apache-2.0
// Sums of products in 16-bit integers, of the direct engine over 8-bit pixels. Included once per SIMD target.
#if defined(GKERN_BLUR_INTEGER_SUMS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_INTEGER_SUMS_INL
#undef GKERN_BLUR_INTEGER_SUMS_INL
#else
#define GKERN_BLUR_INTEGER_SUMS_INL
#endif

#include <hwy/highway.h>

#include "blur/direct_integer.hpp"
#include "simd/products-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_NATIVE_FMA  // directSupported()

using Bytes = hn::Rebind<uint8_t, Numbers>;
static_assert(hn::MaxLanes(Numbers()) <= kIntegerLanes, "room beyond the ends of rows");

/// Weights two by two: in registers where there are few (kCount), else in memory (0).
template <int kCount>
struct IntegerWeights {
    Number even[kCount], odd[kCount];

    HWY_INLINE explicit IntegerWeights(const IntegerPairs& pairs) {
        unrolled<kCount>([&](auto i) GKERN_BODY {
            even[i] = weightPair(pairs.even[i]);
            odd[i] = weightPair(pairs.odd[i]);
        });
    }
};

template <>
struct IntegerWeights<0> {
    const int32_t *even, *odd;
    int count, outer;

    HWY_INLINE explicit IntegerWeights(const IntegerPairs& pairs)
        : even(pairs.even.data()), odd(pairs.odd.data()), count(pairs.count()), outer(pairs.outer) {}
};

/// Few pairs of weights that belong to distances up to kReach, or 0.
template <int kReach>
constexpr int kPairsUpTo = kReach == 0 ? 0 : (kReach + 2) / 2;

/// Half of the unit of all other weights, in that of outer ones.
constexpr int32_t kHalfUnit = 1 << (IntegerPairs::kOuterBits - 1);

/// Begins with the sums of outer weights, where there are any: addOuter() adds their products.
template <int kCount, class AddOuter>
HWY_INLINE void beginWith(ProductSums<kCount>& sums, int outer, Sum start, const AddOuter& addOuter) {
    if (outer == 0) return sums.beginAll(start);
    sums.beginAll(hn::Set(Sums(), kHalfUnit));
    addOuter();
    unrolled<kCount>([&](auto i) GKERN_BODY {
        sums.begin(i, hn::Add(start, hn::ShiftRight<IntegerPairs::kOuterBits>(sums.total(i))));
    });
}

/// Each two numbers of a line in reverse order, the second one from the line before.
HWY_INLINE Number reversed(Number before, Number line) {
    return hn::OddEven(before, line);
}

/// Sums over y, of the rows of lines 0 and 1, of kCount vectors.
/// @param load vector v of line m, of −pairs … pairs + 1.
/// @param out four rows of each vector.
template <int kReach, int kCount, class Load>
HWY_INLINE void sumRows(const IntegerWeights<kPairsUpTo<kReach>>& weights, Sum start, const Load& load,
                        Sum (&out)[4 * kCount]) {
    ProductSums<4 * kCount> sums;
    if constexpr (kReach > 0) {
        constexpr int kPairs = kPairsUpTo<kReach>, kLines = 2 * kPairs + 2;
        sums.beginAll(start);
        unrolled<kCount>([&](auto v) GKERN_BODY {
            Number line[kLines], turned[kLines];
            unrolled<kLines>([&](auto m) GKERN_BODY {
                line[m] = kept(load(v, m - kPairs));
                if constexpr (m > 0) turned[m] = reversed(line[m - 1], line[m]);
            });
            unrolled<kPairs>([&](auto i) GKERN_BODY {
                constexpr int kBelow = 1 + i, kAbove = 2 * kPairs - 1 - i, kSum = 4 * v;
                sums.add(kSum, hn::Add(turned[kBelow], line[kAbove]), weights.even[i]);
                sums.add(kSum + 1, hn::Add(line[kBelow], turned[kAbove + 1]), weights.odd[i]);
                sums.add(kSum + 2, hn::Add(turned[kBelow + 1], line[kAbove + 1]), weights.even[i]);
                sums.add(kSum + 3, hn::Add(line[kBelow + 1], turned[kAbove + 2]), weights.odd[i]);
            });
        });
    } else {
        // The outermost lines that the step before has left, and what of them it has turned.
        const int pairs = weights.count;
        Number below[kCount], above[kCount], belowTurned[kCount], aboveTurned[kCount];
        unrolled<kCount>([&](auto v) GKERN_BODY {
            below[v] = kept(load(v, 1 - pairs));
            belowTurned[v] = reversed(load(v, -pairs), below[v]);
            above[v] = kept(load(v, pairs));
            aboveTurned[v] = reversed(above[v], load(v, pairs + 1));
        });
        const auto steps = [&](int begin, int end) GKERN_BODY {
            for (int i = begin; i < end; ++i) {
                const Number even = weightPair(weights.even[i]), odd = weightPair(weights.odd[i]);
                unrolled<kCount>([&](auto v) GKERN_BODY {
                    const Number nextBelow = kept(load(v, 2 + i - pairs)),
                                 nextAbove = kept(load(v, pairs - 1 - i));
                    const Number nextBelowTurned = reversed(below[v], nextBelow),
                                 nextAboveTurned = reversed(nextAbove, above[v]);
                    sums.add(4 * v, hn::Add(belowTurned[v], nextAbove), even);
                    sums.add(4 * v + 1, hn::Add(below[v], nextAboveTurned), odd);
                    sums.add(4 * v + 2, hn::Add(nextBelowTurned, above[v]), even);
                    sums.add(4 * v + 3, hn::Add(nextBelow, aboveTurned[v]), odd);
                    below[v] = nextBelow;
                    above[v] = nextAbove;
                    belowTurned[v] = nextBelowTurned;
                    aboveTurned[v] = nextAboveTurned;
                });
            }
        };
        beginWith(sums, weights.outer, start, [&]() GKERN_BODY { steps(0, weights.outer); });
        steps(weights.outer, pairs);
    }
    unrolled<4 * kCount>([&](auto i) GKERN_BODY { out[i] = sums.total(i); });
}

/// Sums over x of one channel, of kCount vectors: of the even and of the odd pixels of each.
/// @param load the pixels of vector v from tap i of the first one on.
template <int kReach, int kCount, class Load>
HWY_INLINE void sumNeighbours(const IntegerWeights<kReach == 0 ? 0 : kReach + 1>& weights, Sum start,
                              const Load& load, Sum (&out)[2 * kCount]) {
    ProductSums<2 * kCount> sums;
    const auto add = [&](int tap, Number even, Number odd) GKERN_BODY {
        unrolled<kCount>([&](auto v) GKERN_BODY {
            const Number pixels = kept(load(v, tap));
            sums.add(2 * v, pixels, even);
            sums.add(2 * v + 1, pixels, odd);
        });
    };
    if constexpr (kReach > 0) {
        sums.beginAll(start);
        unrolled<kReach + 1>([&](auto j) GKERN_BODY { add(2 * j, weights.even[j], weights.odd[j]); });
    } else {
        const auto steps = [&](int begin, int end) GKERN_BODY {
            for (int j = begin; j < end; ++j)
                add(2 * j, weightPair(weights.even[j]), weightPair(weights.odd[j]));
        };
        beginWith(sums, weights.outer, start, [&]() GKERN_BODY {
            steps(0, weights.outer);
            steps(weights.count - weights.outer, weights.count);
        });
        steps(weights.outer, weights.count - weights.outer);
    }
    unrolled<2 * kCount>([&](auto i) GKERN_BODY { out[i] = sums.total(i); });
}

/// Sums over x of elements of several channels, of kCount vectors: of the lower and the upper half of each.
/// @param load vector v of the elements that are m pixels further.
template <int kReach, int kCount, class Load>
HWY_INLINE void sumChannels(const IntegerWeights<kPairsUpTo<kReach>>& weights, Sum start, const Load& load,
                            Sum (&out)[2 * kCount]) {
    const Numbers d;
    ProductSums<2 * kCount> sums;
    const auto both = [&](auto v, int distance)
                          GKERN_BODY { return hn::Add(load(v, -distance), load(v, distance)); };
    const auto add = [&](auto v, Number near, Number far, Number pair) GKERN_BODY {
        sums.add(2 * v, hn::InterleaveLower(d, near, far), pair);
        sums.add(2 * v + 1, hn::InterleaveUpper(d, near, far), pair);
    };
    const auto addCentre = [&](Number weight) GKERN_BODY {
        unrolled<kCount>([&](auto v) GKERN_BODY { add(v, load(v, 0), both(v, 1), weight); });
    };
    if constexpr (kReach > 0) {
        constexpr int kPairs = kPairsUpTo<kReach>;
        sums.beginAll(start);
        unrolled<kPairs - 1>([&](auto i) GKERN_BODY {
            constexpr int kNear = 2 * (kPairs - 1 - i);
            unrolled<kCount>([&](auto v) GKERN_BODY {
                if constexpr (kNear + 1 <= kReach)
                    add(v, both(v, kNear), both(v, kNear + 1), weights.even[i]);
                else
                    add(v, both(v, kNear), hn::Zero(d), weights.even[i]);
            });
        });
        addCentre(weights.even[kPairs - 1]);
    } else {
        const auto steps = [&](int begin, int end) GKERN_BODY {
            for (int i = begin; i < end; ++i) {
                const int near = 2 * (weights.count - 1 - i);
                const Number weight = weightPair(weights.even[i]);
                unrolled<kCount>([&](auto v)
                                     GKERN_BODY { add(v, both(v, near), both(v, near + 1), weight); });
            }
        };
        beginWith(sums, weights.outer, start, [&]() GKERN_BODY { steps(0, weights.outer); });
        steps(weights.outer, weights.count - 1);
        addCentre(weightPair(weights.even[weights.count - 1]));
    }
    unrolled<2 * kCount>([&](auto i) GKERN_BODY { out[i] = sums.total(i); });
}

/// Calls f with the reach as a constant where it is small and no weight an outer one, else with 0.
template <class F>
HWY_INLINE void withReach(int reach, const IntegerPairs& pairs, F f) {
    switch (pairs.outer > 0 ? 0 : reach) {
        case 1:
            return f(std::integral_constant<int, 1>());
        case 2:
            return f(std::integral_constant<int, 2>());
        case 3:
            return f(std::integral_constant<int, 3>());
        case 4:
            return f(std::integral_constant<int, 4>());
        default:
            return f(std::integral_constant<int, 0>());
    }
}

#endif

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_INTEGER_SUMS_INL
