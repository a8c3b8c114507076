// SPDX-License-Identifier: Apache-2.0
// Rows of a tile on their way to its mirror image across the diagonal of K. Included once per SIMD target.
#if defined(GKERN_RBF_MIRROR_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_RBF_MIRROR_INL_HPP
#undef GKERN_RBF_MIRROR_INL_HPP
#else
#define GKERN_RBF_MIRROR_INL_HPP
#endif

#include <hwy/highway.h>

#include "rbf/simd.hpp"
#include "rbf/stream-inl.hpp"
#include "simd/blocks-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Rows that are transposed together: as many as fill a line of the mirror image, while they still are in the
/// L1 cache.
template <class E>
constexpr int kMirrorRows = kLineBytes / int(sizeof(E));

/// Entries from one of these rows to the next, with room for whole vectors at the end.
template <class E>
constexpr size_t kMirrorStep = kMaxTileSide + kLineBytes / sizeof(E);

/// Columns that are transposed together.
template <class E>
constexpr int kMirrorColumns = 16 / int(sizeof(E));

#if HWY_TARGET == HWY_SCALAR
/// Columns c … of the rows as lines: as many as 16 bytes hold.
template <class E, class F>
HWY_INLINE void transposeColumns(const E* rows, F line) {
    for (int i = 0; i < int(16 / sizeof(E)); ++i) {
        E column[kMirrorRows<E>];
        for (int r = 0; r < kMirrorRows<E>; ++r) column[r] = rows[size_t(r) * kMirrorStep<E> + size_t(i)];
        for (int r = 0; r < kMirrorRows<E>; ++r) line(i, r, hn::Set(hn::ScalableTag<E>(), column[r]));
    }
}
#else
/// The columns of the rows that 16 bytes hold, as lines: line(i, r, v) takes entries r, r + 1, … of column i.
template <class E, class F>
HWY_INLINE void transposeColumns(const E* rows, F line) {
    const hn::ScalableTag<E> d;
    constexpr int kLanes = kBlockLanes<E>, N = kBlocksOf<decltype(d)> * kLanes;
    unrolled<kMirrorRows<E> / N>([&](auto part) GKERN_BODY {
        constexpr int r = part * N;
        // Block b of vector i holds row r + b·kLanes + i.
        hn::Vec<decltype(d)> v[kLanes];
        unrolled<kLanes>([&](auto i) GKERN_BODY {
            v[i] = loadBlocks(
                d, [&](int b) GKERN_BODY { return rows + size_t(r + b * kLanes + i) * kMirrorStep<E>; });
        });
        transpose(d, v);
        unrolled<kLanes>([&](auto i) GKERN_BODY { line(int(i), r, v[i]); });
    });
}
#endif

/// Columns [begin, end) of rows first … first + kMirrorRows − 1 of a tile, from `rows` to the mirror
/// image; `begin` is a multiple of kLines.
template <class E, class T>
HWY_NOINLINE void writeMirror(const Tile<T>& tile, int first, const E* rows, int begin, int end) {
    const hn::ScalableTag<E> d;
    using V = hn::Vec<decltype(d)>;
    constexpr int kLines = kMirrorColumns<E>;
    uint8_t* out = static_cast<uint8_t*>(tile.mirror) + size_t(first) * sizeof(E);
    const auto lineAt = [&](int c)
                            GKERN_BODY { return reinterpret_cast<E*>(out + size_t(c) * tile.mirrorStep); };
    const auto columns = [&](auto store) GKERN_BODY {
        int c = begin;
        for (; c + kLines <= end; c += kLines)
            transposeColumns(rows + c, [&](int i, int r, V v) GKERN_BODY { store(v, lineAt(c + i) + r); });
        if (c == end) return;
        transposeColumns(rows + c, [&](int i, int r, V v) GKERN_BODY {
            if (c + i < end) store(v, lineAt(c + i) + r);
        });
    };
    if (tile.streamMirror && hn::MaxLanes(d) * sizeof(E) >= 16)
        columns([&](V v, E* to) GKERN_BODY { hn::Stream(v, d, to); });
    else
        columns([&](V v, E* to) GKERN_BODY { hn::StoreU(v, d, to); });
}

/// Rows of a tile on their way to its mirror image. They go there bit by bit, while the sums of the next
/// rows are made: their lines are on as many pages, and all at once they would wait for memory.
template <class E, class T>
class Mirror {
  public:
    HWY_INLINE explicit Mirror(const Tile<T>& tile) : tile_(tile) {}

    /// Rows [first, end) are in `copies`; those before have been written.
    HWY_INLINE void add(int first, int end, const E* copies) {
        copies_ = copies;
        first_ = first;
        end_ = end;
        column_ = 0;
    }
    /// Writes columns until `part` of `parts` of them are written.
    HWY_INLINE void advance(int part, int parts) {
        constexpr int kLines = kMirrorColumns<E>, kGroup = kMirrorRows<E>;
        const int next = part == parts ? tile_.cols : tile_.cols * part / parts / kLines * kLines;
        if (next <= column_) return;
        for (int r = first_; r < end_; r += kGroup)
            writeMirror(tile_, r, copies_ + size_t(r - first_) * kMirrorStep<E>, column_, next);
        column_ = next;
    }

  private:
    const Tile<T>& tile_;
    const E* copies_ = nullptr;
    int first_ = 0, end_ = 0, column_ = 0;
};

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
