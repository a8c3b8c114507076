// SPDX-License-Identifier: Apache-2.0
// gkern/rbf_implicit.hpp, pairs and the median heuristic: against the matrix, the long double oracle and
// brute force. Cancelling and errors.
#include "gkern/rbf_implicit.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "support/errors.hpp"
#include "support/rbf_support.hpp"

using gkern::RbfAccuracy;
using gkern::RbfParams;
using rbf_data::draw;
using namespace rbf_support;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

double at(const cv::Mat& m, int i, int j) {
    return static_cast<double>(rbf_oracle::at(m, i, j));
}

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
    // Tiles whose right neighbour holds more than the worst of those found so far, but not much more; so many
    // of them that one search goes over several.
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

TEST_CASE("rbf implicit: tiles within any budget make the matrix") {
    struct Shape {
        int n, m, d;
    };
    for (const Shape s :
         {Shape{500, 450, 3}, Shape{500, 450, 70}, Shape{100, 1000, 30}, Shape{1000, 20, 2}, Shape{5, 5, 5}})
        for (const int ktype : {CV_32F, CV_64F}) {
            const cv::Mat X = draw(rbf_data::kNormal, s.n, s.d, CV_32F, 1),
                          Y = draw(rbf_data::kNormal, s.m, s.d, CV_32F, 2);
            const RbfParams params = withSigma(2, ktype);
            const cv::Mat K = kernel(X, Y, params);
            for (const size_t entries : {192 * 192, 192 * 450, 200000, 100000000}) {
                cv::Mat assembled(s.n, s.m, ktype, cv::Scalar(-1));
                int count = 0, lastRow = 0, lastCol = -1;
                const bool all = gkern::rbfTiles(
                    X, Y, params,
                    [&](const gkern::RbfTile& tile) {
                        REQUIRE(tile.K.total() <= entries);
                        REQUIRE((tile.row > lastRow || (tile.row == lastRow && tile.col > lastCol)));
                        lastRow = tile.row;
                        lastCol = tile.col;
                        cv::Mat place = assembled(cv::Rect({tile.col, tile.row}, tile.K.size()));
                        REQUIRE(cv::countNonZero(place != -1) == 0);
                        tile.K.copyTo(place);
                        ++count;
                        return true;
                    },
                    entries * K.elemSize());
                CHECK(all);
                CHECK(sameBits(assembled, K));
                if (entries == 100000000) CHECK(count == 1);
            }
        }
    int seen = 0;
    const cv::Mat X = draw(rbf_data::kNormal, 800, 2, CV_32F, 1);
    CHECK_FALSE(gkern::rbfTiles(
        X, cv::noArray(), withSigma(1), [&](const gkern::RbfTile&) { return ++seen < 3; }, 192 * 192 * 4));
    CHECK(seen == 3);
    CHECK_THROWS_AS(
        gkern::rbfTiles(
            X, cv::noArray(), withSigma(1),
            [](const gkern::RbfTile&) -> bool { throw std::runtime_error("full"); }, 192 * 192 * 4),
        std::runtime_error);
}

TEST_CASE("rbf implicit: pairs are the diagonal of the matrix") {
    for (const int depth : {CV_8U, CV_32F, CV_64F})
        for (const int d : {1, 16, 65}) {
            const cv::Mat X = draw(rbf_data::kBytes, 150, d, depth, 1),
                          Y = draw(rbf_data::kBytes, 150, d, depth, 2);
            const double sigma = rbf_data::kBytes.sigma(d);
            RbfParams scales;
            for (int k = 0; k < d; ++k) scales.lengthScales.push_back(sigma * (1 + 0.1 * k));
            for (const int ktype : {CV_32F, CV_64F})
                for (const bool scaled : {false, true}) {
                    RbfParams params = scaled ? scales : withSigma(sigma);
                    params.ktype = ktype;
                    cv::Mat diagonal;
                    gkern::rbfDiagonal(X, Y, diagonal, params);
                    REQUIRE(diagonal.size() == cv::Size(1, 150));
                    REQUIRE(diagonal.type() == ktype);
                    const cv::Mat K = kernel(X, Y, params);
                    for (int i = 0; i < 150; ++i)
                        REQUIRE(std::fabs(at(diagonal, i, 0) - at(K, i, i)) <=
                                2 * rbf_oracle::promisedError(ktype, d));
                }
        }
    cv::Mat_<double> x = (cv::Mat_<double>(4, 1) << 1, kNan, INFINITY, INFINITY),
                     y = (cv::Mat_<double>(4, 1) << 1, 2, 3, INFINITY);
    cv::Mat out;
    gkern::rbfDiagonal(x, y, out, withSigma(1e-200));
    CHECK(out.at<double>(0) == 1);
    CHECK(std::isnan(out.at<double>(1)));
    CHECK(out.at<double>(2) == 0);
    CHECK(std::isnan(out.at<double>(3)));
    gkern::rbfDiagonal(x, y, x, withSigma(1.0));
    CHECK(x(0) == 1);
}

TEST_CASE("rbf implicit: the median heuristic is the median distance over root 2") {
    const cv::Mat X = draw(rbf_data::kOffset, 60, 7, CV_64F, 1);
    std::vector<double> distances;
    for (int i = 0; i < 60; ++i)
        for (int j = 0; j < i; ++j) distances.push_back(cv::norm(X.row(i), X.row(j)));
    std::sort(distances.begin(), distances.end());
    const double median = (distances[distances.size() / 2 - 1] + distances[distances.size() / 2]) / 2;
    CHECK(gkern::medianSigma(X) == doctest::Approx(median / std::sqrt(2.0)).epsilon(1e-14));
    CHECK(gkern::medianSigma(X, 60, 5) == gkern::medianSigma(X));
    CHECK(gkern::medianSigma(X * 0x1p990, 60) ==
          doctest::Approx(median / std::sqrt(2.0) * 0x1p990).epsilon(1e-14));
    // A sample: near the whole, the same each time, another for another seed.
    const cv::Mat many = draw(rbf_data::kNormal, 3000, 5, CV_32F, 3);
    const double whole = gkern::medianSigma(many, 3000), part = gkern::medianSigma(many, 300, 7);
    CHECK(part == gkern::medianSigma(many, 300, 7));
    CHECK(part != gkern::medianSigma(many, 300, 8));
    CHECK(part == doctest::Approx(whole).epsilon(0.05));
    // Rows are drawn without replacement: four of these five.
    const cv::Mat_<double> five = (cv::Mat_<double>(5, 1) << 0, 1, 3, 7, 15);
    for (uint64_t seed = 0; seed < 40; ++seed) {
        bool found = false;
        for (int left = 0; left < 5; ++left) {
            cv::Mat four;
            for (int i = 0; i < 5; ++i)
                if (i != left) four.push_back(five.row(i));
            found |= std::fabs(gkern::medianSigma(four) - gkern::medianSigma(five, 4, seed)) < 1e-12;
        }
        CHECK(found);
    }
    // Equal vectors and vectors that are not finite do not count.
    const cv::Mat_<double> few = (cv::Mat_<double>(6, 1) << 0, 0, 0, 3, kNan, INFINITY);
    CHECK(gkern::medianSigma(few) == doctest::Approx(3 / std::sqrt(2.0)));
    CHECK(gkern::medianSigma(cv::Mat(cv::Mat_<uchar>(cv::Matx<uchar, 2, 1>(0, 200)))) ==
          doctest::Approx(200 / std::sqrt(2.0)));
}

TEST_CASE("rbf implicit: one thread and several give the same bits, for few and for many rows") {
    const ThreadsGuard guard;
    const cv::Mat all = draw(rbf_data::kNormal, 3000, 3, CV_32F, 1),
                  Y = draw(rbf_data::kNormal, 2500, 3, CV_32F, 2);
    const cv::Mat V1 = draw(rbf_data::kNormal, 2500, 1, CV_32F, 3),
                  V3 = draw(rbf_data::kNormal, 2500, 3, CV_32F, 4);
    for (const int n : {2, 250, 3000}) {
        const cv::Mat X = all.rowRange(0, n);
        std::vector<cv::Mat> first;
        for (const int threads : {1, 2, 8}) {
            cv::setNumThreads(threads);
            std::vector<cv::Mat> results(6);
            gkern::rbfMatVec(X, Y, V1, results[0], withSigma(1));
            gkern::rbfMatVec(X, Y, V3, results[1], withSigma(1));
            gkern::rbfRowSums(X, Y, results[2], withSigma(1));
            gkern::rbfTopK(X, Y, 4, results[3], results[4], withSigma(1));
            results[5] = gkern::rbfSparse(X, Y, 0.9, withSigma(1)).values;
            if (first.empty()) first = results;
            for (size_t i = 0; i < results.size(); ++i) CHECK(sameBits(results[i], first[i]));
        }
    }
}

TEST_CASE("rbf implicit: progress rises to 1, and false or an exception ends the work") {
    const cv::Mat X = draw(rbf_data::kNormal, 3000, 2, CV_32F, 1);
    const cv::Mat V(3000, 2, CV_32F, cv::Scalar(1));
    cv::Mat K, out(3000, 2, CV_32F, cv::Scalar(7)), values(3000, 2, CV_32F, cv::Scalar(7)),
        indices(3000, 2, CV_32S, cv::Scalar(7)), sums(3000, 1, CV_32F, cv::Scalar(7));
    gkern::RbfSparse sparse;
    const auto ignore = [](const gkern::RbfTile&) { return true; };
    const std::vector<std::function<void(const RbfParams&)>> calls{
        [&](const RbfParams& p) { gkern::rbfKernel(X, cv::noArray(), K, p); },
        [&](const RbfParams& p) { gkern::rbfKernel(X, X, K, p); },
        [&](const RbfParams& p) { gkern::rbfMatVec(X, X, V, out, p); },
        [&](const RbfParams& p) { gkern::rbfRowSums(X, X, sums, p); },
        [&](const RbfParams& p) { gkern::rbfTopK(X, X, 2, values, indices, p); },
        [&](const RbfParams& p) { sparse = gkern::rbfSparse(X, X, 0.99, p); },
        [&](const RbfParams& p) { gkern::rbfTiles(X, X, p, ignore, 1 << 20); }};
    for (const auto& call : calls) {
        RbfParams params = withSigma(1);
        int count = 0;
        double last = 0;
        // One call at a time: plain variables will do.
        params.progress = [&](double done) {
            ++count;
            if (done < 0.5) return true;
            last = done;
            return false;
        };
        CHECK_THROWS_AS(call(params), gkern::RbfCancelled);
        CHECK(last >= 0.5);
        CHECK(last < 0.6);
        CHECK(count >= 20);
        params.progress = [](double) -> bool { throw std::runtime_error("disk full"); };
        CHECK_THROWS_AS(call(params), std::runtime_error);
    }
    // Outputs of what was cancelled are as they were; a kernel matrix says by its exception that it is not.
    for (const cv::Mat& untouched : {out, values, indices, sums})
        CHECK(cv::countNonZero(untouched.reshape(1) != 7) == 0);
    CHECK(sparse.rowStart.empty());
    for (const auto& call : calls) {
        RbfParams params = withSigma(1);
        std::vector<double> seen;
        params.progress = [&](double done) {
            seen.push_back(done);
            return true;
        };
        call(params);
        REQUIRE(!seen.empty());
        CHECK(seen.size() <= 100);
        CHECK(std::is_sorted(seen.begin(), seen.end()));
        CHECK(seen.back() == 1);
    }
    CHECK(std::string(gkern::RbfCancelled().what()).find("cancelled") != std::string::npos);
}

TEST_CASE("rbf implicit: code and message of every bad call, and outputs untouched") {
    using cv::Error::Code;
    const cv::Mat X(4, 3, CV_32F, cv::Scalar(1)), Y(2, 3, CV_32F, cv::Scalar(2)),
        V(2, 1, CV_32F, cv::Scalar(1));
    const RbfParams good = withSigma(1);
    cv::Mat out(4, 1, CV_32F, cv::Scalar(7)), indices(4, 1, CV_32S, cv::Scalar(7));
    cv::Mat_<double> wrongType(4, 1, 7.0);
    cv::Matx<float, 3, 1> wrongSize = cv::Matx<float, 3, 1>::all(7);
    const auto ignore = [](const gkern::RbfTile&) { return true; };
    const auto matVec = [&](const cv::Mat& v) { return [&, v] { gkern::rbfMatVec(X, Y, v, out, good); }; };
    const auto topK = [&](int k) { return [&, k] { gkern::rbfTopK(X, Y, k, out, indices, good); }; };
    const auto sparse = [&](double e) { return [&, e] { gkern::rbfSparse(X, Y, e, good); }; };
    const auto median = [&](const cv::Mat& x, int s) { return [x, s] { gkern::medianSigma(x, s); }; };
    RbfParams badAccuracy = good;
    badAccuracy.accuracy = static_cast<RbfAccuracy>(5);
    const std::vector<support::BadCall> table{
        {"X", [&] { gkern::rbfMatVec(cv::Mat(), Y, V, out, good); }, Code::StsBadSize, "X is empty"},
        {"Y", [&] { gkern::rbfRowSums(X, cv::Mat(), out, good); }, Code::StsBadSize, "Y is empty"},
        {"sigma", [&] { gkern::rbfRowSums(X, Y, out, withSigma(-1)); }, Code::StsOutOfRange, "sigma is -1"},
        {"V rows", matVec(cv::Mat(4, 1, CV_32F, cv::Scalar(1))), Code::StsUnmatchedSizes, "V has 4 rows; 2"},
        {"V empty", matVec(cv::Mat()), Code::StsBadSize, "V is empty"},
        {"V channels", matVec(cv::Mat(2, 1, CV_32FC2, cv::Scalar(1))), Code::BadNumChannels,
         "V has 2 channels"},
        {"V depth", matVec(cv::Mat(2, 1, CV_8U, cv::Scalar(1))), Code::BadDepth, "V has type CV_8U"},
        {"V list", [&] { gkern::rbfMatVec(X, Y, std::vector<cv::Mat>{V}, out, good); }, Code::StsBadArg,
         "V is a list"},
        {"out none", [&] { gkern::rbfMatVec(X, Y, V, cv::noArray(), good); }, Code::StsBadArg,
         "out is noArray"},
        {"out type", [&] { gkern::rbfMatVec(X, Y, V, wrongType, good); }, Code::StsUnmatchedFormats,
         "out has the fixed type CV_64F"},
        {"out size", [&] { gkern::rbfRowSums(X, Y, wrongSize, good); }, Code::StsUnmatchedSizes,
         "out has a fixed size"},
        {"k 0", topK(0), Code::StsOutOfRange, "k is 0; 1 to 2"},
        {"k 3", topK(3), Code::StsOutOfRange, "k is 3; 1 to 2"},
        {"values", [&] { gkern::rbfTopK(X, Y, 1, wrongType, indices, good); }, Code::StsUnmatchedFormats,
         "values has"},
        {"indices", [&] { gkern::rbfTopK(X, Y, 1, out, wrongType, good); }, Code::StsUnmatchedFormats,
         "indices has"},
        {"epsilon 0", sparse(0), Code::StsOutOfRange, "epsilon is 0"},
        {"epsilon nan", sparse(kNan), Code::StsOutOfRange, "epsilon is nan"},
        {"epsilon inf", sparse(INFINITY), Code::StsOutOfRange, "epsilon is inf"},
        {"budget", [&] { gkern::rbfTiles(X, Y, good, ignore, 1000); }, Code::StsOutOfRange,
         "memoryBudget is 1000 bytes"},
        {"callback", [&] { gkern::rbfTiles(X, Y, good, nullptr, 1 << 20); }, Code::StsBadArg,
         "callback is empty"},
        {"accuracy", [&] { gkern::rbfRowSums(X, Y, out, badAccuracy); }, Code::StsBadArg, "accuracy is 5"},
        {"pairs rows", [&] { gkern::rbfDiagonal(X, Y, out, good); }, Code::StsUnmatchedSizes,
         "Y has 2 rows; 4"},
        {"pairs none", [&] { gkern::rbfDiagonal(X, cv::noArray(), out, good); }, Code::StsBadSize,
         "Y is empty"},
        {"pairs depth", [&] { gkern::rbfDiagonal(X, cv::Mat(4, 3, CV_64F), out, good); },
         Code::StsUnmatchedFormats, "Y has depth"},
        {"median rows", median(X.row(0), 10), Code::StsBadSize, "X has 1 row"},
        {"median sample", median(X, 1), Code::StsOutOfRange, "sample is 1"},
        {"median sample large", median(X, 20001), Code::StsOutOfRange, "sample is 20001"},
        {"median equal", median(X, 10), Code::StsBadArg, "X has no two finite vectors"},
        {"median X", median(cv::Mat(), 10), Code::StsBadSize, "X is empty"},
    };
    support::checkBadCalls(table);
    CHECK(cv::countNonZero(out != 7) == 0);
    CHECK(cv::countNonZero(indices != 7) == 0);
    CHECK(cv::countNonZero(wrongType != 7) == 0);
    CHECK(wrongSize == cv::Matx<float, 3, 1>::all(7));
}
