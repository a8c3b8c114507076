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

#include "rbf/digit_tiles-inl.hpp"
#include "rbf/entries-inl.hpp"
#include "rbf/mirror-inl.hpp"
#include "rbf/simd.hpp"
#include "rbf/sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Rows [first, end) from the strip that holds their sums.
/// @param copies null, or a row for each that goes to the mirror image
template <Terms kTerms, bool kBounded, class T>
HWY_NOINLINE void finishRows(const Tile<T>& tile, int first, int end, const T* strip, uint8_t* copies,
                             size_t copyStep) {
    for (int r = first; r < end; ++r, strip += kStride<T>) {
        const T xNorm = kTerms == Terms::Products ? tile.xNorms[r] : T(0);
        const RowOfSums<kTerms, T> row{strip, tile.yNorms, xNorm, tile.scale};
        if constexpr (std::is_same_v<T, float> && kTerms == Terms::Exponents)
            finishRowFast(row, tile, r, copies);
        else
            finishRow<kBounded>(row, tile, r, copies);
        if (copies != nullptr) copies += copyStep;
    }
}

/// Rows whose sums are made together where there are several chains of features. The more of them, the
/// less often their columns come from beyond the L1 cache, and the more time there is to fetch the next
/// ones.
constexpr int kRowsOfLong = 96;
static_assert(kRowsOfLong % kRows == 0, "whole panels");

/// Rows that go to the mirror image together, while the sums of as many are made. With more features
/// than kLongMirror, rows whose columns stay in the L1 cache matter more.
constexpr int kRowsOfMirror = 16, kLongMirror = 96;

template <Terms kTerms, class T, class F>
HWY_INLINE void sumAny(const Tile<T>& tile, int row, int rows, T* strip, F between) {
    if constexpr (kTerms == Terms::Differences)
        return tile.weights == nullptr
                   ? sumStrip<Sum::Differences, false>(tile, row, rows, strip, between)
                   : sumStrip<Sum::WeightedDifferences, false>(tile, row, rows, strip, between);
    else
        return rows > kRowsOfMirror ? sumStrip<Sum::Products, true>(tile, row, rows, strip, between)
                                    : sumStrip<Sum::Products, false>(tile, row, rows, strip, between);
}

template <Terms kTerms, bool kBounded, class T>
void computeOnce(const Tile<T>& tile) {
    HWY_ALIGN T strip[kRowsOfLong * kStride<T>];
    const int atOnce = tile.features > kChain ? kRowsOfLong : kRows;
    if (tile.stream) fetchEndsOfRows(tile, 0, atOnce);
    for (int row = 0; row < tile.rows; row += atOnce) {
        const int rows = std::min(atOnce, tile.rows - row);
        if (tile.stream) fetchEndsOfRows(tile, row + atOnce, row + 2 * atOnce);
        sumAny<kTerms>(tile, row, rows, strip, [](int, int) {});
        finishRows<kTerms, kBounded>(tile, row, row + rows, strip, nullptr, 0);
    }
}

template <Terms kTerms, bool kBounded, class E, class T>
void computeTwice(const Tile<T>& tile) {
    HWY_ALIGN T strip[kRowsOfLong * kStride<T>];
    HWY_ALIGN E copies[kRowsOfMirror * kMirrorStep<E>];
    const int atOnce = tile.features > kLongMirror ? kRowsOfLong : kRowsOfMirror;
    Mirror<E, T> mirror(tile);
    for (int row = 0; row < tile.rows; row += atOnce) {
        const int end = std::min(tile.rows, row + atOnce);
        if (tile.stream) fetchEndsOfRows(tile, row, end);
        sumAny<kTerms>(tile, row, end - row, strip,
                       [&](int part, int parts) { mirror.advance(part, parts); });
        const T* sums = strip;
        for (int r = row; r < end; r += kRowsOfMirror, sums += kRowsOfMirror * kStride<T>) {
            const int next = std::min(end, r + kRowsOfMirror);
            finishRows<kTerms, kBounded>(tile, r, next, sums, reinterpret_cast<uint8_t*>(copies),
                                         kMirrorStep<E> * sizeof(E));
            mirror.add(r, next, copies);
            if (atOnce > kRowsOfMirror) mirror.advance(1, 1);
        }
    }
    mirror.advance(1, 1);
}

/// Columns [first, first + count) of a tile.
template <class T>
Tile<T> columnsOf(const Tile<T>& tile, int first, int count) {
    Tile<T> part = tile;
    part.cols = count;
    if (tile.digits.form == nullptr) {
        part.y += size_t(first) * size_t(tile.features);
    } else {
        part.digits.y += size_t(first / kDigitPanel) * tile.digits.form->yPanelBytes();
        if (tile.digits.yOrders != nullptr) part.digits.yOrders += first;
    }
    if (tile.yNorms != nullptr) part.yNorms += first;
    if (tile.vector != nullptr)
        part.vector += first;
    else
        part.out = static_cast<uint8_t*>(tile.out) +
                   size_t(first) * (tile.entries == Entries::Float ? sizeof(float) : sizeof(double));
    if (tile.mirror != nullptr)
        part.mirror = static_cast<uint8_t*>(tile.mirror) + size_t(first) * tile.mirrorStep;
    return part;
}

template <Terms kTerms, bool kBounded, class T>
void computeColumns(const Tile<T>& tile) {
    if (tile.mirror == nullptr)
        computeOnce<kTerms, kBounded>(tile);
    else if (tile.entries == Entries::Float)
        computeTwice<kTerms, kBounded, float>(tile);
    else
        computeTwice<kTerms, kBounded, double>(tile);
}

/// How many columns of a tile pass by at once. Where all of them exceed the L1 cache, a quarter (half
/// with float) does not, nor do the sums of some rows with it. Rows of K that do not begin with lines
/// stay whole.
template <class T>
int columnsAtOnce(const Tile<T>& tile) {
    constexpr size_t kMostBytes = 32 << 10;
    const bool fit = size_t(tile.cols) * size_t(tile.features) * sizeof(T) <= kMostBytes;
    const bool lines = (reinterpret_cast<uintptr_t>(tile.out) | tile.step) % kLineBytes == 0;
    if (tile.stream && !lines) return tile.cols;
    if (tile.digits.form == nullptr && (fit || tile.features > kChain)) return tile.cols;
    return kMaxTileSide * 2 / int(sizeof(T));
}

/// compute(part of the tile) for some columns after the other.
template <class T, class F>
void forColumns(const Tile<T>& tile, F compute) {
    const int atOnce = columnsAtOnce(tile);
    if (atOnce >= tile.cols) return compute(tile);
    for (int col = 0; col < tile.cols; col += atOnce)
        compute(columnsOf(tile, col, std::min(atOnce, tile.cols - col)));
}

template <Terms kTerms, bool kBounded, class T>
void computeBounded(const Tile<T>& tile) {
    forColumns(tile, [](const Tile<T>& part) { computeColumns<kTerms, kBounded>(part); });
}

/// Whether the matrix unit made the tile.
template <class T>
bool computedDigits([[maybe_unused]] const Tile<T>& tile) {
    if constexpr (kHasDigits)
        if (tile.digits.form != nullptr) {
            forColumns(tile, [](const Tile<T>& part) { computeDigits(part); });
            return true;
        }
    return false;
}

template <Terms kTerms>
void computeTerms(const Tile<double>& tile) {
    if (tile.bounded)
        computeBounded<kTerms, true>(tile);
    else
        computeBounded<kTerms, false>(tile);
}

void computeFloat(const Tile<float>& tile) {
    if (computedDigits(tile)) return;
    if (tile.terms == Terms::Exponents)
        computeBounded<Terms::Exponents, true>(tile);
    else
        computeBounded<Terms::Products, false>(tile);
}
void computeDouble(const Tile<double>& tile) {
    if (computedDigits(tile)) return;
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
