// SPDX-License-Identifier: Apache-2.0
// The multirate engine against the long double oracle on every SIMD target, and against its own bound where
// that is hardest to hold.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "gkern/blur.hpp"
#include "support/blur_oracle.hpp"
#include "support/multirate_cases.hpp"
#include "support/pictures.hpp"
#include "support/simd_targets.hpp"

using gkern::BlurParams;
using gkern::Engine;
using gkern::GaussianFilter;
using support::blurred;
using support::borderValueFor;
using support::identical;
using support::kBorders;
using support::kDepths;
using support::multirate;
using support::OnlyTarget;

namespace {

void checkExact(const cv::Mat& whole, const cv::Rect& roi, const BlurParams& params) {
    CAPTURE(cv::typeToString(whole.type()));
    CAPTURE(whole.size());
    CAPTURE(roi);
    CAPTURE(params.sigmaX);
    CAPTURE(params.sigmaY);
    CAPTURE(params.borderType);
    const bool isolated = (params.borderType & cv::BORDER_ISOLATED) != 0;
    const support::Line exact =
        isolated ? support::oracleBlur(whole(roi), cv::Rect(0, 0, roi.width, roi.height), params)
                 : support::oracleBlur(whole, roi, params);
    REQUIRE_LE(support::worstError(blurred(whole(roi), params), exact),
               support::promised(whole.depth(), Engine::Multirate));
}

/// A picture of double noise whose row y holds a one at column y: blurred along x alone, column x holds the
/// weights that output pixel x gives to all pixels.
cv::Mat impulses(int length) {
    return cv::Mat::eye(length, length, CV_64F);
}

BlurParams alongX(double sigma, int border) {
    BlurParams params = multirate(sigma, 1, border);
    params.ksize = {0, 1};
    return params;
}

}  // namespace

TEST_CASE("multirate engine, every size in a small box on every SIMD target, in every depth and border") {
    std::vector<int64_t> targets = support::targetsWithDotProducts();
    constexpr double kSigmas[][2] = {{4, 0}, {9, 4.5}, {6, 0.8}, {1.1, 7}, {30, 0}, {200, 1000}, {5.3, 2.2}};
    int n = 0;
    for (int width = 1; width <= 40; ++width)
        for (int height = 1; height <= 16; ++height, ++n) {
            const OnlyTarget only(targets[n % targets.size()]);
            const auto& sigma = kSigmas[n % std::size(kSigmas)];
            const int placement = n / 3 % 3;  // whole picture, ROI, isolated ROI
            BlurParams params = multirate(sigma[0], sigma[1], kBorders[n % std::size(kBorders)]);
            if (placement == 2) params.borderType |= cv::BORDER_ISOLATED;
            const int depth = kDepths[n / 5 % std::size(kDepths)], channels = n / 11 % 4 + 1;
            params.borderValue = borderValueFor(depth);
            const cv::Size margin = placement == 0 ? cv::Size(0, 0) : cv::Size(n % 4 + 1, n % 3 + 1);
            const cv::Mat whole = support::noise({width + 2 * margin.width, height + margin.height},
                                                 CV_MAKETYPE(depth, channels), n);
            checkExact(whole, {margin.width, margin.height / 2, width, height}, params);
        }
}

TEST_CASE("multirate engine, pictures much smaller and much larger than sigma on every border") {
    for (const int border : kBorders)
        for (const double sigma : {4.0, 17.0, 100.0, 1e4})
            for (const int depth : {CV_8U, CV_16U, CV_32F, CV_64F}) {
                BlurParams params = multirate(sigma, 0, border);
                params.borderValue = borderValueFor(depth);
                checkExact(support::noise({sigma < 1000 ? 301 : 45, 33}, CV_MAKETYPE(depth, 1), 3),
                           {0, 0, 45, 33}, params);
            }
}

TEST_CASE("multirate engine, the response to an impulse at every phase is the weights, within the bound") {
    for (const int border : kBorders)
        for (const double sigma : {4.0, 5.7, 11.0, 40.0}) {
            const int length = 97 + static_cast<int>(sigma);
            const BlurParams params = alongX(sigma, border);
            CAPTURE(sigma);
            CAPTURE(border);
            const support::Line taps = support::oracleTaps(0, sigma);
            const int reach = static_cast<int>(taps.size()) / 2;
            for (const int depth : {CV_64F, CV_32F}) {
                cv::Mat src, wide;
                impulses(length).convertTo(src, depth);
                blurred(src, params).convertTo(wide, CV_64F);
                // The largest error any picture of |pixel| ≤ 1 can meet.
                double worst = 0;
                for (int x = 0; x < length; ++x) {
                    support::Line exact(length, 0);
                    for (int i = -reach; i <= reach; ++i) {
                        const int m = support::mirrored(x + i, length, border);
                        if (m >= 0) exact[m] += taps[i + reach];
                    }
                    long double sum = 0;
                    for (int m = 0; m < length; ++m) sum += std::abs(wide.at<double>(m, x) - exact[m]);
                    worst = std::max(worst, static_cast<double>(sum));
                }
                // Rounding of the results, most of them far below one, adds next to nothing here.
                CHECK_LE(worst, GaussianFilter(params).errorBound(depth));
            }
        }
}

TEST_CASE(
    "multirate engine, errorBound holds for the pictures that are hardest on it, and follows the tolerance") {
    cv::RNG rng(17);
    double last = 1;
    for (const double tolerance : {1e-2, 1e-4, 1e-6, 1e-8, 1e-11}) {
        BlurParams params = multirate(12.7);
        params.tolerance = tolerance;
        const double bound = GaussianFilter(params).errorBound(CV_64F);
        CHECK_LE(bound, 1.5 * tolerance);
        CHECK_LT(bound, last);
        last = bound;
    }
    for (int n = 0; n < 60; ++n) {
        const int border = kBorders[n % std::size(kBorders)], depth = n % 2 == 0 ? CV_32F : CV_64F;
        BlurParams params = multirate(std::exp(rng.uniform(std::log(3.6), std::log(60.0))), 0, border);
        params.tolerance = std::pow(10.0, rng.uniform(depth == CV_32F ? -7.0 : -11.0, -2.0));
        CAPTURE(params.sigmaX);
        CAPTURE(params.tolerance);
        CAPTURE(border);
        // The signs of the error of both axes at one pixel, found from the responses to impulses along x.
        const int length = 90;
        BlurParams line = params;
        line.ksize = {0, 1};
        cv::Mat response = blurred(impulses(length), line);
        const support::Line taps = support::oracleTaps(0, params.sigmaX);
        const int x = rng.uniform(0, length), reach = static_cast<int>(taps.size()) / 2;
        support::Line exact(length, 0);
        for (int i = -reach; i <= reach; ++i) {
            const int m = support::mirrored(x + i, length, border);
            if (m >= 0) exact[m] += taps[i + reach];
        }
        cv::Mat worst(length, length, depth);
        for (int y = 0; y < length; ++y)
            for (int m = 0; m < length; ++m)
                worst.row(y).col(m).setTo(response.at<double>(m, x) * response.at<double>(y, x) >
                                                  static_cast<double>(exact[m] * exact[y])
                                              ? 1
                                              : -1);
        const support::Line blur = support::oracleBlur(worst, {0, 0, length, length}, params);
        CHECK_LE(support::worstError(blurred(worst, params), blur),
                 GaussianFilter(params).errorBound(depth) + (depth == CV_32F ? 6e-8 : 2e-16));
    }
}

TEST_CASE("multirate engine, semigroup and variance") {
    // A Gaussian of Lindeberg's after another is one of the sum of their variances, and its variance is σ².
    const int length = 400;
    cv::Mat impulse = cv::Mat::zeros(1, length, CV_64F);
    impulse.at<double>(0, 200) = 1;
    BlurParams params = multirate(6, 1, cv::BORDER_CONSTANT);
    params.ksize = {0, 1};
    params.weights = gkern::WeightModel::Discrete;
    const cv::Mat once = blurred(impulse, params);
    params.sigmaX = 8;
    const cv::Mat twice = blurred(once, params);
    params.sigmaX = 10;
    const cv::Mat direct = blurred(impulse, params);
    CHECK_LE(cv::norm(twice, direct, cv::NORM_INF), 1e-11);  // three bounds
    double variance = 0;
    for (int x = 0; x < length; ++x) variance += direct.at<double>(0, x) * (x - 200) * (x - 200);
    CHECK_EQ(variance, doctest::Approx(100).epsilon(1e-8));
}

TEST_CASE("multirate engine, constants stay constant, and what is flat in 32F stays flat") {
    cv::RNG rng(3);
    for (const int depth : kDepths)
        for (const double sigma : {4.0, 7.3, 55.0, 3000.0})
            for (const int border : {cv::BORDER_REFLECT_101, cv::BORDER_REPLICATE, cv::BORDER_WRAP}) {
                const cv::Mat value = support::noise({1, 1}, CV_MAKETYPE(depth, 2), rng.next());
                const cv::Mat src = cv::repeat(value, 71, 83);
                CHECK(identical(blurred(src, multirate(sigma, 0, border)), src));
            }
    // Left of the noise by more than the filter reaches.
    cv::Mat src(120, 600, CV_32F, cv::Scalar(0.1f));
    support::noise({100, 120}, CV_32F, 4).copyTo(src.colRange(500, 600));
    const cv::Mat dst = blurred(src, multirate(8));
    CHECK(identical(dst.colRange(0, 380), src.colRange(0, 380)));
}

TEST_CASE("where Auto changes engine, the two agree within the sum of their bounds") {
    for (const int depth : {CV_8U, CV_16U, CV_32F, CV_64F}) {
        CAPTURE(depth);
        double before = 2;
        BlurParams params;
        for (params.sigmaX = 2; GaussianFilter(params).engine(depth) == Engine::Direct; params.sigmaX += 0.1)
            before = params.sigmaX;
        CHECK_EQ(GaussianFilter(params).engine(depth), Engine::Multirate);
        MESSAGE("from sigma = ", params.sigmaX, " on");
        params.sigmaX = before;
        const cv::Mat src = support::noise({200, 150}, CV_MAKETYPE(depth, 1), 5);
        double largest = 1, bounds = depth < CV_32F ? 1 : 0;  // both round to levels
        if (depth < CV_32F) largest = depth == CV_8U ? 255 : 65535;
        cv::Mat results[2];
        for (const int i : {0, 1}) {
            params.engine = i == 0 ? Engine::Direct : Engine::Multirate;
            bounds += largest * GaussianFilter(params).errorBound(depth);
            blurred(src, params).convertTo(results[i], CV_64F);
        }
        CHECK_LE(cv::norm(results[0], results[1], cv::NORM_INF), bounds + (depth == CV_32F ? 6e-8 : 0));
    }
}

TEST_CASE("multirate engine, a constant picture is not constant next to another border value") {
    BlurParams params = multirate(7, 9, cv::BORDER_CONSTANT);
    params.borderValue = cv::Scalar(0.25, -1);
    for (const int type : {CV_64FC2, CV_32FC2})
        checkExact(cv::Mat(40, 60, type, cv::Scalar(1, 1)), {0, 0, 60, 40}, params);
    params.borderValue = cv::Scalar(1, 1);
    const cv::Mat same(40, 60, CV_64FC2, cv::Scalar(1, 1));
    CHECK(identical(blurred(same, params), same));
}

TEST_CASE("multirate engine, integer depths get the same bits on every SIMD target") {
    for (const int depth : {CV_8U, CV_8S, CV_16U, CV_16S, CV_32S})
        for (const double sigma : {4.5, 9.0, 31.0}) {
            CAPTURE(depth);
            CAPTURE(sigma);
            const cv::Mat src = support::noise({331, 140}, CV_MAKETYPE(depth, depth % 2 + 1), 14);
            const cv::Mat best = blurred(src, multirate(sigma));
            for (const int64_t target : support::targetsWithDotProducts()) {
                const OnlyTarget only(target);
                CHECK(identical(blurred(src, multirate(sigma)), best));
            }
        }
}

TEST_CASE("explicit kernels run through the multirate engine as well, tap by tap") {
    BlurParams params = multirate(3, 6, cv::BORDER_REFLECT);
    params.ksize = {15, 22};
    checkExact(support::noise({77, 41}, CV_32FC2, 1), {0, 0, 77, 41}, params);
    params.ksize = {0, 9};
    checkExact(support::noise({77, 41}, CV_8UC3, 1), {5, 3, 50, 20}, params);
}

TEST_CASE("multirate engine, every depth keeps its promise by its bound, whatever its nodes are held in") {
    struct Promise {
        int depth;
        double largest, bound;
    };
    constexpr Promise kPromises[] = {{CV_8U, 255, 0.05},   {CV_8S, 128, 0.05}, {CV_16U, 65535, 0.1},
                                     {CV_16S, 32768, 0.1}, {CV_32F, 1, 1e-6},  {CV_64F, 1, 4e-12}};
    for (const Promise& promise : kPromises)
        for (double sigma = 3.3; sigma < 5000; sigma *= 1.13)
            for (const double other : {sigma, 40.0}) {
                CAPTURE(promise.depth);
                CAPTURE(sigma);
                CAPTURE(other);
                const GaussianFilter filter(multirate(sigma, other));
                if (filter.engine(promise.depth) != Engine::Multirate) continue;  // a few taps are less work
                CHECK_LE(promise.largest * filter.errorBound(promise.depth), promise.bound);
            }
}

TEST_CASE("multirate engine, 16-bit pictures at the ends of their range") {
    for (const int depth : {CV_16U, CV_16S})
        for (const double sigma : {4.2, 12.0, 60.0, 300.0})
            for (const bool top : {false, true}) {
                const int end = (depth == CV_16U ? 65535 : 32767) - (top ? 0 : 65535);
                // One level off at every second pixel or so, and one pixel at the other end of the range.
                cv::Mat src = support::noise({90, 50}, CV_MAKETYPE(depth, 1), 21);
                src = cv::Mat(end + (top ? -1 : 1) * (src & 1));
                src.convertTo(src, depth);
                src.row(20).col(31).setTo(end + (top ? -65535 : 65535));
                checkExact(src, {0, 0, 90, 50}, multirate(sigma));
                src.setTo(end);
                CHECK(identical(blurred(src, multirate(sigma)), src));
            }
}

TEST_CASE("multirate engine, a tolerance of 8 bits leaves no room for rounding that exceeds it") {
    for (const double tolerance : {1e-3, 1e-5, 2e-6}) {
        CAPTURE(tolerance);
        BlurParams params = multirate(7);
        params.tolerance = tolerance;
        const GaussianFilter filter(params);
        const double bytes = filter.errorBound(CV_8U);
        CHECK_LE(bytes, 1.5 * tolerance);
        // The windows of 64F, for half of the contrast, with nodes in float where those do no harm.
        const double windows = 0.5 * filter.errorBound(CV_64F), unit = std::ldexp(1.0, -24);
        if (tolerance >= 1e-5)
            CHECK_GT(bytes, windows + 20 * unit);
        else
            CHECK_LT(bytes, windows + 20 * unit);
    }
}
