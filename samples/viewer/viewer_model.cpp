// SPDX-License-Identifier: Apache-2.0
#include "viewer_model.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "gkern/blur.hpp"

namespace viewer {
namespace {

constexpr std::array<const char*, 5> kBorderNames{"reflect 101", "reflect", "replicate", "constant", "wrap"};
constexpr std::array<const char*, 6> kViewNames{"original",     "gkern", "cv::GaussianBlur",
                                                "side by side", "wipe",  "difference"};

/// Of a blur of `picture` to `result`. What the first one waits for, threads and memory, does not count.
template <class Work>
double milliseconds(const cv::Mat& picture, const cv::Mat& result, const Work& work) {
    if (result.size() != picture.size() || result.type() != picture.type()) work();
    const int64_t start = cv::getTickCount();
    work();
    return 1e3 * static_cast<double>(cv::getTickCount() - start) / cv::getTickFrequency();
}

// Small pictures fill about this many pixels.
constexpr int kScreenWidth = 640, kScreenHeight = 480;

const std::vector<Line>& help() {
    static const std::vector<Line> lines{{"o  g  c", "original, gkern, cv::GaussianBlur"},
                                         {"b", "gkern and cv::GaussianBlur side by side"},
                                         {"w", "wipe between them, follows the mouse"},
                                         {"d  + -", "difference, its gain"},
                                         {"f", "figures on or off"},
                                         {"s", "save the view as PNG"},
                                         {"space", "pause a video"},
                                         {"h  ?", "this help on or off"},
                                         {"q  Esc", "quit"}};
    return lines;
}

}  // namespace

void Model::setPicture(const cv::Mat& picture) {
    picture_ = picture;
    range_ = displayRange(picture);
    done_ = {-1, -1, -1};
}

void Model::advance(Source& source) {
    if (!state.paused && source.advance()) setPicture(source.frame());
}

void Model::pointer(int x) {
    const int width = picture_.cols * zoom();
    if (width > 1) state.wipe = static_cast<double>(std::max(x, 0) % width) / (width - 1);
}

int Model::zoom() const {
    return std::max(1, std::min(kScreenWidth / picture_.cols, kScreenHeight / picture_.rows));
}

Action Model::key(int code) {
    switch (code) {
        case 'o':
            state.view = View::Original;
            break;
        case 'g':
            state.view = View::Gkern;
            break;
        case 'c':
            state.view = View::OpenCV;
            break;
        case 'b':
            state.view = View::SideBySide;
            break;
        case 'w':
            state.view = View::Wipe;
            break;
        case 'd':
            state.view = View::Heatmap;
            break;
        case '+':
        case '=':
            state.gain = std::min(state.gain * 2, 65536.0);
            break;
        case '-':
            state.gain = std::max(state.gain / 2, 1.0);
            break;
        case 'f':
            state.figures = !state.figures;
            break;
        case 'h':
        case '?':
            state.help = !state.help;
            break;
        case ' ':
            state.paused = !state.paused;
            break;
        case 's':
            return Action::Save;
        case 'q':
        case 27:
            return Action::Quit;
        default:
            break;
    }
    return Action::None;
}

void Model::blur() {
    const std::array<int, 3> wanted{state.sigmaTenths, state.ksizeStep, state.border};
    if (wanted == done_) return;
    const double sigma = std::max(1, state.sigmaTenths) / 10.0;
    const int taps = state.ksizeStep > 0 ? 2 * state.ksizeStep - 1 : 0;
    const int border = kBorders.at(static_cast<std::size_t>(state.border));
    gkernMs_ = milliseconds(picture_, gkern_, [&] {
        gkern::gaussianBlur(picture_, gkern_, {taps, taps}, sigma, 0, border);
    });
    try {
        openCvMs_ = milliseconds(picture_, openCv_, [&] {
            cv::GaussianBlur(picture_, openCv_, {taps, taps}, sigma, 0, border);
        });
        difference_ = gkern::difference(gkern_, openCv_);
    } catch (const cv::Exception&) {  // BORDER_WRAP, and depths that it does not know
        openCv_.release();
        difference_ = {};
    }
    done_ = wanted;
}

cv::Mat Model::view() {
    blur();
    const auto other = [&] {
        return openCv_.empty() ? cv::Mat(picture_.size(), CV_8UC3, cv::Scalar::all(48))
                               : displayable(openCv_, range_);
    };
    cv::Mat shown;
    switch (state.view) {
        case View::Original:
            return displayable(picture_, range_);
        case View::Gkern:
            return displayable(gkern_, range_);
        case View::OpenCV:
            return other();
        case View::SideBySide:
            cv::hconcat(displayable(gkern_, range_), other(), shown);
            return shown;
        case View::Heatmap:
            if (openCv_.empty()) return other();
            gkern::heatmap(gkern_, openCv_, shown, state.gain);
            return shown;
        case View::Wipe:
            break;
    }
    shown = other();
    const int split = static_cast<int>(std::lround(std::clamp(state.wipe, 0.0, 1.0) * shown.cols));
    const cv::Rect left(0, 0, split, shown.rows);
    if (split > 0) displayable(gkern_, range_)(left).copyTo(shown(left));
    const int line = std::max(1, shown.cols / 500);  // a large picture is shrunk to its window
    if (split > 0 && split < shown.cols)
        shown.colRange(split, std::min(split + line, shown.cols)).setTo(cv::Scalar(0, 255, 255));
    return shown;
}

std::vector<Line> Model::figures() const {
    const std::string taps = state.ksizeStep ? std::to_string(2 * state.ksizeStep - 1) : std::string("whole");
    std::vector<Line> lines;
    lines.push_back({"view", kViewNames.at(static_cast<std::size_t>(state.view))});
    if (state.view == View::Heatmap) lines.back().words += cv::format(", gain %g", state.gain);
    if (state.paused) lines.back().words += ", paused";
    lines.push_back(
        {"blur", cv::format("sigma %.1f   ksize %s   border %s", std::max(1, state.sigmaTenths) / 10.0,
                            taps.c_str(), kBorderNames.at(static_cast<std::size_t>(state.border)))});
    if (openCv_.empty()) {
        lines.push_back({"time", cv::format("gkern %.1f ms", gkernMs_)});
        lines.push_back({"difference", "none: cv::GaussianBlur lacks this border or depth"});
    } else {
        lines.push_back(
            {"time", cv::format("gkern %.1f ms   cv::GaussianBlur %.1f ms", gkernMs_, openCvMs_)});
        lines.push_back({"difference", cv::format("max %.4g   mean %.3g   PSNR %.1f dB", difference_.maxAbs,
                                                  difference_.meanAbs, difference_.psnr)});
    }
    if (picture_.depth() != CV_8U || picture_.channels() == 2 || picture_.channels() > 3)
        lines.push_back({"shown", cv::format("%s of %d, %.4g black, %.4g white",
                                             picture_.channels() < 3 ? "channel 1" : "channels 1 to 3",
                                             picture_.channels(), range_.black, range_.white)});
    return lines;
}

cv::Mat Model::compose() {
    const cv::Mat shown = view();
    cv::Mat m;
    cv::resize(shown, m, shown.size() * zoom(), 0, 0, cv::INTER_NEAREST);
    if (state.figures) drawPanel(m, figures(), Corner::TopLeft);
    if (state.help) drawPanel(m, help(), Corner::BottomLeft);
    return m;
}

}  // namespace viewer
