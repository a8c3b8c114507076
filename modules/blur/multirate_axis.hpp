// SPDX-License-Identifier: Apache-2.0
// The multirate engine's view of one axis of a picture: where the nodes lie, what each gathers from the
// pixels, how the nodes are filtered, and what each pixel takes back from them.
//
// The grid of nodes shares the symmetry of the border: nodes at −½ + jN/K for BORDER_REFLECT, at j(N−1)/K for
// REFLECT_101, at jN/K for WRAP. The line of nodes then continues beyond its ends by the same rule as the
// pixels do, and no border costs more than another. For CONSTANT and REPLICATE the nodes go on until their
// windows lie wholly outside, and what the last one holds is what all beyond it hold.
#pragma once

#include <vector>

#include "blur/multirate_plan.hpp"

namespace gkern::detail {

/// One axis, for output pixels [begin, end) of a line of `length` pixels: what takes what.
struct LineLayout {
    /// Node j takes lines j.first … j.first + j.count − 1.
    struct Node {
        int first, count;  ///< of `pixels`
        size_t offset;     ///< of the weights
        int end() const { return first + count; }
    };
    std::vector<int> pixels;  ///< the pixel of each line; −1: the border value
    std::vector<Node> nodes;

    /// Filter: node o of the filtered line is Σ_i taps.weights[i] · node filtered[o + i].
    AxisKernel taps;
    std::vector<int> filtered;  ///< numbers of nodes; −1: the border value
    int filteredCount = 0;      ///< of filtered nodes

    /// Synthesis: pixel n of the output takes filtered nodes start[n] … start[n] + width − 1.
    int width = 1;
    std::vector<int> start;

    bool identity = false;  ///< nodes are pixels: neither analysis nor synthesis
};

/// The same with the weights of both windows.
struct LineChain : LineLayout {
    std::vector<double> analysis;   ///< node j is Σ_i analysis[j.offset + i] · line j.first + i
    std::vector<double> synthesis;  ///< `width` for each pixel of the output
    bool symmetric = false;         ///< the taps

    /// The same numbers in float, where nodes are.
    struct Floats {
        std::vector<float> analysis, synthesis, taps;
    } floats;
};

/// @param kernel of an axis without a window: its taps. Unused otherwise.
/// @param borderType without BORDER_ISOLATED.
LineChain chainOf(const MultirateAxis& axis, const AxisKernel& kernel, int length, int begin, int end,
                  int borderType);

}  // namespace gkern::detail
