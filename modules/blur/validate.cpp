// SPDX-License-Identifier: Apache-2.0
#include "blur/validate.hpp"

#include <cmath>

namespace gkern::detail {
namespace {

void checkSize(const char* name, int value) {
    if (value < 0 || value > kMaxKernelSize)
        CV_Error_(cv::Error::StsOutOfRange,
                  ("%s is %d; allowed: 0 (whole Gaussian) to %d", name, value, kMaxKernelSize));
}

void checkSigma(const char* name, double value) {
    if (!(value >= 0) || !std::isfinite(value))
        CV_Error_(cv::Error::StsOutOfRange, ("%s is %g; allowed: finite and >= 0 (pixels)", name, value));
}

/// OpenCV's rule for a σ that is not given: 0.3·((ksize − 1)/2 − 1) + 0.8.
double sigmaFromSize(const char* axis, int size) {
    if (size == 0)
        CV_Error_(
            cv::Error::StsOutOfRange,
            ("sigma%s is 0 and ksize is 0 along %s; allowed: one of them may be 0, not both", axis, axis));
    return 0.15 * size + 0.35;
}

void checkBorder(int borderType) {
    switch (borderType & ~cv::BORDER_ISOLATED) {
        case cv::BORDER_CONSTANT:
        case cv::BORDER_REPLICATE:
        case cv::BORDER_REFLECT:
        case cv::BORDER_WRAP:
        case cv::BORDER_REFLECT_101:
            return;
    }
    CV_Error_(cv::Error::StsBadArg, ("borderType is %d; allowed: BORDER_CONSTANT, REPLICATE, REFLECT, "
                                     "REFLECT_101 or WRAP, each optionally | "
                                     "BORDER_ISOLATED",
                                     borderType));
}

void checkEnums(WeightModel weights, Engine engine) {
    const int w = static_cast<int>(weights), e = static_cast<int>(engine);
    if (w < static_cast<int>(WeightModel::Integrated) || w > static_cast<int>(WeightModel::Discrete))
        CV_Error_(cv::Error::StsBadArg, ("weights is %d; allowed: a value of WeightModel", w));
    if (e < static_cast<int>(Engine::Auto) || e > static_cast<int>(Engine::Multirate))
        CV_Error_(cv::Error::StsBadArg, ("engine is %d; allowed: a value of Engine", e));
}

}  // namespace

BlurParams resolved(BlurParams params) {
    checkSize("ksize.width", params.ksize.width);
    checkSize("ksize.height", params.ksize.height);
    checkSigma("sigmaX", params.sigmaX);
    checkSigma("sigmaY", params.sigmaY);
    checkBorder(params.borderType);
    checkEnums(params.weights, params.engine);
    if (params.tolerance != 0 && !(params.tolerance >= 1e-15 && params.tolerance <= 0.1))
        CV_Error_(cv::Error::StsOutOfRange,
                  ("tolerance is %g; allowed: 0 or 1e-15 to 0.1", params.tolerance));
    for (int c = 0; c < 4; ++c)
        if (!std::isfinite(params.borderValue[c]))
            CV_Error_(cv::Error::StsOutOfRange,
                      ("borderValue[%d] is %g; allowed: finite", c, params.borderValue[c]));

    if (params.sigmaY == 0) params.sigmaY = params.sigmaX;
    if (params.sigmaX == 0) params.sigmaX = sigmaFromSize("X", params.ksize.width);
    if (params.sigmaY == 0) params.sigmaY = sigmaFromSize("Y", params.ksize.height);
    return params;
}

void checkSource(cv::InputArray src, const BlurParams& params) {
    if (src.dims() > 2) CV_Error_(cv::Error::StsBadArg, ("src has %d dimensions; allowed: 2", src.dims()));
    if (src.empty()) CV_Error(cv::Error::StsBadSize, "src is empty (0x0); allowed: at least one pixel");
    if (src.depth() > CV_16F)
        CV_Error_(cv::Error::BadDepth, ("depth of src is %d; allowed: CV_8U (0) to CV_16F (7)", src.depth()));
    const cv::Scalar& v = params.borderValue;
    const bool constant = (params.borderType & ~cv::BORDER_ISOLATED) == cv::BORDER_CONSTANT;
    if (constant && src.channels() > 4 && !(v[0] == v[1] && v[0] == v[2] && v[0] == v[3]))
        CV_Error_(cv::Error::BadNumChannels, ("borderValue is (%g, %g, %g, %g) and src has %d channels; "
                                              "allowed for more than 4 channels: four equal "
                                              "components",
                                              v[0], v[1], v[2], v[3], src.channels()));
}

}  // namespace gkern::detail
