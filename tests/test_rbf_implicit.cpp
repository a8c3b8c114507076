// SPDX-License-Identifier: Apache-2.0
// gkern/rbf_implicit.hpp, pairs and the median heuristic: against the matrix, the long double oracle and
// brute force. Cancelling and errors.
#include "gkern/rbf_implicit.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "support/rbf_support.hpp"

using gkern::RbfAccuracy;
using gkern::RbfParams;
using rbf_data::draw;
using namespace rbf_support;

namespace {

/// Integers 0 … 3: many equal vectors and equal distances.
cv::Mat coarse(int rows, int d, int depth, uint64_t seed) {
    cv::Mat values(rows, d, CV_8U), converted;
    cv::RNG(seed).fill(values, cv::RNG::UNIFORM, 0, 4);
    values.convertTo(converted, depth);
    return converted;
}

/// The k best columns of a row of K by the documented order.
std::vector<int> bestColumns(const cv::Mat& K, int row, int k) {
    std::vector<int> columns(size_t(K.cols));
    std::iota(columns.begin(), columns.end(), 0);
    const auto rank = [&](int j) { return std::isnan(at(K, row, j)) ? -1 : at(K, row, j); };
    std::stable_sort(columns.begin(), columns.end(), [&](int a, int b) { return rank(a) > rank(b); });
    columns.resize(size_t(k));
    return columns;
}

void checkTopK(const cv::Mat& X, cv::InputArray Y, int k, const RbfParams& params) {
    cv::Mat values, indices;
    gkern::rbfTopK(X, Y, k, values, indices, params);
    const cv::Mat K = kernel(X, Y, params);
    REQUIRE(values.size() == cv::Size(k, X.rows));
    REQUIRE(values.type() == K.type());
    REQUIRE(indices.type() == CV_32S);
    for (int i = 0; i < X.rows; ++i) {
        const std::vector<int> expected = bestColumns(K, i, k);
        for (int c = 0; c < k; ++c) {
            CAPTURE(i);
            CAPTURE(c);
            REQUIRE(indices.at<int>(i, c) == expected[size_t(c)]);
            const double value = at(values, i, c), entry = at(K, i, expected[size_t(c)]);
            REQUIRE((value == entry || (std::isnan(value) && std::isnan(entry))));
        }
    }
}

void checkSparse(const cv::Mat& X, cv::InputArray Y, double epsilon, const RbfParams& params) {
    const gkern::RbfSparse sparse = gkern::rbfSparse(X, Y, epsilon, params);
    const cv::Mat K = kernel(X, Y, params);
    REQUIRE(sparse.rows == K.rows);
    REQUIRE(sparse.cols == K.cols);
    REQUIRE(sparse.rowStart.size() == size_t(K.rows) + 1);
    size_t next = 0;
    for (int i = 0; i < K.rows; ++i) {
        REQUIRE(sparse.rowStart[size_t(i)] == int64_t(next));
        for (int j = 0; j < K.cols; ++j) {
            if (at(K, i, j) < epsilon) continue;
            REQUIRE(next < sparse.columns.size());
            REQUIRE(sparse.columns[next] == j);
            REQUIRE(sameBits(sparse.values.row(int(next)), K(cv::Rect(j, i, 1, 1))));
            ++next;
        }
    }
    REQUIRE(next == sparse.columns.size());
    REQUIRE(sparse.rowStart.back() == int64_t(next));
    REQUIRE(size_t(sparse.values.rows) == next);
}

/// K·V by the definition.
std::vector<long double> exactProduct(const cv::Mat& X, const cv::Mat& Y, const cv::Mat& V, int q,
                                      double sigma) {
    std::vector<long double> out(size_t(X.rows), 0);
    const std::vector<long double> scales(size_t(X.cols), sigma);
    for (int i = 0; i < X.rows; ++i)
        for (int j = 0; j < Y.rows; ++j)
            out[size_t(i)] += rbf_oracle::entry(X, i, Y, j, scales) * rbf_oracle::at(V, j, q);
    return out;
}

}  // namespace

TEST_CASE("rbf implicit: products with vectors against the definition, on every SIMD target") {
    for (const int d : {1, 3, 20})
        for (const int m : {1, 50, 193, 400}) {
            const cv::Mat X = draw(rbf_data::kOffset, 70, d, CV_32F, 1),
                          Y = draw(rbf_data::kOffset, m, d, CV_32F, 2);
            const cv::Mat V = draw(rbf_data::kNormal, m, 6, CV_64F, 3);
            const double sigma = rbf_data::kOffset.sigma(d);
            std::vector<std::vector<long double>> exact;
            for (int q = 0; q < 6; ++q) exact.push_back(exactProduct(X, Y, V, q, sigma));
            for (const int64_t target : allTargets()) {
                const support::OnlyTarget only(target);
                for (const int ktype : {CV_32F, CV_64F})
                    for (const RbfAccuracy accuracy : {RbfAccuracy::Accurate, RbfAccuracy::Fast})
                        for (const int p : {1, 2, 4, 6}) {
                            CAPTURE(d);
                            CAPTURE(m);
                            CAPTURE(p);
                            CAPTURE(ktype);
                            CAPTURE(support::name(target));
                            cv::Mat out;
                            gkern::rbfMatVec(X, Y, V.colRange(0, p), out, withSigma(sigma, ktype, accuracy));
                            REQUIRE(out.size() == cv::Size(p, 70));
                            REQUIRE(out.type() == ktype);
                            for (int q = 0; q < p; ++q) {
                                const double sum = cv::norm(V.col(q), cv::NORM_L1);
                                const double bound = sum * (promisedError(ktype, d, accuracy) + 2.2e-16 * m);
                                for (int i = 0; i < 70; ++i) {
                                    const double rounding =
                                        ktype == CV_32F ? std::fabs(at(out, i, q)) * 6e-8 : 0;
                                    REQUIRE(std::fabs(at(out, i, q) - double(exact[size_t(q)][size_t(i)])) <=
                                            bound + rounding);
                                }
                            }
                        }
            }
        }
}

TEST_CASE("rbf implicit: products of X with itself, row sums, vectors that are not finite, memory shared") {
    const cv::Mat X = draw(rbf_data::kNormal, 450, 3, CV_64F, 1),
                  V = draw(rbf_data::kNormal, 450, 2, CV_64F, 2);
    const RbfParams params = withSigma(1);
    cv::Mat self, cross, sums, ones;
    gkern::rbfMatVec(X, cv::noArray(), V, self, params);
    gkern::rbfMatVec(X, X, V, cross, params);
    CHECK(sameBits(self, cross));
    gkern::rbfRowSums(X, cv::noArray(), sums, params);
    gkern::rbfMatVec(X, X, cv::Mat_<float>(450, 1, 1.0F), ones, params);
    CHECK(sameBits(sums, ones));
    const cv::Mat K = kernel(X, cv::noArray(), params);
    cv::Mat expected;
    cv::reduce(K, expected, 1, cv::REDUCE_SUM, CV_64F);
    CHECK(cv::norm(sums, expected, cv::NORM_INF) <= 1e-12 * 450);

    // Far clusters are skipped, but infinity times 0 is NaN.
    cv::Mat apart = X.clone(), weights(450, 1, CV_64F, cv::Scalar(1)), product;
    apart.rowRange(192, 450) += 1e4;
    gkern::rbfMatVec(apart, cv::noArray(), weights, product, params);
    CHECK(product.at<double>(0) < 192.1);
    weights.at<double>(400) = std::numeric_limits<double>::infinity();
    gkern::rbfMatVec(apart, cv::noArray(), weights, product, params);
    CHECK(std::isnan(product.at<double>(0)));
    weights.at<double>(400) = kNan;
    gkern::rbfMatVec(apart, cv::noArray(), weights, product, params);
    CHECK(std::isnan(product.at<double>(0)));

    cv::Mat shared = X.clone();
    const cv::Mat square = draw(rbf_data::kNormal, 450, 3, CV_64F, 5);
    cv::Mat into = square.clone(), separate;
    gkern::rbfMatVec(shared, cv::noArray(), square, separate, params);
    const uchar* const data = into.data;
    gkern::rbfMatVec(shared, cv::noArray(), into, into, params);
    CHECK(into.data == data);
    CHECK(sameBits(into, separate));
    gkern::rbfMatVec(shared, cv::noArray(), square, shared, params);
    CHECK(sameBits(shared, separate));
}

TEST_CASE("rbf implicit: the k largest of each row, with ties, against sorting the matrix") {
    for (const int depth : {CV_8U, CV_32F, CV_64F})
        for (const int m : {1, 7, 70, 420}) {
            const cv::Mat X = coarse(40, 3, depth, 1), Y = coarse(m, 3, depth, 2);
            for (const int k : {1, 2, 5, 33, 420}) {
                if (k > m) continue;
                CAPTURE(m);
                CAPTURE(k);
                checkTopK(X, Y, k, withSigma(1.3));
                checkTopK(X, Y, k, withSigma(0.02));  // nothing but equal vectors differs from 0
            }
        }
    const cv::Mat X = draw(rbf_data::kFarClusters, 410, 20, CV_32F, 1);
    for (const RbfAccuracy accuracy : {RbfAccuracy::Accurate, RbfAccuracy::Fast})
        for (const int ktype : {CV_32F, CV_64F})
            checkTopK(X, cv::noArray(), 6, withSigma(3, ktype, accuracy));
    // Sorted clusters, of which whole tiles cannot matter; and NaN, which comes last.
    cv::Mat sorted = draw(rbf_data::kNormal, 600, 2, CV_64F, 1);
    for (int i = 0; i < 600; ++i) sorted.row(i) += 40.0 * (i / 100);
    checkTopK(sorted, cv::noArray(), 5, withSigma(1));
    checkTopK(sorted, cv::noArray(), 250, withSigma(1));
    // Tiles whose right neighbour holds more than the worst of those found so far, but not much more; so
    // many of them that one search goes over several.
    cv::Mat_<double> steps(128 * 192, 1);
    for (int j = 0; j < steps.rows; ++j) steps(j) = j / 192 % 2 ? -1.8 : 2.2;
    checkTopK(cv::Mat_<double>(2, 1, 0.0), steps, 3, withSigma(1));
    for (int i = 0; i < 450; ++i) sorted.at<double>(i, 0) = kNan;
    checkTopK(sorted, cv::noArray(), 160, withSigma(1));
    checkTopK(sorted.rowRange(500, 600), sorted.rowRange(449, 600), 151, withSigma(1));
}

TEST_CASE("rbf implicit: sparse rows against thresholding the matrix") {
    for (const int depth : {CV_8U, CV_32F, CV_64F})
        for (const int m : {1, 70, 420}) {
            const cv::Mat X = coarse(200, 3, depth, 1), Y = coarse(m, 3, depth, 2);
            for (const double epsilon : {1e-300, 0.05, std::exp(-0.5), 1.0, 2.0})
                for (const double sigma : {0.05, 1.0}) {
                    CAPTURE(m);
                    CAPTURE(epsilon);
                    checkSparse(X, Y, epsilon, withSigma(sigma));
                }
            // A value that occurs, exactly.
            const cv::Mat K = kernel(X, Y, withSigma(1));
            checkSparse(X, Y, at(K, 5, m / 2), withSigma(1));
        }
    cv::Mat sorted = draw(rbf_data::kNormal, 600, 2, CV_64F, 1);
    for (int i = 0; i < 600; ++i) sorted.row(i) += 40.0 * (i / 100);
    checkSparse(sorted, cv::noArray(), 1e-4, withSigma(1));
    CHECK(gkern::rbfSparse(sorted, cv::noArray(), 1e-4, withSigma(1)).columns.size() < 61000);
    sorted.at<double>(333, 1) = kNan;
    const gkern::RbfSparse poisoned = gkern::rbfSparse(sorted, cv::noArray(), 1e-4, withSigma(1));
    CHECK(poisoned.rowStart[334] - poisoned.rowStart[333] == 600);
}
