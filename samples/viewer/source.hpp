// SPDX-License-Identifier: Apache-2.0
/// @file
/// Where the viewer's pictures come from: a picture, a video, which starts again at its end, or a camera.
#pragma once

#include <opencv2/core.hpp>
#include <opencv2/videoio.hpp>
#include <string>

namespace viewer {

class Source {
  public:
    explicit Source(const cv::Mat& picture) : frame_(picture) {}

    /// @param name file, address of a stream, or number of a camera.
    /// @throws std::runtime_error with one line to show where `name` gives no picture.
    explicit Source(const std::string& name);

    const cv::Mat& frame() const { return frame_; }

    /// Moves to the next frame; false, and the frame stays, where there is none.
    bool advance();

  private:
    std::string name_;
    cv::VideoCapture video_;
    cv::Mat frame_;
};

}  // namespace viewer
