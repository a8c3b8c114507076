// SPDX-License-Identifier: Apache-2.0
// The direct engine for few taps of 32F and 64F: rows of sums in the order of the picture. Loads across cache
// lines then cost less than bringing columns together. Included once per SIMD target.

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

/// Sums over x of one row from the elements at `from`, whole vectors of them.
template <int kAnchor, class Sum>
HWY_INLINE void plainSums(const Taps<Sum>& taps, ptrdiff_t channels, const Sum* from, ptrdiff_t count,
                          Sum* HWY_RESTRICT out) {
    const hn::ScalableTag<Sum> d;
    using V = hn::Vec<decltype(d)>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    for (ptrdiff_t e = 0; e < count; e += N) {
        const Sum* first = from + e;
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
    const ptrdiff_t length = quad.segments->length, begin = quad.directBegin, end = quad.directEnd;
    for (int r = 0; r < kBlockRows; ++r) {
        const Sum* row = reinterpret_cast<const Sum*>(quad.rows[r]);
        const Sum* direct = reinterpret_cast<const Sum*>(quad.direct[r]);
        Sum* out = quad.out[r];
        plainSums<kAnchor>(taps, quad.channels, row, begin, out);
        plainSums<kAnchor>(taps, quad.channels, direct, end - begin, out + begin);
        plainSums<kAnchor>(taps, quad.channels, row + end, length - end, out + end);
    }
}

template <int kAnchor, class Sum>
HWY_NOINLINE void plainVertical(const DirectBlock<Sum>& block) {
    const hn::ScalableTag<Sum> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    const Taps<Sum> taps(*block.y);
    const Sum* const* HWY_RESTRICT rows = block.rows;
    Sum* dst[kLines];
    const Sum* next[kLines];
    for (int r = 0; r < kLines; ++r) {
        dst[r] = reinterpret_cast<Sum*>(block.dst[r]);
        next[r] = reinterpret_cast<const Sum*>(block.next[r]);
    }
    hn::Vec<decltype(d)> sum[kLines];
    const auto sumsAt = [&](ptrdiff_t e) GKERN_BODY {
        fewPairSums<true, kAnchor>(
            d, taps, [&](ptrdiff_t line) GKERN_BODY { return rows[line] + e; }, sum);
    };
    ptrdiff_t e = 0;
    for (; e + N <= block.width; e += N) {
        unrolled<kLines>([&](auto r) GKERN_BODY { hwy::Prefetch(next[r] + e); });
        sumsAt(e);
        unrolled<kLines>([&](auto r) GKERN_BODY { hn::StoreU(sum[r], d, dst[r] + e); });
    }
    if (e == block.width) return;
    sumsAt(e);
    HWY_ALIGN Sum last[HWY_MAX_BYTES / sizeof(Sum)];
    unrolled<kLines>([&](auto r) GKERN_BODY {
        hn::Store(sum[r], d, last);
        std::memcpy(dst[r] + e, last, static_cast<size_t>(block.width - e) * sizeof(Sum));
    });
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_DIRECT_PLAIN_INL
