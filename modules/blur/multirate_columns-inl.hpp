// SPDX-License-Identifier: Apache-2.0
// Columns of pixels, of rows that lie side by side in vectors: weighed onto nodes, and back from them.
// Included once per SIMD target.

#if defined(GKERN_BLUR_MULTIRATE_COLUMNS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_MULTIRATE_COLUMNS_INL
#undef GKERN_BLUR_MULTIRATE_COLUMNS_INL
#else
#define GKERN_BLUR_MULTIRATE_COLUMNS_INL
#endif

#include <hwy/highway.h>

#include "blur/multirate.hpp"
#include "blur/pixels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Line `line` into the sums of nodes kFrom … kTo − 1.
template <int kFrom, int kTo, class D, class Low, class V>
HWY_INLINE void addLine(D d, const Decimation<Low>& job, int line, ptrdiff_t e, V (&sum)[kNodeBlock]) {
    const V x = hn::LoadU(d, job.lines[line] + e);
    unrolled<kTo - kFrom>([&](auto i) GKERN_BODY {
        constexpr int q = kFrom + i;
        sum[q] = hn::MulAdd(hn::Set(d, job.weights[q][line - job.first[q]]), x, sum[q]);
    });
}

/// Whether a chunk of lines ends with this one: the same ones for all nodes.
HWY_INLINE bool endsChunk(int line) {
    return line % kRowBlock == kRowBlock - 1;
}

/// Lines `line` … end − 1 into the sums of nodes kFrom … kTo − 1; chunks go into the totals.
template <int kFrom, int kTo, class D, class Low, class V>
HWY_INLINE void addLines(D d, const Decimation<Low>& job, int& line, int end, ptrdiff_t e,
                         V (&sum)[kNodeBlock], V (&total)[kNodeBlock]) {
    for (; line < end; ++line) {
        addLine<kFrom, kTo>(d, job, line, e, sum);
        if (!endsChunk(line)) continue;
        unrolled<kTo - kFrom>([&](auto i) GKERN_BODY {
            constexpr int q = kFrom + i;
            total[q] = hn::Add(total[q], sum[q]);
            sum[q] = hn::Zero(d);
        });
    }
}

/// A block of nodes whose runs of lines begin and end one after the other, the last beginning before the
/// first ends.
template <class D, class Low>
HWY_INLINE void decimateVector(D d, const Decimation<Low>& job, ptrdiff_t e) {
    hn::Vec<D> sum[kNodeBlock], total[kNodeBlock];
    unrolled<kNodeBlock>([&](auto q) GKERN_BODY { sum[q] = total[q] = hn::Zero(d); });
    int line = job.first[0];
    unrolled<kNodeBlock>([&](auto q) GKERN_BODY {
        const int end = q + 1 < kNodeBlock ? job.first[(q + 1) % kNodeBlock] : job.first[0] + job.count[0];
        addLines<0, q + 1>(d, job, line, end, e, sum, total);
    });
    unrolled<kNodeBlock - 1>([&](auto q) GKERN_BODY {
        addLines<q + 1, kNodeBlock>(d, job, line, job.first[q + 1] + job.count[q + 1], e, sum, total);
    });
    unrolled<kNodeBlock>([&](auto q)
                             GKERN_BODY { hn::StoreU(hn::Add(total[q], sum[q]), d, job.out[q] + e); });
}

/// One node at element e, in the same order.
template <class D, class Low>
HWY_INLINE void decimateNode(D d, const Decimation<Low>& job, int q, ptrdiff_t e) {
    auto sum = hn::Zero(d), total = hn::Zero(d);
    for (int i = 0; i < job.count[q]; ++i) {
        const int line = job.first[q] + i;
        sum = hn::MulAdd(hn::Set(d, job.weights[q][i]), hn::LoadU(d, job.lines[line] + e), sum);
        if (!endsChunk(line)) continue;
        total = hn::Add(total, sum);
        sum = hn::Zero(d);
    }
    hn::StoreU(hn::Add(total, sum), d, job.out[q] + e);
}

template <class Low>
void decimateTyped(const Decimation<Low>& job) {
    const hn::ScalableTag<Low> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    bool staircase = job.nodes == kNodeBlock;
    for (int q = 1; q < job.nodes; ++q)
        staircase = staircase && job.first[q] >= job.first[q - 1] &&
                    job.first[q] <= job.first[0] + job.count[0] &&
                    job.first[q] + job.count[q] >= job.first[q - 1] + job.count[q - 1];
    for (ptrdiff_t e = 0; e < job.elements; e += N) {
        if (staircase) {
            decimateVector(d, job, e);
            continue;
        }
        for (int q = 0; q < job.nodes; ++q) decimateNode(d, job, q, e);
    }
}

/// A vector of sums to a line. Of RowPairs they are rounded by what is left of them in a larger number:
/// within 16 bits they are, as windows make of pixels what is a fifth below that.
template <class D, class Out>
HWY_INLINE void storeLine(D d, hn::Vec<D> sum, Out* line, ptrdiff_t e) {
    if constexpr (std::is_same_v<Out, RowPair>) {
        const hn::Rebind<uint32_t, D> bits;
        const hn::Rebind<uint16_t, D> numbers;
        const auto rounded = hn::BitCast(bits, hn::Add(sum, hn::Set(d, kUnits)));
        hn::StoreU(hn::TruncateTo(numbers, rounded), numbers, reinterpret_cast<uint16_t*>(line) + e);
    } else {
        storePixels(d, sum, line + e);
    }
}

/// kPixels lines of pixels at element e, from kWidth nodes each, or, 0, job.width.
template <int kWidth, int kPixels, class D, class Low, class Out>
HWY_INLINE void interpolateVectors(D d, const Interpolation<Low, Out>& job, int pixel, ptrdiff_t e) {
    using V = hn::Vec<D>;
    V sum[kPixels];
    const Low* line[kPixels];
    unrolled<kPixels>([&](auto p) GKERN_BODY {
        sum[p] = hn::Zero(d);
        line[p] = job.lines + job.start[pixel + p] * job.stride + e;
    });
    const int width = kWidth == 0 ? job.width : kWidth;
    const Low* weights = job.weights + static_cast<ptrdiff_t>(pixel) * width;
    const auto add = [&](int i) GKERN_BODY {
        unrolled<kPixels>([&](auto p) GKERN_BODY {
            const V weight = hn::Set(d, weights[p * width + i]);
            sum[p] = hn::MulAdd(weight, hn::LoadU(d, line[p] + i * job.stride), sum[p]);
        });
    };
    // From the outside in: small terms first.
    if constexpr (kWidth == 0) {
        for (int i = 0; i < width / 2; ++i) {
            add(i);
            add(width - 1 - i);
        }
        if (width % 2 == 1) add(width / 2);
    } else {
        unrolled<kWidth>([&](auto j) GKERN_BODY { add(j % 2 == 0 ? j / 2 : kWidth - 1 - j / 2); });
    }
    const ptrdiff_t outStride = job.stride / kRowsOf<Out>;
    unrolled<kPixels>([&](auto p) GKERN_BODY { storeLine(d, sum[p], job.out + (pixel + p) * outStride, e); });
}

template <int kWidth, class Low, class Out>
HWY_INLINE void interpolateWidth(const Interpolation<Low, Out>& job) {
    const hn::ScalableTag<Low> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    int pixel = 0;
    for (; pixel + 4 <= job.count; pixel += 4)
        for (ptrdiff_t e = 0; e < job.stride; e += N) interpolateVectors<kWidth, 4>(d, job, pixel, e);
    for (; pixel < job.count; ++pixel)
        for (ptrdiff_t e = 0; e < job.stride; e += N) interpolateVectors<kWidth, 1>(d, job, pixel, e);
}

template <class Low, class Out>
HWY_INLINE void interpolateTyped(const Interpolation<Low, Out>& job) {
    if constexpr (std::is_same_v<Out, RowPair>) {  // others gain less than one in fifty from it
        if (job.width == 3) return interpolateWidth<3>(job);
        if (job.width == 4) return interpolateWidth<4>(job);
        if (job.width == 5) return interpolateWidth<5>(job);
    }
    interpolateWidth<0>(job);
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_MULTIRATE_COLUMNS_INL
