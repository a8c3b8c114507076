// SPDX-License-Identifier: Apache-2.0
#include "blur/plan.hpp"

#include <algorithm>
#include <cmath>

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

double unitRoundoff(int depth) {
    return depth == CV_32F ? std::ldexp(1.0, -24) : std::ldexp(1.0, -53);
}

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

namespace {

/// Of the thousandth of a level that integer results may be off before they are rounded: the cut of the
/// Gaussian may cause this much, sums in float the rest.
constexpr double kCutLevels = 7e-4, kRoundingLevels = 3e-4;

/// The worst rounding for which float pictures are summed in float, about that of σ = 12. Every rounding
/// would have to go the same way for it; the pictures of test_blur.cpp that come closest show a tenth, and
/// the promise is 5e-7.
constexpr double kFloatRounding = 3e-6;

/// Where the Gaussian is cut unless a tolerance is given, for pictures of largest |pixel| 1.
double defaultTolerance(int depth) {
    switch (depth) {
        case CV_64F:
            return 4e-14;
        case CV_32F:
        case CV_16F:
            return 2e-7;
        case CV_32S:
            return kCutLevels / levelsOf(depth);
        default:
            return kCutLevels / (levelsOf(depth) / 2);  // 8 and 16 bits: half of full scale from the middle
    }
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

double Plan::directRoundingBound() const {
    const double sums = partialSumRoundings(x) + partialSumRoundings(y);
    // Integers: each axis rounds its weights, and only the second pass its pairs. Contrasts reach twice the
    // largest |pixel|, and both axes round weights, pairs, their differences from the pixel at the anchor,
    // and adding that in the end.
    const double roundings = contrasts ? 2 * (sums + 6) + 2 : sums + 3;
    return roundings * unitRoundoff(directSumDepth);
}

Plan makePlan(const BlurParams& params, int depth) {
    const double tolerance = params.tolerance > 0 ? params.tolerance : defaultTolerance(depth);
    const double perAxis = tolerance / (1 + std::sqrt(1 + tolerance));  // the e with e + e + e·e = tolerance
    const double tail = perAxis / 2;
    const CutAxis x = makeAxis(params.ksize.width, params.sigmaX, params.weights, tail);
    const CutAxis y = makeAxis(params.ksize.height, params.sigmaY, params.weights, tail);

    Plan plan;
    plan.contrasts = levelsOf(depth) == 1;
    plan.x = x.kernel;
    plan.y = y.kernel;
    plan.borderType = params.borderType & ~cv::BORDER_ISOLATED;
    plan.borderValue = params.borderValue;
    plan.truncationBound = (x.l1 + y.l1 + x.l1 * y.l1) * largestContrast(depth);
    const double levels = levelsOf(depth);
    const double rounding = std::max(
        depth == CV_32F || depth == CV_16F ? kFloatRounding : kRoundingLevels / levels, params.tolerance / 2);
    plan.sumDepth = plan.directSumDepth = CV_32F;
    if (depth == CV_32S || depth == CV_64F || plan.directRoundingBound() > rounding)
        plan.directSumDepth = CV_64F;
    if (depth > CV_8S || plan.roundingBound() > rounding) plan.sumDepth = CV_64F;
    return plan;
}

cv::Mat toColumn(const AxisKernel& kernel) {
    return cv::Mat(kernel.weights, true);
}

}  // namespace gkern::detail
