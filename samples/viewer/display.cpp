// SPDX-License-Identifier: Apache-2.0
#include "display.hpp"

#include <cfloat>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace viewer {
namespace {

cv::Mat firstChannels(const cv::Mat& m) {
    const int channels = m.channels() < 3 ? 1 : 3;
    if (m.channels() == channels) return m;
    cv::Mat first(m.size(), CV_MAKETYPE(m.depth(), channels));
    const int pairs[] = {0, 0, 1, 1, 2, 2};
    cv::mixChannels(&m, 1, &first, 1, pairs, static_cast<std::size_t>(channels));
    return first;
}

// One channel of doubles: OpenCV's comparisons and limits take any depth there.
cv::Mat values(const cv::Mat& m) {
    cv::Mat wide;
    m.convertTo(wide, CV_64F);  // before choosing channels: cv::mixChannels does not know halves
    return firstChannels(wide).reshape(1);
}

}  // namespace

Range displayRange(const cv::Mat& picture) {
    if (picture.depth() == CV_8U) return {0, 255};
    if (picture.depth() == CV_16U) return {0, 65535};
    const cv::Mat wide = values(picture);
    const cv::Mat finite = cv::abs(wide) <= DBL_MAX;
    if (cv::countNonZero(finite) == 0) return {0, 1};
    Range range;
    cv::minMaxLoc(wide, &range.black, &range.white, nullptr, nullptr, finite);
    const bool isFloat = picture.depth() >= CV_32F;
    if (isFloat && range.black >= 0 && range.white <= 1) return {0, 1};
    return range;
}

cv::Mat displayable(const cv::Mat& picture, Range range) {
    cv::Mat out;
    if (picture.depth() == CV_8U) {
        out = firstChannels(picture);
    } else {
        // Limits first: conversion to 8 bits wraps round above the largest int.
        cv::Mat wide = values(picture);
        wide.setTo(range.black, wide != wide);
        cv::min(wide, range.white, wide);
        cv::max(wide, range.black, wide);
        double scale = 127.5 / (range.white / 2 - range.black / 2);  // halves: the difference may overflow
        if (!std::isfinite(scale)) scale = 0;                        // a constant picture
        wide.convertTo(out, CV_8U, scale, -range.black * scale);
        out = out.reshape(picture.channels() < 3 ? 1 : 3);
    }
    cv::Mat colour;
    if (out.channels() == 1)
        cv::cvtColor(out, colour, cv::COLOR_GRAY2BGR);
    else
        out.copyTo(colour);
    return colour;
}

}  // namespace viewer
