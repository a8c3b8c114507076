// SPDX-License-Identifier: Apache-2.0
// The 2-D kernels against figures known from the literature and from other implementations' formulas.
#include <doctest/doctest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "gkern/weights.hpp"

namespace {

/// Mass of the unit Gaussian between two edges, from std::erf.
double mass(double from, double to) {
    return 0.5 * (std::erf(to / std::sqrt(2.0)) - std::erf(from / std::sqrt(2.0)));
}

}  // namespace

TEST_CASE("gkern(5, 2.5) times 273 prints the known figures") {
    const cv::Mat k = gkern::gkern(5, 2.5) * 273;
    const double expected[3][3] = {{1.0278445, 4.10018648, 6.49510362},
                                   {4.10018648, 16.35610171, 25.90969361},
                                   {6.49510362, 25.90969361, 41.0435344}};
    for (int y = 0; y < 5; ++y)
        for (int x = 0; x < 5; ++x)
            CHECK_EQ(k.at<double>(y, x),
                     doctest::Approx(expected[std::min(y, 4 - y)][std::min(x, 4 - x)]).epsilon(1e-8));
}

TEST_CASE("gkern(21, 3) has the published corner, edge and centre") {
    const cv::Mat k = gkern::gkern(21, 3);
    // linspace(-3, 3, 22) of the normal CDF, differenced, outer product, divided by its sum
    const double total = std::pow(mass(-3, 3), 2);
    const double cell = 6.0 / 21;
    const auto reference = [&](int y, int x) {
        return mass(-3 + y * cell, -3 + (y + 1) * cell) * mass(-3 + x * cell, -3 + (x + 1) * cell) / total;
    };
    for (int y = 0; y < 21; ++y)
        for (int x = 0; x < 21; ++x)
            REQUIRE_EQ(k.at<double>(y, x), doctest::Approx(reference(y, x)).epsilon(1e-10));
    CHECK_EQ(k.at<double>(0, 0), doctest::Approx(2.96425222e-06).epsilon(1e-2));
    CHECK_EQ(cv::sum(k)[0], doctest::Approx(1).epsilon(1e-14));
}

TEST_CASE("an even kernlen has four equal centre cells and a kernlen of 1 is the whole mass") {
    const cv::Mat k = gkern::gkern(6, 2);
    CHECK_EQ(k.at<double>(2, 2), k.at<double>(3, 3));
    CHECK_EQ(k.at<double>(2, 2), k.at<double>(2, 3));
    CHECK_EQ(cv::sum(k)[0], doctest::Approx(1).epsilon(1e-14));
    CHECK_EQ(gkern::gkern(1, 3).at<double>(0, 0), 1);
    CHECK_EQ(cv::countNonZero(gkern::gkern(5, 1e-310) - 1.0 / 25 > 1e-15), 0);
    CHECK_EQ(gkern::gkern(5, 1e308).at<double>(2, 2), 1);
}

TEST_CASE("gkern is symmetric under transposition and both flips") {
    const cv::Mat k = gkern::gkern(13, 2.7), sampled = gkern::gkernSampled(8, 1.7);
    for (const cv::Mat& kernel : {k, sampled}) {
        cv::Mat flipped;
        cv::flip(kernel, flipped, -1);
        CHECK_EQ(cv::norm(kernel, flipped, cv::NORM_INF), 0);
        CHECK_EQ(cv::norm(kernel, kernel.t(), cv::NORM_INF), 0);
    }
}

TEST_CASE("gkernSampled is OpenCV's kernel and the plain formula") {
    const cv::Mat k = gkern::gkernSampled(5, 1.0);
    const cv::Mat column = cv::getGaussianKernel(5, 1.0, CV_64F);
    CHECK_LE(cv::norm(k, column * column.t(), cv::NORM_INF), 1e-15);
    CHECK_EQ(k.at<double>(0, 0), doctest::Approx(0.0029690167439504968).epsilon(1e-12));
    CHECK_EQ(k.at<double>(2, 2), doctest::Approx(0.16210282163712664).epsilon(1e-12));

    const cv::Mat even = gkern::gkernSampled(4, 1.5);  // centre between the pixels: offsets ±0.5 and ±1.5
    const double inner = std::exp(-0.25 / 4.5), outer = std::exp(-2.25 / 4.5), sum = 2 * (inner + outer);
    CHECK_EQ(even.at<double>(1, 2), doctest::Approx(inner * inner / sum / sum).epsilon(1e-14));
    CHECK_EQ(even.at<double>(0, 2), doctest::Approx(outer * inner / sum / sum).epsilon(1e-14));
}

TEST_CASE("CV_32F kernels are the rounded CV_64F ones") {
    const cv::Mat single = gkern::gkern(21, 3, CV_32F);
    cv::Mat rounded;
    gkern::gkern(21, 3).convertTo(rounded, CV_32F);
    CHECK_EQ(single.type(), CV_32F);
    CHECK_EQ(cv::norm(single, rounded, cv::NORM_INF), 0);
    CHECK_EQ(gkern::gkernSampled(5, 1, CV_32F).type(), CV_32F);
}
