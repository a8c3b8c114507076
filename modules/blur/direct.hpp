// SPDX-License-Identifier: Apache-2.0
// The seam between the direct engine's schedule (direct.cpp: bands, tiles, the ring of rows) and its
// arithmetic (direct_horizontal_simd.cpp: a quad of rows; direct_vertical_simd.cpp: a block of rows; both
// compiled once per SIMD target).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "blur/plan.hpp"

namespace gkern::detail {

/// Rows that go through a pass together: source rows share vectors in the horizontal pass, output rows share
/// what they load in the vertical one.
inline constexpr int kBlockRows = 4;

/// Output rows of a block where long kernels are summed: they share more of what they load, and of the steps
/// from row to row.
inline constexpr int kTallRows = 8;

/// Bytes of the longest vector of any target; rows of sums begin at multiples of it.
inline constexpr size_t kVectorBytes = 64;

/// Most blocks of 128 bits in a vector of any target.
inline constexpr int kMostSegments = 4;

/// Pairs of taps up to which kernels have code of their own that keeps all their lines in registers.
inline constexpr int kFewPairs = 4;

/// Pairs of taps up to which the compiler knows how many there are: over y in pixels of 16 bits, 32F and 64F,
/// over x in those of one channel.
inline constexpr int kManyPairs = 18;

/// The same where rows of 32F and 64F are summed over y, and over x as they stand in the picture, without
/// columns.
template <class Sum>
inline constexpr int kPlainPairs = sizeof(Sum) == 4 ? 6 : 8;

/// A row of a tile, cut into as many segments as a vector has blocks of 128 bits, which go through the
/// horizontal pass side by side. Pixels that are sums themselves, or become sums of their own size, make rows
/// of sums in the order of the picture. Of other rows, block b of vector q holds the elements from q·k on of
/// segment b, k being the lanes of a block. Segments may overlap: their common elements are computed twice,
/// with the same bits.
struct DirectSegments {
    bool plain;  ///< none of that: rows are summed as they stand in the picture
    int count;
    ptrdiff_t length;  ///< elements of each, a multiple of 4 and of what fills 16 bytes of pixels
    ptrdiff_t start[kMostSegments];
};

/// Taps of one axis in the arithmetic of the sums, float or double.
template <class Sum>
struct DirectTaps {
    DirectTaps(const AxisKernel& kernel, bool takesSteps, double start);

    std::vector<Sum> weights;
    std::vector<Sum> steps;  ///< stepWeights() where contrasts are summed as steps, or empty
    Sum start;               ///< what sums begin with; 0 for contrasts
    int anchor;
    bool symmetric;  ///< odd, centred, and the same from both ends
};

/// kBlockRows rows of the picture that are to become rows of sums over x.
template <class Sum>
struct DirectQuad {
    const DirectTaps<Sum>* x;
    int channels;
    const DirectSegments* segments;
    const uint8_t* rows[kBlockRows];  ///< pixels with their border, from the first tap of the first pixel on,
                                      ///< and directSlack() elements more
    ptrdiff_t count;                  ///< elements of a row, border included
    /// Elements directBegin … directEnd − 1 of rows[r] also stand in the picture, from direct[r] on. `rows`
    /// then holds no more of them than directMargin() at either end.
    const uint8_t* direct[kBlockRows];
    ptrdiff_t directBegin, directEnd;
    const uint8_t* next[kBlockRows];  ///< rows of the picture that will be wanted soon
    bool large;                       ///< the picture exceeds the caches of a core
    Sum* out[kBlockRows];
    Sum* scratch;  ///< directScratch() elements, aligned
};

/// Output rows of a tile.
template <class Sum>
struct DirectBlock {
    const DirectTaps<Sum>* y;
    const DirectSegments* segments;
    ptrdiff_t width;                 ///< elements of an output row
    int height;                      ///< kBlockRows, or kTallRows for pixels that are sums or have 16 bits
    const Sum* const* rows;          ///< taps of y + height − 1 rows of sums over x
    uint8_t* dst[kTallRows];         ///< where the output rows begin
    const uint8_t* next[kTallRows];  ///< output rows that will be written soon
    bool stream;                     ///< past the caches: dst, of sums, consists of whole vectors
    Sum* scratch;                    ///< kBlockRows·directNarrowed() elements, aligned
};

/// Elements of scratch memory for an output row of sums that are to become pixels of another type.
constexpr ptrdiff_t directNarrowed(ptrdiff_t width) {
    return (width + 15) / 16 * 16;
}

/// Elements beyond the end of a padded row that the horizontal pass may read.
constexpr ptrdiff_t directSlack(int channels) {
    return 4 * static_cast<ptrdiff_t>(channels) + 64;
}

/// Columns of a segment that are summed before the next ones are fetched: with their reach they stay in the
/// L1 cache. A multiple of what one step of the horizontal pass sums.
constexpr ptrdiff_t directChunk(ptrdiff_t channels) {
    const ptrdiff_t step = kBlockRows * channels;
    return (128 + step - 1) / step * step;
}

/// Elements of the picture next to the border for which the horizontal pass takes the copy of a row: those
/// that vectors of sums see, or a chunk of columns. Rows are read as they stand in the picture where the
/// vectors on either side are in it as well.
constexpr ptrdiff_t directMargin(ptrdiff_t taps, ptrdiff_t channels, bool plain) {
    return plain ? 2 * taps * channels + 48 : directChunk(channels) + taps * channels + 16;
}

/// Elements of scratch memory for the columns of a chunk with their reach.
template <class Sum>
constexpr ptrdiff_t directColumns(ptrdiff_t taps, ptrdiff_t channels) {
    return (directChunk(channels) + taps * channels + 16) *
           static_cast<ptrdiff_t>(kVectorBytes / sizeof(Sum));
}

/// Elements of scratch memory for a quad of rows of `count` elements, border included: columns, and the rows
/// as sums where their pixels have to be converted first.
template <class Sum>
constexpr ptrdiff_t directScratch(ptrdiff_t count, ptrdiff_t taps, int channels) {
    return directColumns<Sum>(taps, channels) + kBlockRows * (count + directSlack(channels));
}

/// Whether this processor has a target with fused multiply-add; without, results would depend on the target.
bool directSupported();

/// Blocks of 128 bits in a vector of the target in use.
int directBlocks();

/// Pairs of taps up to which the target in use sums rows of 32F (4 bytes) or 64F (8) as they stand in the
/// picture.
int directPlainPairs(size_t bytes);

/// Float sums: pictures of any depth but CV_32S and CV_64F.
void directHorizontal(int depth, const DirectQuad<float>& quad);
void directVertical(int depth, const DirectBlock<float>& block);
/// Double sums: pictures of any depth.
void directHorizontal(int depth, const DirectQuad<double>& quad);
void directVertical(int depth, const DirectBlock<double>& block);

}  // namespace gkern::detail
