// SPDX-License-Identifier: Apache-2.0
/// @file
/// Pictures of any depth and number of channels → 8-bit colour pictures for a screen.
///
/// Channels: one or two → the first as grey; three or more → the first three as blue, green, red.
/// Values: CV_8U and CV_16U show their full scale; CV_16F, CV_32F and CV_64F show 0 … 1 if all finite values
/// lie there; otherwise, and for the signed depths, black is the smallest and white the largest finite value.
#pragma once

#include <opencv2/core.hpp>

namespace viewer {

/// The values drawn black and white.
struct Range {
    double black = 0, white = 255;
};

/// The range for `picture`; pictures that are compared have to share one.
Range displayRange(const cv::Mat& picture);

/// CV_8UC3; values outside the range are cut, NaN is black.
cv::Mat displayable(const cv::Mat& picture, Range range);

}  // namespace viewer
