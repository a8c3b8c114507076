// SPDX-License-Identifier: Apache-2.0
#include "source.hpp"

#include <filesystem>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>

namespace viewer {
namespace {

// OpenCV's backends log each failed attempt; the user gets the one line of the exception instead.
class QuietOpenCV {
  public:
    QuietOpenCV() : before_(cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT)) {}
    ~QuietOpenCV() { cv::utils::logging::setLogLevel(before_); }
    QuietOpenCV(const QuietOpenCV&) = delete;
    QuietOpenCV& operator=(const QuietOpenCV&) = delete;

  private:
    cv::utils::logging::LogLevel before_;
};

bool isCamera(const std::string& name) {
    return !name.empty() && name.size() < 4 && name.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

Source::Source(const std::string& name) {
    const QuietOpenCV quiet;
    if (isCamera(name)) {
        if (video_.open(std::stoi(name)) && video_.read(frame_)) return;
        throw std::runtime_error("camera " + name + " gives no picture");
    }
    const bool isStream = name.find("://") != std::string::npos;
    if (!isStream) {
        if (!std::filesystem::exists(name)) throw std::runtime_error(name + " does not exist");
        frame_ = cv::imread(name, cv::IMREAD_UNCHANGED);
        if (!frame_.empty()) return;
    }
    if (!video_.open(name) || !video_.read(frame_))
        throw std::runtime_error("cannot read " + name + " as a picture or a video");
    if (!isStream) name_ = name;
}

bool Source::advance() {
    if (!video_.isOpened()) return false;
    cv::Mat next;
    if (!video_.read(next)) {
        // Opened again rather than rewound: not every backend can seek.
        if (name_.empty() || !video_.open(name_) || !video_.read(next)) return false;
    }
    frame_ = next;
    return true;
}

}  // namespace viewer
