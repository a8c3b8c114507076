// SPDX-License-Identifier: Apache-2.0
// The weights of a blur of 8-bit pixels as 16-bit integers, and what that costs in accuracy.
#pragma once

#include <cstdint>
#include <vector>

namespace gkern::detail {

struct AxisKernel;

/// Weights of a symmetric kernel two by two, the first of each two in the lower 16 bits.
struct IntegerPairs {
    std::vector<int32_t> even, odd;

    /// Those at the outside, in eighths of the unit of all others: so the far taps of long kernels, of which
    /// there are many, are not rounded as coarsely as 16 bits for the centre would have it. Their sum is
    /// divided by eight, rounded half up, and the others are added.
    int outer = 0;
    static constexpr int kOuterBits = 3;

    int count() const { return static_cast<int>(even.size()); }
};

/// Sums over x are G·(blur of pixel − 127.5), G in (64, 128.4], rounded to 16 bits, so that two of them add
/// up in 16 bits; those over y are levels times 2^shiftY in 32 bits, of which the upper ones are the result.
struct IntegerTaps {
    /// Taps from one end to the other, for sums that begin with the first of two neighbours (even) or with
    /// the second (odd). Outer ones at either end.
    IntegerPairs line;
    /// Pairs of taps by their distance from the centre, from the outside in: distances 2j and 2j + 1, and in
    /// `odd` the other way round. Outer ones first. The weight of the centre is halved in y, where it counts
    /// as a pair.
    IntegerPairs x, y;
    int reachX = 0, reachY = 0;  ///< the largest distance that has a weight, 1 at least

    int32_t startX = 0;          ///< what sums begin with: the middle of the range, and half a unit
    uint32_t startY = 0;         ///< the same
    int shiftX = 0, shiftY = 0;  ///< of sums, to the right

    double bound = 0;  ///< on |sum − exact sum| in levels

    bool inUse() const { return shiftY != 0; }
};

/// Taps of that bound at most; not in use where 16 bits do not hold such, or an axis is not symmetric.
IntegerTaps makeIntegerTaps(const AxisKernel& x, const AxisKernel& y, double largestBound);

}  // namespace gkern::detail
