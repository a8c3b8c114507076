// SPDX-License-Identifier: Apache-2.0
// Line plots as inline SVG.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

struct Curve {
    std::string name, colour;  ///< colour as CSS has it
    bool dashed;               ///< lets a curve below it show through
    std::vector<cv::Point2d> points;
};

struct Plot {
    std::string title, xLabel, yLabel;
    bool logX, logY;             ///< a logarithmic axis leaves out values that are not positive
    std::vector<double> xTicks;  ///< also stretch the axis
    std::vector<Curve> curves;
    double line;            ///< horizontal reference line; NaN for none
    std::string lineLabel;  ///< what the line means
};

// Okabe and Ito's colours, which colour-blind readers tell apart.
inline constexpr const char* kOrange = "#d55e00";
inline constexpr const char* kGreen = "#009e73";
inline constexpr const char* kBlue = "#0072b2";
inline constexpr const char* kPurple = "#cc79a7";

/// An <svg> element that fills the width it is given.
std::string asSvg(const Plot& plot);
