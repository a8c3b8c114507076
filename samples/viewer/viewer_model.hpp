// SPDX-License-Identifier: Apache-2.0
/// @file
/// What the viewer shows, without a window: state and keys → picture.
#pragma once

#include <array>
#include <opencv2/core.hpp>

#include "gkern/compare.hpp"

namespace viewer {

enum class View { Original, Gkern, OpenCV, SideBySide, Wipe, Heatmap };

/// What the window has to do after a key.
enum class Action { None, Save, Quit };

inline constexpr std::array<int, 5> kBorders{cv::BORDER_REFLECT_101, cv::BORDER_REFLECT, cv::BORDER_REPLICATE,
                                             cv::BORDER_CONSTANT, cv::BORDER_WRAP};

struct State {
    int sigmaTenths = 30;  ///< σ·10; at least 1 is used.
    int ksizeStep = 0;     ///< 0: the whole Gaussian; n: 2n − 1 taps.
    int border = 0;        ///< index into kBorders.
    View view = View::Wipe;
    double gain = 64;   ///< of the heat map.
    double wipe = 0.5;  ///< share of the width that shows gkern; cv::GaussianBlur has the rest.
    bool paused = false;
    bool help = false;
    bool figures = true;
};

class Model {
  public:
    State state;

    void setPicture(const cv::Mat& picture);
    Action key(int code);

    /// The picture on screen, CV_8UC3; blurs again where the picture, σ, ksize or border has changed.
    cv::Mat compose();

    /// As compose(), without captions: what 's' saves.
    cv::Mat view();

    const gkern::Difference& difference() const { return difference_; }

  private:
    void blur();
    cv::Mat captions(const cv::Mat& shown) const;

    cv::Mat picture_, gkern_, openCv_;  // openCv_ is empty where cv::GaussianBlur refuses the parameters
    gkern::Difference difference_;
    double gkernMs_ = 0, openCvMs_ = 0;
    std::array<int, 3> done_{-1, -1, -1};  // σ, ksize and border of the blurred pictures
};

}  // namespace viewer
