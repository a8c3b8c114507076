// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "gkern/weights.hpp"
#include "weights/validate.hpp"

namespace gkern {
namespace {

constexpr int kMaxSide = 16384;  // 2 GiB of doubles

/// column·columnᵀ/sum; the column sums to 1, so only the rounding of its sum is divided out.
cv::Mat outerProduct(const cv::Mat& column, int ktype) {
    const int side = column.rows;
    const double sum = cv::sum(column)[0];
    cv::Mat kernel(side, side, ktype);
    for (int y = 0; y < side; ++y) {
        const double wy = column.at<double>(y) / sum;
        for (int x = 0; x < side; ++x) {
            const double w = wy * (column.at<double>(x) / sum);
            if (ktype == CV_32F)
                kernel.at<float>(y, x) = static_cast<float>(w);
            else
                kernel.at<double>(y, x) = w;
        }
    }
    return kernel;
}

}  // namespace

cv::Mat gkern(int kernlen, double nsig, int ktype) {
    detail::checkRange("kernlen", kernlen, 1, kMaxSide);
    if (!(nsig > 0) || !std::isfinite(nsig))
        CV_Error_(cv::Error::StsOutOfRange,
                  ("nsig is %g; allowed: finite and > 0 (standard deviations)", nsig));
    detail::checkKernelType(ktype);
    const double sigma =
        std::min(kernlen / nsig / 2, 1e300);  // nsig may be so small that σ overflows: flat as well
    return outerProduct(gaussianWeights(kernlen, sigma, WeightModel::Integrated), ktype);
}

cv::Mat gkernSampled(int side, double sigma, int ktype) {
    detail::checkRange("side", side, 1, kMaxSide);
    detail::checkSigma(sigma, WeightModel::Sampled);
    detail::checkKernelType(ktype);
    return outerProduct(gaussianWeights(side, sigma, WeightModel::Sampled), ktype);
}

}  // namespace gkern
