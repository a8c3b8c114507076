// SPDX-License-Identifier: Apache-2.0
#include "gkern/weights.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "weights/tap.hpp"
#include "weights/validate.hpp"

namespace gkern {
namespace {

/// Weights from the centre outwards, before normalisation; offsets first, first + 1, … with first = 0 or ½.
std::vector<double> halfColumn(double first, int count, double sigma, WeightModel model) {
    if (model == WeightModel::Discrete) return detail::discreteRatios(first, count, sigma);
    std::vector<double> half(count);
    for (int k = 0; k < count; ++k) {
        const double x = first + k;
        // Sampled: relative to the innermost tap, or an even column of a tiny σ would be 0/0.
        const double tap = model == WeightModel::Integrated
                               ? detail::integratedTap(x, sigma)
                               : detail::gaussianExp(x * x - first * first, sigma);
        // Taps are correct to a few ULP: where neighbours are closer than that, rounding must not make them
        // rise.
        half[k] = k > 0 ? std::min(tap, half[k - 1]) : tap;
        if (tap == 0) break;  // underflown for good; the rest is 0 already
    }
    return half;
}

void normalise(std::vector<double>& half, bool odd) {
    long double sum = 0;
    for (size_t k = half.size(); k-- > 1;) sum += half[k];
    sum = odd ? 2 * sum + half[0] : 2 * (sum + half[0]);
    for (double& w : half) w = static_cast<double>(w / sum);
}

/// Rounds to floats whose sum is exactly 1; see gaussianWeights().
void roundToFloats(std::vector<double>& half, bool odd) {
    constexpr size_t kMaxExactHalf = 2048;
    if (half.size() > kMaxExactHalf) {
        for (double& w : half) w = static_cast<float>(w);
        return;
    }
    constexpr double kUnit =
        1.0 / (1 << 24);  // spacing of the floats below 1: sums of multiples of it are exact
    double outer = 0;
    for (size_t k = half.size(); k-- > 1;) {
        half[k] = std::nearbyint(half[k] / kUnit) * kUnit;
        outer += half[k];
    }
    half[0] = odd ? 1 - 2 * outer : 0.5 - outer;
}

}  // namespace

double gaussianWeight(double offset, double sigma, WeightModel model) {
    detail::checkModel(model);
    detail::checkSigma(sigma, model);
    if (!std::isfinite(offset))
        CV_Error_(cv::Error::StsOutOfRange, ("offset is %g; allowed: finite (pixels)", offset));
    const double x = std::abs(offset);
    if (model == WeightModel::Integrated) return detail::integratedTap(x, sigma);
    if (model == WeightModel::Sampled) return detail::sampledTap(x, sigma);
    if (2 * x != std::floor(2 * x))
        CV_Error_(cv::Error::StsOutOfRange,
                  ("offset is %g; allowed for WeightModel::Discrete: integers and half-integers", offset));
    return detail::discreteTap(x, sigma);
}

cv::Mat gaussianWeights(int ksize, double sigma, WeightModel model, int ktype) {
    detail::checkRange("ksize", ksize, 1, kMaxKernelSize);
    detail::checkModel(model);
    detail::checkSigma(sigma, model);
    detail::checkKernelType(ktype);

    const bool odd = ksize % 2 == 1;
    std::vector<double> half = halfColumn(odd ? 0.0 : 0.5, (ksize + 1) / 2, sigma, model);
    normalise(half, odd);
    if (ktype == CV_32F) roundToFloats(half, odd);

    cv::Mat column(ksize, 1, ktype);
    const int right = ksize / 2, left = (ksize - 1) / 2;  // innermost taps; the same one for an odd ksize
    for (int k = 0; k < static_cast<int>(half.size()); ++k) {
        if (ktype == CV_32F)
            column.at<float>(left - k) = column.at<float>(right + k) = static_cast<float>(half[k]);
        else
            column.at<double>(left - k) = column.at<double>(right + k) = half[k];
    }
    return column;
}

}  // namespace gkern
