// SPDX-License-Identifier: Apache-2.0
// The multirate engine's plan of a blur: which window for each axis, how many pixels to a node, and the bound
// on what comes out. It knows σ and the tolerance, and nothing of a picture's size.
#pragma once

#include <functional>

#include "blur/multirate_taps.hpp"
#include "blur/plan.hpp"

namespace gkern::detail {

/// What an axis takes next to the weights of the window on the pixels, which are as many as it is wide: those
/// on the nodes, for each node to a pixel, and the taps, for each node and spacing to σ.
struct MultirateWork {
    double nodes, taps;
};

/// The cheapest way of which the worst Σ|chain − Gaussian| and `rounding` of it together stay below
/// `tolerance`, with a window of at most `widest` nodes; without a window where there is none.
MultirateAxis planMultirate(double sigma, WeightModel weights, double tolerance, int widest,
                            const MultirateWork& work,
                            const std::function<double(const MultirateAxis&)>& rounding);

/// A blur of pictures of one depth. Without a window on either axis the engine does not serve it.
struct MultiratePlan {
    MultirateAxis x, y;
    AxisKernel kernelX, kernelY;          ///< taps of an axis without a window
    double kernelL1 = 0;                  ///< Σ|cut − whole| of those
    int borderType = cv::BORDER_DEFAULT;  ///< without BORDER_ISOLATED
    cv::Scalar borderValue;
    int nodeDepth = CV_64F;    ///< nodes are held in CV_32F or CV_64F
    int outDepth = CV_64F;     ///< rows are expanded in CV_32F or CV_64F
    bool integers = false;     ///< pictures of an integer depth
    bool integerRows = false;  ///< rows of 8-bit pixels are weighed in integers, where a picture allows it
    double cost = 0;           ///< relative time per pixel, of both axes
    double directCost = 0;     ///< what Engine::Direct would take

    bool hasWindow() const { return x.window != nullptr || y.window != nullptr; }

    /// What nodes and their rows add to it by rounding, and what rows of pixels do.
    double nodeRounding(int depth) const;
    double rowRounding(int depth) const;

    /// Bound on |computed sum − exact sum| for pictures of `depth` whose largest |pixel| is 1.
    double errorBound(int depth) const;
};

/// @param params resolved parameters.
MultiratePlan makeMultiratePlan(const BlurParams& params, int depth);

}  // namespace gkern::detail
