// SPDX-License-Identifier: Apache-2.0
/// @file
/// Words on a picture.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace viewer {

struct Line {
    std::string name, words;
};

enum class Corner { TopLeft, BottomLeft };

/// Draws a table of two columns on a darkened panel that takes at most half of the height of `m` (CV_8UC3).
/// The letters grow with the width of `m`; where they would be too small to read, nothing is drawn.
void drawPanel(cv::Mat& m, const std::vector<Line>& lines, Corner corner);

}  // namespace viewer
