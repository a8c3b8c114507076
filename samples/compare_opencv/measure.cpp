// SPDX-License-Identifier: Apache-2.0
#include "measure.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <gkern/blur.hpp>
#include <gkern/compare.hpp>

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::time_point from) {
    return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<long>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

double fullScale(int depth) {
    return depth == CV_8U ? 255 : depth == CV_16U ? 65535 : 1;
}

cv::Mat blurInDouble(const cv::Mat& picture64, double sigma, gkern::WeightModel weights,
                     gkern::Engine engine) {
    gkern::BlurParams params;
    params.sigmaX = sigma;
    params.weights = weights;
    params.engine = engine;
    cv::Mat blurred;
    gkern::GaussianFilter(params).apply(picture64, blurred);
    return blurred;
}

Error errorOf(const cv::Mat& result, const Blurred& blurred) {
    cv::Mat result64;
    result.convertTo(result64, CV_64F);
    const gkern::Difference toExact = gkern::difference(result64, blurred.exact);
    return {toExact.maxAbs, toExact.rms, gkern::difference(result, blurred.rounded).identical};
}

}  // namespace

Effort fullEffort() {
    return {{0.5, 1, 2, 3, 5, 10}, 1024, 11, 4.0};
}

Effort quickEffort() {
    return {{0.5, 1, 3, 10}, 256, 5, 0.2};
}

std::string depthName(int depth) {
    return depth == CV_8U ? "8U" : depth == CV_16U ? "16U" : depth == CV_32F ? "32F" : "64F";
}

bool isInteger(int depth) {
    return depth == CV_8U || depth == CV_16U;
}

cv::Mat asDepth(const cv::Mat& picture, int depth) {
    cv::Mat share, result;
    picture.convertTo(share, CV_64F);
    share /= fullScale(picture.depth());
    share.convertTo(result, depth, fullScale(depth));
    return result;
}

cv::Mat middle(const cv::Mat& picture, int side) {
    const cv::Size size(std::min(side, picture.cols), std::min(side, picture.rows));
    const cv::Point corner((picture.cols - size.width) / 2, (picture.rows - size.height) / 2);
    // A copy: a ROI would read its parent's pixels at the border, and the exact one would have to as well.
    return picture(cv::Rect(corner, size)).clone();
}

Blurred blurInEveryWay(const cv::Mat& picture, double sigma) {
    using gkern::Engine;
    using gkern::WeightModel;
    Blurred result;
    cv::Mat picture64;
    picture.convertTo(picture64, CV_64F);
    result.exact = blurInDouble(picture64, sigma, WeightModel::Integrated, Engine::Reference);
    result.exact.convertTo(result.rounded, picture.depth());
    blurInDouble(picture64, sigma, WeightModel::Sampled, Engine::Auto)
        .convertTo(result.sampled, picture.depth());
    cv::GaussianBlur(picture, result.opencv, cv::Size(), sigma);
    gkern::gaussianBlur(picture, result.gkern, cv::Size(), sigma);
    return result;
}

Errors errorsOf(const Blurred& blurred) {
    return {errorOf(blurred.opencv, blurred), errorOf(blurred.sampled, blurred),
            errorOf(blurred.gkern, blurred), gkern::difference(blurred.opencv, blurred.sampled).maxAbs};
}

Times timesOf(const cv::Mat& picture, double sigma, const Effort& effort) {
    CV_Assert(picture.isContinuous());
    cv::Mat copy = picture.clone(), blurred;
    const size_t bytes = picture.total() * picture.elemSize();
    cv::GaussianBlur(picture, blurred, cv::Size(), sigma);  // warms caches, pages and threads
    gkern::gaussianBlur(picture, blurred, cv::Size(), sigma);

    std::vector<double> memcpyMs, opencvMs, gkernMs;
    const Clock::time_point start = Clock::now();
    for (int round = 0; round < effort.maxRounds; ++round) {
        if (round >= kMinRounds && milliseconds(start) > 1000 * effort.secondsPerCase) break;
        Clock::time_point begin = Clock::now();
        std::memcpy(copy.data, picture.data, bytes);
        memcpyMs.push_back(milliseconds(begin));
        begin = Clock::now();
        cv::GaussianBlur(picture, blurred, cv::Size(), sigma);
        opencvMs.push_back(milliseconds(begin));
        begin = Clock::now();
        gkern::gaussianBlur(picture, blurred, cv::Size(), sigma);
        gkernMs.push_back(milliseconds(begin));
    }
    const int rounds = static_cast<int>(gkernMs.size());
    return {median(memcpyMs), median(opencvMs), median(gkernMs), rounds};
}
