// SPDX-License-Identifier: Apache-2.0
// gkern/rbf.hpp against the long double oracle: data sets, depths, sizes, scales.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cfloat>
#include <cmath>
#include <limits>
#include <numeric>

#include "gkern/rbf.hpp"
#include "support/rbf_support.hpp"

using rbf_data::DataSet;
using rbf_oracle::maxError;
using rbf_oracle::promisedError;
using rbf_support::at;
using rbf_support::withSigma;

namespace {

gkern::RbfParams withGamma(double gamma) {
    gkern::RbfParams params;
    params.gamma = gamma;
    params.ktype = CV_64F;
    return params;
}

std::vector<int> manyDimensions() {
    std::vector<int> dimensions(20);
    std::iota(dimensions.begin(), dimensions.end(), 1);
    dimensions.insert(dimensions.end(), {64, 128, 784});
    return dimensions;
}

/// Checks every d and prints the worst error seen, as the manual quotes it.
void checkDataSet(const DataSet& set, const std::vector<int>& depths) {
    for (const int ktype : {CV_32F, CV_64F}) {
        double worst = 0, worstShare = 0;
        for (const int depth : depths)
            for (const int d : manyDimensions()) {
                CAPTURE(depth);
                CAPTURE(d);
                const cv::Mat X = rbf_data::draw(set, 23, d, depth, 1),
                              Y = rbf_data::draw(set, 18, d, depth, 2);
                cv::Mat cross, self;
                gkern::rbfKernel(X, Y, cross, withSigma(set.sigma(d), ktype));
                gkern::rbfKernel(X, cv::noArray(), self, withSigma(set.sigma(d), ktype));
                REQUIRE(cross.type() == ktype);
                const double error =
                    std::max(maxError(cross, X, Y, set.sigma(d)), maxError(self, X, X, set.sigma(d)));
                CHECK(error <= promisedError(ktype, d));
                worst = std::max(worst, error);
                worstShare = std::max(worstShare, error / promisedError(ktype, d));
            }
        MESSAGE(set.name << ", " << cv::typeToString(ktype) << ": max error " << worst << ", at most "
                         << 100 * worstShare << " % of the promised bound");
    }
}

const std::vector<int> kFloatDepths{CV_16F, CV_32F, CV_64F};
const std::vector<int> kWideDepths{CV_16S, CV_32S, CV_32F, CV_64F};
const std::vector<int> kAllDepths{CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_16F, CV_32F, CV_64F};

cv::Mat kernelOfPair(double x, double y, const gkern::RbfParams& params) {
    cv::Mat K;
    gkern::rbfKernel(cv::Mat_<double>(1, 1, x), cv::Mat_<double>(1, 1, y), K, params);
    return K;
}

}  // namespace

TEST_CASE("rbf accuracy: data around 0") {
    checkDataSet(rbf_data::kNormal, kFloatDepths);
}
TEST_CASE("rbf accuracy: data far from 0") {
    checkDataSet(rbf_data::kOffset, kAllDepths);
}
TEST_CASE("rbf accuracy: tiny spread") {
    checkDataSet(rbf_data::kTinySpread, kFloatDepths);
}
TEST_CASE("rbf accuracy: far clusters") {
    checkDataSet(rbf_data::kFarClusters, kWideDepths);
}
TEST_CASE("rbf accuracy: bytes") {
    checkDataSet(rbf_data::kBytes, kAllDepths);
}

TEST_CASE("rbf accuracy: one feature dwarfs the rest") {
    cv::Mat X = rbf_data::draw(rbf_data::kNormal, 20, 9, CV_64F, 1), Y = X.clone();
    X.col(4) *= 1e9;
    Y = X + 0.5 * rbf_data::draw(rbf_data::kNormal, 20, 9, CV_64F, 2);
    for (const int ktype : {CV_32F, CV_64F}) {
        cv::Mat K;
        gkern::rbfKernel(X, Y, K, withSigma(2, ktype));
        CHECK(maxError(K, X, Y, 2.0L) <= promisedError(ktype, 9));
    }
}

TEST_CASE("rbf accuracy: every size up to 40 and around the tile edges, nothing written outside K") {
    std::vector<int> sizes(40);
    std::iota(sizes.begin(), sizes.end(), 1);
    sizes.insert(sizes.end(), {63, 64, 65, 129});
    const cv::Mat allX = rbf_data::draw(rbf_data::kNormal, 129, 3, CV_32F, 1);
    const cv::Mat allY = rbf_data::draw(rbf_data::kNormal, 129, 3, CV_32F, 2);
    cv::Mat exact(129, 129, CV_64F);
    for (int i = 0; i < 129; ++i)
        for (int j = 0; j < 129; ++j)
            exact.at<double>(i, j) =
                double(rbf_oracle::entry(allX, i, allY, j, std::vector<long double>(3, 1.5L)));

    for (const int ktype : {CV_32F, CV_64F})
        for (const int n : sizes)
            for (const int m : sizes) {
                CAPTURE(n);
                CAPTURE(m);
                cv::Mat framed(n + 2, m + 2, ktype, cv::Scalar(7));
                cv::Mat K = framed(cv::Rect(1, 1, m, n));
                gkern::rbfKernel(allX.rowRange(0, n), allY.rowRange(0, m), K, withSigma(1.5, ktype));
                cv::Mat K64;
                K.convertTo(K64, CV_64F);
                // 1e-15: the oracle's own rounding to double, generously.
                REQUIRE(cv::norm(K64, exact(cv::Rect(0, 0, m, n)), cv::NORM_INF) <=
                        promisedError(ktype, 3) + 1e-15);
                K.setTo(7);
                REQUIRE(cv::countNonZero(framed != 7) == 0);
            }
}

TEST_CASE("rbf accuracy: the exponential is within 0.75 ULP, subnormal results included") {
    // Differences of few bits: their squares are exact, and for γ = ln 2 they are exponents of 2.
    const int count = 33 * 4096 + 2048;  // up to 2^-1122, which is 0
    cv::Mat_<double> x(1, 1, 0.0), y(count, 1);
    for (int j = 0; j < count; ++j) y(j) = j / 4096.0;
    cv::Mat K64, K32;
    gkern::RbfParams params = withGamma(std::log(2.0));
    gkern::rbfKernel(x, y, K64, params);
    params.ktype = CV_32F;
    gkern::rbfKernel(x, y, K32, params);
    double worst = 0, worst32 = 0;
    for (int j = 0; j < count; ++j) {
        const long double exact = std::exp2(-static_cast<long double>(y(j)) * y(j));
        const double ulp = std::nextafter(double(exact), 2.0) - double(exact);
        worst = std::max(worst, std::fabs(double((K64.at<double>(j) - exact) / ulp)));
        const float ulp32 = std::nextafter(float(exact), 2.0F) - float(exact);
        worst32 = std::max(worst32, std::fabs(double((K32.at<float>(j) - exact) / ulp32)));
    }
    CHECK(worst <= 0.75);
    CHECK(worst32 <= 0.502);
    MESSAGE("CV_64F: at most " << worst << " ULP, CV_32F: at most " << worst32 << " ULP");
    CHECK(K64.at<double>(count - 1) == 0);
    CHECK(K64.at<double>(132000) > 0);  // 2^-1038.5
    CHECK(K64.at<double>(132000) < DBL_MIN);
}

TEST_CASE("rbf accuracy: entries of vectors that all but agree do not exceed 1") {
    for (const int d : {3, 10, 20, 64, 130})
        for (const int depth : {CV_32F, CV_64F})
            for (const auto accuracy : {gkern::RbfAccuracy::Accurate, gkern::RbfAccuracy::Fast}) {
                const cv::Mat X = rbf_data::draw(rbf_data::kNormal, 60, d, depth, 1);
                cv::Mat Y = X.clone();  // to the next number above or below
                for (int i = 0; i < Y.rows; ++i)
                    for (int k = 0; k < d; ++k)
                        if (depth == CV_32F)
                            Y.at<float>(i, k) = std::nextafter(Y.at<float>(i, k), (i + k) % 3 - 1.0F);
                        else
                            Y.at<double>(i, k) = std::nextafter(Y.at<double>(i, k), (i + k) % 3 - 1.0);
                const cv::Mat K = rbf_support::kernel(X, Y, withSigma(std::sqrt(d), -1, accuracy));
                for (int i = 0; i < K.rows; ++i) {
                    CHECK(at(K, i, i) <= 1);
                    CHECK(at(K, i, i) >= 1 - rbf_support::promisedError(K.type(), d, accuracy));
                }
            }
}

TEST_CASE("rbf accuracy: length-scales") {
    for (const int depth : {CV_8U, CV_32F, CV_64F})
        for (const int d : {1, 2, 5, 17, 64}) {
            const DataSet& set = depth == CV_8U ? rbf_data::kBytes : rbf_data::kOffset;
            const cv::Mat X = rbf_data::draw(set, 21, d, depth, 1), Y = rbf_data::draw(set, 13, d, depth, 2);
            for (const int ktype : {CV_32F, CV_64F}) {
                gkern::RbfParams params;
                params.ktype = ktype;
                for (int k = 0; k < d; ++k) params.lengthScales.push_back(set.sigma(d) * (0.3 + 0.37 * k));
                const std::vector<long double> exactScales(params.lengthScales.begin(),
                                                           params.lengthScales.end());
                cv::Mat K;
                gkern::rbfKernel(X, Y, K, params);
                CHECK(maxError(K, X, Y, exactScales) <= promisedError(ktype, d));
            }
        }
}

TEST_CASE("rbf accuracy: extreme coordinates and scales neither overflow nor underflow") {
    const double huge = 1e200, tiny = 1e-200, most = DBL_MAX,
                 least = std::numeric_limits<double>::denorm_min();
    const double apart = std::exp(-0.5);
    struct Case {
        double x, y, sigma, expected;
    };
    const Case cases[] = {
        {huge, 2 * huge, huge, apart},
        {tiny, 2 * tiny, tiny, apart},
        {0, least, least, apart},
        {most, most, least, 1},
        {-most, most, least, 0},
        {-most, most, most, std::exp(-2.0)},
        {most, most / 2, most / 2, apart},
        {0, 1, most, 1},
        {0, 1, least, 0},
        {huge, huge, tiny, 1},
        {huge, -huge, tiny, 0},
        {tiny, -tiny, huge, 1},
        {0, 3e-320, 3e-320, apart},
        {0, 1e-130, 1e-130, apart},
        {0, 1e130, 1e130, apart},
        {0, DBL_MIN, DBL_MIN, apart},
    };
    for (const Case& c : cases) {
        CAPTURE(c.x);
        CAPTURE(c.y);
        CAPTURE(c.sigma);
        CHECK(std::fabs(kernelOfPair(c.x, c.y, withSigma(c.sigma)).at<double>(0) - c.expected) <= 1.4e-15);
        gkern::RbfParams scales;
        scales.lengthScales = {c.sigma};
        CHECK(std::fabs(kernelOfPair(c.x, c.y, scales).at<double>(0) - c.expected) <= 1.4e-15);
    }
    // γ = 1/(2σ²) with σ = 2^536, 2^511 and 2^-512, and the ends of its range.
    const auto gammaOfPair = [](int gammaExponent, int yExponent) {
        return kernelOfPair(0, std::ldexp(1.0, yExponent), withGamma(std::ldexp(1.0, gammaExponent)))
            .at<double>(0);
    };
    CHECK(std::fabs(gammaOfPair(-1073, 536) - apart) <= 1.4e-15);
    CHECK(std::fabs(gammaOfPair(-1023, 511) - apart) <= 1.4e-15);
    CHECK(std::fabs(gammaOfPair(1023, -512) - apart) <= 1.4e-15);
    CHECK(kernelOfPair(0, 1e100, withGamma(least)).at<double>(0) == 1);
    CHECK(kernelOfPair(0, 1e-100, withGamma(most)).at<double>(0) == 0);
}

TEST_CASE("rbf accuracy: length-scales of very different magnitude act each on its own feature") {
    const cv::Mat_<double> X = (cv::Mat_<double>(1, 3) << 1e-300, 1e300, 5);
    const cv::Mat_<double> Y = (cv::Mat_<double>(1, 3) << 2e-300, 2e300, 6);
    gkern::RbfParams params;
    params.lengthScales = {1e-300, 1e300, 1};
    cv::Mat K;
    gkern::rbfKernel(X, Y, K, params);
    CHECK(std::fabs(K.at<double>(0) - std::exp(-1.5)) <= promisedError(CV_64F, 3));
}

TEST_CASE("rbf accuracy: sigma, gamma and equal length-scales mean the same") {
    const cv::Mat X = rbf_data::draw(rbf_data::kNormal, 30, 7, CV_64F, 1);
    const double sigma = 1.7;
    gkern::RbfParams scales;
    scales.lengthScales.assign(7, sigma);
    cv::Mat bySigma, byGamma, byScales;
    gkern::rbfKernel(X, cv::noArray(), bySigma, sigma);
    gkern::rbfKernel(X, cv::noArray(), byGamma, withGamma(1 / (2 * sigma * sigma)));
    gkern::rbfKernel(X, cv::noArray(), byScales, scales);
    CHECK(cv::norm(bySigma, byGamma, cv::NORM_INF) <= promisedError(CV_64F, 7));
    CHECK(cv::norm(bySigma, byScales, cv::NORM_INF) <= promisedError(CV_64F, 7));
}

TEST_CASE("rbf accuracy: promised error on random shapes, offsets, spreads and scales") {
    CHECK(rc::check("error within the promise", [] {
        const int n = *rc::gen::inRange(1, 20), m = *rc::gen::inRange(1, 20), d = *rc::gen::inRange(1, 30);
        const double spread = std::ldexp(1.0, *rc::gen::inRange(-60, 60));
        const DataSet set{"random", spread * *rc::gen::inRange(-5000, 5000), spread, 3, 40 * spread};
        const double sigma = set.sigma(d) * std::ldexp(1.0, *rc::gen::inRange(-3, 4));
        const int depth = *rc::gen::element(CV_32F, CV_64F), ktype = *rc::gen::element(CV_32F, CV_64F);
        const auto seed = *rc::gen::inRange(1, 1000);
        const cv::Mat X = rbf_data::draw(set, n, d, depth, seed),
                      Y = rbf_data::draw(set, m, d, depth, seed + 1);
        cv::Mat K;
        gkern::rbfKernel(X, Y, K, withSigma(sigma, ktype));
        RC_ASSERT(maxError(K, X, Y, sigma) <= promisedError(ktype, d));
    }));
}
