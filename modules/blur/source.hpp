// SPDX-License-Identifier: Apache-2.0
// The picture as an engine sees it: the pixels that exist, and which of them are asked for.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "blur/plan.hpp"

namespace gkern::detail {

/// `whole` holds every real pixel (the parent of a ROI, or the ROI alone where it is isolated); the border
/// begins at its edge. `roi` is the part of it that is blurred.
struct Source {
    cv::Mat whole;
    cv::Rect roi;
};

Source makeSource(const cv::Mat& src, bool isolated);

/// The pixels of `source` that the blur of its roi reads. Cut out, they give the same blur as the whole.
cv::Rect pixelsInReach(const Source& source, const Plan& plan);

/// Whether the two share a byte range. Rows of one that pass between rows of the other count as shared.
bool overlap(const cv::Mat& a, const cv::Mat& b);

/// For positions first … first + count − 1 of a line: the pixel that the border's rule puts there; −1: the
/// border value.
std::vector<int> borderIndices(int first, int count, int length, int borderType);

/// A 1×1 picture that holds the value of BORDER_CONSTANT, rounded and saturated to the type.
cv::Mat borderPixel(const cv::Scalar& value, int type);

/// Smallest and largest pixel of a CV_64F region per channel, NaN left out; includes the border value where
/// it is in use.
struct ValueRange {
    std::vector<double> smallest, largest;
};
ValueRange valueRange(const cv::Mat& region, const Plan& plan);

/// Limits every CV_64F pixel of `dst` to the range; NaN stays.
void clampTo(const ValueRange& range, cv::Mat& dst);

}  // namespace gkern::detail
