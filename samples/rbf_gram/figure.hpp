// SPDX-License-Identifier: Apache-2.0
/// The figure: picture, patches by cluster, kernel matrix with its colour bar.
#pragma once

#include "patches.hpp"

/// Largest number of clusters that the figure has colours for.
constexpr int kMaxClusters = 8;

/// @param caption one line below the panels
/// @return CV_8UC3
cv::Mat drawFigure(const cv::Mat& picture, const Patches& patches, const cv::Mat& K,
                   const std::string& caption);
