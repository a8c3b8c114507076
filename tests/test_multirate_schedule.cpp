// SPDX-License-Identifier: Apache-2.0
// The multirate engine bit for bit against itself: over threads, stripes, the parts of a picture, and a dst
// that shares memory with src, and how far a non-finite pixel reaches.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "gkern/blur.hpp"
#include "support/multirate_cases.hpp"
#include "support/pictures.hpp"

using gkern::BlurParams;
using gkern::GaussianFilter;
using support::blurred;
using support::borderValueFor;
using support::identical;
using support::kBorders;
using support::kDepths;
using support::multirate;

namespace {

/// Restores the number of threads.
struct ThreadsGuard {
    ~ThreadsGuard() { cv::setNumThreads(before); }
    int before = cv::getNumThreads();
};

}  // namespace

TEST_CASE("multirate engine, the same bits for any number of threads, and of a part as of the whole") {
    const ThreadsGuard guard;
    for (const int depth : kDepths)
        for (const int border : kBorders) {
            CAPTURE(depth);
            CAPTURE(border);
            BlurParams params = multirate(6, 11, border);
            params.borderValue = borderValueFor(depth);
            const cv::Mat src = support::noise({611, 403}, CV_MAKETYPE(depth, depth % 3 + 1), depth);
            cv::setNumThreads(1);
            const cv::Mat one = blurred(src, params);
            for (const int threads : {2, 8}) {
                cv::setNumThreads(threads);
                CHECK(identical(blurred(src, params), one));
            }
            for (const cv::Rect& part :
                 {cv::Rect(0, 0, 611, 7), cv::Rect(300, 111, 200, 291), cv::Rect(610, 402, 1, 1)})
                CHECK(identical(blurred(src(part), params), one(part)));
        }
}

TEST_CASE("multirate engine, in place and overlapping") {
    for (const int depth : {CV_8U, CV_32F, CV_64F}) {
        const cv::Mat src = support::noise({700, 500}, CV_MAKETYPE(depth, 3), 2);
        const BlurParams params = multirate(4.2, 9);
        const cv::Mat expected = blurred(src, params);
        cv::Mat place = src.clone();
        GaussianFilter(params).apply(place, place);
        CHECK(identical(place, expected));

        cv::Mat canvas = src.clone();
        const cv::Rect from(0, 0, 600, 400), to(37, 55, 600, 400);
        const cv::Mat apart = blurred(canvas(from).clone(), multirate(4.2, 9, cv::BORDER_REFLECT));
        cv::Mat dst = canvas(to);
        GaussianFilter(multirate(4.2, 9, cv::BORDER_REFLECT | cv::BORDER_ISOLATED)).apply(canvas(from), dst);
        CHECK(identical(dst, apart));
    }
}

TEST_CASE(
    "multirate engine, a non-finite pixel spoils nothing beyond the distance that docs/blur.md states") {
    for (const int depth : {CV_16F, CV_32F, CV_64F})
        for (const double sigma : {4.0, 9.0, 25.0})
            for (const double bad : {std::numeric_limits<double>::quiet_NaN(), HUGE_VAL, -HUGE_VAL}) {
                CAPTURE(depth);
                CAPTURE(sigma);
                const int reach = static_cast<int>(13 * sigma + 8);
                const cv::Size size(2 * reach + 90, 2 * reach + 70);
                cv::Mat src = support::noise(size, CV_MAKETYPE(depth, 1), 8);
                const cv::Mat clean = blurred(src, multirate(sigma));
                const cv::Point at(size.width / 2, size.height / 2);
                src(cv::Rect(at, cv::Size(1, 1))).setTo(bad);
                cv::Mat spoiled = blurred(src, multirate(sigma));
                // Nothing finite at the pixel itself; beyond the distance, not a bit has changed.
                cv::Mat wide;
                spoiled.convertTo(wide, CV_64F);
                CHECK_FALSE(std::isfinite(wide.at<double>(at)));
                const cv::Rect touched =
                    cv::Rect(at.x - reach, at.y - reach, 2 * reach + 1, 2 * reach + 1) & cv::Rect({}, size);
                clean(touched).copyTo(spoiled(touched));
                CHECK(identical(spoiled, clean));
            }
}

TEST_CASE(
    "multirate engine, large pictures that are done in stripes and strips get the same bits as their parts") {
    const ThreadsGuard guard;
    for (const int border : {cv::BORDER_REFLECT_101, cv::BORDER_WRAP, cv::BORDER_CONSTANT})
        for (const int depth : {CV_8U, CV_16U, CV_32F}) {
            CAPTURE(border);
            CAPTURE(depth);
            const cv::Mat src = support::noise({2100, 1300}, CV_MAKETYPE(depth, 1), 12);
            const BlurParams params = multirate(4.5, 5, border);
            cv::setNumThreads(2);
            const cv::Mat whole = blurred(src, params);
            for (const cv::Rect& part :
                 {cv::Rect(0, 0, 40, 1300), cv::Rect(900, 300, 300, 500), cv::Rect(0, 1290, 2100, 10)})
                CHECK(identical(blurred(src(part), params), whole(part)));
            for (const int threads : {5, 64}) {
                cv::setNumThreads(threads);
                CHECK(identical(blurred(src, params), whole));
            }
        }
}

TEST_CASE("multirate engine, rows of dst that are stored past the caches, aligned to vectors or not") {
    // 64 MiB, too large for any cache; rows end within a vector.
    const cv::Mat src = support::noise({4201, 4000}, CV_32FC1, 6);
    const BlurParams params = multirate(6);
    const cv::Mat expected = blurred(src, params);
    cv::Mat memory(1, (4288 * 4000 + 16) * 4, CV_8U);
    uchar* aligned = cv::alignPtr(memory.data, 64);
    cv::Mat wide(4000, 4288, CV_32F, aligned);
    REQUIRE_EQ(wide.step % 64, 0u);
    for (const int offset : {0, 16, 5}) {
        CAPTURE(offset);
        wide.setTo(-1);
        cv::Mat dst = wide.colRange(offset, offset + 4201);
        GaussianFilter(params).apply(src, dst);
        CHECK(identical(dst, expected));
        CHECK_EQ(cv::countNonZero(wide != -1), 4201 * 4000);
    }
}

TEST_CASE("multirate engine, a narrow dst within aligned rows") {
    const cv::Mat src = support::noise({3, 700000}, CV_64FC4, 7);
    cv::Mat wide(700000, 4, CV_64FC4, cv::Scalar::all(-1));
    REQUIRE_EQ(wide.step % 64, 0u);
    cv::Mat dst = wide.colRange(0, 3);
    GaussianFilter(multirate(6)).apply(src, dst);
    CHECK(identical(dst, blurred(src, multirate(6))));
    CHECK(identical(wide.col(3), cv::Mat(700000, 1, CV_64FC4, cv::Scalar::all(-1))));
}

TEST_CASE("multirate engine, a large picture in place is read before it is written") {
    const cv::Mat src = support::noise({640, 900}, CV_64FC1, 9);
    const cv::Mat expected = blurred(src, multirate(6, 7));
    cv::Mat place = src.clone();
    GaussianFilter(multirate(6, 7)).apply(place, place);
    CHECK(identical(place, expected));
}
