// SPDX-License-Identifier: Apache-2.0
// gkern/rbf.hpp: results and coordinates at the ends of their range.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "support/rbf_support.hpp"

using gkern::RbfAccuracy;
using rbf_data::draw;
using namespace rbf_support;

namespace {

constexpr RbfAccuracy kAccuracies[] = {RbfAccuracy::Accurate, RbfAccuracy::Fast};
const double kInf = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("rbf limits: results that are subnormal, and zero") {
    // Of few bits, so that their squares are exact.
    const cv::Mat_<double> x(1, 1, 0.0),
        y = (cv::Mat_<double>(6, 1) << 13, 14.25, 14.4375, 37.5, 38.5, 38.5625);
    for (const int64_t target : allTargets()) {
        const support::OnlyTarget only(target);
        const cv::Mat f = kernel(x, y, withSigma(1, CV_32F)), g = kernel(x, y, withSigma(1, CV_64F));
        for (int j = 0; j < 6; ++j) {
            const long double exact = rbf_oracle::entry(x, 0, y, j, {1.0L});
            CHECK(std::fabs(f.at<float>(j) - exact) <=
                  0.502 * std::ldexp(1.0, std::max(-149, std::ilogb(exact) - 23)));
            // An exponent is rounded in proportion to itself, and K with it.
            CHECK(std::fabs(g.at<double>(j) - exact) <=
                  4e-16L * (1 - std::log(exact)) * exact + std::ldexp(1.0L, -1074));
        }
        CHECK(f.at<float>(1) > 0);  // 2^-145.5
        CHECK(f.at<float>(3) == 0);
        CHECK(g.at<double>(4) > 0);  // 2^-1069.2
        CHECK(kernel(x, cv::Mat_<double>(1, 1, 38.7), withSigma(1, CV_64F)).at<double>(0) == 0);
    }
}

TEST_CASE("rbf limits: NaN and infinity with many features, on every SIMD target") {
    cv::Mat X = draw(rbf_data::kNormal, 40, 30, CV_64F, 1);
    X.at<double>(5, 29) = kNan;
    uint64_t payload = 0x7ff8000000000fffULL;  // a NaN whose lowest bits are not 0
    std::memcpy(X.ptr<double>(6) + 3, &payload, sizeof payload);
    X.at<double>(7, 0) = kInf;
    X.at<double>(8, 0) = -kInf;
    for (const int64_t target : allTargets()) {
        const support::OnlyTarget only(target);
        for (const int d : {4, 30})
            for (const int ktype : {CV_32F, CV_64F})
                for (const RbfAccuracy accuracy : kAccuracies) {
                    const cv::Mat features = X.colRange(30 - d, 30);
                    const cv::Mat infinite = X.colRange(0, d);
                    const gkern::RbfParams params = withSigma(5, ktype, accuracy);
                    for (const cv::Mat& x : {features, infinite}) {
                        const cv::Mat K = kernel(x, cv::noArray(), params);
                        REQUIRE(sameBits(K, kernel(x, x, params)));
                        for (int i = 0; i < 40; ++i)
                            for (int j = 0; j < 40; ++j) {
                                CAPTURE(i);
                                CAPTURE(j);
                                bool nan = false, apart = false;
                                for (int k = 0; k < d; ++k) {
                                    const double difference = x.at<double>(i, k) - x.at<double>(j, k);
                                    nan |= std::isnan(difference);
                                    apart |= std::isinf(difference);
                                }
                                REQUIRE(std::isnan(at(K, i, j)) == nan);
                                if (!nan && apart)
                                    REQUIRE((ktype == CV_32F ? double(K.at<float>(i, j))
                                                             : K.at<double>(i, j)) == 0);
                            }
                    }
                }
    }
}

TEST_CASE("rbf limits: clusters so far apart that tiles are not computed") {
    const int n = 500;
    for (const int d : {2, 25}) {
        cv::Mat X = draw(rbf_data::kNormal, n, d, CV_32F, 1);
        for (int i = 192; i < n; ++i) X.row(i) += 500;
        for (const int ktype : {CV_32F, CV_64F}) {
            const gkern::RbfParams params = withSigma(1.5, ktype);
            const cv::Mat K = kernel(X, cv::noArray(), params);
            CHECK(cv::countNonZero(K(cv::Rect(192, 0, n - 192, 192))) == 0);
            CHECK(cv::countNonZero(K(cv::Rect(0, 192, 192, n - 192))) == 0);
            CHECK(sameBits(K, kernel(X, X, params)));
            CHECK(rbf_oracle::maxError(K.row(200), X.row(200), X, 1.5L) <=
                  rbf_oracle::promisedError(ktype, d));
            // A vector that is not a number is not zero away from anything.
            cv::Mat bad = X.clone();
            bad.at<float>(300, 1) = float(kNan);
            const cv::Mat poisoned = kernel(bad, cv::noArray(), params);
            for (int i = 0; i < n; ++i) REQUIRE(std::isnan(at(poisoned, i, 300)));
            if (d == 2)
                CHECK(sameBits(poisoned.rowRange(0, 192).colRange(0, 192),
                               K.rowRange(0, 192).colRange(0, 192)));
        }
    }
    // At the edge of zero: what is skipped must be what would be computed as 0.
    for (const double apart : {14.40, 14.42, 14.48, 14.50, 38.55, 38.62, 38.66}) {
        cv::Mat_<double> X(400, 1, 0.0);
        X.rowRange(192, 400) = apart;
        for (const int ktype : {CV_32F, CV_64F}) {
            const cv::Mat K = kernel(X, cv::noArray(), withSigma(1, ktype));
            CHECK(sameBits(K(cv::Rect(200, 3, 1, 1)), kernel(X.row(3), X.row(200), withSigma(1, ktype))));
            const cv::Mat mixed = kernel(cv::Mat_<double>((cv::Mat_<double>(2, 1) << 0, apart)),
                                         cv::noArray(), withSigma(1, ktype));
            CHECK(sameBits(K(cv::Rect(200, 3, 1, 1)), mixed(cv::Rect(1, 0, 1, 1))));
        }
    }
}
