// SPDX-License-Identifier: Apache-2.0
// A tile: the sums of a panel of rows go to a strip in the L1 cache, from which the exponential takes them
// row by row to memory. Compiled once per SIMD target.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rbf/tile_simd.cpp"
// Vectors of unknown size, and a target that SSE4 covers.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <cstring>

#include "rbf/exp-inl.hpp"
#include "rbf/simd.hpp"
#include "rbf/sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Calls value(j) for every vector of a row of `count` elements and stores what it returns. Streamed stores
/// need alignment: the elements before the first aligned address come in a vector of their own.
template <class T, class F>
HWY_INLINE void storeRow(T* HWY_RESTRICT out, int count, bool stream, F value) {
    const hn::ScalableTag<T> d;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    const auto storePart = [&](int j, int elements) GKERN_BODY {
        HWY_ALIGN T part[N];
        hn::Store(value(j), d, part);
        std::memcpy(out + j, part, static_cast<size_t>(elements) * sizeof(T));
    };
    int j = 0;
    if (stream) {
        const auto past = static_cast<int>(reinterpret_cast<uintptr_t>(out) % (N * sizeof(T)) / sizeof(T));
        if (past != 0) {
            j = std::min(count, N - past);
            storePart(0, j);
        }
        for (; j + N <= count; j += N) hn::Stream(value(j), d, out + j);
    } else {
        for (; j + N <= count; j += N) hn::StoreU(value(j), d, out + j);
    }
    if (j < count) storePart(j, count - j);
}

/// The sums of a row of the strip as vectors of double.
template <class T>
struct RowOfSums {
    const T* sums;
    const T* yNorms;  ///< null: the sums are what is wanted
    T xNorm;

    template <class D>
    HWY_INLINE hn::Vec<D> operator()(D d, int j) const {
        const hn::Rebind<T, D> from;
        const auto s = loadDouble(d, hn::LoadU(from, sums + j));
        if (yNorms == nullptr) return s;
        const auto norms =
            hn::Add(hn::Set(d, static_cast<double>(xNorm)), loadDouble(d, hn::LoadU(from, yNorms + j)));
        // Everything is finite here, so that no NaN gets lost.
        return hn::Max(hn::Zero(d), hn::MulAdd(s, hn::Set(d, -2.0), norms));
    }

    template <class D, class V>
    static HWY_INLINE hn::Vec<D> loadDouble(D d, V v) {
        if constexpr (std::is_same_v<T, double>)
            return v;
        else
            return hn::PromoteTo(d, v);
    }
};

/// Adds the entries of a row times the vector to the sums of the row, lane by lane.
template <class T, class F>
HWY_INLINE void dotRow(const Tile<T>& tile, uint8_t* out, F entry) {
    const hn::ScalableTag<double> d;
    auto* sums = reinterpret_cast<double*>(out);
    auto sum = hn::Load(d, sums);
    for (int j = 0; j < tile.cols; j += static_cast<int>(hn::MaxLanes(d)))
        sum = hn::MulAdd(entry(j), hn::LoadU(d, tile.vector + j), sum);
    hn::Store(sum, d, sums);
}

/// A vector of floats from the vectors of doubles that value(j), value(j + N), … return.
template <class F>
HWY_INLINE auto toFloats(int j, F value) {
    const hn::ScalableTag<float> df;
#if HWY_TARGET == HWY_SCALAR
    return hn::DemoteTo(df, value(j));
#else
    const hn::ScalableTag<double> d;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    const hn::Rebind<float, decltype(d)> half;
    return hn::Combine(df, hn::DemoteTo(half, value(j + N)), hn::DemoteTo(half, value(j)));
#endif
}

template <class T>
HWY_INLINE void finishRow(const RowOfSums<T>& sums, const Tile<T>& tile, uint8_t* out) {
    const hn::ScalableTag<double> d;
    const auto scale = hn::Set(d, -tile.factor * 0x1.71547652b82fep0), minusFactor = hn::Set(d, -tile.factor);
    const auto floatGrade = [&](int j) GKERN_BODY { return expFloatGrade(d, sums(d, j), scale); };
    const auto exact = [&](int j) GKERN_BODY { return expDouble(d, hn::Mul(sums(d, j), minusFactor)); };
    switch (tile.entries) {
        case Entries::Float:
            return storeRow(reinterpret_cast<float*>(out), tile.cols, tile.stream,
                            [&](int j) GKERN_BODY { return toFloats(j, floatGrade); });
        case Entries::Double:
            return storeRow(reinterpret_cast<double*>(out), tile.cols, tile.stream, exact);
        case Entries::DoubleFloatGrade:
            return storeRow(reinterpret_cast<double*>(out), tile.cols, tile.stream, floatGrade);
        case Entries::DotFloatGrade:
            return dotRow(tile, out, floatGrade);
        case Entries::DotDouble:
            return dotRow(tile, out, exact);
    }
}

/// The same in float: Float, DoubleFloatGrade and DotFloatGrade only.
HWY_INLINE void finishRowFast(const RowOfSums<float>& sums, const Tile<float>& tile, uint8_t* out) {
    const hn::ScalableTag<float> d;
    const hn::ScalableTag<double> dd;
    const hn::Rebind<float, decltype(dd)> half;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    const auto scale = hn::Set(d, static_cast<float>(-tile.factor * 0x1.71547652b82fep0));
    const auto xNorm = hn::Set(d, sums.xNorm), zero = hn::Zero(d), minusTwo = hn::Set(d, -2.0F);
    const auto value = [&](int j) GKERN_BODY {
        const auto norms = hn::Add(xNorm, hn::LoadU(d, sums.yNorms + j));
        const auto s = hn::Max(zero, hn::MulAdd(hn::LoadU(d, sums.sums + j), minusTwo, norms));
        return expFast(d, s, scale);
    };
    if (tile.entries == Entries::Float)
        return storeRow(reinterpret_cast<float*>(out), tile.cols, tile.stream, value);
    HWY_ALIGN float row[kMaxTileSide + N];
    for (int j = 0; j < tile.cols; j += N) hn::Store(value(j), d, row + j);
    const auto entry = [&](int j) GKERN_BODY { return hn::PromoteTo(dd, hn::LoadU(half, row + j)); };
    if (tile.entries == Entries::DotFloatGrade)
        dotRow(tile, out, entry);
    else
        storeRow(reinterpret_cast<double*>(out), tile.cols, tile.stream, entry);
}

template <class T>
void computeAnyTile(const Tile<T>& tile) {
    // A row is read up to two vectors beyond its end; what is there was written by nobody and is used by
    // nobody.
    constexpr size_t kStride = kMaxTileSide + 64 / sizeof(T) * 2;
    HWY_ALIGN T strip[kRows * kStride];
    for (int row = 0; row < tile.rows; row += kRows) {
        const T* x = tile.x + size_t(row) * size_t(tile.features);
        if (tile.xNorms != nullptr)
            sumStrip<Sum::Products>(x, tile, strip, kStride);
        else if (tile.weights == nullptr)
            sumStrip<Sum::Differences>(x, tile, strip, kStride);
        else
            sumStrip<Sum::WeightedDifferences>(x, tile, strip, kStride);
        for (int r = 0; r < std::min(kRows, tile.rows - row); ++r) {
            const RowOfSums<T> sums{strip + size_t(r) * kStride, tile.yNorms,
                                    tile.xNorms != nullptr ? tile.xNorms[row + r] : T(0)};
            uint8_t* out = static_cast<uint8_t*>(tile.out) + size_t(row + r) * tile.step;
            if constexpr (std::is_same_v<T, float>)
                if (tile.fast) {
                    finishRowFast(sums, tile, out);
                    continue;
                }
            finishRow(sums, tile, out);
        }
    }
}

void computeFloat(const Tile<float>& tile) {
    computeAnyTile(tile);
}
void computeDouble(const Tile<double>& tile) {
    computeAnyTile(tile);
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
