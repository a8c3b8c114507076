// SPDX-License-Identifier: Apache-2.0
/// Square patches of a picture as feature vectors.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

/// Patches of a picture in the order of a kernel matrix: cluster after cluster, dark clusters first.
struct Patches {
    cv::Size grid;              ///< patches across and down
    int side;                   ///< pixels
    cv::Mat features;           ///< one patch per row, CV_32F
    std::vector<int> position;  ///< row of features → index of the patch in the grid
    std::vector<int> cluster;   ///< row of features → cluster, ascending
    int clusters;
};

/// Cuts a CV_8UC3 picture into patches of `side` pixels and describes each by 4×4 mean colours in Lab
/// and by its place, whose weight is that of a colour difference of `placeWeight` from one side of the
/// picture to the other. One row per patch in the order of the grid.
cv::Mat describePatches(const cv::Mat& picture, int side, double placeWeight);

/// The same patches cluster after cluster.
Patches orderPatches(const cv::Mat& features, cv::Size grid, int side, const std::vector<int>& label,
                     int clusters);

/// The side for which a picture of this size has about `count` patches.
int patchSideFor(cv::Size picture, int count);

/// A landscape to start with when there is no picture.
cv::Mat syntheticPicture();
