// SPDX-License-Identifier: Apache-2.0
// Pictures whose rows the direct engine stores past the caches, and ROIs that it reads in place: the same
// bits as by any other way, and nothing written beyond dst.
#include <doctest/doctest.h>

#include "gkern/blur.hpp"
#include "support/blur_oracle.hpp"
#include "support/pictures.hpp"

using gkern::BlurParams;
using gkern::Engine;
using gkern::GaussianFilter;
using support::blurred;
using support::identical;

namespace {

BlurParams direct(double sigma, int border = cv::BORDER_DEFAULT, Engine engine = Engine::Direct) {
    BlurParams params;
    params.sigmaX = sigma;
    params.borderType = border;
    params.engine = engine;
    return params;
}

struct Large {
    int type;
    cv::Size size;  ///< 64 MiB or a little more, too large for any cache; rows of whole cache lines
};

bool isLarge(const cv::Mat& picture) {
    return picture.total() * picture.elemSize() >= size_t{64} << 20;
}

/// Few taps, pairs as steps, pairs as contrasts.
constexpr double kSigmas[] = {0.6, 2.5, 4.5};

}  // namespace

TEST_CASE("direct engine, rows that go past the caches have the bits of those that do not") {
    // Columns of dst's parent before and after it, and columns that it has less than `large`: rows that begin
    // within a cache line, lie at distances that are no multiples of one, and end within one.
    struct Place {
        int before, after, less;
    };
    constexpr Place kPlaces[] = {{1, 2, 0}, {0, 3, 0}, {0, 3, 3}};
    for (const Large& large : {Large{CV_32FC1, {4224, 4020}}, Large{CV_64FC1, {2056, 4090}},
                               Large{CV_32FC3, {2080, 2700}}, Large{CV_64FC4, {1026, 2060}}})
        for (const double sigma : kSigmas)
            for (const Place& place : kPlaces) {
                CAPTURE(large.type);
                CAPTURE(sigma);
                CAPTURE(place.before);
                CAPTURE(place.less);
                const cv::Mat src =
                    support::noise({large.size.width - place.less, large.size.height}, large.type, 5);
                REQUIRE(isLarge(src));
                const cv::Mat expected = blurred(src, direct(sigma));

                cv::Mat wide(src.rows, place.before + src.cols + place.after, src.type(),
                             cv::Scalar::all(-7));
                cv::Mat inside = wide.colRange(place.before, place.before + src.cols);
                GaussianFilter(direct(sigma)).apply(src, inside);
                CHECK(identical(inside, expected));
                inside.setTo(cv::Scalar::all(-7));
                CHECK(identical(wide, cv::Mat(wide.size(), wide.type(), cv::Scalar::all(-7))));
            }
}

TEST_CASE(
    "direct engine, a large picture is that of the oracle, at its edges and where tiles and bands meet") {
    for (const Large& large : {Large{CV_32FC1, {5120, 3281}}, Large{CV_64FC1, {2568, 3271}}}) {
        const cv::Mat src = support::noise(large.size, large.type, 8);
        REQUIRE(isLarge(src));
        for (const double sigma : kSigmas)
            for (const int border : {cv::BORDER_CONSTANT, cv::BORDER_REFLECT_101, cv::BORDER_WRAP}) {
                CAPTURE(large.type);
                CAPTURE(sigma);
                CAPTURE(border);
                cv::setNumThreads(3);
                const cv::Mat streamed = blurred(src, direct(sigma, border));
                const double promise = large.type == CV_32FC1 ? 5e-7 : 1e-13;
                for (const cv::Rect& part :
                     {cv::Rect(0, 0, 200, 40), cv::Rect(src.cols - 200, src.rows - 40, 200, 40),
                      cv::Rect(src.cols / 2 - 100, 0, 200, src.rows)}) {
                    // Reference is held to the long double oracle by the tests of small pictures.
                    const cv::Mat expected = blurred(src(part), direct(sigma, border, Engine::Reference));
                    CHECK_LE(cv::norm(streamed(part), expected, cv::NORM_INF),
                             promise * cv::norm(src, cv::NORM_INF));
                    CHECK(identical(streamed(part), blurred(src(part), direct(sigma, border))));
                }
            }
    }
    cv::setNumThreads(-1);
}

TEST_CASE(
    "direct engine, pixels in the picture and in the copies of its edges give the same, for any width") {
    // Around the width from which the middle of a row is read where it stands.
    for (const int type : {CV_8UC1, CV_16UC3, CV_16SC1, CV_32FC1, CV_64FC2, CV_32FC4})
        for (const double sigma : kSigmas) {
            const cv::Mat src = support::noise({1200, 9}, type, 2);
            const cv::Mat whole = blurred(src, direct(sigma, cv::BORDER_REPLICATE));
            for (int width = 100; width < 1200; width += 83) {
                CAPTURE(type);
                CAPTURE(sigma);
                CAPTURE(width);
                const cv::Rect part(3, 0, width, 9);
                CHECK(identical(blurred(src(part), direct(sigma, cv::BORDER_REPLICATE)), whole(part)));
                const BlurParams isolated = direct(sigma, cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
                CHECK(identical(blurred(src(part), isolated),
                                blurred(src(part).clone(), direct(sigma, cv::BORDER_REPLICATE))));
            }
        }
}
