// SPDX-License-Identifier: Apache-2.0
// The seam between the direct engine's schedule (direct.cpp: bands, tiles, borders) and its arithmetic
// (direct_simd.cpp: one block of rows and columns, compiled once per SIMD target).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "blur/plan.hpp"

namespace gkern::detail {

/// Output rows that one pass over the source rows computes together.
inline constexpr int kBlockRows = 4;

/// Taps of one axis in the arithmetic of the sums, float or double.
template <class Sum>
struct DirectTaps {
    explicit DirectTaps(const AxisKernel& kernel);

    std::vector<Sum> weights;
    int anchor;
    bool symmetric;  ///< odd, centred, and the same from both ends
};

/// Scratch of one thread.
template <class Sum>
struct DirectScratch {
    /// For tiles of at most `columns` pixels.
    DirectScratch(ptrdiff_t columns, int channels, const DirectTaps<Sum>& x, const DirectTaps<Sum>& y);

    size_t stripStride;  ///< sums from one row of the strip to the next
    std::vector<Sum>
        strip;  ///< kBlockRows rows: a tile and the taps to its left and right, vertically summed
    std::vector<const void*> pointers;  ///< rows of `gathered` and of `tail`
    std::vector<uint8_t> gathered;      ///< source pixels outside of the picture's left and right edge
    std::vector<uint8_t> tail;  ///< the last pixels of each source row, where a whole vector may be read
};

/// Bytes of the longest vector of any target.
inline constexpr size_t kVectorBytes = 64;

/// One tile of one block: columns [begin, end) of up to kBlockRows output rows.
template <class Sum>
struct DirectTile {
    const DirectTaps<Sum>* x;
    const DirectTaps<Sum>* y;
    DirectScratch<Sum>* scratch;
    int channels;
    int rows;                      ///< output rows, 1 … kBlockRows; fewer at the end of a band
    const uint8_t* const* source;  ///< taps of y + 2·kBlockRows − 1 rows of the picture, each at its column
                                   ///< 0; the last kBlockRows are the next block's
    ptrdiff_t begin, end;   ///< output columns, counted in the whole picture
    ptrdiff_t width;        ///< columns of the whole picture
    const int* halo;        ///< the columns that stand for begin − anchor, …; see borderIndices()
    const uint8_t* border;  ///< one pixel of the border value
    uint8_t* const* dst;    ///< where the output rows begin
};

/// Whether this processor has a target with fused multiply-add; without, results would depend on the target.
bool directSupported();

/// Blurs a tile with float sums; pictures of any depth but CV_32S and CV_64F.
void directTile(int depth, const DirectTile<float>& tile);
/// Blurs a tile with double sums; pictures of any depth but CV_16F and CV_32F.
void directTile(int depth, const DirectTile<double>& tile);

}  // namespace gkern::detail
