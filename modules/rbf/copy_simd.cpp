// SPDX-License-Identifier: Apache-2.0
// Blocks of the kernel matrix on their way to memory, as they are or transposed, and their products with
// vectors. Compiled once per SIMD target.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rbf/copy_simd.cpp"
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "rbf/simd.hpp"
#include "simd/blocks-inl.hpp"
#include "simd/unroll-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
HWY_INLINE void copyRow(const T* HWY_RESTRICT from, int count, bool stream, T* HWY_RESTRICT to) {
    const hn::ScalableTag<T> d;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    int j = 0;
    if (stream) {
        const auto past = static_cast<int>(reinterpret_cast<uintptr_t>(to) % (N * sizeof(T)) / sizeof(T));
        if (past != 0) j = std::min(count, N - past);
        std::memcpy(to, from, static_cast<size_t>(j) * sizeof(T));
        for (; j + N <= count; j += N) hn::Stream(hn::LoadU(d, from + j), d, to + j);
    }
    std::memcpy(to + j, from + j, static_cast<size_t>(count - j) * sizeof(T));
}

#if HWY_TARGET == HWY_SCALAR
/// Column c of a block as a row of `out`, and three or one more.
template <class T>
HWY_INLINE void transposeColumns(const T* block, size_t step, int rows, T* out, size_t outStep) {
    for (size_t c = 0; c < 16 / sizeof(T); ++c)
        for (int r = 0; r < rows; ++r) out[c * outStep + size_t(r)] = block[size_t(r) * step + c];
}
#else
/// As many columns of a block as 16 bytes hold, as rows of `out`. Reads whole vectors, and rows in multiples
/// of what a vector holds.
template <class T>
HWY_INLINE void transposeColumns(const T* block, size_t step, int rows, T* HWY_RESTRICT out, size_t outStep) {
    const hn::ScalableTag<T> d;
    constexpr int kLanes = kBlockLanes<T>, N = kBlocksOf<decltype(d)> * kLanes;
    for (int r = 0; r < rows; r += N) {
        // Block b of vector i holds row r + b·kLanes + i.
        hn::Vec<decltype(d)> v[kLanes];
        unrolled<kLanes>([&](auto i) GKERN_BODY {
            v[i] = loadBlocks(d, [&](int b) GKERN_BODY { return block + size_t(r + b * kLanes + i) * step; });
        });
        transpose(d, v);
        unrolled<kLanes>([&](auto i) GKERN_BODY { hn::StoreU(v[i], d, out + i * outStep + r); });
    }
}
#endif

template <class T>
HWY_INLINE void copyBlock(const BlockCopy& copy) {
    const auto* block = static_cast<const T*>(copy.block);
    const size_t blockStep = copy.blockStep / sizeof(T);
    const auto outRow = [&](int r) {
        return reinterpret_cast<T*>(static_cast<uint8_t*>(copy.out) + size_t(r) * copy.step);
    };
    if (!copy.transposed) {
        for (int r = 0; r < copy.rows; ++r)
            copyRow(block + size_t(r) * blockStep, copy.cols, copy.stream, outRow(r));
        return;
    }
    constexpr int kGroup = 16 / sizeof(T);
    constexpr size_t kStep = kMaxTileSide + kGroup;
    HWY_ALIGN T columns[kGroup * kStep];
    for (int c = 0; c < copy.cols; c += kGroup) {
        transposeColumns(block + c, blockStep, copy.rows, columns, kStep);
        for (int i = 0; i < std::min(kGroup, copy.cols - c); ++i)
            copyRow(columns + size_t(i) * kStep, copy.rows, copy.stream, outRow(c + i));
    }
}

void copyFloat(const BlockCopy& copy) {
    copyBlock<float>(copy);
}
void copyDouble(const BlockCopy& copy) {
    copyBlock<double>(copy);
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

HWY_EXPORT(copyFloat);
HWY_EXPORT(copyDouble);
HWY_EXPORT(multiply);

void copyBlockOfFloat(const BlockCopy& copy) {
    HWY_DYNAMIC_DISPATCH(copyFloat)(copy);
}
void copyBlockOfDouble(const BlockCopy& copy) {
    HWY_DYNAMIC_DISPATCH(copyDouble)(copy);
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
