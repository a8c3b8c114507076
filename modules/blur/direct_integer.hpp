// SPDX-License-Identifier: Apache-2.0
// Engine::Direct where Plan::integers are in use: the seam between the schedule (direct_integer.cpp) and its
// arithmetic (direct_integer_simd.cpp, compiled once per SIMD target).
#pragma once

#include <cstddef>
#include <cstdint>

#include "blur/direct.hpp"
#include "blur/integer_taps.hpp"
#include "blur/source.hpp"

namespace gkern::detail {

/// Elements of the longest vector of 16-bit numbers of any target: what rows and lines have room for beyond
/// their ends.
inline constexpr ptrdiff_t kIntegerLanes = kVectorBytes / sizeof(int16_t);

/// Two rows of the picture that are to become a line: two rows of sums over x, side by side element for
/// element.
struct IntegerLine {
    const IntegerTaps* taps;
    ptrdiff_t channels;
    ptrdiff_t margin;        ///< pixels before the first one: twice the pairs of taps
    const uint8_t* rows[2];  ///< pixels with their border and as many after the last one
    const uint8_t* next[2];  ///< rows of the picture that will be wanted soon
    ptrdiff_t width;         ///< elements of the line
    int16_t* out;            ///< aligned, 2·width elements
};

/// Output rows.
struct IntegerBlock {
    const IntegerTaps* taps;
    uint8_t flip;                 ///< bits that are changed in every result
    const int16_t* const* lines;  ///< 2·taps->y.count() + 2, of which the middle two hold the output rows
    ptrdiff_t width;              ///< elements of an output row
    uint8_t* dst[kBlockRows];
    const uint8_t* next[kBlockRows];  ///< rows of dst that will be written soon
};

void integerHorizontal(const IntegerLine& line);
void integerVertical(const IntegerBlock& block);

/// Needs directSupported() and plan.integers; a picture of 8 bits.
void blurIntegers(const Plan& plan, const Source& source, cv::Mat& dst);

}  // namespace gkern::detail
