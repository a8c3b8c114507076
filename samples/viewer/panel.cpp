// SPDX-License-Identifier: Apache-2.0
#include "panel.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace viewer {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
// At font scale 1, pixels.
constexpr double kLineHeight = 38, kBaseline = 27, kMargin = 14, kGap = 28;
constexpr double kSmallestReadable = 0.32;

double width(const std::string& words) {
    return cv::getTextSize(words, kFont, 1, 1, nullptr).width;
}

}  // namespace

void drawPanel(cv::Mat& m, const std::vector<Line>& lines, Corner corner) {
    if (lines.empty()) return;
    double names = 0, words = 0;
    for (const Line& line : lines) {
        names = std::max(names, width(line.name));
        words = std::max(words, width(line.words));
    }
    const double wide = names + words + kGap + 2 * kMargin;
    const double high = static_cast<double>(lines.size()) * kLineHeight + 2 * kMargin;
    const double scale = std::min({std::max(m.cols / 1800.0, 0.5), m.cols / wide, 0.48 * m.rows / high});
    if (scale < kSmallestReadable) return;

    const auto pixels = [scale](double length) { return static_cast<int>(scale * length); };
    const int top = corner == Corner::TopLeft ? 0 : m.rows - pixels(high);
    cv::Mat panel = m(cv::Rect(0, top, pixels(wide), pixels(high)));
    panel.convertTo(panel, -1, 0.25);
    const int thickness = std::max(1, pixels(1.6));
    double y = kMargin + kBaseline;
    for (const Line& line : lines) {
        cv::putText(panel, line.name, {pixels(kMargin), pixels(y)}, kFont, scale, {120, 220, 255}, thickness,
                    cv::LINE_AA);
        cv::putText(panel, line.words, {pixels(kMargin + names + kGap), pixels(y)}, kFont, scale,
                    {255, 255, 255}, thickness, cv::LINE_AA);
        y += kLineHeight;
    }
}

}  // namespace viewer
