// SPDX-License-Identifier: Apache-2.0
// gkern/rbf.hpp: the arithmetic of tiles on every SIMD target, at every edge of its blocks, and where a
// certificate fails.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "support/rbf_support.hpp"

using gkern::RbfAccuracy;
using rbf_data::DataSet;
using rbf_data::draw;
using rbf_oracle::maxError;
using namespace rbf_support;

namespace {

constexpr RbfAccuracy kAccuracies[] = {RbfAccuracy::Accurate, RbfAccuracy::Fast};

const DataSet kHardSets[] = {rbf_data::kNormal, rbf_data::kOffset, rbf_data::kTinySpread,
                             rbf_data::kFarClusters, rbf_data::kBytes};

/// A matrix of doubles with the exact entries.
cv::Mat exactKernel(const cv::Mat& X, const cv::Mat& Y, double sigma) {
    cv::Mat exact(X.rows, Y.rows, CV_64F);
    const std::vector<long double> scales(size_t(X.cols), sigma);
    for (int i = 0; i < X.rows; ++i)
        for (int j = 0; j < Y.rows; ++j)
            exact.at<double>(i, j) = double(rbf_oracle::entry(X, i, Y, j, scales));
    return exact;
}

double largestDifference(const cv::Mat& K, const cv::Mat& exact) {
    cv::Mat wide;
    K.convertTo(wide, CV_64F);
    return cv::norm(wide, exact, cv::NORM_INF);
}

}  // namespace

TEST_CASE("rbf engine: every number of features up to 70 and around the chains, on every SIMD target") {
    std::vector<int> features(70);
    std::iota(features.begin(), features.end(), 1);
    features.insert(features.end(), {127, 128, 129, 191, 193});
    for (const DataSet& set : {rbf_data::kNormal, rbf_data::kFarClusters, rbf_data::kBytes})
        for (const int depth : {CV_8U, CV_16S, CV_32F, CV_64F}) {
            if (depth == CV_8U && set.offset == 0) continue;
            for (const int d : features) {
                const cv::Mat X = draw(set, 11, d, depth, 1), Y = draw(set, 27, d, depth, 2);
                const cv::Mat exact = exactKernel(X, Y, set.sigma(d));
                for (const int64_t target : allTargets()) {
                    const support::OnlyTarget only(target);
                    for (const int ktype : {CV_32F, CV_64F})
                        for (const RbfAccuracy accuracy : kAccuracies) {
                            CAPTURE(set.name);
                            CAPTURE(depth);
                            CAPTURE(d);
                            CAPTURE(ktype);
                            CAPTURE(support::name(target));
                            const gkern::RbfParams params = withSigma(set.sigma(d), ktype, accuracy);
                            const cv::Mat K = kernel(X, Y, params);
                            REQUIRE(largestDifference(K, exact) <= promisedError(ktype, d, accuracy) + 1e-16);
                            REQUIRE(sameBits(K, kernel(Y, X, params).t()));
                        }
                }
            }
        }
}

TEST_CASE("rbf engine: every n and m up to 70 in a frame, by differences and by products") {
    for (const int d : {2, 20}) {
        const cv::Mat allX = draw(rbf_data::kNormal, 70, d, CV_32F, 1),
                      allY = draw(rbf_data::kNormal, 70, d, CV_32F, 2);
        const cv::Mat exact = exactKernel(allX, allY, 3);
        for (const int ktype : {CV_32F, CV_64F})
            for (const RbfAccuracy accuracy : kAccuracies)
                for (int n = 1; n <= 70; ++n)
                    for (int m = 1; m <= 70; ++m) {
                        CAPTURE(n);
                        CAPTURE(m);
                        cv::Mat framed(n + 2, m + 3, ktype, cv::Scalar(7)), K = framed(cv::Rect(1, 1, m, n));
                        gkern::rbfKernel(allX.rowRange(0, n), allY.rowRange(0, m), K,
                                         withSigma(3, ktype, accuracy));
                        REQUIRE(largestDifference(K, exact(cv::Rect(0, 0, m, n))) <=
                                promisedError(ktype, d, accuracy) + 1e-16);
                        K.setTo(7);
                        REQUIRE(cv::countNonZero(framed != 7) == 0);
                    }
    }
}

TEST_CASE("rbf engine: sizes around the edges of tiles, X with itself symmetric and equal to K(X, X)") {
    struct Edge {
        int d, side;
    };
    for (const Edge edge : {Edge{3, 192}, Edge{30, 192}, Edge{70, 96}, Edge{1001, 48}})
        for (const int n : {edge.side - 1, edge.side, edge.side + 1, 2 * edge.side + 5})
            for (const int ktype : {CV_32F, CV_64F})
                for (const RbfAccuracy accuracy : kAccuracies) {
                    CAPTURE(edge.d);
                    CAPTURE(n);
                    const cv::Mat X = draw(rbf_data::kOffset, n, edge.d, CV_32F, 1);
                    const gkern::RbfParams params =
                        withSigma(rbf_data::kOffset.sigma(edge.d), ktype, accuracy);
                    const cv::Mat self = kernel(X, cv::noArray(), params);
                    CHECK(sameBits(self, self.t()));
                    CHECK(cv::countNonZero(self.diag() != 1) == 0);
                    CHECK(sameBits(self, kernel(X, X, params)));
                    // Rows on either side of the edge against the definition.
                    for (const int i : {0, edge.side - 2, edge.side, n - 1}) {
                        if (i >= n) continue;
                        CHECK(maxError(self.row(i), X.row(i), X, params.sigma) <=
                              promisedError(ktype, edge.d, accuracy));
                    }
                }
}

TEST_CASE("rbf engine: hard data sets with sigma tiny, fitting and huge") {
    for (const DataSet& set : kHardSets)
        for (const int d : {3, 17, 40, 130})
            for (const double factor : {1e-3, 0.1, 1.0, 30.0})
                for (const int ktype : {CV_32F, CV_64F})
                    for (const RbfAccuracy accuracy : kAccuracies) {
                        CAPTURE(set.name);
                        CAPTURE(d);
                        CAPTURE(factor);
                        CAPTURE(ktype);
                        const double sigma = factor * set.sigma(d);
                        const cv::Mat X = draw(set, 24, d, CV_64F, 1);
                        cv::Mat Y = draw(set, 30, d, CV_64F, 2);
                        X.row(3).copyTo(Y.row(7));
                        const cv::Mat K = kernel(X, Y, withSigma(sigma, ktype, accuracy));
                        CHECK(maxError(K, X, Y, sigma) <= promisedError(ktype, d, accuracy));
                        double least, most;
                        cv::minMaxLoc(K, &least, &most);
                        CHECK(least >= 0);
                        CHECK(most == 1);  // equal vectors, however far from the others
                    }
}

TEST_CASE("rbf engine: one feature that dwarfs the rest, with more features than differences serve") {
    cv::Mat X = draw(rbf_data::kNormal, 20, 40, CV_64F, 1);
    X.col(4) *= 1e9;
    const cv::Mat Y = X + 0.5 * draw(rbf_data::kNormal, 20, 40, CV_64F, 2);
    for (const int ktype : {CV_32F, CV_64F})
        for (const RbfAccuracy accuracy : kAccuracies)
            CHECK(maxError(kernel(X, Y, withSigma(4, ktype, accuracy)), X, Y, 4.0L) <=
                  promisedError(ktype, 40, accuracy));
}

TEST_CASE("rbf engine: tiles that the certificate rejects stand beside tiles that it accepts") {
    // Rows 0 … 191 near 0, the others far away and far apart.
    const int d = 24, n = 400;
    cv::Mat X = draw(rbf_data::kNormal, n, d, CV_64F, 1), Y = draw(rbf_data::kNormal, n, d, CV_64F, 2);
    for (cv::Mat* rows : {&X, &Y})
        for (int i = 192; i < n; ++i) rows->row(i) += (i % 2 ? 1e7 : -3e7);
    const double sigma = std::sqrt(double(d));
    for (const int ktype : {CV_32F, CV_64F})
        for (const RbfAccuracy accuracy : kAccuracies) {
            const gkern::RbfParams params = withSigma(sigma, ktype, accuracy);
            const cv::Mat K = kernel(X, Y, params);
            CHECK(maxError(K, X, Y, sigma) <= promisedError(ktype, d, accuracy));
            CHECK(sameBits(K, kernel(Y, X, params).t()));
        }
}

TEST_CASE("rbf engine: Fast is in float where it can be, and Accurate where it cannot") {
    const int d = 50;
    const cv::Mat X = draw(rbf_data::kNormal, 60, d, CV_32F, 1),
                  Y = draw(rbf_data::kNormal, 50, d, CV_32F, 2);
    const double sigma = std::sqrt(double(d));
    const cv::Mat fast = kernel(X, Y, withSigma(sigma, CV_32F, RbfAccuracy::Fast));
    CHECK_FALSE(sameBits(fast, kernel(X, Y, withSigma(sigma, CV_32F))));
    CHECK(maxError(fast, X, Y, sigma) <= 2e-6);
    const cv::Mat far = draw(rbf_data::kFarClusters, 60, d, CV_32F, 1);
    CHECK(sameBits(kernel(far, far, withSigma(sigma, CV_32F, RbfAccuracy::Fast)),
                   kernel(far, far, withSigma(sigma, CV_32F))));
    CHECK(sameBits(kernel(X, Y, withSigma(sigma, CV_64F, RbfAccuracy::Fast)),
                   kernel(X, Y, withSigma(sigma, CV_64F))));
    // Any unit of length: what matters is the distance in units of sigma.
    for (const double unit : {1e-30, 1e30}) {
        cv::Mat scaledX, scaledY;
        X.convertTo(scaledX, CV_64F, unit);
        Y.convertTo(scaledY, CV_64F, unit);
        CHECK(maxError(kernel(scaledX, scaledY, withSigma(sigma * unit, CV_32F, RbfAccuracy::Fast)), scaledX,
                       scaledY, sigma * unit) <= 2e-6);
    }
    gkern::RbfParams scales = withSigma(0, CV_32F, RbfAccuracy::Fast);
    for (int k = 0; k < d; ++k) scales.lengthScales.push_back(2 + 0.3 * k);
    CHECK(maxError(kernel(X, Y, scales), X, Y,
                   std::vector<long double>(scales.lengthScales.begin(), scales.lengthScales.end())) <= 2e-6);
}

TEST_CASE("rbf engine: small integers are exact, whatever the number of features") {
    for (const int depth : {CV_8U, CV_8S, CV_16U, CV_16S})
        for (const int d : {1, 16, 17, 64, 65, 784, 1024, 1025, 4000}) {
            CAPTURE(depth);
            CAPTURE(d);
            // The whole range, so that every sum is as large as it can be.
            cv::Mat X(9, d, depth), Y(14, d, depth);
            cv::RNG rng(d);
            const bool bytes = depth <= CV_8S;
            rng.fill(X, cv::RNG::UNIFORM, bytes ? -128 : -32768, bytes ? 256 : 65536, true);
            rng.fill(Y, cv::RNG::UNIFORM, bytes ? -128 : -32768, bytes ? 256 : 65536, true);
            X.row(0).setTo(bytes ? -128 : -32768);  // saturates to the end of an unsigned range
            Y.row(0).setTo(bytes ? 255 : 65535);
            const double sigma = (bytes ? 100.0 : 25000.0) * std::sqrt(double(d));
            // 1 ULP of the exponential and the rounding of the exponent alone.
            CHECK(maxError(kernel(X, Y, withSigma(sigma, CV_64F)), X, Y, sigma) <= 2.3e-16);
            // Positions do not matter then.
            CHECK(sameBits(kernel(X, Y, withSigma(sigma)).rowRange(2, 5),
                           kernel(X.rowRange(2, 5), Y, withSigma(sigma))));
        }
}

TEST_CASE("rbf engine: a matrix larger than the caches, at any alignment, and nothing beside it") {
    const int n = 2600;
    for (const int64_t target : allTargets())
        for (const int ktype : {CV_32F, CV_64F}) {
            const support::OnlyTarget only(target);
            const int m = ktype == CV_32F ? 2501 : 1301;
            const cv::Mat X = draw(rbf_data::kNormal, n, 3, CV_32F, 1),
                          Y = draw(rbf_data::kNormal, m, 3, CV_32F, 2);
            const gkern::RbfParams params = withSigma(2, ktype);
            cv::Mat framed(n + 2, n + 5, ktype, cv::Scalar(7));
            cv::Mat K = framed(cv::Rect(1, 1, m, n));
            gkern::rbfKernel(X, Y, K, params);
            for (int i = 0; i < n; i += 501) REQUIRE(sameBits(K.row(i), kernel(X.row(i), Y, params)));
            const int self = ktype == CV_32F ? 2512 : 1904;  // rows of whole lines of the caches
            cv::Mat square = framed(cv::Rect(3, 2, self, self));
            K.setTo(7);
            REQUIRE(cv::countNonZero(framed != 7) == 0);
            gkern::rbfKernel(X.rowRange(0, self), cv::noArray(), square, params);
            for (int i = 0; i < self; i += 301)
                REQUIRE(sameBits(square.row(i), kernel(X.row(i), X.rowRange(0, self), params)));
            REQUIRE(sameBits(square, square.t()));
            REQUIRE(sameBits(square, kernel(X.rowRange(0, self), cv::noArray(), params)));
            square.setTo(7);
            REQUIRE(cv::countNonZero(framed != 7) == 0);
        }
}

TEST_CASE("rbf engine: the same bits for every number of threads, in every kind of arithmetic") {
    const ThreadsGuard guard;
    for (const DataSet& set : {rbf_data::kNormal, rbf_data::kFarClusters})
        for (const int d : {3, 40})
            for (const RbfAccuracy accuracy : kAccuracies) {
                const cv::Mat X = draw(set, 500, d, CV_32F, 1), Y = draw(set, 411, d, CV_32F, 2);
                const gkern::RbfParams params = withSigma(set.sigma(d), -1, accuracy);
                cv::setNumThreads(1);
                const cv::Mat cross = kernel(X, Y, params), self = kernel(X, cv::noArray(), params);
                for (const int threads : {2, 3, 8}) {
                    cv::setNumThreads(threads);
                    CHECK(sameBits(kernel(X, Y, params), cross));
                    CHECK(sameBits(kernel(X, cv::noArray(), params), self));
                }
            }
}
