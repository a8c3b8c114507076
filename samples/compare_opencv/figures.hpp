// SPDX-License-Identifier: Apache-2.0
// Pictures of what was measured: heat maps, kernels and the hero picture.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "measure.hpp"

/// Gain of every heat map: a level of 8 bits takes 64 of the 256 colours, four levels all of them.
inline constexpr double kGain = 64;

/// An 8-bit blur and where two blurs differ from it, level by level.
struct HeatMaps {
    double sigma;
    cv::Mat exact, opencv, gkern;  ///< CV_8UC3; the exact result itself and the two maps
    Error opencvError, gkernError;
};
HeatMaps heatMapsOf(const Blurred& blurred, const Errors& errors, double sigma);

/// The colours of 0, 1, 2, 3 and 4 levels as CSS colours, in this order.
std::vector<std::string> levelColours();

/// The three pictures side by side with captions and the colours' legend.
cv::Mat captionedHeatMaps(const HeatMaps& maps);

/// A kernel in colours, `white` the weight of the brightest one; each weight a square.
cv::Mat kernelPicture(const cv::Mat& kernel, double white, int side);

/// original | gkern | where cv::GaussianBlur differs from exact | where gkern does; ~1200 pixels wide.
cv::Mat heroPicture(const cv::Mat& picture, double sigma);
