// SPDX-License-Identifier: Apache-2.0
// The one place where the arguments of gkern/weights.hpp are judged.
#pragma once

#include <cmath>
#include <opencv2/core.hpp>

#include "gkern/weights.hpp"
#include "weights/tap.hpp"

namespace gkern::detail {

inline void checkSigma(double sigma, WeightModel model) {
    if (!(sigma > 0) || !std::isfinite(sigma))
        CV_Error_(cv::Error::StsOutOfRange, ("sigma is %g; allowed: finite and > 0 (pixels)", sigma));
    if (model == WeightModel::Discrete && sigma > kMaxDiscreteSigma)
        CV_Error_(cv::Error::StsOutOfRange,
                  ("sigma is %g; allowed for WeightModel::Discrete: at most %g", sigma, kMaxDiscreteSigma));
}

inline void checkModel(WeightModel model) {
    switch (model) {
        case WeightModel::Integrated:
        case WeightModel::Sampled:
        case WeightModel::Discrete:
            return;
    }
    CV_Error_(cv::Error::StsBadArg, ("model is %d; allowed: WeightModel::Integrated, Sampled or Discrete",
                                     static_cast<int>(model)));
}

inline void checkKernelType(int ktype) {
    if (ktype != CV_32F && ktype != CV_64F)
        CV_Error_(cv::Error::BadDepth,
                  ("ktype is %d; allowed: CV_32F (%d) or CV_64F (%d)", ktype, CV_32F, CV_64F));
}

inline void checkRange(const char* name, int value, int smallest, int largest) {
    if (value < smallest || value > largest)
        CV_Error_(cv::Error::StsOutOfRange, ("%s is %d; allowed: %d to %d", name, value, smallest, largest));
}

}  // namespace gkern::detail
