// SPDX-License-Identifier: Apache-2.0
// What must hold of every blur, whatever its numbers.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>
#include <opencv2/core/ocl.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "gkern/blur.hpp"
#include "support/blur_oracle.hpp"
#include "support/pictures.hpp"

using gkern::BlurParams;
using gkern::Engine;
using gkern::GaussianFilter;
using support::blurred;
using support::identical;

namespace {

constexpr int kDepths[] = {CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_16F, CV_32F, CV_64F};
constexpr int kBorders[] = {cv::BORDER_CONSTANT, cv::BORDER_REPLICATE, cv::BORDER_REFLECT,
                            cv::BORDER_REFLECT_101, cv::BORDER_WRAP};
constexpr Engine kEngines[] = {Engine::Reference, Engine::SepFilter2D, Engine::Direct};

BlurParams simple(double sigma, int border = cv::BORDER_DEFAULT, Engine engine = Engine::Auto) {
    BlurParams params;
    params.sigmaX = sigma;
    params.borderType = border;
    params.engine = engine;
    return params;
}

/// A random blur for RapidCheck.
BlurParams anyBlur() {
    BlurParams params;
    params.ksize = {*rc::gen::inRange(0, 20), *rc::gen::inRange(0, 20)};
    params.sigmaX = *rc::gen::inRange(1, 500) / 100.0;
    params.sigmaY = *rc::gen::inRange(0, 500) / 100.0;
    params.borderType = *rc::gen::elementOf(std::vector<int>(std::begin(kBorders), std::end(kBorders)));
    params.engine = *rc::gen::elementOf(std::vector<Engine>(std::begin(kEngines), std::end(kEngines)));
    return params;
}

cv::Mat anyPicture(int type) {
    return support::noise({*rc::gen::inRange(1, 40), *rc::gen::inRange(1, 30)}, type,
                          *rc::gen::inRange(0, 1000));
}

}  // namespace

TEST_CASE("a constant picture stays exactly constant in every depth") {
    cv::RNG rng(3);
    for (const int depth : kDepths)
        for (const int border : kBorders)
            for (const Engine engine : kEngines)
                for (int trial = 0; trial < 12; ++trial) {
                    cv::Mat value = support::noise({1, 1}, CV_MAKETYPE(depth, 3), trial * 31 + depth);
                    if (trial == 1 && depth < CV_32F)
                        value.setTo(cv::Scalar::all(1e12));  // the largest of the depth
                    if (trial == 2 && depth != CV_16F)
                        value.setTo(cv::Scalar::all(depth == CV_64F ? 1e300 : 1e30));
                    const cv::Mat src = cv::repeat(value, 23, 31);
                    BlurParams params = simple(rng.uniform(0.1, 12.0), border, engine);
                    if (trial % 3 == 0) params.ksize = {rng.uniform(1, 30), rng.uniform(1, 30)};
                    if (border == cv::BORDER_CONSTANT) {
                        cv::Mat wide;
                        value.convertTo(wide, CV_64F);
                        params.borderValue =
                            cv::Scalar(wide.ptr<double>()[0], wide.ptr<double>()[1], wide.ptr<double>()[2]);
                    }
                    CAPTURE(depth);
                    CAPTURE(border);
                    CAPTURE(trial);
                    REQUIRE(identical(blurred(src, params), src));
                }
}

TEST_CASE("the result stays within the range of the pixels") {
    CHECK(rc::check([] {
        const cv::Mat src = anyPicture(*rc::gen::element(CV_8UC1, CV_16SC1, CV_32FC1, CV_64FC1));
        BlurParams params = anyBlur();
        if (params.borderType == cv::BORDER_CONSTANT) params.borderType = cv::BORDER_REFLECT;
        double lo = 0, hi = 0, outLo = 0, outHi = 0;
        cv::minMaxLoc(src, &lo, &hi);
        cv::minMaxLoc(blurred(src, params), &outLo, &outHi);
        RC_ASSERT(outLo >= lo);
        RC_ASSERT(outHi <= hi);
    }));
}

TEST_CASE(
    "blurring commutes with transposition (sigmaX and sigmaY exchanged) and, for odd sizes, with flips") {
    CHECK(rc::check([] {
        const cv::Mat src = anyPicture(CV_64FC1);
        BlurParams params = anyBlur(), swapped = params;
        if (params.sigmaY == 0) params.sigmaY = params.sigmaX;
        swapped.ksize = {params.ksize.height, params.ksize.width};
        swapped.sigmaX = params.sigmaY;
        swapped.sigmaY = params.sigmaX;
        RC_ASSERT(cv::norm(blurred(src.t(), swapped).t(), blurred(src, params), cv::NORM_INF) < 1e-14);
        params.ksize = {params.ksize.width | 1, params.ksize.height | 1};
        cv::Mat flipped, result;
        cv::flip(src, flipped, -1);
        cv::flip(blurred(flipped, params), result, -1);
        RC_ASSERT(cv::norm(result, blurred(src, params), cv::NORM_INF) < 1e-14);
    }));
}

TEST_CASE("blurring is linear, and channels do not mix") {
    CHECK(rc::check([] {
        const cv::Size size(*rc::gen::inRange(1, 40), *rc::gen::inRange(1, 30));
        const cv::Mat a = support::noise(size, CV_64FC1, 1), b = support::noise(size, CV_64FC1, 2);
        const BlurParams params = anyBlur();
        const cv::Mat sum = 2 * blurred(a, params) - 3 * blurred(b, params);
        RC_ASSERT(cv::norm(blurred(2 * a - 3 * b, params), sum, cv::NORM_INF) < 1e-14);
        cv::Mat both, result[2];
        cv::merge(std::vector<cv::Mat>{a, b}, both);
        cv::split(blurred(both, params), result);
        RC_ASSERT(identical(result[0], blurred(a, params)));
        RC_ASSERT(identical(result[1], blurred(b, params)));
    }));
}

TEST_CASE("in place and with a partly overlapping dst the result is the same") {
    for (const Engine engine : kEngines)
        for (const int depth : kDepths)
            for (const int border : kBorders) {
                const BlurParams params = simple(1.4, border, engine);
                const cv::Mat src = support::noise({50, 40}, CV_MAKETYPE(depth, 3), 8);
                const cv::Mat expected = blurred(src, params);
                cv::Mat inPlace = src.clone();
                GaussianFilter(params).apply(inPlace, inPlace);
                REQUIRE(identical(inPlace, expected));
                for (const cv::Point shift :
                     {cv::Point(3, 2), cv::Point(-3, 1), cv::Point(0, -2), cv::Point(7, 0)}) {
                    cv::Mat canvas = support::noise({80, 70}, CV_MAKETYPE(depth, 3), 9);
                    const cv::Rect from(12, 11, 50, 40);
                    src.copyTo(canvas(from));
                    BlurParams alone = params;
                    alone.borderType |= cv::BORDER_ISOLATED;
                    const cv::Mat parentRead = blurred(canvas(from), params);
                    cv::Mat again = canvas.clone();
                    cv::Mat dst = canvas(from + shift), dst2 = again(from + shift);
                    GaussianFilter(alone).apply(canvas(from), dst);
                    REQUIRE(identical(dst, expected));
                    GaussianFilter(params).apply(again(from), dst2);
                    REQUIRE(identical(dst2, parentRead));
                    REQUIRE_EQ(dst.data, canvas.ptr(from.y + shift.y, from.x + shift.x));
                }
            }
}

TEST_CASE("a dst of the right size and type is not reallocated and src stays as it was") {
    const cv::Mat src = support::noise({64, 48}, CV_16UC3, 1), copy = src.clone();
    cv::Mat canvas(100, 100, CV_16UC3, cv::Scalar(1, 2, 3)), dst = canvas(cv::Rect(5, 6, 64, 48));
    const uchar* data = dst.data;
    gkern::gaussianBlur(src, dst, {}, 1.5);
    CHECK_EQ(dst.data, data);
    CHECK(identical(src, copy));
    cv::Mat outside = canvas.clone();
    outside(cv::Rect(5, 6, 64, 48)).setTo(cv::Scalar(1, 2, 3));
    CHECK(identical(outside,
                    cv::Mat(100, 100, CV_16UC3, cv::Scalar(1, 2, 3))));  // nothing written around the ROI
}

TEST_CASE("a ROI reads its parent, an isolated ROI does not") {
    for (const Engine engine : kEngines) {
        const cv::Mat whole = support::noise({60, 50}, CV_32FC1, 2);
        const cv::Rect inner(20, 18, 15, 12);
        const BlurParams params = simple(1.2, cv::BORDER_REFLECT, engine);
        CHECK(identical(blurred(whole(inner), params), blurred(whole, params)(inner).clone()));
        BlurParams isolated = params;
        isolated.borderType |= cv::BORDER_ISOLATED;
        CHECK(identical(blurred(whole(inner), isolated), blurred(whole(inner).clone(), params)));
        CHECK_FALSE(identical(blurred(whole(inner), isolated), blurred(whole(inner), params)));
    }
}

TEST_CASE("a vanishing sigma is the identity") {
    for (const int depth : kDepths)
        for (const double sigma : {1e-300, 1e-3, 0.02}) {
            const cv::Mat src = support::noise({33, 21}, CV_MAKETYPE(depth, 4), 5);
            CHECK(identical(blurred(src, simple(sigma)), src));
        }
}

TEST_CASE("the result does not depend on the number of threads, nor on who else runs the same filter") {
    const int before = cv::getNumThreads();
    for (const int depth : kDepths) {
        const cv::Mat src = support::noise({150, 333}, CV_MAKETYPE(depth, 3), 7);
        for (const double sigma : {0.8, 4.0, 60.0}) {
            const GaussianFilter filter(simple(sigma, cv::BORDER_WRAP));
            cv::setNumThreads(1);
            cv::Mat expected;
            filter.apply(src, expected);
            for (const int threads : {2, 3, 8}) {
                cv::setNumThreads(threads);
                cv::Mat result;
                filter.apply(src, result);
                REQUIRE(identical(result, expected));
            }
            const GaussianFilter shared(
                simple(sigma, cv::BORDER_WRAP));  // not planned yet: the race is in the first call
            std::vector<cv::Mat> results(4);
            std::vector<std::thread> threads;
            for (cv::Mat& result : results) threads.emplace_back([&] { shared.apply(src, result); });
            for (std::thread& thread : threads) thread.join();
            for (const cv::Mat& result : results) REQUIRE(identical(result, expected));
        }
    }
    cv::setNumThreads(before);
}

TEST_CASE("a non-finite pixel reaches exactly the pixels whose support holds it") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN(),
                     inf = std::numeric_limits<double>::infinity();
    for (const Engine engine : kEngines)
        for (const int depth : {CV_16F, CV_32F, CV_64F})
            for (const double bad : {nan, inf, -inf})
                for (const cv::Size ksize : {cv::Size(7, 5), cv::Size(4, 2), cv::Size(61, 61)}) {
                    cv::Mat src = support::noise({40, 30}, CV_64FC1, 6);
                    src.at<double>(14, 20) = bad;
                    src.convertTo(src, depth);
                    BlurParams params = simple(1.5, cv::BORDER_CONSTANT, engine);
                    params.ksize = ksize;
                    cv::Mat result;
                    blurred(src, params).convertTo(result, CV_64F);
                    const GaussianFilter filter(params);
                    // Taps that underflow are no support; the columns that weightsX returns are trimmed by as
                    // many.
                    const int trimmedX = (ksize.width - filter.weightsX(depth).rows) / 2;
                    const int trimmedY = (ksize.height - filter.weightsY(depth).rows) / 2;
                    for (int y = 0; y < 30; ++y)
                        for (int x = 0; x < 40; ++x) {
                            const int i = 20 - x + ksize.width / 2, j = 14 - y + ksize.height / 2;
                            const bool reached = i >= trimmedX && i < ksize.width - trimmedX &&
                                                 j >= trimmedY && j < ksize.height - trimmedY;
                            REQUIRE_EQ(!std::isfinite(result.at<double>(y, x)), reached);
                        }
                }
}

TEST_CASE("a UMat gives a UMat, the same within a rounding, from the OpenCL device if there is one") {
    MESSAGE("OpenCL device: ",
            cv::ocl::useOpenCL() ? cv::ocl::Device::getDefault().name() : cv::String("none"));
    unsigned n = 0;
    for (const int depth : kDepths)
        for (const int border : kBorders)
            for (const int flags : {0, static_cast<int>(cv::BORDER_ISOLATED)})
                for (const cv::Size ksize : {cv::Size(0, 0), cv::Size(4, 7)}) {
                    const int channels = n++ % 3 == 2 ? 6 : n % 3 + 1;
                    const cv::Mat whole = support::noise({41, 33}, CV_MAKETYPE(depth, channels), n);
                    const cv::Rect roi(6, 4, 30, 25);
                    BlurParams params = simple(n % 2 ? 1.3 : 14, border | flags);
                    params.ksize = ksize;
                    params.borderValue = cv::Scalar::all(1);
                    const cv::UMat device = whole.getUMat(cv::ACCESS_READ).clone();
                    cv::UMat result;
                    GaussianFilter(params).apply(device(roi), result);
                    const cv::Mat expected = blurred(whole(roi), params);
                    CAPTURE(depth);
                    CAPTURE(border);
                    REQUIRE_EQ(result.size(), expected.size());
                    REQUIRE_EQ(result.type(), expected.type());
                    // Written by a kernel and not mapped since: the host has no copy yet.
                    if (cv::ocl::useOpenCL()) REQUIRE(result.u->hostCopyObsolete());
                    cv::Mat a, b;
                    result.getMat(cv::ACCESS_READ).convertTo(a, CV_64F);
                    expected.convertTo(b, CV_64F);
                    REQUIRE_LE(cv::norm(a, b, cv::NORM_INF),
                               depth < CV_32F ? 1 : 2 * support::promised(depth, Engine::Auto));
                    cv::UMat inPlace = device.clone();
                    GaussianFilter(params).apply(inPlace, inPlace);
                    cv::Mat c;
                    inPlace.getMat(cv::ACCESS_READ).convertTo(c, CV_64F);
                    blurred(whole, params).convertTo(b, CV_64F);
                    REQUIRE_LE(cv::norm(c, b, cv::NORM_INF),
                               depth < CV_32F ? 1 : 2 * support::promised(depth, Engine::Auto));
                }
}
