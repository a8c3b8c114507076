// SPDX-License-Identifier: Apache-2.0
// Tiles whose sums the matrix unit makes. Included once per SIMD target.
#if defined(GKERN_RBF_DIGIT_TILES_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_RBF_DIGIT_TILES_INL_HPP
#undef GKERN_RBF_DIGIT_TILES_INL_HPP
#else
#define GKERN_RBF_DIGIT_TILES_INL_HPP
#endif

#include <hwy/highway.h>

#include <algorithm>

#include "rbf/entries-inl.hpp"
#include "rbf/mirror-inl.hpp"
#include "rbf/simd.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Whether a processor with this target's vectors may have a matrix unit.
constexpr bool kHasDigits = HWY_TARGET <= HWY_AVX3;

/// A row of sums of orders; see RowOfSums.
struct RowOfOrders {
    const int32_t* sums;
    size_t step;  ///< from one order to the next
    int orders;
    const double* yNorms;
    double xNorm, scale;

    /// Exponents, or products whose norms are still to be subtracted.
    template <bool kProducts, class D, class V, int kCount>
    HWY_INLINE void join(D d, int j, V (&v)[kCount]) const {
        constexpr int N = static_cast<int>(hn::MaxLanes(d));
        const hn::Rebind<int32_t, D> di;
        unrolled<kCount>([&](auto i)
                             GKERN_BODY { v[i] = hn::PromoteTo(d, hn::LoadU(di, sums + j + i * N)); });
        const int32_t* order = sums + j;
        for (int o = 1; o < orders; ++o) {
            order += step;
            unrolled<kCount>([&](auto i) GKERN_BODY {
                v[i] = hn::MulAdd(v[i], hn::Set(d, 256.0), hn::PromoteTo(d, hn::LoadU(di, order + i * N)));
            });
        }
        subtract<kProducts>(d, j, v);
    }

    /// Exponents of four orders, of which two by two fit an integer.
    template <class D, class V, int kCount>
    HWY_INLINE void joinPairs(D d, int j, V (&v)[kCount]) const {
        constexpr int N = static_cast<int>(hn::MaxLanes(d));
        const hn::Rebind<int32_t, D> di;
        const auto pair = [&](const int32_t* order) GKERN_BODY {
            const auto sum = hn::Add(hn::ShiftLeft<8>(hn::LoadU(di, order)), hn::LoadU(di, order + step));
            return hn::PromoteTo(d, sum);
        };
        unrolled<kCount>([&](auto i) GKERN_BODY {
            const int32_t* order = sums + j + i * N;
            v[i] = hn::MulAdd(pair(order), hn::Set(d, 65536.0), pair(order + 2 * step));
        });
        subtract<false>(d, j, v);
    }

    template <bool kProducts, class D, class V, int kCount>
    HWY_INLINE void subtract(D d, int j, V (&v)[kCount]) const {
        constexpr int N = static_cast<int>(hn::MaxLanes(d));
        unrolled<kCount>([&](auto i) GKERN_BODY {
            const V norms = hn::Add(hn::Set(d, xNorm), hn::LoadU(d, yNorms + j + i * N));
            v[i] = kProducts ? hn::MulAdd(v[i], hn::Set(d, -2), norms) : hn::Sub(v[i], norms);
            v[i] = hn::Mul(v[i], hn::Set(d, scale));
        });
    }
};

template <Terms kTerms_>
struct RowOfAnyOrders {
    static constexpr Terms kTerms = kTerms_;
    RowOfOrders row;
    template <class D, class V, int kCount>
    HWY_INLINE void exponents(D d, int j, V (&v)[kCount]) const {
        row.join<kTerms == Terms::Products>(d, j, v);
    }
};
struct RowOfPairs {
    static constexpr Terms kTerms = Terms::Exponents;
    RowOfOrders row;
    template <class D, class V, int kCount>
    HWY_INLINE void exponents(D d, int j, V (&v)[kCount]) const {
        row.joinPairs(d, j, v);
    }
};

/// Exponents in float of three orders. Of each the squared distance first, which is as exact as the sums
/// are, and only then floats.
struct RowOfThree {
    static constexpr Terms kTerms = Terms::Exponents;
    static constexpr int kOrders = 3;
    const int32_t* sums;
    size_t step;
    const int32_t* yNorms;
    size_t yStep;
    int32_t xNorms[kOrders];
    float weights[kOrders];

    template <class D, class V, int kCount>
    HWY_INLINE void exponents(D d, int j, V (&v)[kCount]) const {
        constexpr int N = static_cast<int>(hn::MaxLanes(d));
        const hn::RebindToSigned<D> di;
        unrolled<kOrders>([&](auto o) GKERN_BODY {
            unrolled<kCount>([&](auto i) GKERN_BODY {
                const auto product = hn::LoadU(di, sums + o * step + j + i * N);
                const auto norms =
                    hn::Add(hn::Set(di, xNorms[o]), hn::LoadU(di, yNorms + o * yStep + j + i * N));
                const auto term = hn::ConvertTo(d, hn::Sub(hn::Add(product, product), norms));
                const auto weight = hn::Set(d, weights[o]);
                v[i] = o == 0 ? hn::Mul(term, weight) : hn::MulAdd(term, weight, v[i]);
            });
        });
    }
};

/// Sums of a tile, a panel of rows after the other.
/// @param finish takes rows [first, end) from the sums of all orders, and the length of their rows
template <class T, class F>
HWY_INLINE void sumDigits(const Tile<T>& tile, F finish) {
    const DigitTile& digits = tile.digits;
    // Vectors reach beyond the last row.
    HWY_ALIGN int32_t sums[kMostOrders * kDigitPanel * kMaxTileSide + 128];
    const MatrixUnit unit;
    const int panels = (tile.cols - 1) / kDigitPanel + 1;
    for (int row = 0; row < tile.rows; row += kDigitPanel) {
        unit.sumOrders(digits.x + size_t(row / kDigitPanel) * digits.form->xPanelBytes(), digits.y, panels,
                       *digits.form, sums);
        finish(row, std::min(row + kDigitPanel, tile.rows), sums, panels * kDigitPanel);
    }
}

/// Rows [first, end) from the sums of their orders.
template <bool kBounded, class Row>
HWY_NOINLINE void finishDigits(const Tile<double>& tile, int first, int end, const int32_t* sums, int width,
                               uint8_t* copies, size_t copyStep) {
    for (int r = first; r < end; ++r, sums += width) {
        const RowOfOrders orders{
            sums,      size_t(width) * kDigitPanel, tile.digits.form->orders, tile.yNorms, tile.xNorms[r],
            tile.scale};
        finishRow<kBounded>(Row{orders}, tile, r, copies);
        if (copies != nullptr) copies += copyStep;
    }
}

void finishAnyDigits(const Tile<double>& tile, int first, int end, const int32_t* sums, int width,
                     uint8_t* copies, size_t copyStep) {
    if (tile.terms == Terms::Products)
        finishDigits<false, RowOfAnyOrders<Terms::Products>>(tile, first, end, sums, width, copies, copyStep);
    else if (tile.bounded && tile.digits.form->pairsFit)
        finishDigits<true, RowOfPairs>(tile, first, end, sums, width, copies, copyStep);
    else
        finishDigits<false, RowOfAnyOrders<Terms::Exponents>>(tile, first, end, sums, width, copies,
                                                              copyStep);
}
HWY_NOINLINE void finishAnyDigits(const Tile<float>& tile, int first, int end, const int32_t* sums, int width,
                                  uint8_t* copies, size_t copyStep) {
    const DigitTile& digits = tile.digits;
    RowOfThree row{sums, size_t(width) * kDigitPanel, digits.yOrders, digits.yOrderStep, {}, {}};
    for (int o = 0; o < row.kOrders; ++o)
        row.weights[o] = static_cast<float>(tile.scale / 2 * (1 << (8 * (row.kOrders - 1 - o))));
    for (int r = first; r < end; ++r, row.sums += width) {
        for (int o = 0; o < row.kOrders; ++o)
            row.xNorms[o] = digits.xOrders[size_t(o) * digits.xOrderStep + size_t(r)];
        finishRowFast(row, tile, r, copies);
        if (copies != nullptr) copies += copyStep;
    }
}

template <class T>
void computeDigitsOnce(const Tile<T>& tile) {
    if (tile.stream) fetchEndsOfRows(tile, 0, kDigitPanel);
    sumDigits(tile, [&](int first, int end, const int32_t* sums, int width) {
        if (tile.stream) fetchEndsOfRows(tile, first + kDigitPanel, end + kDigitPanel);
        finishAnyDigits(tile, first, end, sums, width, nullptr, 0);
    });
}

/// A few rows at a time, with a part of the mirror image of the panel before between them if that goes past
/// the caches.
template <class E, class T>
void computeDigitsTwice(const Tile<T>& tile) {
    const int rowsAtOnce = tile.streamMirror ? 4 : kDigitPanel;
    HWY_ALIGN E copies[2][kDigitPanel * kMirrorStep<E>];
    Mirror<E, T> mirror(tile);
    sumDigits(tile, [&](int first, int end, const int32_t* sums, int width) {
        E* panel = copies[first / kDigitPanel % 2];
        if (tile.stream) fetchEndsOfRows(tile, first, end);
        for (int r = first; r < end; r += rowsAtOnce) {
            const int next = std::min(r + rowsAtOnce, end);
            finishAnyDigits(tile, r, next, sums + (r - first) * width, width,
                            reinterpret_cast<uint8_t*>(panel + size_t(r - first) * kMirrorStep<E>),
                            kMirrorStep<E> * sizeof(E));
            mirror.advance(next - first, end - first);
        }
        mirror.add(first, end, panel);
    });
    mirror.advance(1, 1);
}

template <class T>
void computeDigits(const Tile<T>& tile) {
    if (tile.mirror == nullptr)
        computeDigitsOnce(tile);
    else if (tile.entries == Entries::Float)
        computeDigitsTwice<float>(tile);
    else
        computeDigitsTwice<double>(tile);
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
