// SPDX-License-Identifier: Apache-2.0
#include "figures.hpp"

#include <algorithm>
#include <gkern/compare.hpp>
#include <opencv2/imgproc.hpp>

#include "table.hpp"

namespace {

constexpr int kGap = 10, kMargin = 12, kHeading = 58, kFooter = 38, kLevels = 4;
constexpr int kHeroSide = 600, kHeroPanel = 288;
constexpr int kSmallestPanel = 280;  // narrower ones cannot hold their captions
const cv::Scalar kPaper = cv::Scalar::all(255), kInk = cv::Scalar::all(30), kFaintInk = cv::Scalar::all(90);

struct Panel {
    cv::Mat picture;
    std::string title, note;
};

cv::Mat coloured(const cv::Mat& picture) {
    cv::Mat result;
    if (picture.channels() == 3) return picture;
    cv::cvtColor(picture, result, cv::COLOR_GRAY2BGR);
    return result;
}

void write(cv::Mat& canvas, const std::string& text, cv::Point baseline, double size,
           const cv::Scalar& colour) {
    cv::putText(canvas, text, baseline, cv::FONT_HERSHEY_DUPLEX, size, colour, 1, cv::LINE_AA);
}

cv::Mat levelSwatches() {
    cv::Mat levels(1, kLevels, CV_8U), swatches;
    for (int level = 0; level < kLevels; ++level) levels.at<uchar>(level) = static_cast<uchar>(level);
    gkern::heatmap(levels, cv::Mat::zeros(levels.size(), CV_8U), swatches, kGain);
    return swatches;
}

void drawLegend(cv::Mat& canvas, cv::Point corner) {
    const cv::Mat swatches = levelSwatches();
    for (int level = 0; level < kLevels; ++level) {
        const cv::Rect swatch(corner, cv::Size(22, 14));
        cv::rectangle(canvas, swatch, cv::Scalar(swatches.at<cv::Vec3b>(level)), cv::FILLED);
        cv::rectangle(canvas, swatch, kFaintInk);
        const char* const more = level + 1 == kLevels ? " or more levels of 255" : "";
        write(canvas, std::to_string(level) + more, corner + cv::Point(28, 12), 0.45, kInk);
        corner.x += 58;
    }
}

/// Panels in a row under their titles and notes, over the legend, which begins under the panel `legendAt`.
cv::Mat inARow(const std::vector<Panel>& panels, size_t legendAt) {
    const cv::Size size = panels.front().picture.size();
    const int count = static_cast<int>(panels.size()), pitch = std::max(size.width, kSmallestPanel) + kGap;
    cv::Mat canvas(kHeading + size.height + kFooter, 2 * kMargin + count * pitch - kGap, CV_8UC3, kPaper);
    int x = kMargin;
    for (const Panel& panel : panels) {
        panel.picture.copyTo(canvas(cv::Rect({x, kHeading}, size)));
        write(canvas, panel.title, {x, 24}, 0.56, kInk);
        write(canvas, panel.note, {x, 46}, 0.45, kFaintInk);
        x += pitch;
    }
    drawLegend(canvas, {kMargin + static_cast<int>(legendAt) * pitch, kHeading + size.height + 12});
    return canvas;
}

std::string note(const Error& error) {
    return percent(error.identical) + cv::format(" identical, worst %.2f levels", error.max);
}

}  // namespace

HeatMaps heatMapsOf(const Blurred& blurred, const Errors& errors, double sigma) {
    const cv::Mat exact = middle(blurred.rounded, kMapSide);
    HeatMaps maps{sigma, coloured(exact), {}, {}, errors.opencv, errors.gkern};
    gkern::heatmap(middle(blurred.opencv, kMapSide), exact, maps.opencv, kGain);
    gkern::heatmap(middle(blurred.gkern, kMapSide), exact, maps.gkern, kGain);
    return maps;
}

std::vector<std::string> levelColours() {
    std::vector<std::string> colours;
    const cv::Mat swatches = levelSwatches();
    for (int level = 0; level < kLevels; ++level) {
        const cv::Vec3b bgr = swatches.at<cv::Vec3b>(level);
        colours.push_back(cv::format("#%02x%02x%02x", bgr[2], bgr[1], bgr[0]));
    }
    return colours;
}

cv::Mat captionedHeatMaps(const HeatMaps& maps) {
    return inARow({{maps.exact, cv::format("Exact, sigma %g", maps.sigma), "correctly rounded to 8 bits"},
                   {maps.opencv, "Where cv::GaussianBlur is off", note(maps.opencvError)},
                   {maps.gkern, "Where gkern is off", note(maps.gkernError)}},
                  1);
}

cv::Mat kernelPicture(const cv::Mat& kernel, double white, int side) {
    cv::Mat bytes, colours, scaled;
    kernel.convertTo(bytes, CV_8U, 255 / white);
    cv::applyColorMap(bytes, colours, cv::COLORMAP_INFERNO);
    cv::resize(colours, scaled, cv::Size(side, side), 0, 0, cv::INTER_NEAREST);
    return scaled;
}

cv::Mat heroPicture(const cv::Mat& picture, double sigma) {
    const cv::Mat part = middle(asDepth(picture, CV_8U), kHeroSide);
    const Blurred blurred = blurInEveryWay(part, sigma);
    const HeatMaps maps = heatMapsOf(blurred, errorsOf(blurred), sigma);
    return inARow({{middle(coloured(part), kHeroPanel), "Original", "8 bits per channel"},
                   {middle(coloured(blurred.gkern), kHeroPanel), cv::format("gkern, sigma %g", sigma),
                    "gkern::gaussianBlur"},
                   {middle(maps.opencv, kHeroPanel), "Where cv::GaussianBlur is off", note(maps.opencvError)},
                   {middle(maps.gkern, kHeroPanel), "Where gkern is off", note(maps.gkernError)}},
                  2);
}
