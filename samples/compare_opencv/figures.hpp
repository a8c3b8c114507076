// SPDX-License-Identifier: Apache-2.0
// Pictures of what was measured: heat maps, kernels and the hero picture.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "measure.hpp"

/// Gain of every heat map: a level of 8 bits takes 100 of the 256 colours, so that one level stands out from
/// black.
inline constexpr double kGain = 100;

/// Largest side of a heat map, pixels: it is looked at pixel by pixel.
inline constexpr int kMapSide = 400;

/// The middle of an 8-bit blur, where two blurs differ from it level by level, and their errors over all of
/// it.
struct HeatMaps {
    double sigma;
    cv::Mat exact, opencv, gkern;  ///< CV_8UC3; the exact result itself and the two maps
    Error opencvError, gkernError;
};
HeatMaps heatMapsOf(const Blurred& blurred, const Errors& errors, double sigma);

/// The colours of 0, 1, 2 and 3 levels as CSS colours, in this order.
std::vector<std::string> levelColours();

/// The three pictures side by side with captions and the colours' legend.
cv::Mat captionedHeatMaps(const HeatMaps& maps);

/// A kernel in colours, `white` the weight of the brightest one; each weight a square.
cv::Mat kernelPicture(const cv::Mat& kernel, double white, int side);

/// original | gkern | where cv::GaussianBlur differs from exact | where gkern does; ~1200 pixels wide.
cv::Mat heroPicture(const cv::Mat& picture, double sigma);
