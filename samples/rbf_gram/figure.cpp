// SPDX-License-Identifier: Apache-2.0
#include "figure.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace {

constexpr int kMaxPictureWidth = 720, kMaxHeight = 560, kMinMatrixSide = 400;
constexpr int kMargin = 28, kTitleHeight = 44, kCaptionHeight = 46;
constexpr int kStrip = 14, kStripGap = 3;            // cluster colours beside the matrix
constexpr int kBarGap = 16, kBar = 18, kTicks = 44;  // colour bar and its numbers
const cv::Scalar kPaper = cv::Scalar::all(255), kInk = cv::Scalar::all(40), kFrame = cv::Scalar::all(150);

// Okabe and Ito's colours, which colour-blind readers tell apart; BGR.
const cv::Vec3b kClusterColours[kMaxClusters] = {{178, 114, 0},   {0, 159, 230},  {115, 158, 0},
                                                 {167, 121, 204}, {0, 94, 213},   {233, 180, 86},
                                                 {66, 228, 240},  {110, 110, 110}};

void write(cv::Mat& canvas, const std::string& text, cv::Point baseline, double size) {
    cv::putText(canvas, text, baseline, cv::FONT_HERSHEY_DUPLEX, size, kInk, 1, cv::LINE_AA);
}

void paste(cv::Mat& canvas, const cv::Mat& panel, cv::Point corner) {
    const cv::Rect place(corner, panel.size());
    panel.copyTo(canvas(place));
    cv::rectangle(canvas, place + cv::Point(-1, -1) + cv::Size(2, 2), kFrame);
}

cv::Mat fit(const cv::Mat& picture) {
    const double scale = std::min(double(kMaxHeight) / picture.rows, double(kMaxPictureWidth) / picture.cols);
    const cv::Size size(std::max(1, cvRound(picture.cols * scale)),
                        std::max(1, cvRound(picture.rows * scale)));
    cv::Mat fitted;
    cv::resize(picture, fitted, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_NEAREST);
    return fitted;
}

/// The picture in grey, each patch tinted with the colour of its cluster.
cv::Mat drawClusters(const cv::Mat& picture, const Patches& patches) {
    cv::Mat grey, tinted(picture.size(), CV_8UC3, kPaper), result;
    cv::cvtColor(picture, grey, cv::COLOR_BGR2GRAY);
    cv::cvtColor(grey, grey, cv::COLOR_GRAY2BGR);
    for (size_t row = 0; row < patches.position.size(); ++row) {
        const int p = patches.position[row], side = patches.side;
        const cv::Rect place(p % patches.grid.width * side, p / patches.grid.width * side, side, side);
        tinted(place).setTo(kClusterColours[patches.cluster[row]]);
    }
    cv::addWeighted(grey, 0.35, tinted, 0.65, 0, result);
    return result;
}

cv::Mat colours(const cv::Mat& unitRange) {
    cv::Mat bytes, coloured;
    unitRange.convertTo(bytes, CV_8U, 255);
    cv::applyColorMap(bytes, coloured, cv::COLORMAP_MAGMA);
    return coloured;
}

/// The matrix with its clusters' colours along the left and upper edge.
void drawMatrix(cv::Mat& canvas, const cv::Mat& K, const Patches& patches, cv::Point corner, int shownSide) {
    cv::Mat scaled, strip(1, K.cols, CV_8UC3), across, down;
    cv::resize(K, scaled, cv::Size(shownSide, shownSide), 0, 0,
               K.cols > shownSide ? cv::INTER_AREA : cv::INTER_NEAREST);
    paste(canvas, colours(scaled), corner);

    for (int i = 0; i < K.cols; ++i) strip.at<cv::Vec3b>(i) = kClusterColours[patches.cluster[size_t(i)]];
    cv::resize(strip, across, cv::Size(shownSide, kStrip), 0, 0, cv::INTER_NEAREST);
    cv::transpose(across, down);
    const int away = kStrip + kStripGap;
    across.copyTo(canvas(cv::Rect(corner - cv::Point(0, away), across.size())));
    down.copyTo(canvas(cv::Rect(corner - cv::Point(away, 0), down.size())));
}

void drawColourBar(cv::Mat& canvas, cv::Point corner, int height) {
    cv::Mat ramp(height, kBar, CV_32F);
    for (int y = 0; y < height; ++y) ramp.row(y) = 1 - double(y) / (height - 1);
    paste(canvas, colours(ramp), corner);
    for (int tick = 0; tick <= 4; ++tick) {
        const int y = corner.y + cvRound((height - 1) * (1 - tick / 4.0)), x = corner.x + kBar;
        cv::line(canvas, {x, y}, {x + 4, y}, kInk);
        write(canvas, cv::format("%.2f", tick / 4.0), {x + 8, y + 5}, 0.42);
    }
}

}  // namespace

cv::Mat drawFigure(const cv::Mat& picture, const Patches& patches, const cv::Mat& K,
                   const std::string& caption) {
    const cv::Mat left = fit(picture), middle = fit(drawClusters(picture, patches));
    const int matrixSide = std::max(kMinMatrixSide, left.rows);  // pictures and matrix end at the same line
    const int away = kStrip + kStripGap;
    const cv::Point leftCorner(kMargin, kTitleHeight + away);
    const cv::Point middleCorner(leftCorner.x + left.cols + kMargin, leftCorner.y);
    const cv::Point matrixCorner(middleCorner.x + middle.cols + kMargin + away, leftCorner.y);
    const cv::Point barCorner(matrixCorner.x + matrixSide + kBarGap, leftCorner.y);
    cv::Mat canvas(leftCorner.y + matrixSide + kCaptionHeight, barCorner.x + kBar + kTicks + kMargin, CV_8UC3,
                   kPaper);

    paste(canvas, left, leftCorner);
    paste(canvas, middle, middleCorner);
    drawMatrix(canvas, K, patches, matrixCorner, matrixSide);
    drawColourBar(canvas, barCorner, matrixSide);

    const int titles = kTitleHeight - 12;
    write(canvas, cv::format("Picture, %d x %d", picture.cols, picture.rows), {leftCorner.x, titles}, 0.7);
    write(canvas, cv::format("%d patches, %d spectral clusters", K.rows, patches.clusters),
          {middleCorner.x, titles}, 0.7);
    write(canvas, cv::format("Kernel matrix, %d x %d, by cluster", K.rows, K.cols), {matrixCorner.x, titles},
          0.7);
    write(canvas, caption, {leftCorner.x, canvas.rows - 16}, 0.52);
    return canvas;
}
