// SPDX-License-Identifier: Apache-2.0
/// @file
/// The test pictures of images/, drawn from formulas.
///
/// Every pixel comes from +, −, ×, ÷, √ and floor of IEEE arithmetic, so the same picture appears on every
/// machine; only captions are drawn by cv::putText.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace pictures {

/// Mountain lake at dusk: clouds, ridges and water from 1/f noise. CV_8UC3.
cv::Mat landscape(cv::Size size);

/// ½ + ½·cos(π·r²/side): the frequency grows with the radius and reaches half a cycle per pixel at the edges.
/// CV_8UC1.
cv::Mat zonePlate(int side);

/// 36 black and white spokes. CV_8UC1.
cv::Mat siemensStar(int side);

/// Single white pixels, 64 apart, on black: a blur draws its kernel around each. CV_8UC1.
cv::Mat impulseGrid(cv::Size size);

/// Straight and slanted edges, bars and a disc, in colour. CV_8UC3.
cv::Mat stepEdges(cv::Size size);

/// Dark letters on paper, from large to small. CV_8UC3.
cv::Mat text(cv::Size size);

/// A diagonal ramp through all 65536 values, with a circle that stands out by 64 of them. CV_16UC1.
cv::Mat gradient16(cv::Size size);

/// Coloured glass discs whose alpha fades to transparent. CV_8UC4.
cv::Mat transparency(int side);

struct Named {
    std::string file;
    cv::Mat picture;
};

/// All of them, with the file names that make_images gives them.
std::vector<Named> all();

}  // namespace pictures
