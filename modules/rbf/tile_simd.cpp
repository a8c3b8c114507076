// SPDX-License-Identifier: Apache-2.0
// A tile: the sums of some rows go to a strip in the L1 cache, from which the exponential takes them row by
// row to memory. Compiled once per SIMD target.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rbf/tile_simd.cpp"
// Vectors of unknown size, and a target that SSE4 covers.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <type_traits>

#include "rbf/entries-inl.hpp"
#include "rbf/simd.hpp"
#include "rbf/sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Rows [first, first + rows) from the strip that holds their sums.
template <Terms kTerms, bool kBounded, class T>
HWY_NOINLINE void finishRows(const Tile<T>& tile, int first, int rows, const T* strip) {
    for (int r = 0; r < rows; ++r, strip += kStride<T>) {
        const T xNorm = kTerms == Terms::Products ? tile.xNorms[first + r] : T(0);
        const RowOfSums<kTerms, T> row{strip, tile.yNorms, xNorm};
        if constexpr (std::is_same_v<T, float> && kTerms == Terms::Exponents)
            finishRowFast(row, tile, first + r);
        else
            finishRow<kBounded>(row, tile, first + r);
    }
}

/// Rows whose sums are made together, one chain of features after the other, where all features of a tile's
/// columns exceed a part of the L2 cache: the columns of a chain then stay there for all of these rows.
constexpr int kRowsOfLong = 4 * kRows;
constexpr size_t kLongFrom = 512 << 10;

template <Terms kTerms, bool kBounded, class T>
void computeBounded(const Tile<T>& tile) {
    HWY_ALIGN T strip[kRowsOfLong * kStride<T>];
    const bool isLong = size_t(tile.cols) * size_t(tile.features) * sizeof(T) > kLongFrom;
    const int atOnce = isLong ? kRowsOfLong : kRows;
    for (int row = 0; row < tile.rows; row += atOnce) {
        const int rows = std::min(atOnce, tile.rows - row);
        if constexpr (kTerms != Terms::Differences)
            sumStrip<Sum::Products>(tile, row, rows, strip);
        else if (tile.weights == nullptr)
            sumStrip<Sum::Differences>(tile, row, rows, strip);
        else
            sumStrip<Sum::WeightedDifferences>(tile, row, rows, strip);
        finishRows<kTerms, kBounded>(tile, row, rows, strip);
    }
}

template <Terms kTerms>
void computeTerms(const Tile<double>& tile) {
    if (tile.bounded)
        computeBounded<kTerms, true>(tile);
    else
        computeBounded<kTerms, false>(tile);
}

void computeFloat(const Tile<float>& tile) {
    if (tile.terms == Terms::Exponents)
        computeBounded<Terms::Exponents, true>(tile);
    else
        computeBounded<Terms::Products, false>(tile);
}
void computeDouble(const Tile<double>& tile) {
    switch (tile.terms) {
        case Terms::Exponents:
            return computeTerms<Terms::Exponents>(tile);
        case Terms::Differences:
            return computeTerms<Terms::Differences>(tile);
        case Terms::Products:
            return computeBounded<Terms::Products, false>(tile);
    }
}

template <class T>
void normsOfAny(const T* values, int panels, int width, int features, T* norms) {
    constexpr int N = static_cast<int>(hn::MaxLanes(hn::ScalableTag<T>()));
    for (int p = 0; p < panels; ++p, values += size_t(width) * size_t(features), norms += width)
        if (width % N == 0)
            normsOfPanel<N>(values, width, features, norms);
        else
            normsOfPanel<kRows>(values, width, features, norms);
}

void normsOfFloat(const float* values, int panels, int width, int features, float* norms) {
    normsOfAny(values, panels, width, features, norms);
}
void normsOfDouble(const double* values, int panels, int width, int features, double* norms) {
    normsOfAny(values, panels, width, features, norms);
}

PanelWidths widthsOfFloat() {
    return {kRows, colsOfPanel<float>()};
}
PanelWidths widthsOfDouble() {
    return {kRows, colsOfPanel<double>()};
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(computeFloat);
HWY_EXPORT(computeDouble);
HWY_EXPORT(normsOfFloat);
HWY_EXPORT(normsOfDouble);
HWY_EXPORT(widthsOfFloat);
HWY_EXPORT(widthsOfDouble);

void computeTile(const Tile<float>& tile) {
    HWY_DYNAMIC_DISPATCH(computeFloat)(tile);
}
void computeTile(const Tile<double>& tile) {
    HWY_DYNAMIC_DISPATCH(computeDouble)(tile);
}
void normsOf(const float* values, int panels, int width, int features, float* norms) {
    HWY_DYNAMIC_DISPATCH(normsOfFloat)(values, panels, width, features, norms);
}
void normsOf(const double* values, int panels, int width, int features, double* norms) {
    HWY_DYNAMIC_DISPATCH(normsOfDouble)(values, panels, width, features, norms);
}
PanelWidths panelWidthsOfFloat() {
    return HWY_DYNAMIC_DISPATCH(widthsOfFloat)();
}
PanelWidths panelWidthsOfDouble() {
    return HWY_DYNAMIC_DISPATCH(widthsOfDouble)();
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
