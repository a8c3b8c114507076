// SPDX-License-Identifier: Apache-2.0
#include "blur/plan.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gkern::detail {

double levelsOf(int depth) {
    switch (depth) {
        case CV_8U:
        case CV_8S:
            return 255;
        case CV_16U:
        case CV_16S:
            return 65535;
        case CV_32S:
            return 2147483648.0;
        default:
            return 1;
    }
}

double largestContrast(int depth) {
    return depth == CV_8U || depth == CV_16U ? 0.5 : 1;
}

CutAxis makeAxis(int ksize, double sigma, WeightModel model, double tail) {
    CutAxis axis;
    if (ksize == 0) {
        ksize = kernelSizeFor(sigma, tail, model);
        axis.l1 = 2 * tail;  // what is cut off, and as much again that normalising spreads over the rest
    }
    const cv::Mat column = gaussianWeights(ksize, sigma, model);
    const auto* first = column.ptr<double>();
    const auto* last = first + ksize;
    // Zeros at the ends would turn Inf into NaN far outside of the support, and cost time.
    const auto* begin = std::find_if(first, last, [](double w) { return w != 0; });
    const auto zeros = begin - first;
    axis.kernel.weights.assign(begin, last - zeros);
    axis.kernel.anchor = ksize / 2 - static_cast<int>(zeros);
    return axis;
}

CutAxis makeCroppedAxis(int ksize, double sigma, WeightModel model, double tail) {
    constexpr double kLargestSigma = 100, kRest = 1e-6;  // the part of the tail that counts as nothing
    if (ksize != 0 || sigma > kLargestSigma) return makeAxis(ksize, sigma, model, tail / 2);
    const int size = kernelSizeFor(sigma, tail / (1 + kRest), model);
    CutAxis axis = makeAxis(0, sigma, model, kRest * tail);
    const int cropped = (axis.kernel.size() - size) / 2;
    if (cropped > 0) {
        std::vector<double>& weights = axis.kernel.weights;
        weights.erase(weights.begin(), weights.begin() + cropped);
        weights.resize(static_cast<size_t>(size));
        axis.kernel.anchor -= cropped;
    }
    // What has been cropped, which is less than `tail`, as taps are whole.
    const std::vector<double>& weights = axis.kernel.weights;
    axis.l1 = std::max(0.0, 1 - std::accumulate(weights.begin(), weights.end(), 0.0)) + 2 * kRest * tail;
    return axis;
}

double unitRoundoff(int depth) {
    return depth == CV_32F ? std::ldexp(1.0, -24) : std::ldexp(1.0, -53);
}

namespace {

/// What the cut of the Gaussian and the rounding of sums together may put between an integer result and the
/// exact one before it is rounded to a level.
double levelsOff(int depth) {
    switch (depth) {
        case CV_8U:
        case CV_8S:
            return 0.01;
        case CV_16U:
        case CV_16S:
            return 0.02;
        default:
            return 0.001;
    }
}

/// The part of it that the cut may take. Float sums of 16-bit pixels need most of it for their rounding: so
/// much stays within it up to σ = 5.
double cutLevels(int depth) {
    return (depth == CV_16U || depth == CV_16S ? 0.12 : 0.9) * levelsOff(depth);
}

/// The worst rounding for which float pictures are summed in float, about that of σ = 40. Every rounding
/// would have to go the same way for it; the pictures of test_blur.cpp that come closest show a tenth, and
/// the promise is 5e-7.
constexpr double kFloatRounding = 3.2e-6;

/// The largest |pixel| of an integer depth.
double largestPixel(int depth) {
    switch (depth) {
        case CV_8S:
        case CV_16S:
            return (levelsOf(depth) + 1) / 2;
        default:
            return levelsOf(depth);
    }
}

/// The largest |pixel| as Engine::Direct sums it in float: 16-bit pixels count from mid-scale.
double largestSummed(int depth) {
    return depth == CV_16U ? 32768 : largestPixel(depth);
}

/// Where the Gaussian is cut unless a tolerance is given, for pictures of largest |pixel| 1.
double defaultTolerance(int depth) {
    switch (depth) {
        case CV_64F:
            return 4e-14;
        case CV_32F:
        case CV_16F:
            return 2e-7;
        case CV_32S:
            return cutLevels(depth) / levelsOf(depth);
        default:
            return cutLevels(depth) /
                   (levelsOf(depth) / 2);  // 8 and 16 bits: half of full scale from the middle
    }
}

/// The roundings of a sum of pairs from the outside in, in chunks, as Engine::Direct sums: Σ rounding(share),
/// each of a partial sum that holds `share` of the mass. A kernel without pairs is summed from one end.
template <class F>
double sumRoundings(const AxisKernel& kernel, F rounding) {
    double total = 0, chunk = 0, sum = 0;
    if (kernel.before() != kernel.after()) {
        for (const double weight : kernel.weights) sum += rounding(total += weight);
        return sum;
    }
    for (int i = 0; i < kernel.anchor; ++i) {
        sum += rounding(chunk += 2 * kernel.weights[i]);
        const bool last = i + 1 == kernel.anchor;
        if ((i + 1) % kChunkPairs != 0 && !last) continue;
        if (total > 0) sum += rounding(total + chunk);
        total += chunk;
        chunk = 0;
    }
    return sum + rounding(total + kernel.weights[kernel.anchor]);
}

/// The roundings of a symmetric sum of steps, in parts of the largest |pixel|; 0 where there is none. A pair
/// of steps reaches four times that. So do, times their outermost weight, all partial sums, for steps cancel
/// as they add up; and two steps, their difference and its weight are rounded.
double stepRoundings(const AxisKernel& kernel) {
    if (!suitsSteps(kernel)) return 0;
    const std::vector<double> weights = stepWeights<double>(kernel);
    double sum = 0;
    for (size_t i = 0; i < weights.size(); ++i) {
        sum += 16 * weights[i];
        if ((i + 1) % kChunkPairs == 0) sum += 8 * weights[i];  // what ends a chunk goes into the total
    }
    return sum + 1;
}

/// Half of a unit in the last place of the floats below `limit`.
double floatRounding(double limit) {
    return std::ldexp(1.0, std::max(std::ilogb(limit), -126) - 24);
}

/// Σ|weight as float − weight|.
double weightRoundings(const AxisKernel& kernel) {
    double sum = 0;
    for (const double weight : kernel.weights) sum += std::abs(static_cast<float>(weight) - weight);
    return sum;
}

/// Bound on the rounding of Engine::Direct, which sums pixels of an integer depth in float, in levels.
/// `largest`: |pixel|, counted from mid-scale for 16 bits.
/// `shortfall`: what the weights lack to 1, which sums over y begin with.
double integerRounding(const AxisKernel& x, const AxisKernel& y, double largest, double shortfall) {
    const auto axis = [&](const AxisKernel& kernel, double limit) {
        return weightRoundings(kernel) * limit +
               sumRoundings(kernel, [&](double share) { return floatRounding((share + shortfall) * limit); });
    };
    const double first = axis(x, largest);
    // The second pass rounds its pairs as well; those of the first are sums of integers, exact.
    const double reached = largest + first;
    const double pairs = (1 - y.weights[y.anchor]) / 2 * floatRounding(2 * reached);
    return first + axis(y, reached) + pairs;
}

/// Adds the weight of every offset to that of the offset which meets the same pixel.
AxisKernel gathered(const AxisKernel& kernel, int smallest, int largest, int period) {
    AxisKernel result;
    result.weights.assign(static_cast<size_t>(largest) - smallest + 1, 0.0);
    result.anchor = -smallest;
    for (int i = 0; i < kernel.size(); ++i) {
        int offset = i - kernel.anchor;
        if (period == 0) {
            offset = std::clamp(offset, smallest, largest);
        } else {
            offset = (offset - smallest) % period;
            offset = (offset < 0 ? offset + period : offset) + smallest;
        }
        result.weights[static_cast<size_t>(offset) - smallest] += kernel.weights[i];
    }
    return result;
}

}  // namespace

bool suitsSteps(const AxisKernel& kernel) {
    constexpr double kMostSteps = 1.4;
    double mass = 0, sum = 0;
    for (int i = 0; i < kernel.anchor; ++i) sum += mass += kernel.weights[static_cast<size_t>(i)];
    return kernel.before() == kernel.after() && sum <= kMostSteps;
}

AxisKernel folded(const AxisKernel& kernel, int length, int borderType) {
    const auto within = [&](int reach) { return kernel.before() <= reach && kernel.after() <= reach; };
    int period = 0;
    switch (borderType) {
        case cv::BORDER_REPLICATE:  // from any pixel, length − 1 steps end on or beyond the last one
            return within(length - 1) ? kernel : gathered(kernel, 1 - length, length - 1, 0);
        case cv::BORDER_CONSTANT:
            return within(length) ? kernel : gathered(kernel, -length, length, 0);
        case cv::BORDER_REFLECT:
            period = 2 * length;
            break;
        case cv::BORDER_REFLECT_101:
            period = std::max(1, 2 * length - 2);
            break;
        default:
            period = length;
            break;  // BORDER_WRAP
    }
    if (within(period / 2)) return kernel;
    AxisKernel result = gathered(kernel, -(period / 2), period - 1 - period / 2, period);
    if (period % 2 ==
        0) {  // half a period to the left and to the right is the same pixel: keep the kernel symmetric
        result.weights.front() /= 2;
        result.weights.push_back(result.weights.front());
    }
    return result;
}

double Plan::roundingBound() const {
    // A sum of n products, weights rounded: n + 1 roundings of at most one unit each, per axis.
    return (x.size() + y.size() + 2) * unitRoundoff(sumDepth);
}

double Plan::shortfall() const {
    const auto sum = [](const AxisKernel& kernel) {
        return std::accumulate(kernel.weights.begin(), kernel.weights.end(), 0.0);
    };
    return contrasts ? 0 : std::max(0.0, 1 - sum(directX) * sum(directY));
}

double Plan::directRoundingBound() const {
    if (integers.inUse()) return integers.bound / largestPixel(depth);
    if (!contrasts && directSumDepth == CV_32F)
        return integerRounding(directX, directY, largestSummed(depth), shortfall()) / largestPixel(depth);
    const auto share = [](double mass) { return mass; };
    const auto roundings = [&](const AxisKernel& kernel) {
        // Contrasts reach twice the largest |pixel|, and weights, pairs, their differences from the pixel at
        // the anchor, and adding that in the end are rounded.
        if (contrasts) return std::max(2 * (sumRoundings(kernel, share) + 3) + 1, stepRoundings(kernel));
        return sumRoundings(kernel, share) + 1;  // weights as well
    };
    // Integers: only the second pass rounds its pairs.
    return (roundings(directX) + roundings(directY) + (contrasts ? 0 : 1)) * unitRoundoff(directSumDepth);
}

namespace {

/// The rounding, for pictures of largest |pixel| 1, up to which sums are held in float.
double roundingAllowed(const Plan& plan, double truncationBound, double tolerance) {
    if (plan.contrasts) return std::max(kFloatRounding, tolerance / 2);
    if (tolerance > 0) return tolerance / 2;
    return levelsOff(plan.depth) / largestPixel(plan.depth) - truncationBound;
}

}  // namespace

Plan makePlan(const BlurParams& params, int depth) {
    const double tolerance = params.tolerance > 0 ? params.tolerance : defaultTolerance(depth);
    const double perAxis = tolerance / (1 + std::sqrt(1 + tolerance));  // the e with e + e + e·e = tolerance
    const auto bothAxes = [&](const auto& make, double share, AxisKernel& x, AxisKernel& y) {
        const CutAxis cutX = make(params.ksize.width, params.sigmaX, params.weights, share);
        const bool same = params.ksize.width == params.ksize.height && params.sigmaX == params.sigmaY;
        const CutAxis cutY = same ? cutX : make(params.ksize.height, params.sigmaY, params.weights, share);
        x = cutX.kernel;
        y = cutY.kernel;
        return (cutX.l1 + cutY.l1 + cutX.l1 * cutY.l1) * largestContrast(depth);
    };

    Plan plan;
    plan.depth = depth;
    plan.contrasts = levelsOf(depth) == 1;
    plan.borderType = params.borderType & ~cv::BORDER_ISOLATED;
    plan.borderValue = params.borderValue;
    plan.truncationBound = bothAxes(makeAxis, perAxis / 2, plan.x, plan.y);
    plan.directX = plan.x;
    plan.directY = plan.y;
    plan.directTruncationBound = plan.truncationBound;
    plan.sumDepth = plan.directSumDepth = CV_32F;
    const double rounding = roundingAllowed(plan, plan.truncationBound, params.tolerance);
    const auto crop = [&](double share) {
        plan.directTruncationBound = bothAxes(makeCroppedAxis, share * perAxis, plan.directX, plan.directY);
        return roundingAllowed(plan, plan.directTruncationBound, params.tolerance);
    };
    if (depth == CV_8U || depth == CV_8S) {
        // Integers are rounded more coarsely than float sums, and leave less of the promise to the cut; a
        // tolerance counts without rounding.
        for (const double share : {params.tolerance > 0 ? 1 : 0.22, 0.03})
            if (!plan.integers.inUse())
                plan.integers =
                    makeIntegerTaps(plan.directX, plan.directY, crop(share) * largestPixel(depth));
    }
    if (!plan.contrasts && !plan.integers.inUse()) crop(1);
    plan.stepsX = plan.contrasts && suitsSteps(plan.directX);
    plan.stepsY = plan.contrasts && suitsSteps(plan.directY);
    if (depth == CV_32S || depth == CV_64F ||
        plan.directRoundingBound() > roundingAllowed(plan, plan.directTruncationBound, params.tolerance))
        plan.directSumDepth = CV_64F;
    if (depth > CV_8S || plan.roundingBound() > rounding) plan.sumDepth = CV_64F;
    return plan;
}

cv::Mat toColumn(const AxisKernel& kernel) {
    return cv::Mat(kernel.weights, true);
}

}  // namespace gkern::detail
