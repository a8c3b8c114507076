// SPDX-License-Identifier: Apache-2.0
#include "patches.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

namespace {

constexpr int kCells = 4;  // mean colours along a side of a patch
constexpr int kColours = kCells * kCells * 3, kFeatures = kColours + 2;

float lightness(const cv::Mat& feature) {
    float sum = 0;
    for (int k = 0; k < kColours; k += 3) sum += feature.at<float>(k);
    return sum;
}

/// The labels, numbered from dark to light.
std::vector<int> fromDarkToLight(const cv::Mat& features, const std::vector<int>& label, int clusters) {
    std::vector<double> sum(size_t(clusters), 0), count(size_t(clusters), 1e-9);
    for (size_t p = 0; p < label.size(); ++p) {
        sum[size_t(label[p])] += lightness(features.row(int(p)));
        ++count[size_t(label[p])];
    }
    std::vector<int> order(static_cast<size_t>(clusters)), rank(order.size()), result;
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
        return sum[size_t(a)] / count[size_t(a)] < sum[size_t(b)] / count[size_t(b)];
    });
    for (int i = 0; i < clusters; ++i) rank[size_t(order[size_t(i)])] = i;
    for (const int l : label) result.push_back(rank[size_t(l)]);
    return result;
}

}  // namespace

cv::Mat describePatches(const cv::Mat& picture, int side, double placeWeight) {
    const cv::Size grid(picture.cols / side, picture.rows / side);
    cv::Mat cells, lab;
    const cv::Rect covered(0, 0, grid.width * side, grid.height * side);
    cv::resize(picture(covered), cells, grid * kCells, 0, 0, cv::INTER_AREA);
    cells.convertTo(cells, CV_32F, 1 / 255.0);
    cv::cvtColor(cells, lab, cv::COLOR_BGR2Lab);

    cv::Mat features(grid.area(), kFeatures, CV_32F);
    // A step of one colour changes all cells; a step of place changes one feature.
    const double step = placeWeight * kCells / std::max(grid.width, grid.height);
    for (int p = 0; p < grid.area(); ++p) {
        const cv::Rect cell(p % grid.width * kCells, p / grid.width * kCells, kCells, kCells);
        lab(cell).clone().reshape(1, 1).copyTo(features(cv::Rect(0, p, kColours, 1)));
        features.at<float>(p, kColours) = float(p % grid.width * step);
        features.at<float>(p, kColours + 1) = float(p / grid.width * step);
    }
    return features;
}

Patches orderPatches(const cv::Mat& features, cv::Size grid, int side, const std::vector<int>& label,
                     int clusters) {
    Patches patches;
    patches.side = side;
    patches.clusters = clusters;
    patches.grid = grid;
    const std::vector<int> cluster = fromDarkToLight(features, label, clusters);
    patches.position.resize(cluster.size());
    std::iota(patches.position.begin(), patches.position.end(), 0);
    std::stable_sort(patches.position.begin(), patches.position.end(), [&](int a, int b) {
        if (cluster[size_t(a)] != cluster[size_t(b)]) return cluster[size_t(a)] < cluster[size_t(b)];
        return lightness(features.row(a)) < lightness(features.row(b));
    });
    for (const int p : patches.position) {
        patches.features.push_back(features.row(p));
        patches.cluster.push_back(cluster[size_t(p)]);
    }
    return patches;
}

int patchSideFor(cv::Size picture, int count) {
    return std::max(1, int(std::sqrt(double(picture.area()) / count)));
}

cv::Mat syntheticPicture() {
    const int width = 800, height = 560, horizon = 330;
    cv::Mat picture(height, width, CV_8UC3);
    cv::RNG rng(7);
    for (int y = 0; y < height; ++y)  // sky above, meadow below
        picture.row(y) = y < horizon ? cv::Scalar(235 - y * 0.15, 150 + y * 0.25, 70 + y * 0.45)
                                     : cv::Scalar(50, 150 - (y - horizon) * 0.25, 90 - (y - horizon) * 0.15);
    cv::circle(picture, {640, 90}, 46, cv::Scalar(150, 235, 255), cv::FILLED, cv::LINE_AA);
    for (const cv::Point cloud : {cv::Point(150, 90), cv::Point(420, 150)})
        for (int puff = -2; puff <= 2; ++puff)
            cv::ellipse(picture, cloud + cv::Point(puff * 30, puff % 2 * 8), cv::Size(38, 20), 0, 0, 360,
                        cv::Scalar(250, 248, 245), cv::FILLED, cv::LINE_AA);
    const std::vector<cv::Point> ridge{{0, 330},   {0, 250},   {110, 180}, {210, 250}, {330, 150},
                                       {470, 270}, {560, 215}, {690, 290}, {800, 240}, {800, 330}};
    cv::fillPoly(picture, std::vector<std::vector<cv::Point>>{ridge}, cv::Scalar(120, 100, 90), cv::LINE_AA);
    for (int furrow = 0; furrow < 16; ++furrow)  // a ploughed field in perspective
        cv::line(picture, {360 + furrow * 12, horizon + 20}, {120 + furrow * 60, height},
                 cv::Scalar(35, 65, 105), 9, cv::LINE_AA);
    const cv::Rect wall(70, 330, 190, 120);
    cv::rectangle(picture, wall, cv::Scalar(70, 80, 180), cv::FILLED);
    for (int row = 0; row < 12; ++row)
        for (int brick = -1; brick < 8; ++brick) {
            const cv::Rect stone(wall.x + brick * 26 + row % 2 * 13, wall.y + row * 10, 26, 10);
            cv::rectangle(picture, stone & wall, cv::Scalar(190, 200, 215), 1);
        }
    const std::vector<cv::Point> roof{{50, 330}, {165, 250}, {280, 330}};
    cv::fillPoly(picture, std::vector<std::vector<cv::Point>>{roof}, cv::Scalar(45, 40, 60), cv::LINE_AA);

    cv::Mat noise(picture.size(), CV_16SC3), sum;
    rng.fill(noise, cv::RNG::NORMAL, 0, 2);
    cv::add(picture, noise, sum, cv::noArray(), CV_8U);
    return sum;
}
