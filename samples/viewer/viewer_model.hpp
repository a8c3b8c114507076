// SPDX-License-Identifier: Apache-2.0
/// @file
/// What the viewer shows, without a window: state and keys → picture.
#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <vector>

#include "display.hpp"
#include "gkern/compare.hpp"
#include "panel.hpp"
#include "source.hpp"

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

    /// Any picture that gkern::gaussianBlur takes; display.hpp says how it is shown.
    void setPicture(const cv::Mat& picture);

    /// Takes the next frame of `source`, unless paused.
    void advance(Source& source);

    Action key(int code);

    /// The mouse is in column x of compose(). Side by side, both pictures have the wipe's whole width.
    void pointer(int x);

    /// The picture on screen, CV_8UC3: view() with captions, small pictures enlarged by zoom().
    cv::Mat compose();

    /// What 's' saves, CV_8UC3; blurs again where the picture, σ, ksize or border has changed.
    cv::Mat view();

    /// Whole number of screen pixels per pixel: captions would cover a small picture.
    int zoom() const;

    const gkern::Difference& difference() const { return difference_; }

  private:
    void blur();
    std::vector<Line> figures() const;

    Range range_;                       // of all pictures shown
    cv::Mat picture_, gkern_, openCv_;  // openCv_ is empty where cv::GaussianBlur refuses the parameters
    gkern::Difference difference_;
    double gkernMs_ = 0, openCvMs_ = 0;
    std::array<int, 3> done_{-1, -1, -1};  // σ, ksize and border of the blurred pictures
};

}  // namespace viewer
