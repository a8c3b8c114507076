// SPDX-License-Identifier: Apache-2.0
// One axis of the multirate engine in numbers: weights of a window, taps on the nodes, and how far the chain
// of both is from the Gaussian.
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

    /// Fourier transform at ω = first·step, (first + 1)·step, …, `count` values, in radians per node spacing.
    std::vector<double> spectrum(double step, int first, int count) const;

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

/// Taps on nodes `spacing` pixels apart, for which the chain of window, taps and window is the Gaussian of
/// `axis`; symmetric, sum 1.
AxisKernel nodeTaps(const MultirateAxis& axis, const Window& window, double spacing);

/// Bound on Σ|chain − Gaussian| over the phases of a pixel and the spacings that pictures of any size give.
double chainError(const MultirateAxis& axis);

}  // namespace gkern::detail
