// SPDX-License-Identifier: Apache-2.0
// What the tests of the multirate engine share.
#pragma once

#include "gkern/blur.hpp"

namespace support {

inline constexpr int kDepths[] = {CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_16F, CV_32F, CV_64F};
inline constexpr int kBorders[] = {cv::BORDER_CONSTANT, cv::BORDER_REPLICATE, cv::BORDER_REFLECT,
                                   cv::BORDER_REFLECT_101, cv::BORDER_WRAP};

inline gkern::BlurParams multirate(double sigmaX, double sigmaY = 0, int border = cv::BORDER_DEFAULT) {
    gkern::BlurParams params;
    params.sigmaX = sigmaX;
    params.sigmaY = sigmaY;
    params.borderType = border;
    params.engine = gkern::Engine::Multirate;
    return params;
}

inline cv::Scalar borderValueFor(int depth) {
    return depth >= CV_32F ? cv::Scalar(0.5, -0.25, 1, 0) : cv::Scalar(7, 90, 33, 1);
}

}  // namespace support
