// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the multirate engine, compiled once per SIMD target and chosen at run time. Each function
// weighs whole lines; every element sees the same operations in the same order wherever it stands in a
// vector, tile or band, so that results depend on neither threads nor ROI.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blur/multirate_simd.cpp"
// Targets without fused multiply-add or with vectors of unknown size. A scalar target stays as the baseline.
#define HWY_DISABLED_TARGETS \
    (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>

#include "blur/multirate.hpp"
#include "blur/pixels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {

/// Calls f(d, e) for every element e of a line: four vectors at a time, one, and at the end one that ends
/// with the line; a line shorter than a vector, element by element.
template <int kWide, class Sum, class F>
HWY_INLINE void overElements(ptrdiff_t elements, F f) {
    const hn::ScalableTag<Sum> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    ptrdiff_t e = 0;
    for (; e + kWide * N <= elements; e += kWide * N) f(d, std::integral_constant<int, kWide>(), e);
    for (; e + N <= elements; e += N) f(d, std::integral_constant<int, 1>(), e);
    if (e == elements) return;
    if (elements >= N) return f(d, std::integral_constant<int, 1>(), elements - N);
    for (; e < elements; ++e) f(hn::CappedTag<Sum, 1>(), std::integral_constant<int, 1>(), e);
}

template <int kVectors, class T, class D, class Low>
HWY_INLINE void accumulateVectors(D d, const Accumulation<Low>& job, ptrdiff_t e) {
    using V = hn::Vec<D>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    V x[kRowBlock * kVectors];
    unrolled<kRowBlock>([&](auto r) GKERN_BODY {
        const T* p = static_cast<const T*>(job.lines[r]) + job.begin + e;
        // The rows lie on pages of their own, which no hardware follows that far ahead.
        hwy::Prefetch(static_cast<const T*>(job.lines[kRowBlock + r]) + job.begin + e);
        unrolled<kVectors>([&](auto v) GKERN_BODY { x[r * kVectors + v] = loadPixels(d, p + v * N); });
    });
    const Low* weights = job.weights;
    for (int q = 0; q < job.nodes; ++q, weights += kRowBlock) {
        Low* sums = job.sums[q] + e;
        V sum[kVectors];
        unrolled<kVectors>(
            [&](auto v) GKERN_BODY { sum[v] = q < job.begun ? hn::LoadU(d, sums + v * N) : hn::Zero(d); });
        unrolled<kRowBlock>([&](auto r) GKERN_BODY {
            const V weight = hn::Set(d, weights[r]);
            unrolled<kVectors>([&](auto v)
                                   GKERN_BODY { sum[v] = hn::MulAdd(weight, x[r * kVectors + v], sum[v]); });
        });
        unrolled<kVectors>([&](auto v) GKERN_BODY { hn::StoreU(sum[v], d, sums + v * N); });
    }
}

/// Sums are kept, so that each element is met once: at the end single lanes take what no vector does.
template <class T, class Low>
void accumulateTyped(const Accumulation<Low>& job) {
    const hn::ScalableTag<Low> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    ptrdiff_t e = 0;
    for (; e + 2 * N <= job.elements; e += 2 * N) accumulateVectors<2, T>(d, job, e);
    for (; e < job.elements; ++e) accumulateVectors<1, T>(hn::CappedTag<Low, 1>(), job, e);
}

void accumulateFloat(int depth, const Accumulation<float>& job) {
    withPixelType<float>(depth, [&](auto pixel) { accumulateTyped<decltype(pixel)>(job); });
}
void accumulateDouble(int depth, const Accumulation<double>& job) {
    withPixelType<double>(depth, [&](auto pixel) { accumulateTyped<decltype(pixel)>(job); });
}

/// Line `line` into the sums of nodes kFrom … kTo − 1.
template <int kFrom, int kTo, class D, class Low, class V>
HWY_INLINE void addLine(D d, const Decimation<Low>& job, int line, ptrdiff_t e, V (&sum)[kNodeBlock]) {
    const V x = hn::LoadU(d, job.lines[line] + e);
    unrolled<kTo - kFrom>([&](auto i) GKERN_BODY {
        constexpr int q = kFrom + i;
        sum[q] = hn::MulAdd(hn::Set(d, job.weights[q][line - job.first[q]]), x, sum[q]);
    });
}

/// A block of nodes whose runs of lines begin and end one after the other, the last beginning before the
/// first ends.
template <class D, class Low>
HWY_INLINE void decimateVector(D d, const Decimation<Low>& job, ptrdiff_t e) {
    hn::Vec<D> sum[kNodeBlock];
    unrolled<kNodeBlock>([&](auto q) GKERN_BODY { sum[q] = hn::Zero(d); });
    int line = job.first[0];
    unrolled<kNodeBlock>([&](auto q) GKERN_BODY {
        const int end = q + 1 < kNodeBlock ? job.first[(q + 1) % kNodeBlock] : job.first[0] + job.count[0];
        for (; line < end; ++line) addLine<0, q + 1>(d, job, line, e, sum);
    });
    unrolled<kNodeBlock - 1>([&](auto q) GKERN_BODY {
        const int end = job.first[q + 1] + job.count[q + 1];
        for (; line < end; ++line) addLine<q + 1, kNodeBlock>(d, job, line, e, sum);
    });
    unrolled<kNodeBlock>([&](auto q) GKERN_BODY { hn::StoreU(sum[q], d, job.out[q] + e); });
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
        for (int q = 0; q < job.nodes; ++q) {
            auto sum = hn::Zero(d);
            for (int i = 0; i < job.count[q]; ++i)
                sum = hn::MulAdd(hn::Set(d, job.weights[q][i]), hn::LoadU(d, job.lines[job.first[q] + i] + e),
                                 sum);
            hn::StoreU(sum, d, job.out[q] + e);
        }
    }
}

void decimateFloat(const Decimation<float>& job) {
    decimateTyped(job);
}
void decimateDouble(const Decimation<double>& job) {
    decimateTyped(job);
}

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

void filterFloat(const NodeFilter<float>& job) {
    filterTyped(job);
}
void filterDouble(const NodeFilter<double>& job) {
    filterTyped(job);
}

/// kPixels lines of pixels at element e.
template <int kPixels, class D, class Low, class Out>
HWY_INLINE void interpolateVectors(D d, const Interpolation<Low, Out>& job, int pixel, ptrdiff_t e) {
    using V = hn::Vec<D>;
    V sum[kPixels];
    const Low* line[kPixels];
    unrolled<kPixels>([&](auto p) GKERN_BODY {
        sum[p] = hn::Zero(d);
        line[p] = job.lines + job.start[pixel + p] * job.stride + e;
    });
    const Low* weights = job.weights + static_cast<ptrdiff_t>(pixel) * job.width;
    for (int i = 0; i < job.width; ++i)
        unrolled<kPixels>([&](auto p) GKERN_BODY {
            const V weight = hn::Set(d, weights[p * job.width + i]);
            sum[p] = hn::MulAdd(weight, hn::LoadU(d, line[p] + i * job.stride), sum[p]);
        });
    unrolled<kPixels>([&](auto p)
                          GKERN_BODY { storePixels(d, sum[p], job.out + (pixel + p) * job.stride + e); });
}

template <class Low, class Out>
HWY_INLINE void interpolateTyped(const Interpolation<Low, Out>& job) {
    const hn::ScalableTag<Low> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    int pixel = 0;
    for (; pixel + 4 <= job.count; pixel += 4)
        for (ptrdiff_t e = 0; e < job.stride; e += N) interpolateVectors<4>(d, job, pixel, e);
    for (; pixel < job.count; ++pixel)
        for (ptrdiff_t e = 0; e < job.stride; e += N) interpolateVectors<1>(d, job, pixel, e);
}

void interpolateFloat(const Interpolation<float, float>& job) {
    interpolateTyped(job);
}
void interpolateMixed(const Interpolation<double, float>& job) {
    interpolateTyped(job);
}
void interpolateDouble(const Interpolation<double, double>& job) {
    interpolateTyped(job);
}

/// Rows of dst as the middle node plus weighted differences from it: what is flat stays flat to the last bit.
template <int kWidth, int kVectors, class D, class Out, class T>
HWY_INLINE void expandVectors(D d, const Expansion<Out>& job, ptrdiff_t e, T*) {
    using V = hn::Vec<D>;
    constexpr int kMiddle = kWidth / 2;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    V middle[kVectors], difference[kWidth * kVectors];
    unrolled<kVectors>([&](auto v) GKERN_BODY { middle[v] = hn::LoadU(d, job.rows[kMiddle] + e + v * N); });
    unrolled<kWidth>([&](auto i) GKERN_BODY {
        unrolled<kVectors>([&](auto v) GKERN_BODY {
            difference[i * kVectors + v] = hn::Sub(hn::LoadU(d, job.rows[i] + e + v * N), middle[v]);
        });
    });
    uint8_t* dst = job.dst;
    const Out* weights = job.weights;
    for (int n = 0; n < job.count; ++n, dst += job.step, weights += kWidth) {
        V sum[kVectors];
        unrolled<kVectors>([&](auto v) GKERN_BODY { sum[v] = hn::Zero(d); });
        unrolled<kWidth>([&](auto i) GKERN_BODY {
            if constexpr (i != kMiddle) {
                const V weight = hn::Set(d, weights[i]);
                unrolled<kVectors>([&](auto v) GKERN_BODY {
                    sum[v] = hn::MulAdd(weight, difference[i * kVectors + v], sum[v]);
                });
            }
        });
        T* out = reinterpret_cast<T*>(dst) + e;
        if constexpr (std::is_same_v<T, Out>) {
            if (job.stream && e % N == 0) {
                unrolled<kVectors>(
                    [&](auto v) GKERN_BODY { hn::Stream(hn::Add(middle[v], sum[v]), d, out + v * N); });
                continue;
            }
        }
        unrolled<kVectors>([&](auto v)
                               GKERN_BODY { storePixels(d, hn::Add(middle[v], sum[v]), out + v * N); });
    }
}

template <int kWidth, class Out, class T>
void expandWidth(const Expansion<Out>& job) {
    constexpr int kWide = kWidth <= 8 ? 2 : 1;
    overElements<kWide, Out>(job.elements, [&](auto d, auto vectors, ptrdiff_t e) HWY_ATTR {
        expandVectors<kWidth, vectors>(d, job, e, static_cast<T*>(nullptr));
    });
}

/// Windows of more than eight nodes are for double alone.
template <class Out, class T>
void expandTyped(const Expansion<Out>& job) {
    if constexpr (std::is_same_v<Out, double>) {
        if (job.width == 14) return expandWidth<14, Out, T>(job);
        if (job.width == 12) return expandWidth<12, Out, T>(job);
        if (job.width == 10) return expandWidth<10, Out, T>(job);
    }
    switch (job.width) {
        case 8:
            return expandWidth<8, Out, T>(job);
        case 7:
            return expandWidth<7, Out, T>(job);
        case 6:
            return expandWidth<6, Out, T>(job);
        case 5:
            return expandWidth<5, Out, T>(job);
        case 4:
            return expandWidth<4, Out, T>(job);
        case 3:
            return expandWidth<3, Out, T>(job);
        default:
            return expandWidth<1, Out, T>(job);
    }
}

void expandFloat(int depth, const Expansion<float>& job) {
    withPixelType<float>(depth, [&](auto pixel) { expandTyped<float, decltype(pixel)>(job); });
}
void expandDouble(int depth, const Expansion<double>& job) {
    depth == CV_64F ? expandTyped<double, double>(job) : expandTyped<double, int32_t>(job);
}

#if HWY_TARGET == HWY_SCALAR
template <class Low>
void transposeTyped(const Low* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, Low* to,
                    ptrdiff_t toStride) {
    for (ptrdiff_t c = 0; c < columns; ++c)
        for (ptrdiff_t r = 0; r < rows; ++r) to[c * toStride + r] = from[r * fromStride + c];
}
#else
/// A square of 16 bytes in each direction, transposed.
template <class Low>
HWY_INLINE void transposeSquare(const Low* from, ptrdiff_t fromStride, Low* to, ptrdiff_t toStride) {
    const hn::Full128<Low> d;
    const auto r0 = hn::LoadU(d, from), r1 = hn::LoadU(d, from + fromStride);
    if constexpr (sizeof(Low) == 8) {
        hn::StoreU(hn::InterleaveLower(d, r0, r1), d, to);
        hn::StoreU(hn::InterleaveUpper(d, r0, r1), d, to + toStride);
    } else {
        const auto r2 = hn::LoadU(d, from + 2 * fromStride), r3 = hn::LoadU(d, from + 3 * fromStride);
        const auto a = hn::InterleaveLower(d, r0, r2), b = hn::InterleaveLower(d, r1, r3);
        const auto c = hn::InterleaveUpper(d, r0, r2), e = hn::InterleaveUpper(d, r1, r3);
        hn::StoreU(hn::InterleaveLower(d, a, b), d, to);
        hn::StoreU(hn::InterleaveUpper(d, a, b), d, to + toStride);
        hn::StoreU(hn::InterleaveLower(d, c, e), d, to + 2 * toStride);
        hn::StoreU(hn::InterleaveUpper(d, c, e), d, to + 3 * toStride);
    }
}

template <class Low>
void transposeTyped(const Low* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, Low* to,
                    ptrdiff_t toStride) {
    constexpr ptrdiff_t kSide = 16 / sizeof(Low);
    for (ptrdiff_t c = 0; c < columns; c += kSide)
        for (ptrdiff_t r = 0; r < rows; r += kSide)
            transposeSquare(from + r * fromStride + c, fromStride, to + c * toStride + r, toStride);
}
#endif

void transposeFloat(const float* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, float* to,
                    ptrdiff_t toStride) {
    transposeTyped(from, fromStride, rows, columns, to, toStride);
}
void transposeDouble(const double* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, double* to,
                     ptrdiff_t toStride) {
    transposeTyped(from, fromStride, rows, columns, to, toStride);
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(accumulateFloat);
HWY_EXPORT(accumulateDouble);
HWY_EXPORT(decimateFloat);
HWY_EXPORT(decimateDouble);
HWY_EXPORT(filterFloat);
HWY_EXPORT(filterDouble);
HWY_EXPORT(interpolateFloat);
HWY_EXPORT(interpolateMixed);
HWY_EXPORT(interpolateDouble);
HWY_EXPORT(expandFloat);
HWY_EXPORT(expandDouble);
HWY_EXPORT(transposeFloat);
HWY_EXPORT(transposeDouble);

void accumulate(int depth, const Accumulation<float>& job) {
    HWY_DYNAMIC_DISPATCH(accumulateFloat)(depth, job);
}
void accumulate(int depth, const Accumulation<double>& job) {
    HWY_DYNAMIC_DISPATCH(accumulateDouble)(depth, job);
}
void decimate(const Decimation<float>& job) {
    HWY_DYNAMIC_DISPATCH(decimateFloat)(job);
}
void decimate(const Decimation<double>& job) {
    HWY_DYNAMIC_DISPATCH(decimateDouble)(job);
}
void filterNodes(const NodeFilter<float>& job) {
    HWY_DYNAMIC_DISPATCH(filterFloat)(job);
}
void filterNodes(const NodeFilter<double>& job) {
    HWY_DYNAMIC_DISPATCH(filterDouble)(job);
}
void interpolate(const Interpolation<float, float>& job) {
    HWY_DYNAMIC_DISPATCH(interpolateFloat)(job);
}
void interpolate(const Interpolation<double, float>& job) {
    HWY_DYNAMIC_DISPATCH(interpolateMixed)(job);
}
void interpolate(const Interpolation<double, double>& job) {
    HWY_DYNAMIC_DISPATCH(interpolateDouble)(job);
}
void expand(int depth, const Expansion<float>& job) {
    HWY_DYNAMIC_DISPATCH(expandFloat)(depth, job);
}
void expand(int depth, const Expansion<double>& job) {
    HWY_DYNAMIC_DISPATCH(expandDouble)(depth, job);
}
void transposed(const float* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, float* to,
                ptrdiff_t toStride) {
    HWY_DYNAMIC_DISPATCH(transposeFloat)(from, fromStride, rows, columns, to, toStride);
}
void transposed(const double* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, double* to,
                ptrdiff_t toStride) {
    HWY_DYNAMIC_DISPATCH(transposeDouble)(from, fromStride, rows, columns, to, toStride);
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
