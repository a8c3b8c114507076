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

template <class Work>
double milliseconds(const Work& work) {
    const int64_t start = cv::getTickCount();
    work();
    return 1e3 * static_cast<double>(cv::getTickCount() - start) / cv::getTickFrequency();
}

cv::Mat displayable(const cv::Mat& m) {
    cv::Mat out;
    const double scale = m.depth() == CV_8U ? 1 : m.depth() == CV_16U ? 1 / 257.0 : 255;
    m.convertTo(out, CV_8U, scale);
    if (m.channels() == 1) cv::cvtColor(out, out, cv::COLOR_GRAY2BGR);
    if (m.channels() == 4) cv::cvtColor(out, out, cv::COLOR_BGRA2BGR);
    return out;
}

void write(cv::Mat& m, const std::string& words, cv::Point at, double scale) {
    cv::putText(m, words, at, cv::FONT_HERSHEY_SIMPLEX, scale, {0, 0, 0}, 3, cv::LINE_AA);
    cv::putText(m, words, at, cv::FONT_HERSHEY_SIMPLEX, scale, {255, 255, 255}, 1, cv::LINE_AA);
}

}  // namespace

void Model::setPicture(const cv::Mat& picture) {
    picture_ = picture;
    done_ = {-1, -1, -1};
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
    gkernMs_ = milliseconds([&] { gkern::gaussianBlur(picture_, gkern_, {taps, taps}, sigma, 0, border); });
    try {
        openCvMs_ = milliseconds([&] {
            cv::GaussianBlur(picture_, openCv_, {taps, taps}, sigma, 0, border);
        });
        difference_ = gkern::difference(gkern_, openCv_);
    } catch (const cv::Exception&) {  // BORDER_WRAP, and depths that it does not know
        openCv_.release();
    }
    done_ = wanted;
}

cv::Mat Model::view() {
    blur();
    const auto other = [&] {
        return openCv_.empty() ? cv::Mat(picture_.size(), CV_8UC3, cv::Scalar::all(48))
                               : displayable(openCv_);
    };
    cv::Mat shown;
    switch (state.view) {
        case View::Original:
            return displayable(picture_);
        case View::Gkern:
            return displayable(gkern_);
        case View::OpenCV:
            return other();
        case View::SideBySide:
            cv::hconcat(displayable(gkern_), other(), shown);
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
    if (split > 0) displayable(gkern_)(left).copyTo(shown(left));
    if (split > 0 && split < shown.cols) shown.col(split).setTo(cv::Scalar(0, 255, 255));
    return shown;
}

cv::Mat Model::captions(const cv::Mat& shown) const {
    cv::Mat m = shown.clone();
    const double scale = std::clamp(shown.cols / 1600.0, 0.4, 1.2);
    std::vector<std::string> lines;
    if (state.figures) {
        const std::string taps =
            state.ksizeStep ? std::to_string(2 * state.ksizeStep - 1) : std::string("whole");
        lines.push_back(cv::format("%s   sigma %.1f   ksize %s   border %s",
                                   kViewNames.at(static_cast<std::size_t>(state.view)),
                                   std::max(1, state.sigmaTenths) / 10.0, taps.c_str(),
                                   kBorderNames.at(static_cast<std::size_t>(state.border))));
        if (openCv_.empty()) {
            lines.push_back(
                cv::format("gkern %.1f ms   cv::GaussianBlur refuses these parameters", gkernMs_));
        } else {
            lines.push_back(cv::format("difference: max %.4g   mean %.3g   PSNR %.1f dB", difference_.maxAbs,
                                       difference_.meanAbs, difference_.psnr));
            lines.push_back(cv::format("gkern %.1f ms   cv::GaussianBlur %.1f ms", gkernMs_, openCvMs_));
        }
        if (state.view == View::Heatmap) lines.push_back(cv::format("gain %g", state.gain));
        if (state.paused) lines.emplace_back("paused");
    }
    if (state.help)
        for (const char* line :
             {"o original   g gkern   c cv::GaussianBlur", "b side by side   w wipe (mouse)",
              "d difference   + - gain", "s save PNG   space pause   f figures", "h help   q quit"})
            lines.emplace_back(line);
    int y = 0;
    for (const std::string& line : lines) write(m, line, {8, y += static_cast<int>(34 * scale)}, scale);
    return m;
}

cv::Mat Model::compose() {
    return captions(view());
}

}  // namespace viewer
