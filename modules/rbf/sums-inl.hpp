// SPDX-License-Identifier: Apache-2.0
// The register-blocked sums of a tile: x·y or Σ(x − y)² of a panel of rows with the panels of columns.
// Included once per SIMD target.
#if defined(GKERN_RBF_SUMS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_RBF_SUMS_INL_HPP
#undef GKERN_RBF_SUMS_INL_HPP
#else
#define GKERN_RBF_SUMS_INL_HPP
#endif

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

enum class Sum { Products, Differences, WeightedDifferences };

/// Sums of `features` features of one panel of rows and one of columns, stored or added to what is
/// stored.
template <Sum kSum, class T>
HWY_INLINE void sumBlock(const T* HWY_RESTRICT x, const T* HWY_RESTRICT y, const double* HWY_RESTRICT weights,
                         int features, bool add, T* HWY_RESTRICT out, size_t stride) {
    const hn::ScalableTag<T> d;
    using V = hn::Vec<decltype(d)>;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    V sum[kRows * kVectors];
    unrolled<kRows * kVectors>([&](auto i) GKERN_BODY { sum[i] = hn::Zero(d); });
    for (int k = 0; k < features; ++k, x += kRows, y += kVectors * N) {
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
    }
    unrolled<kRows>([&](auto r) GKERN_BODY {
        unrolled<kVectors>([&](auto c) GKERN_BODY {
            T* to = out + r * stride + c * N;
            const V s = sum[r * kVectors + c];
            hn::Store(add ? hn::Add(hn::Load(d, to), s) : s, d, to);
        });
    });
}

/// Sums of a panel of rows with all columns of a tile, chain by chain.
template <Sum kSum, class T>
HWY_NOINLINE void sumStrip(const T* x, const Tile<T>& tile, T* out, size_t stride) {
    constexpr int kCols = colsOfPanel<T>();
    for (int first = 0; first < tile.features; first += kChain) {
        const int features = std::min(kChain, tile.features - first);
        const double* weights = kSum == Sum::WeightedDifferences ? tile.weights + first : nullptr;
        const T* y = tile.y + size_t(first) * kCols;
        for (int col = 0; col < tile.cols; col += kCols, y += size_t(tile.features) * kCols)
            sumBlock<kSum>(x + size_t(first) * kRows, y, weights, features, first > 0, out + col, stride);
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
