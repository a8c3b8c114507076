// SPDX-License-Identifier: Apache-2.0
// From the sums of a row to its entries, and on to memory or into a product with a vector. Included once per
// SIMD target.
#if defined(GKERN_RBF_ENTRIES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_RBF_ENTRIES_INL_HPP
#undef GKERN_RBF_ENTRIES_INL_HPP
#else
#define GKERN_RBF_ENTRIES_INL_HPP
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "rbf/exp-inl.hpp"
#include "rbf/simd.hpp"
#include "rbf/stream-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Vectors in an array of them.
template <class A>
constexpr int kExtent = static_cast<int>(std::extent_v<std::remove_reference_t<A>>);

template <class D, class T>
HWY_INLINE hn::Vec<D> loadAs(D d, const T* from) {
    const hn::Rebind<T, D> dt;
    if constexpr (std::is_same_v<T, hn::TFromD<D>>)
        return hn::LoadU(d, from);
    else
        return hn::PromoteTo(d, hn::LoadU(dt, from));
}

/// A row of the strip.
template <Terms kTerms_, class T>
struct RowOfSums {
    static constexpr Terms kTerms = kTerms_;
    const T* strip;
    // Products only
    const T* yNorms;
    T xNorm;
    double scale;

    /// Exponents of 2 of the columns from j on, in vectors of double, or of T = float. Differences of
    /// products may exceed 0 by what the bound of a tile allows: nothing that does not round to 1 in float.
    template <class D, class V, int kCount>
    HWY_INLINE void exponents(D d, int j, V (&v)[kCount]) const {
        constexpr int N = static_cast<int>(hn::MaxLanes(d));
        unrolled<kCount>([&](auto i) GKERN_BODY {
            v[i] = loadAs(d, strip + j + i * N);
            if constexpr (kTerms == Terms::Products) {
                const V norms =
                    hn::Add(hn::Set(d, static_cast<hn::TFromD<D>>(xNorm)), loadAs(d, yNorms + j + i * N));
                v[i] = hn::Mul(hn::MulAdd(v[i], hn::Set(d, -2), norms), hn::Set(d, scale));
            }
        });
    }
};

// Vectors that the exponential works on at once.
constexpr int kFloatGroup = kManyRegisters ? 6 : 2, kDoubleGroup = kManyRegisters ? 6 : 2;
constexpr int kFastGroup = kManyRegisters ? 6 : 2;

/// Where a row goes.
template <class T>
struct RowTarget {
    T* HWY_RESTRICT out;
    T* HWY_RESTRICT copy;  ///< null, or where it goes as well, with room for whole vectors
    int count;
    bool stream;
};

/// Stores a row of elements that come from entries(j, v): a vector to each of v[0], v[1], … from element j
/// on. Whole lines of the caches are streamed, or nothing.
template <int kGroup, class D, class T, class F>
HWY_INLINE void storeRow(D d, const RowTarget<T>& to, F entries) {
    using V = hn::Vec<D>;
    constexpr int N = static_cast<int>(hn::MaxLanes(d)), kLine = std::max<int>(N, kLineBytes / sizeof(T));
    // Less than a line, in as many vectors as that takes.
    const auto makePart = [&](int first, int end, T* part) GKERN_BODY {
        if (first == end) return;
        V v[kLine / N];
        entries(first, v);
        unrolled<kLine / N>([&](auto i) GKERN_BODY {
            hn::Store(v[i], d, part + i * N);
            if (to.copy != nullptr) hn::StoreU(v[i], d, to.copy + first + i * N);
        });
    };
    const auto storeWhole = [&](int j, int end, auto store) GKERN_BODY {
        const auto group = [&](auto count) GKERN_BODY {
            V v[count];
            entries(j, v);
            unrolled<count>([&](auto i) GKERN_BODY {
                store(v[i], to.out + j + i * N);
                if (to.copy != nullptr) hn::StoreU(v[i], d, to.copy + j + i * N);
            });
            j += count * N;
        };
        while (j + kGroup * N <= end) group(std::integral_constant<int, kGroup>());
        while (j + N <= end) group(std::integral_constant<int, 1>());
    };
    const bool stream = to.stream && N * sizeof(T) >= 16;  // what a streamed store writes at least
    const int first = stream ? std::min(to.count, beforeLine(to.out)) : 0;
    const int unit = stream ? kLine : N, end = first + (to.count - first) / unit * unit;
    // The ends go to memory last: by then they can be read again without waiting for their own stores.
    HWY_ALIGN T head[kLine], tail[kLine];
    makePart(0, first, head);
    makePart(end, to.count, tail);
    if (stream)
        storeWhole(first, end, [&](V v, T* at) GKERN_BODY { hn::Stream(v, d, at); });
    else
        storeWhole(first, end, [&](V v, T* at) GKERN_BODY { hn::StoreU(v, d, at); });
    copyPart(head, first, to.out);
    copyPart(tail, to.count - end, to.out + end);
}

/// Row r of a tile whose entries are of type E.
template <class E, class T>
HWY_INLINE RowTarget<E> targetOf(const Tile<T>& tile, int r, void* copy) {
    auto* out = static_cast<uint8_t*>(tile.out) + size_t(r) * tile.step;
    return {reinterpret_cast<E*>(out), static_cast<E*>(copy), tile.cols, tile.stream};
}

/// Adds the entries of a row times the vector to the sums of the row, lane by lane.
template <int kGroup, class T, class F>
HWY_INLINE void dotRow(const Tile<T>& tile, int r, F entries) {
    const hn::ScalableTag<double> d;
    using V = hn::Vec<decltype(d)>;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    double* sums = targetOf<double>(tile, r, nullptr).out;
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

/// Entries of a row in double precision, or in float's, from its sums.
/// @param row has exponents()
/// @param copy null, or where a row that goes to memory goes as well
template <bool kBounded, class Row, class T>
HWY_INLINE void finishRow(const Row& row, const Tile<T>& tile, int r, void* copy) {
    const hn::ScalableTag<double> d;
    using V = hn::Vec<decltype(d)>;
    const auto floatGrade = [&](int j, auto& v) GKERN_BODY {
        row.exponents(d, j, v);
        exp2FloatGrade<kBounded>(d, v);
    };
    const auto exact = [&](int j, auto& v) GKERN_BODY {
        row.exponents(d, j, v);
        // Everything is finite here: no NaN is lost.
        if constexpr (Row::kTerms == Terms::Exponents)
            unrolled<kExtent<decltype(v)>>([&](auto i) GKERN_BODY { v[i] = hn::Min(hn::Zero(d), v[i]); });
        exp2Double<kBounded>(d, v);
    };
    // Half a vector of floats from each vector of doubles: joining them would take longer than two stores.
    const hn::Rebind<float, decltype(d)> df;
    const auto floats = [&](int j, auto& v) GKERN_BODY {
        V wide[kExtent<decltype(v)>];
        floatGrade(j, wide);
        unrolled<kExtent<decltype(v)>>([&](auto i) GKERN_BODY { v[i] = hn::DemoteTo(df, wide[i]); });
    };
    switch (tile.entries) {
        case Entries::Float:
            return storeRow<kFloatGroup>(df, targetOf<float>(tile, r, copy), floats);
        case Entries::Double:
            return storeRow<kDoubleGroup>(d, targetOf<double>(tile, r, copy), exact);
        case Entries::DoubleFloatGrade:
            return storeRow<kFloatGroup>(d, targetOf<double>(tile, r, copy), floatGrade);
        case Entries::DotFloatGrade:
            return dotRow<kFloatGroup>(tile, r, floatGrade);
        case Entries::DotDouble:
            return dotRow<kDoubleGroup>(tile, r, exact);
    }
}

/// The same in float, from sums that are exponents: Float, DoubleFloatGrade and DotFloatGrade only.
template <class Row>
HWY_INLINE void finishRowFast(const Row& row, const Tile<float>& tile, int r, void* copy) {
    const hn::ScalableTag<float> d;
    using V = hn::Vec<decltype(d)>;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    const auto floats = [&](int j, auto& v) GKERN_BODY {
        row.exponents(d, j, v);
        unrolled<kExtent<decltype(v)>>([&](auto i) GKERN_BODY { v[i] = hn::Min(hn::Zero(d), v[i]); });
        exp2Fast(d, v);
    };
    if (tile.entries == Entries::Float)
        return storeRow<kFastGroup>(d, targetOf<float>(tile, r, copy), floats);
    HWY_ALIGN float entries[kMaxTileSide + kFastGroup * N];
    for (int j = 0; j < tile.cols; j += kFastGroup * N) {
        V v[kFastGroup];
        floats(j, v);
        unrolled<kFastGroup>([&](auto i) GKERN_BODY { hn::Store(v[i], d, entries + j + i * N); });
    }
    const hn::ScalableTag<double> dd;
    const auto doubles = [&](int j, auto& v) GKERN_BODY {
        unrolled<kExtent<decltype(v)>>([&](auto i) GKERN_BODY {
            v[i] = loadAs(dd, entries + j + i * static_cast<int>(hn::MaxLanes(dd)));
        });
    };
    if (tile.entries == Entries::DotFloatGrade)
        dotRow<1>(tile, r, doubles);
    else
        storeRow<1>(dd, targetOf<double>(tile, r, copy), doubles);
}

/// Fetches what rows [first, end) share with their neighbours.
template <class T>
void fetchEndsOfRows(const Tile<T>& tile, int first, int end) {
    const int count = tile.cols * (tile.entries == Entries::Float ? 1 : 2);
    for (int r = first; r < std::min(end, tile.rows); ++r)
        fetchEnds(
            reinterpret_cast<const float*>(static_cast<const uint8_t*>(tile.out) + size_t(r) * tile.step),
            count);
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
