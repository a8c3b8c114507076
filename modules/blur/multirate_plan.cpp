// SPDX-License-Identifier: Apache-2.0
#include "blur/multirate_plan.hpp"

#include <algorithm>
#include <cmath>

namespace gkern::detail {
namespace {

/// The error of a window's design is that at a spacing of eight pixels; other spacings, and what
/// chainError() allows for, stay below this multiple of it.
constexpr double kDesignMargin = 1.6;

/// Error of both axes together for pictures of largest |pixel| 1, before what the arithmetic rounds.
double defaultTolerance(int depth) {
    switch (depth) {
        case CV_8U:
        case CV_8S:
            return 0.04 / (levelsOf(depth) / 2);  // half of full scale from the middle
        case CV_16U:
        case CV_16S:
            return 0.07 / (levelsOf(depth) / 2);
        case CV_32S:
            return 0.08 / levelsOf(depth);
        case CV_64F:
            return 3.5e-12;
        default:
            return 5e-7;
    }
}

/// Rows that are expanded in float round by some 1e-7; less from the window would only cost time.
constexpr double kFloatTolerance = 1e-8;

/// Roundings of the partial sums of pairs from the outside in, in units of the largest |pixel|: each is at
/// most its share of the mass. A kernel without pairs is summed from one end.
double partialSumRoundings(const AxisKernel& kernel) {
    const bool paired = kernel.before() == kernel.after();
    double partial = 0, roundings = 0;
    for (int i = 0; i < kernel.size(); ++i) {
        partial += (paired && i < kernel.anchor ? 2 : 1) * kernel.weights[i];
        roundings += partial;
        if (paired && i == kernel.anchor) break;
    }
    return roundings;
}

/// Roundings of the chain of one axis until the rows of pixels stand, in units of the largest |pixel|.
double chainRoundings(const MultirateAxis& axis, const AxisKernel& kernel) {
    if (axis.window == nullptr) return partialSumRoundings(kernel) + 1;
    // Both windows are summed in order of their lines: of n partial sums with bell-shaped weights the first
    // half is below one half. One rounding more for weights that were rounded themselves.
    const Window window(*axis.window);
    const double lines = std::ceil(window.width() * axis.spacing) + 1;
    return (0.75 * lines + 2) + (partialSumRoundings(nodeTaps(axis, window, axis.spacing)) + 2) +
           (0.75 * window.width() + 2);
}

/// Roundings of expanding rows: sums of integers in order of their nodes, or differences from the middle
/// node, up to twice the largest |pixel|.
double expansionRoundings(const MultirateAxis& axis, bool integers) {
    if (axis.window == nullptr) return 1;
    const int width = axis.window->width;
    return integers ? 0.75 * width + 2 : 1 + 2 * (0.25 * width + 2) + 1;
}

}  // namespace

MultirateAxis planMultirate(double sigma, WeightModel weights, double tolerance, int widest) {
    MultirateAxis best;
    best.cost = HUGE_VAL;
    for (int i = 0; i < kWindowDesignCount; ++i) {
        const WindowDesign& design = kWindowDesigns[i];
        MultirateAxis axis;
        axis.window = &design;
        axis.sigma = sigma;
        axis.weights = weights;
        axis.spacing = sigma / design.scale;
        if (design.width > widest || axis.spacing < design.spacing ||
            design.error * kDesignMargin > tolerance)
            continue;
        // Multiply-adds per pixel: both windows on the way down an axis, where all pixels take part, and on
        // the way along the other, where the nodes do; the taps, in pairs, on the nodes of both.
        const double T = axis.spacing, tapPairs = 6 * design.scale;
        axis.cost = 2 * design.width * (1 + 1 / T) + 2 * tapPairs / (T * T);
        axis.tail = tolerance / 50;
        if (axis.cost < best.cost) best = axis;
    }
    if (best.window == nullptr) return {};
    return best;
}

double MultiratePlan::errorBound(int depth) const {
    const double ex = x.window == nullptr ? 0 : chainError(x), ey = y.window == nullptr ? 0 : chainError(y);
    const double l1 = (ex + ey + ex * ey) + kernelL1;
    const double nodes = chainRoundings(x, kernelX) + chainRoundings(y, kernelY);
    return l1 * largestContrast(depth) + nodes * unitRoundoff(nodeDepth) +
           expansionRoundings(y, integers) * unitRoundoff(outDepth);
}

MultiratePlan makeMultiratePlan(const BlurParams& params, int depth) {
    const bool whole = depth == CV_32S || depth == CV_64F;
    double tolerance = params.tolerance > 0 ? params.tolerance : defaultTolerance(depth);
    if (!whole) tolerance = std::max(tolerance, kFloatTolerance);
    const double perAxis = tolerance / (1 + std::sqrt(1 + tolerance));  // the e with e + e + e·e = tolerance
    MultiratePlan plan;
    plan.borderType = params.borderType & ~cv::BORDER_ISOLATED;
    plan.borderValue = params.borderValue;

    const auto axis = [&](int ksize, double sigma, AxisKernel& kernel) {
        const int taps = ksize > 0 ? ksize : kernelSizeFor(sigma, perAxis / 2, params.weights);
        plan.directCost += taps;
        MultirateAxis chain;
        if (ksize == 0) chain = planMultirate(sigma, params.weights, perAxis, whole ? 14 : 8);
        // The spectrum of the discrete Gaussian falls slower than those that the spacing of nodes is chosen
        // for. Where the certified bound says so, up to σ = 7, its taps are summed one by one. Beyond some
        // 200 of them that would take many times as long, and only 32S and 64F are left (docs/promises.md).
        constexpr int kFewTaps = 200;
        const bool uncertain = chain.window != nullptr && params.weights == WeightModel::Discrete &&
                               taps < kFewTaps && chainError(chain) > perAxis;
        if (chain.window == nullptr || chain.cost >= taps || uncertain) {
            const CutAxis cut = makeAxis(ksize, sigma, params.weights, perAxis / 2);
            kernel = cut.kernel;
            plan.kernelL1 += cut.l1;
            plan.cost += taps;
            return MultirateAxis();
        }
        plan.cost += chain.cost;
        return chain;
    };
    plan.x = axis(params.ksize.width, params.sigmaX, plan.kernelX);
    plan.y = axis(params.ksize.height, params.sigmaY, plan.kernelY);

    plan.integers = depth <= CV_32S;
    plan.outDepth = whole ? CV_64F : CV_32F;
    plan.nodeDepth = CV_64F;
    if (whole) return plan;
    double rounding = params.tolerance / 2;
    if (params.tolerance == 0 && depth <= CV_8S) rounding = 0.01 / levelsOf(depth);
    const double unit = unitRoundoff(CV_32F);
    double nodes = chainRoundings(plan.x, plan.kernelX) * unit;
    if (nodes > rounding) return plan;  // taps take longer to make than all the rest of a plan
    const bool same =
        plan.x.window != nullptr && plan.x.window == plan.y.window && plan.x.sigma == plan.y.sigma;
    nodes += same ? nodes : chainRoundings(plan.y, plan.kernelY) * unit;
    if (nodes <= rounding) plan.nodeDepth = CV_32F;
    return plan;
}

}  // namespace gkern::detail
