// SPDX-License-Identifier: Apache-2.0
// The register-blocked sums of a tile: x·y or Σ(x − y)² of a panel of rows with the panels of columns.
// Included once per SIMD target.
#if defined(GKERN_RBF_SUMS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_RBF_SUMS_INL_HPP
#undef GKERN_RBF_SUMS_INL_HPP
#else
#define GKERN_RBF_SUMS_INL_HPP
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>

#include "rbf/registers-inl.hpp"
#include "rbf/simd.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A block of sums in registers: 24 of 32, or 12 of 16.
constexpr int kRows = kManyRegisters ? 8 : 4;
constexpr int kVectors = 3;

template <class T>
constexpr int colsOfPanel() {
    return kVectors * static_cast<int>(hn::MaxLanes(hn::ScalableTag<T>()));
}

/// Elements from one row of a strip of sums to the next. A row is read up to two vectors beyond its end; what
/// is there was written by nobody and is used by nobody.
template <class T>
constexpr size_t kStride = kMaxTileSide + 64 / sizeof(T) * 2;

enum class Sum { Products, Differences, WeightedDifferences };

/// What becomes of the sums of a block: added to what is stored, or not; and at last exponents of 2, from
/// products less both norms, from differences times the scale.
template <class T>
struct Ending {
    bool add, last;
    const T* xNorms;  ///< null: products stay what they are
    const T* yNorms;
    T scale;
};

/// What is fetched while a block is summed up: some of the panel of columns and of the chain of rows
/// that come next, an element and a step for every kUnrolled features.
template <class T>
struct Fetch {
    const T *x, *y;
    size_t xStep, yStep;
};
constexpr int kUnrolled = 4;

/// Sums of `features` features of one panel of rows and one of columns.
template <Sum kSum, bool kFetches, class T>
HWY_INLINE void sumBlock(const T* HWY_RESTRICT x, const T* HWY_RESTRICT y, const double* HWY_RESTRICT weights,
                         int features, Fetch<T> fetch, const Ending<T>& ending, T* HWY_RESTRICT out) {
    const hn::ScalableTag<T> d;
    using V = hn::Vec<decltype(d)>;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    V sum[kRows * kVectors];
    unrolled<kRows * kVectors>([&](auto i) GKERN_BODY { sum[i] = hn::Zero(d); });
    int k = 0;
    const auto step = [&]() GKERN_BODY {
        V column[kVectors];
        unrolled<kVectors>([&](auto c) GKERN_BODY { column[c] = hn::Load(d, y + c * N); });
        [[maybe_unused]] V weight;
        if constexpr (kSum == Sum::WeightedDifferences) weight = hn::Set(d, weights[k]);
        unrolled<kRows>([&](auto r) GKERN_BODY {
            const V row = hn::Set(d, x[r]);
            unrolled<kVectors>([&](auto c) GKERN_BODY {
                V& s = sum[r * kVectors + c];
                if constexpr (kSum == Sum::Products) {
                    s = hn::MulAdd(row, column[c], s);
                } else {
                    V difference = hn::Sub(row, column[c]);
                    if constexpr (kSum == Sum::WeightedDifferences) difference = hn::Mul(difference, weight);
                    s = hn::MulAdd(difference, difference, s);
                }
            });
        });
        ++k, x += kRows, y += kVectors * N;
    };
    if constexpr (kFetches)
        while (k + kUnrolled <= features) {
            hwy::Prefetch(fetch.x);
            hwy::Prefetch(fetch.y);
            fetch.x += fetch.xStep;
            fetch.y += fetch.yStep;
            unrolled<kUnrolled>([&](auto) GKERN_BODY { step(); });
        }
    while (k < features) step();
    if (ending.add)
        unrolled<kRows * kVectors>([&](auto i) GKERN_BODY {
            sum[i] = hn::Add(hn::Load(d, out + i / kVectors * kStride<T> + i % kVectors * N), sum[i]);
        });
    if (kSum == Sum::Products && ending.xNorms != nullptr)
        // The sum of both norms first: the same for (y, x), and exactly the sum of products for x = y.
        unrolled<kVectors>([&](auto c) GKERN_BODY {
            const V yNorm = hn::Load(d, ending.yNorms + c * N);
            unrolled<kRows>([&](auto r) GKERN_BODY {
                V& s = sum[r * kVectors + c];
                s = hn::Sub(s, hn::Add(hn::Set(d, ending.xNorms[r]), yNorm));
            });
        });
    if (kSum != Sum::Products && ending.last)
        unrolled<kRows * kVectors>([&](auto i)
                                       GKERN_BODY { sum[i] = hn::Mul(sum[i], hn::Set(d, ending.scale)); });
    unrolled<kRows * kVectors>(
        [&](auto i) GKERN_BODY { hn::Store(sum[i], d, out + i / kVectors * kStride<T> + i % kVectors * N); });
}

/// Sums of rows [row, row + rows) of a tile with all its columns, chain by chain. `row` begins a panel.
///
/// Where there are several chains, these are the columns of one chain after the other, each panel of
/// them with all of the rows, from the L1 cache. Meanwhile the next panel is fetched, and the next chain
/// of the rows.
/// @param between called after each block with how many of how many there have been, unless kFetches
template <Sum kSum, bool kFetches, class T, class F>
HWY_NOINLINE void sumStrip(const Tile<T>& tile, int row, int rows, T* strip, F between) {
    constexpr int kCols = colsOfPanel<T>();
    const size_t features = size_t(tile.features);
    const int panelsOfRows = (rows - 1) / kRows + 1, panelsOfCols = (tile.cols - 1) / kCols + 1;
    [[maybe_unused]] int blocks = 0;
    [[maybe_unused]] const int allBlocks = ((tile.features - 1) / kChain + 1) * panelsOfRows * panelsOfCols;
    for (int first = 0; first < tile.features; first += kChain) {
        const int count = std::min(kChain, tile.features - first);
        const bool last = first + count == tile.features, subtracts = last && tile.terms == Terms::Exponents;
        const double* weights = kSum == Sum::WeightedDifferences ? tile.weights + first : nullptr;
        const T* y = tile.y + size_t(first) * kCols;
        for (int c = 0; c < panelsOfCols; ++c, y += features * kCols) {
            const T* x = tile.x + size_t(row) * features + size_t(first) * kRows;
            T* out = strip + c * kCols;
            const bool lastPanel = c + 1 == panelsOfCols;
            Fetch<T> fetch{x, y, 0, 0};
            if constexpr (kFetches) {
                constexpr int kTimes = kChain / kUnrolled;
                fetch.xStep = size_t(kChain * kRows / (panelsOfCols * kTimes));
                fetch.yStep = size_t(kChain * kCols / (panelsOfRows * kTimes));
                fetch.x = x + size_t(last ? 0 : count * kRows) + size_t(c * kTimes) * fetch.xStep;
                fetch.y =
                    lastPanel ? last ? y : tile.y + size_t(first + count) * kCols : y + features * kCols;
            }
            for (int r = 0; r < panelsOfRows; ++r, x += features * kRows, out += kRows * kStride<T>) {
                sumBlock<kSum, kFetches>(
                    x, y, weights, count, fetch,
                    Ending<T>{first > 0, last, subtracts ? tile.xNorms + row + r * kRows : nullptr,
                              subtracts ? tile.yNorms + c * kCols : nullptr, static_cast<T>(tile.scale)},
                    out);
                if constexpr (!kFetches) between(++blocks, allBlocks);
                if constexpr (kFetches) {
                    fetch.x += features * kRows;
                    fetch.y += size_t(kChain / kUnrolled) * fetch.yStep;
                }
            }
        }
    }
}

/// ‖x‖² of the rows of a panel, N at a time, by the operations of sumStrip(): equal rows are exactly 0
/// apart.
template <size_t N, class T>
HWY_INLINE void normsOfPanel(const T* values, int width, int features, T* norms) {
    const hn::CappedTag<T, N> d;
    for (int lane = 0; lane < width; lane += static_cast<int>(hn::Lanes(d))) {
        auto total = hn::Zero(d);
        for (int first = 0; first < features; first += kChain) {
            auto sum = hn::Zero(d);
            for (int k = first; k < std::min(first + kChain, features); ++k) {
                const auto x = hn::Load(d, values + size_t(k) * size_t(width) + lane);
                sum = hn::MulAdd(x, x, sum);
            }
            total = first > 0 ? hn::Add(total, sum) : sum;
        }
        hn::Store(total, d, norms + lane);
    }
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
