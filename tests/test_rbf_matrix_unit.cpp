// SPDX-License-Identifier: Apache-2.0
// The sums of the matrix unit against plain arithmetic, and matrices large enough to be made with it.
#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "rbf/matrix_unit.hpp"
#include "support/rbf_support.hpp"

using gkern::RbfAccuracy;
using gkern::detail::DigitForm;
using gkern::detail::kDigitPanel;
using rbf_data::draw;
using rbf_support::kernel;
using rbf_support::sameBits;
using rbf_support::withSigma;

namespace {

using Digits = std::vector<std::vector<int>>;  // digit i of feature k

/// Vectors of digits, the extreme ones often among them.
std::vector<Digits> drawVectors(const DigitForm& form, int count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<Digits> vectors(size_t(count),
                                Digits(size_t(form.digits), std::vector<int>(size_t(form.features))));
    for (Digits& vector : vectors)
        for (auto& digit : vector)
            for (int& d : digit) {
                d = int(random() % 256) - 128;
                if (random() % 4 == 0) d = random() % 2 == 0 ? -128 : 127;
            }
    return vectors;
}

/// Digits one after the other, 64 bytes of each vector side by side.
std::vector<int8_t> panelOfRows(const DigitForm& form, const std::vector<Digits>& vectors) {
    std::vector<int8_t> panel(form.xPanelBytes());
    for (size_t r = 0; r < vectors.size(); ++r)
        for (int i = 0; i < form.digits; ++i)
            for (int k = 0; k < form.features; ++k) {
                const size_t at = size_t(i * form.features + k);
                panel[at / 64 * 1024 + r * 64 + at % 64] = int8_t(vectors[r][size_t(i)][size_t(k)]);
            }
    return panel;
}

/// Zeros and then the last digit first, four bytes of each vector side by side.
std::vector<int8_t> panelsOfColumns(const DigitForm& form, const std::vector<Digits>& vectors) {
    const size_t panelBytes = form.yPanelBytes();
    std::vector<int8_t> panels(panelBytes * ((vectors.size() - 1) / kDigitPanel + 1));
    for (size_t c = 0; c < vectors.size(); ++c)
        for (int i = 0; i < form.digits; ++i)
            for (int k = 0; k < form.features; ++k) {
                const size_t at = size_t((form.zeros + form.digits - 1 - i) * form.features + k);
                panels[c / kDigitPanel * panelBytes + at / 4 * 64 + c % kDigitPanel * 4 + at % 4] =
                    int8_t(vectors[c][size_t(i)][size_t(k)]);
            }
    return panels;
}

int plainSum(const Digits& x, const Digits& y, int order) {
    int sum = 0;
    for (int i = 0; i < int(x.size()); ++i) {
        const int j = order - i;
        if (j < 0 || j >= int(y.size())) continue;
        for (size_t k = 0; k < x[0].size(); ++k) sum += x[size_t(i)][k] * y[size_t(j)][k];
    }
    return sum;
}

/// Every 37th row and the last one against the definition.
void checkRows(const cv::Mat& K, const cv::Mat& X, const cv::Mat& Y, double sigma, double promised) {
    for (int i = 0; i < K.rows; i = i < K.rows - 1 && i + 37 >= K.rows ? K.rows - 1 : i + 37)
        CHECK(rbf_oracle::maxError(K.row(i), X.row(i), Y, sigma) <= promised);
}

}  // namespace

TEST_CASE(
    "rbf matrix unit: sums of all orders, for every form of digits and numbers of features around the "
    "chunks") {
    if (gkern::detail::matrixUnitUse() == gkern::detail::MatrixUnitUse::Never) {
        MESSAGE("this processor has no matrix unit");
        return;
    }
    struct Form {
        int digits, zeros, orders;
    };
    const gkern::detail::MatrixUnit unit;
    for (const Form f : {Form{1, 0, 1}, Form{2, 1, 3}, Form{3, 0, 3}, Form{4, 1, 4}, Form{4, 1, 5}})
        for (const int features : {4, 8, 12, 16, 20, 32, 60, 64, 68, 128, 192, 260, 8192})
            for (const int panels : {1, 2, 3, 6, 12}) {
                if (features > 300 && panels > 1) continue;
                const DigitForm form{features, f.digits, f.zeros, f.orders};
                const auto x = drawVectors(form, kDigitPanel, unsigned(features)),
                           y = drawVectors(form, panels * kDigitPanel, unsigned(features) + 1);
                std::vector<int32_t> sums(size_t(f.orders * panels) * kDigitPanel * kDigitPanel, -1);
                unit.sumOrders(panelOfRows(form, x).data(), panelsOfColumns(form, y).data(), panels, form,
                               sums.data());
                CAPTURE(f.digits);
                CAPTURE(f.orders);
                CAPTURE(features);
                CAPTURE(panels);
                int wrong = 0;
                const int32_t* sum = sums.data();
                for (int order = 0; order < f.orders; ++order)
                    for (const Digits& row : x)
                        for (const Digits& column : y) wrong += *sum++ != plainSum(row, column, order);
                CHECK(wrong == 0);
            }
}

TEST_CASE("rbf matrix unit: from sigma for which digits are too coarse to sigma beyond all distances") {
    constexpr int d = 100;
    for (const rbf_data::DataSet& set : {rbf_data::kNormal, rbf_data::kOffset, rbf_data::kFarClusters}) {
        const cv::Mat X = draw(set, 1205, d, CV_32F, 1);
        cv::Mat Y = draw(set, 1230, d, CV_32F, 2);
        X.rowRange(100, 200).copyTo(Y.rowRange(300, 400));
        for (const double factor : {0.003, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 30.0, 1e9})
            for (const RbfAccuracy accuracy : {RbfAccuracy::Accurate, RbfAccuracy::Fast}) {
                CAPTURE(set.name);
                CAPTURE(factor);
                const double sigma = factor * set.sigma(d);
                const gkern::RbfParams params = withSigma(sigma, CV_32F, accuracy);
                const cv::Mat K = kernel(X, Y, params);
                checkRows(K, X, Y, sigma, rbf_support::promisedError(CV_32F, d, accuracy));
                CHECK(sameBits(K, kernel(Y, X, params).t()));
                CHECK(cv::countNonZero(K(cv::Rect(300, 100, 100, 100)).diag() != 1) == 0);
                CHECK(cv::countNonZero(K > 1) == 0);
            }
    }
}

TEST_CASE("rbf matrix unit: digits whose products that are left out add up") {
    constexpr int d = 100, n = 1200;
    struct Case {
        RbfAccuracy accuracy;
        double first, x, y, most, sigma;
    };
    // Digits of x − y that hurt most: −1 in the first, then 255, and −255 in the last.
    for (const Case& c :
         {Case{RbfAccuracy::Fast, 65536, 127 * 256 - 128, 65536 - 128 * 256 + 127, 8355711, 6e6},
          Case{RbfAccuracy::Accurate, 16777216, 127 * 65536 - 128, 16777216 - 128 * 65536 + 127, 2139062143,
               3e9}}) {
        // The largest coordinate makes a step 1. Neighbours add up to 0, so that the middle is there.
        cv::Mat X(n, d, CV_64F), Y(n, d, CV_64F);
        cv::RNG random(3);
        for (int k = 0; k < d; ++k) {
            const double first = random.uniform(-10, 10) * c.first;
            for (int i = 0; i < n; ++i) {
                X.at<double>(i, k) = i % 2 == 0 ? first + c.x : -(first + c.x);
                Y.at<double>(i, k) = i % 2 == 0 ? first + c.y : -(first + c.y);
            }
        }
        X.rowRange(n - 2, n).setTo(0);
        X.at<double>(n - 2, 0) = c.most;
        X.at<double>(n - 1, 0) = -c.most;
        for (double sigma = c.sigma / 64; sigma < 64 * c.sigma; sigma *= 1.4) {
            CAPTURE(sigma);
            const cv::Mat K = kernel(X, Y, withSigma(sigma, CV_32F, c.accuracy));
            checkRows(K, X, Y, sigma, rbf_support::promisedError(CV_32F, d, c.accuracy));
        }
    }
}

TEST_CASE("rbf matrix unit: exponents beyond those of floats, and more features than two orders fit") {
    // Far apart, though coarse steps are enough, as all coordinates are as large as the largest.
    cv::Mat X(1200, 100, CV_32F);
    cv::RNG random(5);
    random.fill(X, cv::RNG::UNIFORM, 0, 2);
    X.forEach<float>([](float& x, const int*) { x = x < 1 ? -1.F : 1.F; });
    const cv::Mat Y = -X;
    for (const double sigma : {0.5, 0.9, 1.2, 1.5, 2.0, 3.0, 10.0})
        for (const RbfAccuracy accuracy : {RbfAccuracy::Accurate, RbfAccuracy::Fast}) {
            CAPTURE(sigma);
            checkRows(kernel(X, Y, withSigma(sigma, CV_32F, accuracy)), X, Y, sigma,
                      rbf_support::promisedError(CV_32F, 100, accuracy));
        }
    for (const int d : {600, 2500, 8192, 8193}) {
        CAPTURE(d);
        const cv::Mat wide = draw(rbf_data::kNormal, 290, d, CV_32F, 1);
        const gkern::RbfParams params = withSigma(rbf_data::kNormal.sigma(d));
        const cv::Mat K = kernel(wide, wide, params);
        checkRows(K.colRange(0, 40), wide, wide.rowRange(0, 40), params.sigma, 1e-7);
        CHECK(cv::countNonZero(K.diag() != 1) == 0);
    }
}

TEST_CASE(
    "rbf matrix unit: X with itself is symmetric and K(X, X), in a frame as well, for any number of "
    "threads") {
    const rbf_support::ThreadsGuard guard;
    for (const int d : {80, 130})
        for (const RbfAccuracy accuracy : {RbfAccuracy::Accurate, RbfAccuracy::Fast}) {
            CAPTURE(d);
            const cv::Mat X = draw(rbf_data::kOffset, 1100, d, CV_32F, 1);
            const gkern::RbfParams params = withSigma(rbf_data::kOffset.sigma(d), CV_32F, accuracy);
            const cv::Mat K = kernel(X, X, params);
            checkRows(K, X, X, params.sigma, rbf_support::promisedError(CV_32F, d, accuracy));
            for (const int threads : {1, 2, 8}) {
                cv::setNumThreads(threads);
                cv::Mat framed(1103, 1107, CV_32F, cv::Scalar(7)), self = framed(cv::Rect(3, 1, 1100, 1100));
                gkern::rbfKernel(X, cv::noArray(), self, params);
                CHECK(sameBits(self, K));
                CHECK(sameBits(self, self.t()));
                CHECK(cv::countNonZero(self.diag() != 1) == 0);
                self.setTo(7);
                CHECK(cv::countNonZero(framed != 7) == 0);
            }
        }
}

TEST_CASE("rbf matrix unit: integers of 8 and 16 bits are exact, the extreme ones among them") {
    for (const int depth : {CV_8U, CV_8S, CV_16U, CV_16S})
        for (const int d : {48, 67}) {
            CAPTURE(depth);
            CAPTURE(d);
            const bool bytes = depth <= CV_8S, isSigned = depth == CV_8S || depth == CV_16S;
            const double range = bytes ? 256 : 65536, least = isSigned ? -range / 2 : 0;
            cv::Mat X(500, d, depth), Y(510, d, depth);
            cv::RNG random(7);
            random.fill(X, cv::RNG::UNIFORM, least, least + range);
            random.fill(Y, cv::RNG::UNIFORM, least, least + range);
            X.row(0).setTo(least);
            X.row(1).setTo(least + range - 1);
            X.rowRange(0, 2).copyTo(Y.rowRange(0, 2));
            for (const int ktype : {CV_32F, CV_64F})
                for (const double sigma : {range * std::sqrt(d) / 4, range * 1e3, 3.0}) {
                    CAPTURE(ktype);
                    CAPTURE(sigma);
                    const cv::Mat K = kernel(X, Y, withSigma(sigma, ktype));
                    checkRows(K, X, Y, sigma, rbf_oracle::promisedError(ktype, d) / 3);
                    CHECK(sameBits(K.rowRange(3, 21), kernel(X.rowRange(3, 21), Y, withSigma(sigma, ktype))));
                }
        }
}
