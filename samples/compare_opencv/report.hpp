// SPDX-License-Identifier: Apache-2.0
// The report: one HTML file that needs no other.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "figures.hpp"
#include "kernels.hpp"
#include "measure.hpp"

struct PictureResult {
    std::string name;
    cv::Size size;      ///< timed
    cv::Size measured;  ///< compared with the exact result
    int channels;
    std::vector<Case> cases;
    std::vector<HeatMaps> heatMaps;
};

/// "OpenCV 4.6.0, gkern 0.1.0, 2 threads, <CPU>".
std::string machineLine();

std::string reportHtml(const std::vector<PictureResult>& pictures,
                       const std::vector<KernelComparison>& kernels);
