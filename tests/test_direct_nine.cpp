// SPDX-License-Identifier: Apache-2.0
// Three taps an axis on 8U, which the direct engine sums in integers: widths on either side of its vectors
// and of the strips at the ends of rows, against the long double oracle and against themselves.
#include <doctest/doctest.h>

#include "gkern/blur.hpp"
#include "support/blur_oracle.hpp"
#include "support/pictures.hpp"
#include "support/simd_targets.hpp"

using gkern::BlurParams;
using gkern::Engine;
using support::blurred;
using support::identical;

namespace {

constexpr int kBorders[] = {cv::BORDER_CONSTANT, cv::BORDER_REPLICATE, cv::BORDER_REFLECT,
                            cv::BORDER_REFLECT_101, cv::BORDER_WRAP};

BlurParams three(double sigmaX, double sigmaY, int border = cv::BORDER_DEFAULT) {
    BlurParams params;
    params.ksize = {3, 3};
    params.sigmaX = sigmaX;
    params.sigmaY = sigmaY;
    params.borderType = border;
    params.engine = Engine::Direct;
    return params;
}

/// 0 and 255 alone: the pixels that rounded weights are worst for.
cv::Mat extremes(cv::Size size, int channels, int seed) {
    cv::Mat picture(size, CV_8UC(channels));
    cv::RNG rng(static_cast<uint64_t>(seed) + 1);
    rng.fill(picture.reshape(1), cv::RNG::UNIFORM, 0, 2);
    return picture * 255;
}

}  // namespace

TEST_CASE("three taps on 8U: widths, channels, borders and ROIs on every SIMD target") {
    const std::vector<int64_t> targets = support::targetsWithFma();
    int n = 0;
    for (const int channels : {1, 2, 3, 4, 33})
        for (const int elements : {1, 31, 32, 33, 63, 65, 127, 128, 129, 160, 191, 192, 193, 225, 400})
            for (const int border : kBorders) {
                const cv::Size size((elements + channels - 1) / channels, n % 11 + 1);
                const bool isolated = n % 3 == 2;
                BlurParams params = three(0.6 + 0.1 * (n % 4), n % 2 ? 0 : 1.5,
                                          border | (isolated ? static_cast<int>(cv::BORDER_ISOLATED) : 0));
                params.borderValue = channels > 4 ? cv::Scalar::all(200) : cv::Scalar(7, 90, 33, 250);
                const int margin = n % 3;
                const cv::Mat whole =
                    extremes({size.width + 2 * margin, size.height + 2 * margin}, channels, n);
                const cv::Rect roi({margin, margin}, size);
                const support::Line exact = isolated ? support::oracleBlur(whole(roi), {{0, 0}, size}, params)
                                                     : support::oracleBlur(whole, roi, params);
                CAPTURE(size);
                CAPTURE(channels);
                CAPTURE(border);
                CAPTURE(margin);
                const double bound = 255 * gkern::GaussianFilter(params).errorBound(CV_8U);
                CHECK_LE(bound, 0.01);
                cv::Mat first;
                for (const int64_t target : targets) {
                    CAPTURE(support::name(target));
                    const support::OnlyTarget only(target);
                    const cv::Mat result = blurred(whole(roi), params);
                    REQUIRE_LE(support::worstError(result, exact), 0.5 + bound);
                    if (first.empty()) first = result;
                    REQUIRE(identical(result, first));
                }
                ++n;
            }
}

TEST_CASE("three taps on 8U: the same bits for every number of threads and part of a picture") {
    const int before = cv::getNumThreads();
    for (const int channels : {1, 3, 20}) {
        const cv::Mat src = support::noise({1203 / channels, 403}, CV_8UC(channels), channels);
        const BlurParams params = three(0.8, 0);
        cv::setNumThreads(1);
        const cv::Mat whole = blurred(src, params);
        for (const int threads : {2, 5, 8}) {
            cv::setNumThreads(threads);
            CHECK(identical(blurred(src, params), whole));
        }
        cv::RNG rng(static_cast<uint64_t>(channels) + 3);
        for (int trial = 0; trial < 60; ++trial) {
            const int width = rng.uniform(1, trial % 2 ? src.cols : 20), height = trial % 9 + 1;
            const cv::Rect part(rng.uniform(0, src.cols - width + 1), rng.uniform(0, src.rows - height + 1),
                                width, height);
            CAPTURE(part);
            REQUIRE(identical(blurred(src(part), params), whole(part)));
        }
    }
    cv::setNumThreads(before);
}

TEST_CASE("three taps on 8U: errorBound holds for every width of the kernel, and follows tolerance") {
    for (const double sigmaX : {0.15, 0.4, 0.62, 0.8, 0.85, 1.4, 50.0})
        for (const double sigmaY : {0.1, 0.3, 0.8, 50.0})
            for (const double tolerance : {0.0, 1e-8, 1e-5}) {
                BlurParams params = three(sigmaX, sigmaY);
                params.tolerance = tolerance;
                const double bound = gkern::GaussianFilter(params).errorBound(CV_8U);
                CAPTURE(sigmaX);
                CAPTURE(sigmaY);
                CAPTURE(tolerance);
                CHECK_LE(255 * bound, tolerance > 0 ? 255 * tolerance * 1.5 : 0.01);
                // One pixel of every column the other way: the differences that rounded weights meet.
                cv::Mat src(96, 90, CV_8U);
                for (int y = 0; y < src.rows; ++y)
                    for (int x = 0; x < src.cols; ++x)
                        src.at<uint8_t>(y, x) = (x * 7 + y * 13) % 31 < 3 ? 255 - y : y;
                CHECK_LE(support::worstError(blurred(src, params),
                                             support::oracleBlur(src, {0, 0, src.cols, src.rows}, params)),
                         0.5 + 255 * bound);
            }
}
