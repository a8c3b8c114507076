// SPDX-License-Identifier: Apache-2.0
#include "blur/plan.hpp"

#include <algorithm>
#include <cmath>

namespace gkern::detail {
namespace {

/// A quarter of a thousandth of a level of an integer depth, the share of the float depths that leaves room for rounding;
/// relative to full scale or the largest |pixel|.
double defaultTolerance(int depth) {
    constexpr double kLevel = 2.5e-4;
    switch (depth) {
        case CV_8U:
        case CV_8S: return kLevel / 255;
        case CV_16U:
        case CV_16S: return kLevel / 65535;
        case CV_32S: return kLevel / 2147483648.0;
        case CV_64F: return 4e-14;
        default: return 2e-7;  // CV_32F, CV_16F
    }
}

struct CutAxis {
    AxisKernel kernel;
    double l1 = 0;  ///< Σ|cut − whole|
};

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

double unitRoundoff(int depth) { return depth == CV_32F ? std::ldexp(1.0, -24) : std::ldexp(1.0, -53); }

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
        case cv::BORDER_REFLECT: period = 2 * length; break;
        case cv::BORDER_REFLECT_101: period = std::max(1, 2 * length - 2); break;
        default: period = length; break;  // BORDER_WRAP
    }
    if (within(period / 2)) return kernel;
    AxisKernel result = gathered(kernel, -(period / 2), period - 1 - period / 2, period);
    if (period % 2 == 0) {  // half a period to the left and to the right is the same pixel: keep the kernel symmetric
        result.weights.front() /= 2;
        result.weights.push_back(result.weights.front());
    }
    return result;
}

double Plan::roundingBound() const {
    // A sum of n products, weights rounded: n + 1 roundings of at most one unit each, per axis.
    return (x.size() + y.size() + 2) * unitRoundoff(sumDepth);
}

Plan makePlan(const BlurParams& params, int depth) {
    const double tolerance = params.tolerance > 0 ? params.tolerance : defaultTolerance(depth);
    const double perAxis = tolerance / (1 + std::sqrt(1 + tolerance));  // the e with e + e + e·e = tolerance
    const double tail = perAxis / 2;
    const CutAxis x = makeAxis(params.ksize.width, params.sigmaX, params.weights, tail);
    const CutAxis y = makeAxis(params.ksize.height, params.sigmaY, params.weights, tail);

    Plan plan;
    plan.x = x.kernel;
    plan.y = y.kernel;
    plan.borderType = params.borderType & ~cv::BORDER_ISOLATED;
    plan.borderValue = params.borderValue;
    plan.truncationBound = x.l1 + y.l1 + x.l1 * y.l1;
    if (depth == CV_8U || depth == CV_8S) {
        constexpr double kLevels = 7e-4;  // what the promise of 1e-3 leaves beside the cut
        plan.sumDepth = CV_32F;
        if (plan.roundingBound() * 255 > kLevels) plan.sumDepth = CV_64F;
    }
    return plan;
}

cv::Mat toColumn(const AxisKernel& kernel) { return cv::Mat(kernel.weights, true); }

}  // namespace gkern::detail
