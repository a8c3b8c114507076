// SPDX-License-Identifier: Apache-2.0
// Blocks of the kernel matrix: to memory past the caches, and products with vectors. Compiled once per SIMD
// target.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rbf/blocks_simd.cpp"
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "rbf/simd.hpp"
#include "rbf/stream-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void streamFloats(const void* from, size_t fromStep, int rows, size_t rowBytes, void* to, size_t toStep) {
    constexpr int kAhead = 8;
    const int count = static_cast<int>(rowBytes / sizeof(float));
    const auto row = [&](int r) {
        return reinterpret_cast<float*>(static_cast<uint8_t*>(to) + size_t(r) * toStep);
    };
    for (int r = 0; r < std::min(kAhead, rows); ++r) fetchEnds(row(r), count);
    for (int r = 0; r < rows; ++r) {
        if (r + kAhead < rows) fetchEnds(row(r + kAhead), count);
        streamRow(reinterpret_cast<const float*>(static_cast<const uint8_t*>(from) + size_t(r) * fromStep),
                  count, row(r));
    }
}

/// kRows rows of entries with kColumns columns of v.
template <int kRows, int kColumns>
HWY_INLINE void multiplyRows(const double* entries, size_t step, int cols, const double* v, size_t vStep,
                             double* sums, size_t sumsStep) {
    const hn::ScalableTag<double> d;
    using V = hn::Vec<decltype(d)>;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    V sum[kRows][kColumns];
    for (auto& row : sum)
        for (V& s : row) s = hn::Zero(d);
    int c = 0;
    for (; c + N <= cols; c += N)
        for (int r = 0; r < kRows; ++r) {
            const V e = hn::LoadU(d, entries + size_t(r) * step + c);
            for (int q = 0; q < kColumns; ++q)
                sum[r][q] = hn::MulAdd(e, hn::LoadU(d, v + size_t(q) * vStep + c), sum[r][q]);
        }
    for (int r = 0; r < kRows; ++r)
        for (int q = 0; q < kColumns; ++q) {
            double total = hn::GetLane(hn::SumOfLanes(d, sum[r][q]));
            for (int rest = c; rest < cols; ++rest)
                total += entries[size_t(r) * step + rest] * v[size_t(q) * vStep + rest];
            sums[size_t(r) * sumsStep + q] += total;
        }
}

void multiply(const double* entries, size_t step, int rows, int cols, const double* v, size_t vStep, int p,
              double* sums) {
    const auto withRows = [&](auto count, int r) {
        const double* e = entries + size_t(r) * step;
        double* s = sums + size_t(r) * size_t(p);
        int q = 0;
        for (; q + 4 <= p; q += 4)
            multiplyRows<count(), 4>(e, step, cols, v + size_t(q) * vStep, vStep, s + q, size_t(p));
        for (; q < p; ++q)
            multiplyRows<count(), 1>(e, step, cols, v + size_t(q) * vStep, vStep, s + q, size_t(p));
    };
    int r = 0;
    for (; r + 4 <= rows; r += 4) withRows(std::integral_constant<int, 4>(), r);
    for (; r < rows; ++r) withRows(std::integral_constant<int, 1>(), r);
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(streamFloats);
HWY_EXPORT(multiply);

void streamRows(const void* from, std::size_t fromStep, int rows, std::size_t rowBytes, void* to,
                std::size_t toStep) {
    HWY_DYNAMIC_DISPATCH(streamFloats)(from, fromStep, rows, rowBytes, to, toStep);
}
void multiplyTile(const double* entries, std::size_t step, int rows, int cols, const double* v,
                  std::size_t vStep, int p, double* sums) {
    HWY_DYNAMIC_DISPATCH(multiply)(entries, step, rows, cols, v, vStep, p, sums);
}
void finishStreaming() {
    hwy::FlushStream();
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
