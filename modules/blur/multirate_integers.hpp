// SPDX-License-Identifier: Apache-2.0
// Rows of 8-bit pixels of the multirate engine in integers: 16-bit weights onto rows of nodes, 16-bit rows
// and weights on the way back. What is in between is float, as in all other depths.
#pragma once

#include <cstdint>
#include <vector>

#include "blur/multirate.hpp"
#include "blur/multirate_axis.hpp"

namespace gkern::detail {

/// The weights for one size of picture. Pixels count from the middle of their range, 128 levels above the
/// least; the sums of a node's weights, and of those of a row of dst, are the same for all, so that constants
/// stay constant.
struct IntegerRows {
    IntegerRows() = default;

    /// Not in use where an axis of the picture has no nodes of its own.
    /// @param axis of y.
    IntegerRows(const MultirateAxis& axis, const LineChain& x, const LineChain& y);

    bool inUse() const { return gain > 0; }

    /// Rows of pixels onto rows of nodes, the numbers of LineChain::analysis: gain is the sum of each node's.
    std::vector<int16_t> analysis;
    int32_t gain = 0;

    /// Back from the nodes along x: LineChain::synthesis, times what a level is in rows of 16 bits.
    std::vector<float> along;

    /// Back from rows two by two, for windows whose first row is the upper (0) or the lower (1) of two:
    /// pairsOf() numbers for each row of dst. Sums are levels times 2^kLevelBits.
    std::vector<RowPair> synthesis[2];
};

/// Bound on what the weights of rows and the rows of 16 bits add to the error for pictures of any size, as a
/// share of half of full scale.
/// @param y the axis; its taps on the nodes have no sum of |taps| above 1.
double integerRowsBound(const MultirateAxis& y);

}  // namespace gkern::detail
