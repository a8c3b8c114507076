// SPDX-License-Identifier: Apache-2.0
#include "blur/multirate_plan.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "blur/multirate_integers.hpp"

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
            return 5.7e-7;
    }
}

/// What is allowed for the windows of an axis.
double windowError(const MultirateAxis& axis) {
    return axis.window->error * kDesignMargin;
}

/// What is allowed for the taps that are left out, and for making up for them.
double tailError(const MultirateAxis& axis) {
    return 4 * axis.tail;
}

bool hasShorts(int depth) {
    return depth == CV_16U || depth == CV_16S;
}

/// The largest |sum| as a share of the largest |pixel|. 16 bits and rows of integers count from mid-scale.
double largestSum(int depth, bool integerRows) {
    if (depth == CV_16U) return 32768.0 / levelsOf(depth);
    return depth == CV_8U && integerRows ? 128.0 / levelsOf(depth) : 1;
}

/// Rows that are expanded in float round by some 1e-7; less from the window would only cost time.
constexpr double kFloatTolerance = 1e-8;

/// What rounding a sum takes, in units of the largest |sum|: `share` is how large it is of that.
class Rounding {
  public:
    /// @param middle sums count from mid-scale, so that the largest is a power of two.
    explicit Rounding(bool middle) : middle_(middle) {}

    double of(double share) const {
        return middle_ && share > 0 ? std::ldexp(1.0, std::ilogb(share)) : share;
    }

    /// Partial sums of `count` terms with bell-shaped weights of sum 1, in order: the first half is below one
    /// half. (The power of two below a share is at most one half until the sum is complete.)
    double ofBell(double count) const { return middle_ ? 0.375 * count + 1 : 0.75 * count + 0.5; }

    /// Taps of a Gaussian of `scale` node spacings that are not made yet, about.
    double ofTaps(double scale) const { return (middle_ ? 0.6 : 0.8) * scale + 3; }

    /// Whether lines are added up in chunks: columns always are, rows where rounding counts.
    bool chunks() const { return middle_; }

  private:
    bool middle_;
};

/// Roundings of the partial sums of pairs from the outside in: each is at most its share of the mass. A
/// kernel without pairs is summed from one end.
double partialSumRoundings(const AxisKernel& kernel, const Rounding& rounding) {
    const bool paired = kernel.before() == kernel.after();
    double partial = 0, roundings = 0;
    for (int i = 0; i < kernel.size(); ++i) {
        partial += (paired && i < kernel.anchor ? 2 : 1) * std::abs(kernel.weights[i]);
        roundings += rounding.of(partial);
        if (paired && i == kernel.anchor) break;
    }
    return roundings;
}

// Roundings of the largest |sum|, one more in each for weights that were rounded themselves.

/// Pixels onto nodes: sums of lines, or of chunks of lines and the sum of those.
double analysisRoundings(double width, double spacing, const Rounding& rounding) {
    const double lines = std::ceil(width * spacing) + 1, chunks = std::ceil((lines - 1) / kRowBlock) + 1;
    if (!rounding.chunks()) return rounding.ofBell(lines) + 1;
    // The i-th line of a chunk of four is rounded 5 − i times. That is 2.5 times on average, but for what the
    // window holds of waves of four pixels: next to nothing where they are no longer than a spacing.
    const double within = spacing >= kRowBlock ? 0.625 * kRowBlock + 0.1 : kRowBlock;
    return within + rounding.ofBell(chunks) + 1;
}

/// Taps on the nodes, added up in pairs.
double tapRoundings(const AxisKernel& taps, const Rounding& rounding) {
    return partialSumRoundings(taps, rounding) + 2;
}

/// Nodes back to a pixel, from the outside in: their sum, or differences from the middle one, up to twice the
/// largest |pixel|, and the sum with that.
double synthesisRoundings(const MultirateAxis& axis, bool differences, const Rounding& rounding) {
    constexpr int kPhases = 4;
    constexpr double kBetween = 1.05;
    const Window window(*axis.window);
    const int width = window.width();
    std::vector<double> weights(width);
    double worst = 0;
    for (int phase = 0; phase < kPhases; ++phase) {
        window.at(static_cast<double>(phase) / kPhases, weights.data());
        const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
        double share = 0, roundings = 0;
        for (int j = 0; j < width - (differences ? 1 : 0); ++j) {
            share += std::abs(weights[j % 2 == 0 ? j / 2 : width - 1 - j / 2]) / all;
            roundings += differences ? 2 * share : rounding.of(share);
        }
        worst = std::max(worst, roundings + (differences ? 4 * share + 1 : share));
    }
    return kBetween * worst;
}

/// The same for an axis without a window, all in one.
double axisTapRoundings(const MultirateAxis& axis, const AxisKernel& kernel, const Rounding& rounding) {
    if (axis.window == nullptr) return partialSumRoundings(kernel, rounding) + 1;
    return tapRoundings(nodeTaps(axis, Window(*axis.window), axis.spacing), rounding);
}

}  // namespace

MultirateAxis planMultirate(double sigma, WeightModel weights, double tolerance, int widest,
                            const MultirateWork& work,
                            const std::function<double(const MultirateAxis&)>& rounding) {
    MultirateAxis best;
    best.cost = HUGE_VAL;
    for (int i = 0; i < kWindowDesignCount; ++i) {
        const WindowDesign& design = kWindowDesigns[i];
        MultirateAxis axis;
        axis.window = &design;
        axis.sigma = sigma;
        axis.weights = weights;
        axis.spacing = sigma / design.scale;
        axis.tail = tolerance / 100;
        const double allowed = tolerance - windowError(axis);
        if (design.width > widest || axis.spacing < design.spacing || allowed < 0) continue;
        // Both windows down an axis, where all pixels take part, and along the other, where the nodes do; the
        // taps on the nodes of both.
        const double T = axis.spacing;
        axis.cost = design.width * (1 + work.nodes / T) + work.taps * design.scale / (T * T);
        if (axis.cost < best.cost && rounding(axis) <= allowed) best = axis;
    }
    if (best.window == nullptr) return {};
    return best;
}

double MultiratePlan::nodeRounding(int depth) const {
    const Rounding rounding(integerRows || hasShorts(depth));
    double roundings = axisTapRoundings(x, kernelX, rounding);
    const bool same = x.window != nullptr && x.window == y.window && x.sigma == y.sigma;
    roundings += same ? roundings : axisTapRoundings(y, kernelY, rounding);
    for (const MultirateAxis* axis : {&x, &y}) {
        if (axis->window == nullptr) continue;
        const bool exact = axis == &y && integerRows;  // but for what makes levels of sums
        roundings += exact ? 2 : analysisRoundings(axis->window->width, axis->spacing, rounding);
    }
    if (x.window != nullptr) roundings += synthesisRoundings(x, false, rounding);
    return roundings * unitRoundoff(nodeDepth) * largestSum(depth, integerRows);
}

double MultiratePlan::rowRounding(int depth) const {
    if (integerRows) return integerRowsBound(y) * largestContrast(depth);
    double roundings = 1;  // of the rows themselves
    if (y.window != nullptr) roundings += synthesisRoundings(y, !integers, Rounding(hasShorts(depth)));
    return roundings * unitRoundoff(outDepth) * largestSum(depth, false);
}

double MultiratePlan::errorBound(int depth) const {
    const double ex = x.window == nullptr ? 0 : chainError(x), ey = y.window == nullptr ? 0 : chainError(y);
    const double l1 = (ex + ey + ex * ey) + kernelL1;
    return l1 * largestContrast(depth) + rowRounding(depth) + nodeRounding(depth);
}

namespace {

// Fitted to the fastest windows and spacings of σ = 4 … 50 (docs/multirate.md). Rows of nodes are transposed,
// read and written more often than rows of pixels, where memory hides much of the work.
constexpr MultirateWork kFloatWork{4, 10}, kDoubleWork{5, 14}, kIntegerWork{8, 24};

/// The plan of a blur whose axes keep `perAxis` each; `rounding` is what nodes take of that. `windows`:
/// without a window for every axis that is not filtered by an explicit kernel or a few taps there is no plan.
MultiratePlan planOf(const BlurParams& params, int depth, double perAxis, const MultirateWork& work,
                     const std::function<double(const MultirateAxis&)>& rounding, bool windows) {
    const bool whole = depth == CV_32S || depth == CV_64F;
    MultiratePlan plan;
    plan.borderType = params.borderType & ~cv::BORDER_ISOLATED;
    plan.borderValue = params.borderValue;
    plan.integers = depth <= CV_32S;
    plan.outDepth = whole ? CV_64F : CV_32F;

    const auto axis = [&](int ksize, double sigma, MultirateAxis& result, AxisKernel& kernel) {
        const int taps = ksize > 0 ? ksize : kernelSizeFor(sigma, perAxis / 2, params.weights);
        plan.directCost += taps;
        MultirateAxis chain;
        if (ksize == 0) chain = planMultirate(sigma, params.weights, perAxis, whole ? 14 : 8, work, rounding);
        // The spectrum of the discrete Gaussian falls slower than those that the spacing of nodes is chosen
        // for. Where the certified bound says so, up to σ = 7, its taps are summed one by one. Beyond some
        // 200 of them that would take many times as long, and only 32S and 64F are left (docs/promises.md).
        constexpr int kFewTaps = 200;
        if (windows && chain.window == nullptr && ksize == 0 && taps >= kFewTaps) return false;
        const bool uncertain = chain.window != nullptr && params.weights == WeightModel::Discrete &&
                               taps < kFewTaps && chainError(chain) + rounding(chain) > perAxis;
        if (chain.window == nullptr || chain.cost >= taps || uncertain) {
            const CutAxis cut = makeAxis(ksize, sigma, params.weights, perAxis / 2);
            kernel = cut.kernel;
            plan.kernelL1 += cut.l1;
            plan.cost += taps;
            return true;
        }
        plan.cost += chain.cost;
        result = chain;
        return true;
    };
    if (!axis(params.ksize.width, params.sigmaX, plan.x, plan.kernelX) ||
        !axis(params.ksize.height, params.sigmaY, plan.y, plan.kernelY))
        plan.x = plan.y = {};
    // Integer sums (integer_taps.hpp), a little longer: docs/multirate.md says where the engines cross.
    // Smaller tolerances leave hardly any kernel such sums.
    constexpr double kIntegerCost = 0.83, kLeastTolerance = 6e-5;
    const bool integers = params.tolerance == 0 || params.tolerance >= kLeastTolerance;
    if ((depth == CV_8U || depth == CV_8S) && integers) plan.directCost *= kIntegerCost;
    return plan;
}

/// Half of the e with e + e + e·e = tolerance.
double halfOf(double tolerance) {
    return tolerance / (1 + std::sqrt(1 + tolerance));
}

/// What windows and tails of a plan are allowed of Σ|chain − Gaussian|.
double allowedOf(const MultiratePlan& plan) {
    double allowed = plan.kernelL1;
    for (const MultirateAxis* axis : {&plan.x, &plan.y})
        if (axis->window != nullptr) allowed += windowError(*axis) + tailError(*axis);
    return allowed;
}

/// Whether `limit` of Σ|chain − Gaussian| is enough for a plan, rounding included.
bool keeps(const MultiratePlan& plan, int depth, double limit) {
    const double rounding = plan.nodeRounding(depth) + plan.rowRounding(depth);
    return allowedOf(plan) + rounding / largestContrast(depth) <= limit;
}

/// 8 or 16 bits, of whose limit windows, rounding in float and rows of integers take what each needs. Its
/// nodes are in double where there is no such plan.
MultiratePlan sharedPlan(const BlurParams& params, int depth) {
    const bool shorts = hasShorts(depth);
    double limit = (shorts ? 0.099 : 0.0495) / (levelsOf(depth) / 2);
    if (params.tolerance > 0) limit = params.tolerance / largestContrast(depth);
    const double unit = unitRoundoff(CV_32F);
    const Rounding rounding(true);
    const auto expected = [&](const MultirateAxis& axis) {
        const double nodes = analysisRoundings(axis.window->width, axis.spacing, rounding) +
                             rounding.ofTaps(axis.sigma / axis.spacing) +
                             synthesisRoundings(axis, false, rounding);
        return tailError(axis) + unit * nodes + (shorts ? unit : integerRowsBound(axis)) / 2;
    };
    MultiratePlan plan =
        planOf(params, depth, halfOf(limit), shorts ? kFloatWork : kIntegerWork, expected, shorts);
    plan.integerRows = !shorts && plan.x.window != nullptr && plan.y.window != nullptr;
    if (!plan.hasWindow()) return plan;
    plan.nodeDepth = CV_32F;
    if (!keeps(plan, depth, limit)) plan.nodeDepth = CV_64F;
    return plan;
}

}  // namespace

MultiratePlan makeMultiratePlan(const BlurParams& params, int depth) {
    const bool bytes = depth == CV_8U || depth == CV_8S, whole = depth == CV_32S || depth == CV_64F;
    if (bytes || (hasShorts(depth) && params.tolerance == 0)) {
        const MultiratePlan plan = sharedPlan(params, depth);
        if (plan.nodeDepth == CV_32F) return plan;
    }
    double tolerance = params.tolerance > 0 ? params.tolerance : defaultTolerance(depth);
    if (!whole) tolerance = std::max(tolerance, kFloatTolerance);
    MultiratePlan plan = planOf(
        params, depth, halfOf(tolerance), whole ? kDoubleWork : kFloatWork,
        [](const MultirateAxis&) { return 0.0; }, false);
    if (whole) return plan;
    double rounding = params.tolerance / 2;
    if (params.tolerance == 0 && bytes) rounding = 0.01 / levelsOf(depth);
    if (rounding == 0) return plan;  // taps take longer to make than all the rest of a plan
    plan.nodeDepth = CV_32F;
    if (plan.nodeRounding(depth) > rounding) plan.nodeDepth = CV_64F;
    return plan;
}

}  // namespace gkern::detail
