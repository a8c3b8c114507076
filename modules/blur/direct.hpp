// SPDX-License-Identifier: Apache-2.0
// The seam between the direct engine's schedule (direct.cpp: bands, tiles, the ring of rows) and its
// arithmetic (direct_simd.cpp: one row, one block of rows; compiled once per SIMD target).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "blur/plan.hpp"

namespace gkern::detail {

/// Output rows that are computed together and share what they load.
inline constexpr int kBlockRows = 4;

/// Bytes of the longest vector of any target; rows of sums begin at multiples of it and have room for one
/// more at the end.
inline constexpr size_t kVectorBytes = 64;

/// Taps of one axis in the arithmetic of the sums, float or double.
template <class Sum>
struct DirectTaps {
    explicit DirectTaps(const AxisKernel& kernel);

    std::vector<Sum> weights;
    int anchor;
    bool symmetric;  ///< odd, centred, and the same from both ends
};

/// A row of the picture that is to become a row of sums.
template <class Sum>
struct DirectRow {
    const uint8_t* source;  ///< the row at column 0 of the picture; null for a row of border values
    const uint8_t* border;  ///< one pixel of the border value
    int channels;
    const int* columns;  ///< of the picture, for each pixel of the row of sums; −1: the border value
    ptrdiff_t count;     ///< pixels of the row of sums
    ptrdiff_t inside, insideEnd;  ///< the part of it that lies in the picture: consecutive columns
    Sum* out;
};

/// Up to kBlockRows output rows of a tile.
template <class Sum>
struct DirectBlock {
    const DirectTaps<Sum>* x;
    const DirectTaps<Sum>* y;
    int channels;
    int height;  ///< output rows, 1 … kBlockRows
    const Sum* const*
        rows;         ///< taps of y + kBlockRows − 1 rows of sums, from the first tap of the first pixel on
    ptrdiff_t width;  ///< output elements (columns times channels)
    uint8_t* const* dst;  ///< where the output rows begin
    Sum* strip;           ///< scratch: kBlockRows rows, `stride` apart
    size_t stride;
};

/// Whether this processor has a target with fused multiply-add; without, results would depend on the target.
bool directSupported();

/// Float sums: pictures of any depth but CV_32S and CV_64F.
void directFill(int depth, const DirectRow<float>& row);
void directBlur(int depth, const DirectBlock<float>& block);
/// Double sums: pictures of any depth.
void directFill(int depth, const DirectRow<double>& row);
void directBlur(int depth, const DirectBlock<double>& block);

}  // namespace gkern::detail
