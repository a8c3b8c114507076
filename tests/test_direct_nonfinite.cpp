// SPDX-License-Identifier: Apache-2.0
// NaN, infinities, subnormal and very large pixels in the direct engine, on every SIMD target of this
// processor.
#include <doctest/doctest.h>

#include <limits>

#include "gkern/blur.hpp"
#include "support/blur_oracle.hpp"
#include "support/pictures.hpp"
#include "support/simd_targets.hpp"

using gkern::BlurParams;
using gkern::Engine;
using support::blurred;
using support::OnlyTarget;
using support::targetsWithFma;

namespace {

constexpr int kBorders[] = {cv::BORDER_CONSTANT, cv::BORDER_REPLICATE, cv::BORDER_REFLECT,
                            cv::BORDER_REFLECT_101, cv::BORDER_WRAP};
constexpr int kFloatDepths[] = {CV_16F, CV_32F, CV_64F};

BlurParams direct(cv::Size ksize, double sigma, int border = cv::BORDER_DEFAULT) {
    BlurParams params;
    params.ksize = ksize;
    params.sigmaX = sigma;
    params.borderType = border;
    params.engine = Engine::Direct;
    return params;
}

/// The positions of a line of `length` pixels whose taps meet pixel `bad`.
std::vector<bool> reached(const cv::Mat& weights, int ksize, int bad, int length, int border) {
    // A whole Gaussian is centred; of an explicit size, weights that underflow are missing at both ends
    // alike.
    const int anchor = ksize == 0 ? weights.rows / 2 : ksize / 2 - (ksize - weights.rows) / 2;
    std::vector<bool> hit(length, false);
    for (int x = 0; x < length; ++x)
        for (int i = 0; i < weights.rows; ++i)
            if (support::mirrored(x + i - anchor, length, border) == bad) hit[x] = true;
    return hit;
}

/// Largest |pixel| of a picture, as double.
double largest(const cv::Mat& picture) {
    cv::Mat wide;
    picture.convertTo(wide, CV_64F);
    return cv::norm(wide, cv::NORM_INF);
}

}  // namespace

TEST_CASE(
    "direct engine, a non-finite pixel reaches exactly its support and its channel, over every border") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN(),
                     inf = std::numeric_limits<double>::infinity();
    const cv::Size size(41, 13);
    const cv::Size ksizes[] = {{7, 5}, {4, 2}, {1, 9}, {9, 1}, {15, 60}, {0, 0}};
    unsigned n = 0;
    for (const int depth : kFloatDepths)
        for (const int border : kBorders)
            for (const cv::Size& ksize : ksizes)
                for (int place = 0; place < 12; ++place, ++n) {
                    const int channels = n % 3 + 1;
                    const double bad = n % 5 == 0 ? inf : n % 5 == 1 ? -inf : nan;
                    const cv::Point at((n * 17) % size.width, (n * 5) % size.height);
                    cv::Mat src = support::noise(size, CV_MAKETYPE(CV_64F, channels), n);
                    src.ptr<double>(at.y, at.x)[channels - 1] = bad;
                    src.convertTo(src, depth);
                    const BlurParams params = direct(ksize, 1.1, border);
                    const gkern::GaussianFilter filter(params);
                    const auto columns =
                        reached(filter.weightsX(depth), ksize.width, at.x, size.width, border);
                    const auto rows =
                        reached(filter.weightsY(depth), ksize.height, at.y, size.height, border);
                    CAPTURE(depth);
                    CAPTURE(border);
                    CAPTURE(ksize);
                    CAPTURE(at);
                    for (const int64_t target : targetsWithFma()) {
                        const OnlyTarget only(target);
                        CAPTURE(support::name(target));
                        cv::Mat result;
                        blurred(src, params).convertTo(result, CV_64F);
                        for (int y = 0; y < size.height; ++y)
                            for (int x = 0; x < size.width; ++x)
                                for (int c = 0; c < channels; ++c) {
                                    const double value = result.ptr<double>(y, x)[c];
                                    const bool hit = c == channels - 1 && columns[x] && rows[y];
                                    REQUIRE_EQ(!std::isfinite(value), hit);
                                    if (hit && std::isnan(bad)) REQUIRE(std::isnan(value));
                                }
                    }
                }
}

TEST_CASE(
    "direct engine, a constant picture of subnormal or of the largest safe pixels stays exactly constant") {
    const struct {
        int depth;
        double value;
    } cases[] = {{CV_32F, std::numeric_limits<float>::denorm_min()},
                 {CV_32F, -1e-40},
                 {CV_32F, 1.1e-38},
                 {CV_32F, -std::numeric_limits<float>::max() / 2},
                 {CV_64F, std::numeric_limits<double>::denorm_min()},
                 {CV_64F, -1e-310},
                 {CV_64F, std::numeric_limits<double>::max() / 2},
                 {CV_16F, std::ldexp(1.0, -24)},
                 {CV_16F, -3 * std::ldexp(1.0, -24)},
                 {CV_16F, 65504}};
    for (const auto& c : cases)
        for (const double sigma : {0.4, 1.7, 6.0})
            for (const int64_t target : targetsWithFma()) {
                const OnlyTarget only(target);
                cv::Mat src(37, 83, CV_64FC1, cv::Scalar(c.value));
                src.convertTo(src, c.depth);
                REQUIRE_NE(largest(src), 0);
                CAPTURE(c.depth);
                CAPTURE(c.value);
                CAPTURE(sigma);
                CAPTURE(support::name(target));
                REQUIRE(support::identical(blurred(src, direct({0, 0}, sigma)), src));
                REQUIRE(support::identical(blurred(src, direct({6, 11}, sigma, cv::BORDER_WRAP)), src));
            }
}

TEST_CASE("direct engine, subnormal pixels are summed and not flushed to zero") {
    const struct {
        int depth;
        double scale, smallest;  // of the pixels, and of the depth
    } cases[] = {{CV_32F, 1e-41, std::numeric_limits<float>::denorm_min()},
                 {CV_64F, 1e-318, std::numeric_limits<double>::denorm_min()},
                 {CV_16F, std::ldexp(1.0, -16), std::ldexp(1.0, -24)}};
    for (const auto& c : cases)
        for (const cv::Size ksize : {cv::Size(0, 0), cv::Size(5, 5), cv::Size(4, 9)})
            for (const int64_t target : targetsWithFma()) {
                const OnlyTarget only(target);
                cv::Mat src = support::noise({61, 23}, CV_64FC1, 4) * c.scale;
                src.convertTo(src, c.depth);
                const BlurParams params = direct(ksize, 1.3);
                const int taps = gkern::GaussianFilter(params).weightsX(c.depth).rows +
                                 gkern::GaussianFilter(params).weightsY(c.depth).rows;
                const cv::Mat result = blurred(src, params);
                CAPTURE(c.depth);
                CAPTURE(ksize);
                CAPTURE(support::name(target));
                CHECK_GT(largest(result), c.scale / 100);
                // Each sum is off by half of the smallest subnormal at most; 16F rounds once.
                const double allowed =
                    c.depth == CV_16F ? 0.5 * c.smallest + 5e-7 * c.scale : taps * c.smallest;
                CHECK_LE(support::worstError(result, support::oracleBlur(src, {0, 0, 61, 23}, params)),
                         allowed);
            }
}

TEST_CASE("direct engine, pixels up to a quarter of the largest finite value give finite results") {
    for (const int depth : {CV_32F, CV_64F}) {
        const double quarter = (depth == CV_32F ? double{std::numeric_limits<float>::max()}
                                                : std::numeric_limits<double>::max()) /
                               4;
        cv::Mat src(40, 90, CV_64FC1);
        for (int y = 0; y < src.rows; ++y)
            for (int x = 0; x < src.cols; ++x)
                src.at<double>(y, x) = (x * 7 + y * 3) % 5 < 2 ? quarter : -quarter;
        src.convertTo(src, depth);
        for (const int64_t target : targetsWithFma()) {
            const OnlyTarget only(target);
            for (const double sigma : {0.5, 2.0, 5.0}) {
                const cv::Mat result = blurred(src, direct({0, 0}, sigma));
                CAPTURE(depth);
                CAPTURE(sigma);
                REQUIRE(cv::checkRange(result));
                REQUIRE_LE(largest(result), quarter);
            }
        }
    }
}
