// SPDX-License-Identifier: Apache-2.0
// 8-bit pixels under symmetric kernels, which the direct engine sums in integers: every reach that has code
// of its own and beyond, widths on either side of its vectors, against the long double oracle and, bit for
// bit, against itself.
#include "support/simd_targets.hpp"

#include <doctest/doctest.h>

#include "gkern/blur.hpp"
#include "support/blur_oracle.hpp"
#include "support/pictures.hpp"

using gkern::BlurParams;
using gkern::Engine;
using support::blurred;
using support::identical;

namespace {

constexpr int kBorders[] = {cv::BORDER_CONSTANT, cv::BORDER_REPLICATE, cv::BORDER_REFLECT,
                            cv::BORDER_REFLECT_101, cv::BORDER_WRAP};

BlurParams direct(cv::Size ksize, double sigmaX, double sigmaY, int border = cv::BORDER_DEFAULT) {
    BlurParams params;
    params.ksize = ksize;
    params.sigmaX = sigmaX;
    params.sigmaY = sigmaY;
    params.borderType = border;
    params.engine = Engine::Direct;
    return params;
}

/// The lowest and the highest level alone: the pixels that rounded weights are worst for.
cv::Mat extremes(cv::Size size, int type, int seed) {
    cv::Mat picture(size, type), bits(size.height, size.width * CV_MAT_CN(type), CV_8U);
    cv::RNG rng(static_cast<uint64_t>(seed) + 1);
    rng.fill(bits, cv::RNG::UNIFORM, 0, 2);
    bits.convertTo(bits, CV_MAT_DEPTH(type), 255, CV_MAT_DEPTH(type) == CV_8S ? -128 : 0);
    return bits.reshape(CV_MAT_CN(type));
}

/// What the bound is a share of.
double largestPixel(int depth) {
    return depth == CV_8S ? 128 : 255;
}

double boundInLevels(const BlurParams& params, int depth) {
    return largestPixel(depth) * gkern::GaussianFilter(params).errorBound(depth);
}

/// Kernels of every reach that is unrolled, of longer ones with and without outer weights, on either axis.
const cv::Size kSizes[] = {{3, 3},   {5, 5},  {7, 9},   {9, 7},  {11, 13}, {1, 7}, {7, 1},
                           {3, 31},  {31, 3}, {15, 15}, {25, 5}, {53, 53}, {1, 1}, {39, 27},
                           {27, 39}, {5, 17}, {45, 51}, {0, 0},  {0, 3},   {9, 0}, {4, 5}};

}  // namespace

TEST_CASE("8-bit pixels in integers: widths, channels, borders and ROIs on every SIMD target") {
    const std::vector<int64_t> targets = support::targetsWithDotProducts();
    int n = 0;
    for (const int channels : {1, 2, 3, 4, 33})
        for (const int elements : {1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 95, 97, 128, 129, 161, 225, 400})
            for (const int border : kBorders) {
                const int depth = n % 4 == 3 ? CV_8S : CV_8U;
                const cv::Size size((elements + channels - 1) / channels, n % 13 + 1);
                const bool isolated = n % 3 == 2;
                const cv::Size ksize = kSizes[static_cast<size_t>(n) % std::size(kSizes)];
                BlurParams params =
                    direct(ksize, ksize.width > 9 ? 0 : 0.4 + 0.17 * (n % 16), n % 2 ? 0 : 1.5,
                           border | (isolated ? static_cast<int>(cv::BORDER_ISOLATED) : 0));
                params.borderValue = channels > 4 ? cv::Scalar::all(20) : cv::Scalar(7, 90, 33, 120);
                const int margin = n % 3;
                const cv::Mat whole = extremes({size.width + 2 * margin, size.height + 2 * margin},
                                               CV_MAKETYPE(depth, channels), n);
                const cv::Rect roi({margin, margin}, size);
                const support::Line exact = isolated ? support::oracleBlur(whole(roi), {{0, 0}, size}, params)
                                                     : support::oracleBlur(whole, roi, params);
                CAPTURE(size);
                CAPTURE(cv::typeToString(whole.type()));
                CAPTURE(ksize);
                CAPTURE(params.sigmaX);
                CAPTURE(border);
                CAPTURE(margin);
                const double bound = boundInLevels(params, depth);
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

TEST_CASE("8-bit pixels in integers: the same bits for every number of threads and part of a picture") {
    const int before = cv::getNumThreads();
    int n = 0;
    for (const int channels : {1, 3, 20})
        for (const cv::Size ksize : {cv::Size(3, 3), cv::Size(7, 5), cv::Size(13, 19), cv::Size(29, 33)}) {
            const int type = CV_MAKETYPE(n++ % 3 == 2 ? CV_8S : CV_8U, channels);
            const cv::Mat src = support::noise({1203 / channels, 403}, type, channels);
            const BlurParams params = direct(ksize, 0, 0, kBorders[n % 5]);
            CAPTURE(cv::typeToString(type));
            CAPTURE(ksize);
            cv::setNumThreads(1);
            const cv::Mat whole = blurred(src, params);
            for (const int threads : {2, 5, 8}) {
                cv::setNumThreads(threads);
                CHECK(identical(blurred(src, params), whole));
            }
            cv::RNG rng(static_cast<uint64_t>(channels) + 3);
            for (int trial = 0; trial < 30; ++trial) {
                const int width = rng.uniform(1, trial % 2 ? src.cols : 20), height = trial % 9 + 1;
                const cv::Rect part(rng.uniform(0, src.cols - width + 1),
                                    rng.uniform(0, src.rows - height + 1), width, height);
                CAPTURE(part);
                REQUIRE(identical(blurred(src(part), params), whole(part)));
            }
        }
    cv::setNumThreads(before);
}

TEST_CASE("8-bit pixels in integers: the same bits on either side of where tiles meet") {
    int n = 0;
    for (const int channels : {1, 3, 4})
        for (const cv::Size ksize : {cv::Size(3, 3), cv::Size(15, 9), cv::Size(31, 33)}) {
            // Wider than three tiles, whose rings have at most so many elements.
            const int type = CV_MAKETYPE(n++ % 2 ? CV_8S : CV_8U, channels), cols = 25000 / channels;
            const cv::Mat src = support::noise({cols, 6}, type, n);
            const BlurParams params = direct(ksize, 0, 0, kBorders[n % 5]);
            CAPTURE(cv::typeToString(type));
            CAPTURE(ksize);
            const cv::Mat whole = blurred(src, params);
            for (int x = 0; x < cols; x += 240) {  // narrower than a tile ever is
                const cv::Rect part(x, 0, std::min(240, cols - x), src.rows);
                REQUIRE(identical(blurred(src(part), params), whole(part)));
            }
        }
}

TEST_CASE("8-bit pixels in integers: errorBound holds for every width of the kernel, and follows tolerance") {
    for (const int size : {0, 3, 7, 21})
        for (const double sigmaX : {0.15, 0.4, 0.62, 0.8, 0.85, 1.4, 3.3, 50.0})
            for (const double sigmaY : {0.1, 0.3, 0.8, 2.7, 50.0})
                for (const double tolerance : {0.0, 1e-8, 1e-5, 1e-3}) {
                    if (size == 0 && std::max(sigmaX, sigmaY) > 5) continue;
                    BlurParams params = direct({size, size}, sigmaX, sigmaY);
                    params.tolerance = tolerance;
                    const double bound = boundInLevels(params, CV_8U);
                    CAPTURE(size);
                    CAPTURE(sigmaX);
                    CAPTURE(sigmaY);
                    CAPTURE(tolerance);
                    CHECK_LE(bound, tolerance > 0 ? 255 * tolerance * 1.5 : 0.01);
                    // One pixel of every column the other way: the differences that rounded weights meet.
                    cv::Mat src(96, 90, CV_8U);
                    for (int y = 0; y < src.rows; ++y)
                        for (int x = 0; x < src.cols; ++x)
                            src.at<uint8_t>(y, x) =
                                static_cast<uint8_t>((x * 7 + y * 13) % 31 < 3 ? 255 - y : y);
                    CHECK_LE(
                        support::worstError(blurred(src, params),
                                            support::oracleBlur(src, {0, 0, src.cols, src.rows}, params)),
                        0.5 + bound);
                }
}

TEST_CASE("8-bit pixels that are not summed in integers have no more taps than the other engines") {
    for (const int depth : {CV_8U, CV_8S})
        for (const double sigma : {0.9, 2.0, 3.1, 9.0})
            for (const double tolerance : {1e-5, 1e-7}) {  // below what 16 bits hold
                BlurParams params = direct({0, 0}, sigma, 0);
                params.tolerance = tolerance;
                const gkern::GaussianFilter filter(params);
                params.engine = Engine::Reference;
                CAPTURE(sigma);
                CAPTURE(tolerance);
                CHECK_LE(filter.weightsX(depth).rows, gkern::GaussianFilter(params).weightsX(depth).rows);
            }
}

TEST_CASE("8-bit pixels in integers: constants and steps of full scale stay within the range") {
    for (const int depth : {CV_8U, CV_8S})
        for (const cv::Size ksize : kSizes) {
            const BlurParams params = direct(ksize, ksize.area() == 1 ? 1 : 0, ksize.area() == 1 ? 1 : 0);
            if (ksize.width == 0 || ksize.height == 0) continue;
            CAPTURE(ksize);
            const int lowest = depth == CV_8S ? -128 : 0;
            for (int level = 0; level < 256; ++level) {
                const cv::Mat src(9, 70, depth, cv::Scalar::all(lowest + level));
                REQUIRE(identical(blurred(src, params), src));
            }
            cv::Mat step(20, 140, depth, cv::Scalar::all(lowest));
            step.colRange(70, 140).setTo(lowest + 255);
            const cv::Mat result = blurred(step, params);
            CHECK_EQ(cv::norm(result.col(0), step.col(0), cv::NORM_INF), 0);
            CHECK_EQ(cv::norm(result.col(139), step.col(139), cv::NORM_INF), 0);
        }
}
