// SPDX-License-Identifier: Apache-2.0
// gkern/rbf_implicit.hpp, pairs and the median heuristic: tiles, threads, cancelling and errors.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "gkern/rbf_implicit.hpp"
#include "support/errors.hpp"
#include "support/rbf_support.hpp"

using gkern::RbfAccuracy;
using gkern::RbfParams;
using rbf_data::draw;
using namespace rbf_support;

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
    // Outputs of what was cancelled are as they were; a kernel matrix says by its exception that it is
    // not.
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

TEST_CASE("rbf implicit: a std::vector takes a result of one column") {
    const cv::Mat X = draw(rbf_data::kNormal, 9, 3, CV_32F, 1), V(9, 1, CV_32F, cv::Scalar(2));
    cv::Mat out, sums, diagonal, values, indices;
    std::vector<float> outVector, sumsVector, diagonalVector, valuesVector;
    std::vector<int> indicesVector;
    const RbfParams params = withSigma(1);
    gkern::rbfMatVec(X, X, V, out, params);
    gkern::rbfMatVec(X, X, V, outVector, params);
    CHECK(sameBits(cv::Mat(outVector), out));
    gkern::rbfRowSums(X, X, sums, params);
    gkern::rbfRowSums(X, X, sumsVector, params);
    CHECK(sameBits(cv::Mat(sumsVector), sums));
    gkern::rbfDiagonal(X, V * cv::Mat::ones(1, 3, CV_32F), diagonal, params);
    gkern::rbfDiagonal(X, V * cv::Mat::ones(1, 3, CV_32F), diagonalVector, params);
    CHECK(sameBits(cv::Mat(diagonalVector), diagonal));
    gkern::rbfTopK(X, X, 1, values, indices, params);
    gkern::rbfTopK(X, X, 1, valuesVector, indicesVector, params);
    CHECK(sameBits(cv::Mat(valuesVector), values));
    CHECK(sameBits(cv::Mat(indicesVector), indices));
}

TEST_CASE("rbf implicit: code and message of every bad call, and outputs untouched") {
    using cv::Error::Code;
    const cv::Mat X(4, 3, CV_32F, cv::Scalar(1)), Y(2, 3, CV_32F, cv::Scalar(2)),
        V(2, 1, CV_32F, cv::Scalar(1));
    const RbfParams good = withSigma(1);
    cv::Mat out(4, 1, CV_32F, cv::Scalar(7)), indices(4, 1, CV_32S, cv::Scalar(7));
    cv::Mat_<double> wrongType(4, 1, 7.0);
    cv::Matx<float, 3, 1> wrongSize = cv::Matx<float, 3, 1>::all(7);
    std::vector<float> flat(3, 7.0F);
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
        {"V empty", matVec(cv::Mat()), Code::StsBadSize, "V is empty (0 x 0)"},
        {"V dimensions", matVec(cv::Mat({2, 1, 1}, CV_32F, cv::Scalar(1))), Code::StsBadSize,
         "V has 3 dimensions"},
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
         "out has the fixed size 3 x 1; 4 x 1 is allowed"},
        {"k 0", topK(0), Code::StsOutOfRange, "k is 0; 1 to 2"},
        {"k 3", topK(3), Code::StsOutOfRange, "k is 3; 1 to 2"},
        {"values vector", [&] { gkern::rbfTopK(X, Y, 2, flat, indices, good); }, Code::StsUnmatchedSizes,
         "values is a std::vector"},
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
    CHECK(flat == std::vector<float>(3, 7.0F));
}
