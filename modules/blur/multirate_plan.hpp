// SPDX-License-Identifier: Apache-2.0
// The multirate engine's plan of one axis: which window, how many pixels to a node, which taps on the nodes,
// and the bound on what comes out. It knows σ and the tolerance, and nothing of a picture's size.
#pragma once

#include <vector>

#include "blur/multirate_windows.hpp"
#include "blur/plan.hpp"

namespace gkern::detail {

/// A window as the engine evaluates it.
class Window {
  public:
    explicit Window(const WindowDesign& design);

    int width() const { return width_; }

    /// Weights of the `width()` nodes around a pixel. `fraction` in [0, 1) is how far the pixel is past the
    /// point half a window to the right of the first of them but one: node i is at the distance
    /// fraction + width/2 − 1 − i, in node spacings.
    void at(double fraction, double* weights) const;

    /// Fourier transform at ω = 0, step, 2·step, …, `count` values, in radians per node spacing.
    std::vector<double> spectrum(double step, int count) const;

  private:
    static constexpr int kLanes = 8;
    int width_, padded_, degree_;
    std::vector<double> coefficients_;  ///< highest first; for each, one number per node, padded to kLanes
};

/// How an axis is filtered. An axis without a window is filtered pixel by pixel.
struct MultirateAxis {
    const WindowDesign* window = nullptr;
    double sigma = 0;  ///< pixels
    WeightModel weights = WeightModel::Integrated;
    double spacing = 1;  ///< pixels from node to node, at most
    double tail = 0;     ///< Σ|taps on the nodes| that may be left out
    double cost = 0;     ///< relative time per pixel
};

/// The cheapest way of which the worst Σ|chain − Gaussian| stays below `tolerance`, with a window of at most
/// `widest` nodes; without a window where there is none.
MultirateAxis planMultirate(double sigma, WeightModel weights, double tolerance, int widest);

/// Taps on nodes `spacing` pixels apart, for which the chain of window, taps and window is the Gaussian of
/// `axis`; symmetric, sum 1.
AxisKernel nodeTaps(const MultirateAxis& axis, const Window& window, double spacing);

/// Bound on Σ|chain − Gaussian| over the phases of a pixel and the spacings that pictures of any size give.
double chainError(const MultirateAxis& axis);

/// A blur of pictures of one depth. Without a window on either axis the engine does not serve it.
struct MultiratePlan {
    MultirateAxis x, y;
    AxisKernel kernelX, kernelY;          ///< taps of an axis without a window
    double kernelL1 = 0;                  ///< Σ|cut − whole| of those
    int borderType = cv::BORDER_DEFAULT;  ///< without BORDER_ISOLATED
    cv::Scalar borderValue;
    int nodeDepth = CV_64F;  ///< nodes are held in CV_32F or CV_64F
    int outDepth = CV_64F;   ///< rows are expanded in CV_32F or CV_64F
    bool integers = false;   ///< pictures of an integer depth
    double cost = 0;         ///< relative time per pixel, of both axes
    double directCost = 0;   ///< what Engine::Direct would take

    bool hasWindow() const { return x.window != nullptr || y.window != nullptr; }

    /// Bound on |computed sum − exact sum| for pictures of `depth` whose largest |pixel| is 1.
    double errorBound(int depth) const;
};

/// @param params resolved parameters.
MultiratePlan makeMultiratePlan(const BlurParams& params, int depth);

}  // namespace gkern::detail
