// SPDX-License-Identifier: Apache-2.0
// The horizontal pass of the direct engine for few taps of 32F and 64F: rows as they stand in the picture.
// Loads across cache lines then cost less than bringing columns together. Included once per SIMD target.

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

/// Sums over x of one row from the elements at `from`, whole vectors of them. Asks for as many at `next`, of
/// a row that is needed later, if kFetch.
template <bool kFetch, int kAnchor, class Sum>
HWY_INLINE void plainSums(const Taps<Sum>& taps, ptrdiff_t channels, const Sum* from, ptrdiff_t count,
                          [[maybe_unused]] const Sum* next, Sum* HWY_RESTRICT out) {
    const hn::ScalableTag<Sum> d;
    using V = hn::Vec<decltype(d)>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    for (ptrdiff_t e = 0; e < count; e += N) {
        const Sum* first = from + e;
        if constexpr (kFetch) hwy::Prefetch(next + e);
        const V centre = hn::LoadU(d, first + kAnchor * channels), twice = hn::Add(centre, centre);
        V sum = hn::Zero(d);
        unrolled<kAnchor>([&](auto s) GKERN_BODY {
            const V pair = hn::Add(hn::LoadU(d, first + s * channels),
                                   hn::LoadU(d, first + (2 * kAnchor - s) * channels));
            sum = hn::MulAdd(hn::Set(d, taps.weights[s]), hn::Sub(pair, twice), sum);
        });
        hn::Store(hn::Add(centre, sum), d, out + e);
    }
}

template <int kAnchor, class Sum>
HWY_NOINLINE void plainHorizontal(const DirectQuad<Sum>& quad) {
    const Taps<Sum> taps(*quad.x);
    // Vectors of sums that see nothing but the picture; the others come from the copy.
    constexpr ptrdiff_t kUnit = kVectorBytes / sizeof(Sum);
    const ptrdiff_t length = quad.segments->length, reach = (taps.size - 1) * quad.channels;
    const ptrdiff_t begin = (quad.directBegin + kUnit - 1) / kUnit * kUnit;
    const ptrdiff_t end = std::max(begin, (quad.directEnd - reach) / kUnit * kUnit);
    for (int r = 0; r < kBlockRows; ++r) {
        const Sum* row = reinterpret_cast<const Sum*>(quad.rows[r]);
        const Sum* direct = reinterpret_cast<const Sum*>(quad.direct[r]) + (begin - quad.directBegin);
        Sum* out = quad.out[r];
        const Sum* next = reinterpret_cast<const Sum*>(quad.next[r]);
        plainSums<false, kAnchor>(taps, quad.channels, row, begin, next, out);
        if (quad.large)  // otherwise loads are what this pass waits for
            plainSums<true, kAnchor>(taps, quad.channels, direct, end - begin, next, out + begin);
        else
            plainSums<false, kAnchor>(taps, quad.channels, direct, end - begin, next, out + begin);
        plainSums<false, kAnchor>(taps, quad.channels, row + end, length - end, next, out + end);
    }
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_DIRECT_PLAIN_INL
