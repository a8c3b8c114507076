// SPDX-License-Identifier: Apache-2.0
// Lines of nodes: filtered, and transposed. Included once per SIMD target.

#if defined(GKERN_BLUR_MULTIRATE_NODES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_MULTIRATE_NODES_INL
#undef GKERN_BLUR_MULTIRATE_NODES_INL
#else
#define GKERN_BLUR_MULTIRATE_NODES_INL
#endif

#include <hwy/highway.h>

#include "blur/multirate.hpp"
#include "simd/unroll-inl.hpp"

#include "simd/blocks-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Filtered lines that are computed together: a step loads two lines, the others stay in registers.
constexpr int kFilterRows = 4;

/// Step s: taps s and size − 1 − s of each row. Line s + r is tap s of row r; it was tap s + 1 of row r − 1
/// in the step before, and likewise from the other end. A line's slot is its number modulo the rows.
template <int kPhase, class D, class Low, class V>
HWY_INLINE void addPairs(D d, const Low* const* lines, const Low* weights, int size, int s, ptrdiff_t e,
                         V (&below)[kFilterRows], V (&above)[kFilterRows], V (&sum)[kFilterRows]) {
    below[(kPhase + kFilterRows - 1) % kFilterRows] = hn::LoadU(d, lines[s + kFilterRows - 1] + e);
    above[(kFilterRows - kPhase) % kFilterRows] = hn::LoadU(d, lines[size - 1 - s] + e);
    const V weight = hn::Set(d, weights[s]);
    unrolled<kFilterRows>([&](auto r) GKERN_BODY {
        sum[r] = hn::MulAdd(
            weight,
            hn::Add(below[(kPhase + r) % kFilterRows], above[(kFilterRows - kPhase + r) % kFilterRows]),
            sum[r]);
    });
}

/// kFilterRows lines at element e, symmetric taps in pairs from the outside in: small terms first.
template <class D, class Low>
HWY_INLINE void filterPairs(D d, const NodeFilter<Low>& job, int row, ptrdiff_t e) {
    using V = hn::Vec<D>;
    const Low* const* lines = job.lines + row;
    V sum[kFilterRows], below[kFilterRows], above[kFilterRows];
    unrolled<kFilterRows>([&](auto r) GKERN_BODY {
        sum[r] = hn::Zero(d);
        below[r] = r + 1 < kFilterRows ? hn::LoadU(d, lines[r] + e) : sum[r];
        above[r] = r > 0 ? hn::LoadU(d, lines[job.size - 1 + r] + e) : sum[r];
    });
    const int pairs = job.size / 2;
    const Low* w = job.weights;
    int s = 0;
    for (; s + 4 <= pairs; s += 4) {
        addPairs<0>(d, lines, w, job.size, s, e, below, above, sum);
        addPairs<1>(d, lines, w, job.size, s + 1, e, below, above, sum);
        addPairs<2>(d, lines, w, job.size, s + 2, e, below, above, sum);
        addPairs<3>(d, lines, w, job.size, s + 3, e, below, above, sum);
    }
    if (s < pairs) addPairs<0>(d, lines, w, job.size, s, e, below, above, sum);
    if (s + 1 < pairs) addPairs<1>(d, lines, w, job.size, s + 1, e, below, above, sum);
    if (s + 2 < pairs) addPairs<2>(d, lines, w, job.size, s + 2, e, below, above, sum);
    if (job.size % 2 == 1) {
        const V weight = hn::Set(d, w[pairs]);
        unrolled<kFilterRows>([&](auto r) GKERN_BODY {
            sum[r] = hn::MulAdd(weight, hn::LoadU(d, lines[r + pairs] + e), sum[r]);
        });
    }
    unrolled<kFilterRows>([&](auto r)
                              GKERN_BODY { hn::StoreU(sum[r], d, job.out + (row + r) * job.stride + e); });
}

/// One line at element e, in the same order.
template <class D, class Low>
HWY_INLINE void filterLine(D d, const NodeFilter<Low>& job, int row, ptrdiff_t e) {
    const Low* const* lines = job.lines + row;
    const int pairs = job.symmetric ? job.size / 2 : 0;
    auto sum = hn::Zero(d);
    for (int i = 0; i < pairs; ++i)
        sum = hn::MulAdd(hn::Set(d, job.weights[i]),
                         hn::Add(hn::LoadU(d, lines[i] + e), hn::LoadU(d, lines[job.size - 1 - i] + e)), sum);
    for (int i = pairs; i < job.size - pairs; ++i)
        sum = hn::MulAdd(hn::Set(d, job.weights[i]), hn::LoadU(d, lines[i] + e), sum);
    hn::StoreU(sum, d, job.out + row * job.stride + e);
}

template <class Low>
void filterTyped(const NodeFilter<Low>& job) {
    const hn::ScalableTag<Low> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    int row = 0;
    for (; job.symmetric && row + kFilterRows <= job.rows; row += kFilterRows)
        for (ptrdiff_t e = 0; e < job.elements; e += N) filterPairs(d, job, row, e);
    for (; row < job.rows; ++row)
        for (ptrdiff_t e = 0; e < job.elements; e += N) filterLine(d, job, row, e);
}

/// Of the two sides of the matrix one fills vectors of d: along that one they are whole, along the other one
/// they are taken block by block.
template <class D, class Low>
HWY_INLINE void transposeSides(D d, const Low* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns,
                               Low* to, ptrdiff_t toStride) {
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    constexpr int kSquare = kBlockLanes<Low>;
    hn::Vec<D> v[kSquare];
    if (rows % N == 0) {
        for (ptrdiff_t c = 0; c < columns; c += kSquare)
            for (ptrdiff_t r = 0; r < rows; r += N) {
                unrolled<kSquare>([&](auto i) GKERN_BODY {
                    const Low* first = from + (r + i) * fromStride + c;
                    v[i] = loadBlocks(d, [&](int b) GKERN_BODY { return first + b * kSquare * fromStride; });
                });
                transpose(d, v);
                unrolled<kSquare>([&](auto i)
                                      GKERN_BODY { hn::StoreU(v[i], d, to + (c + i) * toStride + r); });
            }
        return;
    }
    for (ptrdiff_t r = 0; r < rows; r += kSquare)
        for (ptrdiff_t c = 0; c < columns; c += N) {
            unrolled<kSquare>([&](auto i)
                                  GKERN_BODY { v[i] = hn::LoadU(d, from + (r + i) * fromStride + c); });
            transpose(d, v);
            unrolled<kSquare>([&](auto i) GKERN_BODY {
                Low* first = to + (c + i) * toStride + r;
                storeBlocks(d, v[i], [&](int b) GKERN_BODY { return first + b * kSquare * toStride; });
            });
        }
}

template <class Low>
void transposeTyped(const Low* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, Low* to,
                    ptrdiff_t toStride) {
    const hn::ScalableTag<Low> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    if (rows % N == 0 || columns % N == 0)
        transposeSides(d, from, fromStride, rows, columns, to, toStride);
    else  // rows of pixels in float, of nodes in double
        transposeSides(hn::CappedTag<Low, 8>(), from, fromStride, rows, columns, to, toStride);
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_MULTIRATE_NODES_INL
