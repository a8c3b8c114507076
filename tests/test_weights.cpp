// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "gkern/weights.hpp"
#include "support/errors.hpp"
#include "support/weights_oracle.hpp"

using gkern::WeightModel;

namespace {

constexpr WeightModel kModels[] = {WeightModel::Integrated, WeightModel::Sampled, WeightModel::Discrete};

/// Single weights within 4 ULP: neighbours near the centre, then ever sparser ones down to the underflow.
void checkTaps(double sigma, WeightModel model, double first, double density) {
    CAPTURE(sigma);
    double x = first;
    const double end = 39 * sigma + (model == WeightModel::Discrete ? 3 : 1);
    while (x <= end) {
        const double weight = gkern::gaussianWeight(x, sigma, model);
        INFO("x = ", x);
        CHECK_LE(support::ulps(weight, support::weightReference(x, sigma, model)), 4);
        x += std::max(1.0, std::floor(density * sigma + x / 40));
    }
}

double sumOf(const cv::Mat& column) {
    long double sum = 0;
    for (int i = 0; i < column.rows; ++i) sum += column.at<double>(i);
    return static_cast<double>(sum - 1);
}

void checkShape(const cv::Mat& w, bool monotone = true) {
    for (int i = 0; i < w.rows; ++i) {
        REQUIRE_EQ(w.at<double>(i), w.at<double>(w.rows - 1 - i));
        REQUIRE_GE(w.at<double>(i), 0);
        if (monotone && i + 1 <= (w.rows - 1) / 2) REQUIRE_LE(w.at<double>(i), w.at<double>(i + 1));
    }
}

}  // namespace

TEST_CASE("integrated weights are within 4 ULP of 50 digits, from sigma 0.01 to 1e5") {
    for (const double sigma :
         {0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.75, 1.0, 1.7, 3.3, 10.0, 47.0, 300.0, 1e3, 1e4, 1e5})
        for (const double first : {0.0, 0.5}) checkTaps(sigma, WeightModel::Integrated, first, 0.1);
}

TEST_CASE("integrated weights of any sigma at integers and half-integers are within 4 ULP") {
    CHECK(rc::check([] {
        const double sigma = std::exp(*rc::gen::inRange(-4600000, 11500000) / 1e6);
        const double x = std::floor(*rc::gen::inRange(0, 1000000) / 1e6 * (76 * sigma + 2)) / 2;
        RC_ASSERT(support::ulps(gkern::gaussianWeight(-x, sigma), support::integratedReference(x, sigma)) <=
                  4);
    }));
}

TEST_CASE("sampled weights are within 4 ULP of 50 digits") {
    for (const double sigma : {0.01, 0.1, 0.5, 1.0, 3.3, 47.0, 1e3, 1e5})
        for (const double first : {0.0, 0.5}) checkTaps(sigma, WeightModel::Sampled, first, 0.1);
}

TEST_CASE("discrete weights are within 4 ULP of 50 digits") {
    for (const double sigma : {0.01, 0.1, 0.5, 1.0, 3.3}) checkTaps(sigma, WeightModel::Discrete, 0, 6);
    checkTaps(12, WeightModel::Discrete, 0, 13);
    for (const double x : {0.0, 200000.0}) {
        const double weight = gkern::gaussianWeight(x, 1e4, WeightModel::Discrete);
        CHECK_LE(support::ulps(weight, support::discreteReference(x, 1e4)), 4);
    }
}

TEST_CASE("discrete weights at half-integers follow the closed forms of I_1/2 and I_3/2") {
    for (const double sigma : {0.3, 1.0, 2.5}) {
        const support::Real t = support::Real(sigma) * support::Real(sigma);
        const support::Real scale = exp(-t) * sqrt(2 / (boost::math::constants::pi<support::Real>() * t));
        CHECK_LE(support::ulps(gkern::gaussianWeight(0.5, sigma, WeightModel::Discrete), scale * sinh(t)), 4);
        CHECK_LE(support::ulps(gkern::gaussianWeight(-1.5, sigma, WeightModel::Discrete),
                               scale * (cosh(t) - sinh(t) / t)),
                 4);
    }
}

TEST_CASE("columns sum to 1, are symmetric and never grow outwards") {
    for (const WeightModel model : kModels) {
        for (int ksize = 1; ksize <= 64; ++ksize) {
            for (const double sigma : {1e-300, 0.01, 0.2, 0.5, 1.0, 2.0, 7.5, 100.0}) {
                const cv::Mat w = gkern::gaussianWeights(ksize, sigma, model);
                REQUIRE_EQ(w.size(), cv::Size(1, ksize));
                REQUIRE_EQ(w.type(), CV_64F);
                REQUIRE_LE(std::abs(sumOf(w)), std::numeric_limits<double>::epsilon() * std::sqrt(ksize));
                checkShape(w);
            }
        }
    }
    checkShape(gkern::gaussianWeights(9999, 1e5, WeightModel::Discrete));
    for (const double sigma : {1e3, 1e4, 1e8, 1e300}) {
        const cv::Mat w = gkern::gaussianWeights(200001, sigma);
        CHECK_LE(std::abs(sumOf(w)), std::numeric_limits<double>::epsilon() * std::sqrt(w.rows));
        checkShape(w);
    }
}

TEST_CASE("columns are the single weights up to one factor") {
    for (const WeightModel model : kModels) {
        for (const int ksize : {7, 8}) {
            const cv::Mat w = gkern::gaussianWeights(ksize, 1.3, model);
            double total = 0;
            for (int i = 0; i < ksize; ++i) total += gkern::gaussianWeight(i - (ksize - 1) / 2.0, 1.3, model);
            for (int i = 0; i < ksize; ++i) {
                const double expected = gkern::gaussianWeight(i - (ksize - 1) / 2.0, 1.3, model) / total;
                CHECK_EQ(w.at<double>(i), doctest::Approx(expected).epsilon(2e-15));
            }
        }
    }
}

TEST_CASE("a vanishing sigma is the identity, a kernel far wider than sigma holds zeros, neither holds NaN") {
    for (const WeightModel model : kModels) {
        for (const double sigma : {5e-324, 1e-310, 1e-160, 1e-3}) {
            const cv::Mat odd = gkern::gaussianWeights(5, sigma, model);
            CHECK_GE(odd.at<double>(2), 0.99999);
            CHECK_LE(odd.at<double>(2), 1);
            CHECK_LE(odd.at<double>(1), 1e-6);
            const cv::Mat even = gkern::gaussianWeights(4, sigma, model);
            CHECK_EQ(even.at<double>(1), doctest::Approx(0.5).epsilon(1e-3));
            CHECK_EQ(even.at<double>(1), even.at<double>(2));
        }
        const cv::Mat wide = gkern::gaussianWeights(1001, 1.0, model);
        CHECK_EQ(wide.at<double>(0), 0);
        CHECK(cv::checkRange(wide));
    }
}

TEST_CASE("discrete weights have variance sigma squared and compose exactly") {
    for (const double sigma : {0.4, 1.0, 3.0}) {
        const cv::Mat w = gkern::gaussianWeights(201, sigma, WeightModel::Discrete);
        double variance = 0;
        for (int i = 0; i < w.rows; ++i) variance += w.at<double>(i) * (i - 100) * (i - 100);
        CHECK_EQ(variance, doctest::Approx(sigma * sigma).epsilon(1e-13));
    }
    const cv::Mat a = gkern::gaussianWeights(101, 0.9, WeightModel::Discrete);
    const cv::Mat b = gkern::gaussianWeights(101, 1.2, WeightModel::Discrete);
    const cv::Mat c = gkern::gaussianWeights(101, 1.5, WeightModel::Discrete);
    for (int n = 0; n <= 10; ++n) {
        double convolved = 0;
        for (int m = -40; m <= 40; ++m) convolved += a.at<double>(50 + m) * b.at<double>(50 + n - m);
        CHECK_EQ(convolved, doctest::Approx(c.at<double>(50 + n)).epsilon(1e-13));
    }
}

TEST_CASE("CV_32F columns sum to exactly 1 in float arithmetic, in any order, and are symmetric") {
    for (const WeightModel model : kModels) {
        for (const int ksize : {1, 2, 3, 4, 5, 8, 21, 31, 64, 101, 255, 1001, 4094, 4095}) {
            for (const double sigma : {0.01, 0.5, 1.0, 3.7, 20.0, 500.0}) {
                const cv::Mat w = gkern::gaussianWeights(ksize, sigma, model, CV_32F);
                const cv::Mat exact = gkern::gaussianWeights(ksize, sigma, model, CV_64F);
                REQUIRE_EQ(w.type(), CV_32F);
                const auto* first = w.ptr<float>();
                REQUIRE_EQ(std::accumulate(first, first + ksize, 0.0f), 1.0f);
                REQUIRE_EQ(std::accumulate(std::make_reverse_iterator(first + ksize),
                                           std::make_reverse_iterator(first), 0.0f),
                           1.0f);
                for (int i = 0; i < ksize; ++i) {
                    REQUIRE_EQ(w.at<float>(i), w.at<float>(ksize - 1 - i));
                    const bool centre = i == ksize / 2 || i == (ksize - 1) / 2;
                    if (!centre)
                        REQUIRE_LE(std::abs(w.at<float>(i) - exact.at<double>(i)), std::ldexp(1.0, -25));
                    if (centre)
                        REQUIRE_LE(std::abs(w.at<float>(i) - exact.at<double>(i)), 1e-7 * std::sqrt(ksize));
                }
            }
        }
        const cv::Mat longer = gkern::gaussianWeights(10001, 800, model, CV_32F);
        CHECK_EQ(cv::sum(longer)[0], doctest::Approx(1).epsilon(std::ldexp(1.0, -24)));
    }
}

TEST_CASE("kernelSizeFor is the smallest odd size within the tail") {
    for (const WeightModel model : kModels) {
        for (const double sigma : {0.01, 0.3, 0.8, 1.0, 2.5, 12.0}) {
            for (const double tail : {0.5, 0.1, 1e-3, 1e-7, 1e-14, 1e-40}) {
                const int ksize = gkern::kernelSizeFor(sigma, tail, model);
                REQUIRE_EQ(ksize % 2, 1);
                const auto tailOf = [&](int size) {
                    double mass = 0, all = 0;
                    for (int n = static_cast<int>(40 * sigma) + 60; n >= 0; --n) {
                        const double both = (n > 0 ? 2 : 1) * gkern::gaussianWeight(n, sigma, model);
                        all += both;
                        if (n > size / 2) mass += both;
                    }
                    return mass / all;
                };
                CAPTURE(sigma);
                CAPTURE(tail);
                CHECK_LE(tailOf(ksize), tail * (1 + 1e-12));
                if (ksize > 1) CHECK_GT(tailOf(ksize - 2), tail * (1 - 1e-12));
            }
        }
    }
    const double edge = gkern::kernelSizeFor(1e5, 1e-16) / 2.0 / (std::sqrt(2.0) * 1e5);
    CHECK_LE(std::erfc(edge), 1e-16 * (1 + 1e-9));
    CHECK_GT(std::erfc(edge - 1e-5), 1e-16);
    CHECK_GT(gkern::kernelSizeFor(1e5, 1e-16, WeightModel::Sampled), 1600001);
}

TEST_CASE("bad arguments of the weights") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN(),
                     inf = std::numeric_limits<double>::infinity();
    const auto bogus = static_cast<WeightModel>(7);
    const int range = cv::Error::StsOutOfRange;
    support::checkBadCalls({
        {"ksize 0", [] { gkern::gaussianWeights(0, 1); }, range, "ksize is 0"},
        {"ksize < 0", [] { gkern::gaussianWeights(-3, 1); }, range, "ksize is -3"},
        {"ksize too large", [] { gkern::gaussianWeights(1 << 24, 1); }, range, "ksize is 16777216"},
        {"sigma 0", [] { gkern::gaussianWeights(3, 0); }, range, "sigma is 0"},
        {"sigma < 0", [] { gkern::gaussianWeights(3, -1); }, range, "sigma is -1"},
        {"sigma NaN", [=] { gkern::gaussianWeights(3, nan); }, range, "sigma is nan"},
        {"sigma inf", [=] { gkern::gaussianWeights(3, inf); }, range, "sigma is inf"},
        {"sigma discrete", [=] { gkern::gaussianWeights(3, 2e5, WeightModel::Discrete); }, range,
         "sigma is 200000"},
        {"model", [=] { gkern::gaussianWeights(3, 1, bogus); }, cv::Error::StsBadArg, "model is 7"},
        {"ktype", [] { gkern::gaussianWeights(3, 1, WeightModel::Integrated, CV_8U); }, cv::Error::BadDepth,
         "ktype is 0"},
        {"offset", [=] { gkern::gaussianWeight(nan, 1); }, range, "offset is nan"},
        {"offset discrete", [] { gkern::gaussianWeight(0.25, 1, WeightModel::Discrete); }, range,
         "offset is 0.25"},
        {"tail 0", [] { gkern::kernelSizeFor(1, 0); }, range, "tail is 0"},
        {"tail 1", [] { gkern::kernelSizeFor(1, 1); }, range, "tail is 1"},
        {"tail NaN", [=] { gkern::kernelSizeFor(1, nan); }, range, "tail is nan"},
        {"size beyond the limit", [] { gkern::kernelSizeFor(1e8, 1e-9); }, range, "sigma is 1e+08"},
        {"kernlen", [] { gkern::gkern(0); }, range, "kernlen is 0"},
        {"kernlen too large", [] { gkern::gkern(20000); }, range, "kernlen is 20000"},
        {"nsig", [] { gkern::gkern(5, 0); }, range, "nsig is 0"},
        {"ktype of gkern", [] { gkern::gkern(5, 1, CV_16F); }, cv::Error::BadDepth, "ktype is 7"},
        {"side", [] { gkern::gkernSampled(-1); }, range, "side is -1"},
        {"sigma of gkernSampled", [] { gkern::gkernSampled(5, -2); }, range, "sigma is -2"},
    });
}
