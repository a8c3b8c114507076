// SPDX-License-Identifier: Apache-2.0
// A tile: the sums of a panel of rows go to a strip in the L1 cache, from which the exponential takes
// them row by row to memory. Compiled once per SIMD target.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rbf/tile_simd.cpp"
// Vectors of unknown size, and a target that SSE4 covers.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <cstring>
#include <type_traits>

#include "rbf/exp-inl.hpp"
#include "rbf/registers-inl.hpp"
#include "rbf/simd.hpp"
#include "rbf/sums-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Vectors of double that the exponential works on at once; two make one of float.
constexpr int kFloatGroup = kManyRegisters ? 4 : 2, kDoubleGroup = kManyRegisters ? 4 : 2;
constexpr int kFastGroup = kManyRegisters ? 4 : 2;

/// Stores a row of `count` elements that come from entries(j, v): a vector to each of v[0], v[1], … from
/// element j on. Streamed stores need alignment: the elements before the first aligned address come in a
/// vector of their own.
template <int kGroup, class T, class F>
HWY_INLINE void storeRow(T* HWY_RESTRICT out, int count, bool stream, F entries) {
    const hn::ScalableTag<T> d;
    using V = hn::Vec<decltype(d)>;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    const auto storePart = [&](int j, int elements) GKERN_BODY {
        HWY_ALIGN T part[N];
        V v[1];
        entries(j, v);
        hn::Store(v[0], d, part);
        std::memcpy(out + j, part, static_cast<size_t>(elements) * sizeof(T));
    };
    const auto storeFrom = [&](int j, auto store) GKERN_BODY {
        for (; j + kGroup * N <= count; j += kGroup * N) {
            V v[kGroup];
            entries(j, v);
            unrolled<kGroup>([&](auto i) GKERN_BODY { store(v[i], out + j + i * N); });
        }
        for (; j + N <= count; j += N) {
            V v[1];
            entries(j, v);
            store(v[0], out + j);
        }
        if (j < count) storePart(j, count - j);
    };
    if (!stream) return storeFrom(0, [&](V v, T* to) GKERN_BODY { hn::StoreU(v, d, to); });
    int j = 0;
    const auto past = static_cast<int>(reinterpret_cast<uintptr_t>(out) % (N * sizeof(T)) / sizeof(T));
    if (past != 0) {
        j = std::min(count, N - past);
        storePart(0, j);
    }
    storeFrom(j, [&](V v, T* to) GKERN_BODY { hn::Stream(v, d, to); });
}

/// The sums of a row of the strip as vectors of double.
template <class T>
struct RowOfSums {
    const T* sums;
    const T* yNorms;  ///< null: the sums are what is wanted
    T xNorm;

    /// @tparam kClamped at least 0. Without, rounding may leave what the bound of a tile allows: for a
    /// float, nothing that its exponential would not round to 1.
    template <bool kClamped, class D>
    HWY_INLINE hn::Vec<D> get(D d, int j) const {
        const hn::Rebind<T, D> from;
        const auto s = loadDouble(d, hn::LoadU(from, sums + j));
        if (yNorms == nullptr) return s;
        const auto norms =
            hn::Add(hn::Set(d, static_cast<double>(xNorm)), loadDouble(d, hn::LoadU(from, yNorms + j)));
        const auto sum = hn::MulAdd(s, hn::Set(d, -2.0), norms);
        // Everything is finite here, so that no NaN gets lost.
        return kClamped ? hn::Max(hn::Zero(d), sum) : sum;
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
template <int kGroup, class T, class F>
HWY_INLINE void dotRow(const Tile<T>& tile, uint8_t* out, F entries) {
    const hn::ScalableTag<double> d;
    using V = hn::Vec<decltype(d)>;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    auto* sums = reinterpret_cast<double*>(out);
    V sum = hn::Load(d, sums);
    int j = 0;
    for (; j + kGroup * N <= tile.cols; j += kGroup * N) {
        V v[kGroup];
        entries(j, v);
        unrolled<kGroup>(
            [&](auto i) GKERN_BODY { sum = hn::MulAdd(v[i], hn::LoadU(d, tile.vector + j + i * N), sum); });
    }
    for (; j < tile.cols; j += N) {
        V v[1];
        entries(j, v);
        sum = hn::MulAdd(v[0], hn::LoadU(d, tile.vector + j), sum);
    }
    hn::Store(sum, d, sums);
}

template <class T>
HWY_INLINE void finishRow(const RowOfSums<T>& sums, const Tile<T>& tile, uint8_t* out) {
    const hn::ScalableTag<double> d;
    using V = hn::Vec<decltype(d)>;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    const V scale = hn::Set(d, -tile.factor * 0x1.71547652b82fep0), minusFactor = hn::Set(d, -tile.factor);
    const auto floatGrade = [&](int j, auto& v) GKERN_BODY {
        constexpr int kCount = static_cast<int>(std::extent_v<std::remove_reference_t<decltype(v)>>);
        unrolled<kCount>([&](auto i) GKERN_BODY { v[i] = sums.template get<false>(d, j + i * N); });
        expFloatGrade(d, scale, v);
    };
    const auto exact = [&](int j, auto& v) GKERN_BODY {
        constexpr int kCount = static_cast<int>(std::extent_v<std::remove_reference_t<decltype(v)>>);
        unrolled<kCount>(
            [&](auto i) GKERN_BODY { v[i] = hn::Mul(sums.template get<true>(d, j + i * N), minusFactor); });
        expDouble(d, v);
    };
    const auto floats = [&](int j, auto& v) GKERN_BODY {
        constexpr int kCount = static_cast<int>(std::extent_v<std::remove_reference_t<decltype(v)>>);
        const hn::ScalableTag<float> df;
#if HWY_TARGET == HWY_SCALAR
        V wide[kCount];
        floatGrade(j, wide);
        unrolled<kCount>([&](auto i) GKERN_BODY { v[i] = hn::DemoteTo(df, wide[i]); });
#else
        const hn::Rebind<float, decltype(d)> half;
        V wide[2 * kCount];
        floatGrade(j, wide);
        unrolled<kCount>([&](auto i) GKERN_BODY {
            v[i] = hn::Combine(df, hn::DemoteTo(half, wide[2 * i + 1]), hn::DemoteTo(half, wide[2 * i]));
        });
#endif
    };
    auto* doubles = reinterpret_cast<double*>(out);
    switch (tile.entries) {
        case Entries::Float:
            return storeRow<kFloatGroup / 2>(reinterpret_cast<float*>(out), tile.cols, tile.stream, floats);
        case Entries::Double:
            return storeRow<kDoubleGroup>(doubles, tile.cols, tile.stream, exact);
        case Entries::DoubleFloatGrade:
            return storeRow<kFloatGroup>(doubles, tile.cols, tile.stream, floatGrade);
        case Entries::DotFloatGrade:
            return dotRow<kFloatGroup>(tile, out, floatGrade);
        case Entries::DotDouble:
            return dotRow<kDoubleGroup>(tile, out, exact);
    }
}

/// The same in float: Float, DoubleFloatGrade and DotFloatGrade only.
HWY_INLINE void finishRowFast(const RowOfSums<float>& sums, const Tile<float>& tile, uint8_t* out) {
    const hn::ScalableTag<float> d;
    using V = hn::Vec<decltype(d)>;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    const V scale = hn::Set(d, static_cast<float>(-tile.factor * 0x1.71547652b82fep0));
    const V xNorm = hn::Set(d, sums.xNorm), minusTwo = hn::Set(d, -2.0F);
    const auto floats = [&](int j, auto& v) GKERN_BODY {
        constexpr int kCount = static_cast<int>(std::extent_v<std::remove_reference_t<decltype(v)>>);
        unrolled<kCount>([&](auto i) GKERN_BODY {
            const V norms = hn::Add(xNorm, hn::LoadU(d, sums.yNorms + j + i * N));
            v[i] = hn::Max(hn::Zero(d), hn::MulAdd(hn::LoadU(d, sums.sums + j + i * N), minusTwo, norms));
        });
        expFast(d, scale, v);
    };
    if (tile.entries == Entries::Float)
        return storeRow<kFastGroup>(reinterpret_cast<float*>(out), tile.cols, tile.stream, floats);
    HWY_ALIGN float row[kMaxTileSide + kFastGroup * N];
    for (int j = 0; j < tile.cols; j += kFastGroup * N) {
        V v[kFastGroup];
        floats(j, v);
        unrolled<kFastGroup>([&](auto i) GKERN_BODY { hn::Store(v[i], d, row + j + i * N); });
    }
    const hn::ScalableTag<double> dd;
    constexpr int kHalf = static_cast<int>(hn::MaxLanes(dd));
    const auto doubles = [&](int j, auto& v) GKERN_BODY {
        constexpr int kCount = static_cast<int>(std::extent_v<std::remove_reference_t<decltype(v)>>);
        const hn::Rebind<float, decltype(dd)> half;
        unrolled<kCount>([&](auto i)
                             GKERN_BODY { v[i] = hn::PromoteTo(dd, hn::LoadU(half, row + j + i * kHalf)); });
    };
    if (tile.entries == Entries::DotFloatGrade)
        dotRow<1>(tile, out, doubles);
    else
        storeRow<1>(reinterpret_cast<double*>(out), tile.cols, tile.stream, doubles);
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
