// SPDX-License-Identifier: Apache-2.0
// Rows of pixels: weighed onto rows of nodes, and back from them. Included once per SIMD target.

#if defined(GKERN_BLUR_MULTIRATE_ROWS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_MULTIRATE_ROWS_INL
#undef GKERN_BLUR_MULTIRATE_ROWS_INL
#else
#define GKERN_BLUR_MULTIRATE_ROWS_INL
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "blur/multirate.hpp"
#include "blur/multirate_pixels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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

/// kRows rows onto nodes, whose sums are read and written once for all of them.
template <int kRows, int kVectors, class T, class D, class Low>
HWY_INLINE void accumulateVectors(D d, const Accumulation<Low>& job, ptrdiff_t e) {
    using V = hn::Vec<D>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    constexpr int kBytes = static_cast<int>(hn::MaxLanes(D()) * sizeof(T));
    V x[kRows * kVectors];
    unrolled<kRows>([&](auto r) GKERN_BODY {
        const T* p = static_cast<const T*>(job.lines[r]) + job.begin + e;
        // The rows lie on pages of their own, which no hardware follows that far ahead.
        const T* next = static_cast<const T*>(job.lines[kRows + r]) + job.begin + e;
        unrolled<(kVectors * kBytes + 63) / 64>(
            [&](auto line) GKERN_BODY { hwy::Prefetch(reinterpret_cast<const char*>(next) + 64 * line); });
        unrolled<kVectors>([&](auto v) GKERN_BODY { x[r * kVectors + v] = loadLevels(d, p + v * N); });
    });
    // Where rounding counts, rows are added up among themselves first. It takes an addition more.
    constexpr bool kChunks = std::is_integral_v<T> && sizeof(T) == 2;
    static_assert(!kChunks || kRows == kRowBlock);
    const Low* weights = job.weights;
    for (int q = 0; q < job.nodes; ++q, weights += kRows) {
        Low* sums = job.sums[q] + e;
        const bool begun = q < job.begun;
        V sum[kVectors];
        unrolled<kVectors>([&](auto v) GKERN_BODY {
            sum[v] = !kChunks && begun ? hn::LoadU(d, sums + v * N) : hn::Zero(d);
        });
        unrolled<kRows>([&](auto r) GKERN_BODY {
            const V weight = hn::Set(d, weights[r]);
            unrolled<kVectors>([&](auto v)
                                   GKERN_BODY { sum[v] = hn::MulAdd(weight, x[r * kVectors + v], sum[v]); });
        });
        if (kChunks && begun)
            unrolled<kVectors>([&](auto v)
                                   GKERN_BODY { sum[v] = hn::Add(hn::LoadU(d, sums + v * N), sum[v]); });
        unrolled<kVectors>([&](auto v) GKERN_BODY { hn::StoreU(sum[v], d, sums + v * N); });
    }
}

/// Sums are kept, so that each element is met once: at the end single lanes take what no vector does.
template <int kRows, class T, class Low>
HWY_INLINE void accumulateRows(const Accumulation<Low>& job) {
    const hn::ScalableTag<Low> d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    ptrdiff_t e = 0;
    // As many pixels as half of the registers hold.
    constexpr int kWide = (hn::MaxLanes(hn::ScalableTag<uint8_t>()) == 64 ? 16 : 8) / kRows;
    for (; e + kWide * N <= job.elements; e += kWide * N) accumulateVectors<kRows, kWide, T>(d, job, e);
    if constexpr (kWide > 1)
        for (; e + N <= job.elements; e += N) accumulateVectors<kRows, 1, T>(d, job, e);
    for (; e < job.elements; ++e) accumulateVectors<kRows, 1, T>(hn::CappedTag<Low, 1>(), job, e);
}

template <class T, class Low>
void accumulateTyped(const Accumulation<Low>& job) {
    if constexpr (std::is_same_v<T, double>)
        if (job.rows == 2 * kRowBlock) return accumulateRows<2 * kRowBlock, T>(job);
    accumulateRows<kRowBlock, T>(job);
}

/// Vectors of sums to a row of dst.
template <int kVectors, class D, class V, class T>
HWY_INLINE void storeRow(D d, const V (&sum)[kVectors], [[maybe_unused]] bool stream, T* out) {
    using Sum = hn::TFromD<D>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    if constexpr (kPairs<T, Sum> && kVectors == 2) {
        storePair(d, sum[0], sum[1], out);
        return;
    }
    if constexpr (std::is_same_v<T, Sum>) {
        if (stream) {
            unrolled<kVectors>([&](auto v) GKERN_BODY { hn::Stream(sum[v], d, out + v * N); });
            return;
        }
    }
    unrolled<kVectors>([&](auto v) GKERN_BODY { storeLevels(d, sum[v], out + v * N); });
}

/// Rows of dst, from the outside in: small terms first. Float pixels are the middle node plus weighted
/// differences from it: what is flat stays flat to the last bit. Integers are rounded, which does the same.
template <int kWidth, int kVectors, class D, class Out, class T>
HWY_INLINE void expandVectors(D d, const Expansion<Out>& job, ptrdiff_t e, T*) {
    using V = hn::Vec<D>;
    constexpr bool kDifferences = !std::is_integral_v<T>;
    constexpr int kMiddle = kWidth / 2;  // the last one
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    V row[kWidth * kVectors];
    unrolled<kWidth>([&](auto i) GKERN_BODY {
        unrolled<kVectors>([&](auto v)
                               GKERN_BODY { row[i * kVectors + v] = hn::LoadU(d, job.rows[i] + e + v * N); });
    });
    if constexpr (kDifferences)
        unrolled<kWidth>([&](auto i) GKERN_BODY {
            if constexpr (i != kMiddle)
                unrolled<kVectors>([&](auto v) GKERN_BODY {
                    row[i * kVectors + v] = hn::Sub(row[i * kVectors + v], row[kMiddle * kVectors + v]);
                });
        });
    // Streamed stores write 16 bytes at least.
    const bool stream = job.stream && e % N == 0 && hn::MaxLanes(d) * sizeof(Out) >= 16;
    uint8_t* dst = job.dst;
    const Out* weights = job.weights;
    for (int n = 0; n < job.count; ++n, dst += job.step, weights += kWidth) {
        V sum[kVectors];
        unrolled<kVectors>([&](auto v) GKERN_BODY { sum[v] = hn::Zero(d); });
        unrolled<kWidth - kDifferences>([&](auto j) GKERN_BODY {
            constexpr int i = j % 2 == 0 ? j / 2 : kWidth - 1 - j / 2;
            const V weight = hn::Set(d, weights[i]);
            unrolled<kVectors>(
                [&](auto v) GKERN_BODY { sum[v] = hn::MulAdd(weight, row[i * kVectors + v], sum[v]); });
        });
        if constexpr (kDifferences)
            unrolled<kVectors>([&](auto v)
                                   GKERN_BODY { sum[v] = hn::Add(row[kMiddle * kVectors + v], sum[v]); });
        storeRow(d, sum, stream, reinterpret_cast<T*>(dst) + e);
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

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_MULTIRATE_ROWS_INL
