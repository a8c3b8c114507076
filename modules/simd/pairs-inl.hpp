// SPDX-License-Identifier: Apache-2.0
// Neighbouring sums of a symmetric kernel, for code that is compiled once per SIMD target.
#if defined(GKERN_SIMD_PAIRS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_SIMD_PAIRS_INL_HPP
#undef GKERN_SIMD_PAIRS_INL_HPP
#else
#define GKERN_SIMD_PAIRS_INL_HPP
#endif

#include <hwy/highway.h>

#include "simd/unroll-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The lines that step s adds up, from the outside in: for sum r line r + s from below, and line r + last − s
/// from above. In the step before they were those of sums r − 1 and r + 1: a step brings one line for the
/// last sum from below and one for the first from above, and all others stay in registers.
template <int kSums, class V>
struct PairWindow {
    V below[kSums], above[kSums];  ///< a line's slot is its number modulo the sums

    // GCC does not give an implicit constructor the target's attributes.
    HWY_INLINE PairWindow() {}

    /// The lines of step 0, but for those that it brings itself.
    template <class Below, class Above>
    HWY_INLINE void fill(const Below& lineBelow, const Above& lineAbove) {
        unrolled<kSums - 1>([&](auto r) GKERN_BODY {
            below[r] = lineBelow(r);
            above[r + 1] = lineAbove(r + 1);
        });
    }

    /// A step, kPhase being its number modulo the sums: add(r, line below, line above) for each sum.
    template <int kPhase, class Add>
    HWY_INLINE void step(V lastBelow, V firstAbove, const Add& add) {
        static_assert(kPhase >= 0 && kPhase < kSums, "a number modulo the sums");
        below[(kPhase + kSums - 1) % kSums] = lastBelow;
        above[(kSums - kPhase) % kSums] = firstAbove;
        unrolled<kSums>([&](auto r) GKERN_BODY {
            add(r, below[(kPhase + r) % kSums], above[(kSums - kPhase + r) % kSums]);
        });
    }
};

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
