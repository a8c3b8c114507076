// SPDX-License-Identifier: Apache-2.0
// What an engine needs to know of a blur: no user arguments, no picture.
#pragma once

#include <vector>

#include "blur/integer_taps.hpp"
#include "gkern/blur.hpp"

namespace gkern::detail {

/// Taps of one axis: dst(x) = Σ_i weights[i]·src(x + i − anchor). No zeros at the ends.
struct AxisKernel {
    std::vector<double> weights;
    int anchor = 0;

    int size() const { return static_cast<int>(weights.size()); }
    int before() const { return anchor; }
    int after() const { return size() - 1 - anchor; }
};

/// Pairs of taps that Engine::Direct sums before it adds them to the total.
inline constexpr int kChunkPairs = 8;

/// Weights of a symmetric kernel for sums of steps from pixel to pixel: W_i = Σ_{j≥i} w_j, outermost first,
/// so that Σ w_j·(x_{−j} + x_j − 2x_0) = Σ W_i·((x_i − x_{i−1}) − (x_{1−i} − x_{−i})).
template <class Sum>
std::vector<Sum> stepWeights(const AxisKernel& kernel) {
    std::vector<Sum> steps(static_cast<size_t>(kernel.anchor));
    double mass = 0;
    for (size_t i = 0; i < steps.size(); ++i) steps[i] = static_cast<Sum>(mass += kernel.weights[i]);
    return steps;
}

/// Whether contrasts under a kernel are summed as steps: it is symmetric, and ΣW_i at most about that of
/// σ = 3.5, as rounding grows with it.
bool suitsSteps(const AxisKernel& kernel);

/// The same filter on a line of `length` pixels, of at most 2·length + 1 taps: where a kernel is longer than
/// the line, the taps that meet the same pixel by the rule of the border are added up.
AxisKernel folded(const AxisKernel& kernel, int length, int borderType);

/// Full scale of an integer depth in levels; 1 for the float depths.
double levelsOf(int depth);

/// How far pixels are from the middle of their range, as a share of the largest |pixel|. What is cut off a
/// Gaussian and what normalising puts in its place cancel on a constant, so only that distance counts.
double largestContrast(int depth);

struct CutAxis {
    AxisKernel kernel;
    double l1 = 0;  ///< Σ|cut − whole|
};

/// Weights of one axis; where ksize is 0, of a Gaussian that is cut where `tail` of its mass is left.
CutAxis makeAxis(int ksize, double sigma, WeightModel model, double tail);

/// The same, but not normalised: its weights are those of the whole Gaussian, and the middle of the range of
/// pixels stands for what is cut off. Twice as much may be, as nothing is put in its place. Of makeAxis()
/// where σ is so large that the whole Gaussian is not at hand.
CutAxis makeCroppedAxis(int ksize, double sigma, WeightModel model, double tail);

/// Half the distance from 1 to the next number of CV_32F or CV_64F.
double unitRoundoff(int depth);

/// An immutable blur of pictures of one depth.
struct Plan {
    AxisKernel x, y;
    int depth = CV_64F;                   ///< of the pictures
    int borderType = cv::BORDER_DEFAULT;  ///< without BORDER_ISOLATED
    cv::Scalar borderValue;
    double truncationBound = 0;  ///< on |cut Gaussian − whole Gaussian| for pictures of largest |pixel| 1
    // In what an engine holds its sums: CV_32F where that keeps the promise of the depth, CV_64F otherwise.
    int sumDepth = CV_64F;   ///< engines that add one tap after the other
    bool contrasts = false;  ///< float pictures: Engine::Direct sums differences from the pixel at the anchor
    // Engine::Direct. For integer depths the taps of a whole Gaussian are cropped, and the middle of the
    // range takes what they lack to 1.
    AxisKernel directX, directY;
    double directTruncationBound = 0;
    int directSumDepth = CV_64F;  ///< pairs of taps are added from the outside in
    /// Contrasts along x or y are summed as steps, under a folded kernel too: that makes ΣW_i smaller.
    bool stepsX = false, stepsY = false;
    IntegerTaps integers;  ///< directX and directY, for pictures of 8 bits where that keeps the promise

    /// Bounds on |computed sum − exact sum| as a share of the largest |pixel|: of the picture for the float
    /// depths, that the depth can hold for the others.
    double roundingBound() const;
    double directRoundingBound() const;

    /// What the taps of directX and directY together lack to 1.
    double shortfall() const;
};

/// @param params resolved parameters.
/// @param depth depth of the pictures; it decides where a whole Gaussian is cut and how sums are held.
Plan makePlan(const BlurParams& params, int depth);

/// The weights as a ksize×1 CV_64F column.
cv::Mat toColumn(const AxisKernel& kernel);

}  // namespace gkern::detail
