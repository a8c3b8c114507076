// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/math/constants/constants.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <vector>

#include "gkern/weights.hpp"
#include "weights/tap.hpp"
#include "weights/validate.hpp"

namespace gkern {
namespace {

constexpr int kMaxRadius = (kMaxKernelSize - 1) / 2;

/// Smallest radius r with erfc((r + ½)/(√2σ)) ≤ tail, or kMaxRadius + 1.
int integratedRadius(double sigma, double tail) {
    const double guess =
        std::ceil(boost::math::constants::root_two<double>() * sigma * boost::math::erfc_inv(tail) - 0.5);
    if (!(guess <= kMaxRadius)) return kMaxRadius + 1;
    int radius = std::max(0, static_cast<int>(guess));
    while (radius > 0 && detail::integratedTail(radius - 0.5, sigma) <= tail) --radius;
    while (radius <= kMaxRadius && detail::integratedTail(radius + 0.5, sigma) > tail) ++radius;
    return radius;
}

/// The same for the models without a closed tail: sums the taps from where they underflow.
int summedRadius(double sigma, double tail, WeightModel model) {
    const int count = static_cast<int>(40 * sigma) + 400;
    std::vector<double> taps;
    if (model == WeightModel::Discrete) {
        taps = detail::discreteRatios(0, count, sigma);
    } else {
        taps.resize(count);
        for (int k = 0; k < count; ++k) taps[k] = detail::gaussianExp(static_cast<double>(k) * k, sigma);
    }
    long double total = 0;
    for (size_t k = taps.size(); k-- > 1;) total += 2.0L * taps[k];
    total += taps[0];
    long double dropped = 0;
    int radius = count - 1;
    while (radius > 0 && (dropped += 2.0L * taps[radius]) <= tail * total) --radius;
    return radius;
}

}  // namespace

int kernelSizeFor(double sigma, double tail, WeightModel model) {
    detail::checkModel(model);
    detail::checkSigma(sigma, model);
    if (!(tail > 0 && tail < 1))
        CV_Error_(cv::Error::StsOutOfRange, ("tail is %g; allowed: > 0 and < 1", tail));
    // Summing needs 40σ taps; the largest σ whose taps are surely within kMaxKernelSize is the limit of both
    // models.
    if (model == WeightModel::Sampled && sigma > detail::kMaxDiscreteSigma)
        CV_Error_(cv::Error::StsOutOfRange, ("sigma is %g; allowed for WeightModel::Sampled: at most %g",
                                             sigma, detail::kMaxDiscreteSigma));
    const int radius =
        model == WeightModel::Integrated ? integratedRadius(sigma, tail) : summedRadius(sigma, tail, model);
    if (radius > kMaxRadius)
        CV_Error_(cv::Error::StsOutOfRange,
                  ("sigma is %g and tail is %g, which need more than the largest ksize allowed, %d", sigma,
                   tail, kMaxKernelSize));
    return 2 * radius + 1;
}

}  // namespace gkern
