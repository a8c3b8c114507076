// SPDX-License-Identifier: Apache-2.0
// gkern/rbf.hpp: memory, symmetry, threads, non-finite values, containers.
#include "gkern/rbf.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "support/rbf_support.hpp"

using rbf_data::draw;
using rbf_data::kBytes;
using rbf_data::kNormal;
using namespace rbf_support;

namespace {

cv::Mat kernel(cv::InputArray X, cv::InputArray Y, double sigma, int ktype = -1) {
    return rbf_support::kernel(X, Y, withSigma(sigma, ktype));
}

const double kInf = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("rbf: known values, with 2 sigma² in the denominator") {
    const cv::Mat_<double> X = (cv::Mat_<double>(1, 2) << 1, 1);
    const cv::Mat_<double> Y = (cv::Mat_<double>(3, 2) << 1, 1, 1, 3, 4, 5);
    const cv::Mat K = kernel(X, Y, 2);
    CHECK(K.size() == cv::Size(3, 1));
    CHECK(K.at<double>(0, 0) == 1);
    CHECK(K.at<double>(0, 1) == doctest::Approx(0.60653065971263342));   // exp(−4/8)
    CHECK(K.at<double>(0, 2) == doctest::Approx(0.043936933623407420));  // exp(−25/8)
}

TEST_CASE("rbf: type of K") {
    for (const int depth : {CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_16F, CV_32F, CV_64F}) {
        const cv::Mat X = draw(kBytes, 5, 2, depth, 1);
        CHECK(kernel(X, X, 9).type() == (depth == CV_64F ? CV_64F : CV_32F));
        CHECK(kernel(X, X, 9, CV_32F).type() == CV_32F);
        CHECK(kernel(X, X, 9, CV_64F).type() == CV_64F);
    }
}

TEST_CASE("rbf: every depth gives what its values in float64 give, through ROIs and strides as well") {
    for (const int depth : {CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_16F, CV_32F, CV_64F}) {
        CAPTURE(depth);
        const cv::Mat parent = draw(kBytes, 90, 17, depth, 3);
        const cv::Mat X = parent(cv::Rect(3, 5, 11, 33)), Y = parent(cv::Rect(5, 41, 11, 47));
        cv::Mat X64, Y64;
        X.convertTo(X64, CV_64F);
        Y.convertTo(Y64, CV_64F);
        for (const int ktype : {CV_32F, CV_64F}) {
            const cv::Mat expected = kernel(X64, Y64, 150, ktype);
            CHECK(sameBits(kernel(X, Y, 150, ktype), expected));
            CHECK(sameBits(kernel(X.clone(), Y.clone(), 150, ktype), expected));
            cv::Mat framed(60, 60, ktype, cv::Scalar(7)), K = framed(cv::Rect(9, 4, 47, 33));
            gkern::rbfKernel(X, Y, K, withSigma(150, ktype));
            CHECK(sameBits(framed(cv::Rect(9, 4, 47, 33)), expected));
            K.setTo(7);
            CHECK(cv::countNonZero(framed != 7) == 0);
        }
    }
}

TEST_CASE("rbf: a K of the right size and type is not reallocated, another one is") {
    const cv::Mat X = draw(kNormal, 30, 4, CV_32F, 1), Y = draw(kNormal, 20, 4, CV_32F, 2);
    cv::Mat K(30, 20, CV_32F);
    const cv::Mat held = K;  // a new allocation cannot get the old address
    gkern::rbfKernel(X, Y, K, 1.0);
    CHECK(K.data == held.data);
    cv::Mat other(3, 3, CV_8UC3);
    gkern::rbfKernel(X, Y, other, 1.0);
    CHECK(sameBits(other, K));
}

TEST_CASE("rbf: K may be X, be Y, or overlap them") {
    for (const int depth : {CV_32F, CV_64F}) {
        CAPTURE(depth);
        const int n = 70;
        const cv::Mat X = draw(kNormal, n, n, depth, 1), Y = draw(kNormal, n, n, depth, 2);
        const cv::Mat expected = kernel(X, Y, 8), expectedSelf = kernel(X, cv::noArray(), 8);
        cv::Mat inX = X.clone(), inY = Y.clone(), inSelf = X.clone();
        gkern::rbfKernel(inX, Y, inX, 8.0);
        gkern::rbfKernel(X, inY, inY, 8.0);
        gkern::rbfKernel(inSelf, cv::noArray(), inSelf, 8.0);
        CHECK(sameBits(inX, expected));
        CHECK(sameBits(inY, expected));
        CHECK(sameBits(inSelf, expectedSelf));

        cv::Mat shared(n + 9, n + 5, depth);
        X.copyTo(shared(cv::Rect(0, 0, n, n)));
        cv::Mat K = shared(cv::Rect(5, 9, n, n));
        gkern::rbfKernel(shared(cv::Rect(0, 0, n, n)), Y, K, 8.0);
        CHECK(sameBits(K, expected));
    }
    // The same Mat with a type that has to change.
    cv::Mat bytes = draw(kBytes, 12, 12, CV_8U, 1);
    const cv::Mat expected = kernel(bytes, cv::noArray(), 100);
    gkern::rbfKernel(bytes, cv::noArray(), bytes, 100.0);
    CHECK(sameBits(bytes, expected));
}

TEST_CASE("rbf: X with itself is bitwise symmetric with diagonal 1 and equals K(X, X)") {
    for (const int ktype : {CV_32F, CV_64F})
        for (const int n : {1, 2, 3, 4, 5, 7, 8, 9, 31, 63, 64, 65, 127, 128, 129, 193, 321}) {
            CAPTURE(n);
            const cv::Mat X = draw(rbf_data::kOffset, n, 5, CV_32F, 1);
            const cv::Mat K = kernel(X, cv::noArray(), 3, ktype);
            CHECK(sameBits(K, K.t()));
            CHECK(cv::countNonZero(K.diag() != 1) == 0);
            CHECK(sameBits(K, kernel(X, X, 3, ktype)));
        }
}

TEST_CASE("rbf: properties of random kernels") {
    CHECK(rc::check("within [0, 1], transposes bit for bit, row subsets and shifts by integers agree", [] {
        const int n = *rc::gen::inRange(1, 90), m = *rc::gen::inRange(1, 90), d = *rc::gen::inRange(1, 40);
        const int depth = *rc::gen::element(CV_8U, CV_16S, CV_32F, CV_64F),
                  ktype = *rc::gen::element(CV_32F, CV_64F);
        const double sigma = *rc::gen::inRange(1, 400);
        const cv::Mat X = draw(kBytes, n, d, depth, uint64_t(*rc::gen::inRange(1, 100)));
        const cv::Mat Y = draw(kBytes, m, d, depth, uint64_t(*rc::gen::inRange(1, 100)));
        const cv::Mat K = kernel(X, Y, sigma, ktype);
        double least, most;
        cv::minMaxLoc(K, &least, &most);
        RC_ASSERT(least >= 0);
        RC_ASSERT(most <= 1);
        RC_ASSERT(sameBits(K.t(), kernel(Y, X, sigma, ktype)));
        const int first = *rc::gen::inRange(0, n), last = *rc::gen::inRange(first + 1, n + 1);
        // With more features the middle of the data has a part in the last digits, except in exact
        // sums.
        const auto same = [&](const cv::Mat& a, const cv::Mat& b, bool exactSums) {
            if (d <= 16 || exactSums) return sameBits(a, b);
            return cv::norm(a, b, cv::NORM_INF) <= 2 * rbf_oracle::promisedError(ktype, d);
        };
        RC_ASSERT(
            same(K.rowRange(first, last), kernel(X.rowRange(first, last), Y, sigma, ktype), depth <= CV_16S));
        cv::Mat shiftedX, shiftedY, wholeX, wholeY;
        X.convertTo(wholeX, CV_32S);
        Y.convertTo(wholeY, CV_32S);
        wholeX.convertTo(shiftedX, CV_32S, 1, 100000);
        wholeY.convertTo(shiftedY, CV_32S, 1, 100000);
        RC_ASSERT(
            same(kernel(wholeX, wholeY, sigma, ktype), kernel(shiftedX, shiftedY, sigma, ktype), false));
    }));
}

TEST_CASE("rbf: the smallest eigenvalue is at least -n epsilon") {
    const cv::Mat X =
        draw(kNormal, 60, 2, CV_64F, 1);  // far more vectors than such a smooth kernel can tell apart
    for (const int ktype : {CV_32F, CV_64F}) {
        cv::Mat K, eigenvalues;
        kernel(X, cv::noArray(), 5, ktype).convertTo(K, CV_64F);
        cv::eigen(K, eigenvalues);
        CHECK(eigenvalues.at<double>(59) >= -60 * rbf_oracle::promisedError(ktype, 2));
    }
}

TEST_CASE("rbf: one thread and several give the same bits") {
    const int before = cv::getNumThreads();
    const cv::Mat X = draw(kNormal, 300, 7, CV_32F, 1), Y = draw(kNormal, 211, 7, CV_32F, 2);
    cv::setNumThreads(1);
    const cv::Mat cross = kernel(X, Y, 2), self = kernel(X, cv::noArray(), 2);
    for (const int threads : {2, 3, 8}) {
        cv::setNumThreads(threads);
        CHECK(sameBits(kernel(X, Y, 2), cross));
        CHECK(sameBits(kernel(X, cv::noArray(), 2), self));
    }
    cv::setNumThreads(before);
}

TEST_CASE("rbf: NaN fills its row and column") {
    for (const int depth : {CV_16F, CV_32F, CV_64F}) {
        cv::Mat values = draw(kNormal, 70, 3, CV_32F, 1), X;
        values.at<float>(66, 1) = float(kNan);
        values.convertTo(X, depth);
        gkern::RbfParams scales;
        scales.lengthScales = {1, 2, 1e-3};
        cv::Mat scaled;
        gkern::rbfKernel(X, cv::noArray(), scaled, scales);
        for (const cv::Mat& K : {kernel(X, cv::noArray(), 1), kernel(X, X, 1), kernel(X, X, 1e-200), scaled})
            for (int i = 0; i < 70; ++i)
                for (int j = 0; j < 70; ++j) REQUIRE(std::isnan(at(K, i, j)) == (i == 66 || j == 66));
    }
}

TEST_CASE("rbf: infinity gives 0, against the same infinity NaN") {
    const cv::Mat_<double> X = (cv::Mat_<double>(5, 2) << 1, 2, kInf, 2, -kInf, 2, 1, kInf, kInf, kNan);
    const bool nan[5][5] = {{false, false, false, false, true},
                            {false, true, false, false, true},
                            {false, false, true, false, true},
                            {false, false, false, true, true},
                            {true, true, true, true, true}};
    for (const double sigma : {1e-300, 1.0, 1e300})
        for (const int ktype : {CV_32F, CV_64F}) {
            const cv::Mat K = kernel(X, cv::noArray(), sigma, ktype);
            CHECK(sameBits(K, kernel(X, X, sigma, ktype)));
            for (int i = 0; i < 5; ++i)
                for (int j = 0; j < 5; ++j) {
                    CAPTURE(i);
                    CAPTURE(j);
                    CHECK(std::isnan(at(K, i, j)) == nan[i][j]);
                    if (!nan[i][j])
                        CHECK((ktype == CV_32F ? double(K.at<float>(i, j)) : K.at<double>(i, j)) ==
                              (i == j ? 1 : 0));
                }
        }
}

TEST_CASE("rbf: UMat, Matx, vectors and expressions") {
    const cv::Mat X = draw(kNormal, 9, 9, CV_32F, 1), Y = draw(kNormal, 9, 9, CV_32F, 2);
    const cv::Mat expected = kernel(X, Y, 3);

    cv::UMat uX, uY, uK;
    X.copyTo(uX);
    Y.copyTo(uY);
    gkern::rbfKernel(uX, uY, uK, 3.0);
    CHECK(sameBits(uK.getMat(cv::ACCESS_READ), expected));
    gkern::rbfKernel(uX, uY, uX, 3.0);
    CHECK(sameBits(uX.getMat(cv::ACCESS_READ), expected));

    CHECK(sameBits(kernel(X + 0, Y * 1, 3), expected));
    const cv::Matx<float, 9, 9> mX = X, mY = Y;
    cv::Matx<float, 9, 9> mK;
    gkern::rbfKernel(mX, mY, mK, 3.0);
    CHECK(sameBits(cv::Mat(mK), expected));

    const std::vector<float> row(9, 0.5F);  // one feature vector
    std::vector<float> k;
    gkern::rbfKernel(cv::Mat(row).t(), Y, k, 3.0);
    CHECK(k.size() == 9);
    const cv::Mat oneRow = kernel(cv::Mat(1, 9, CV_32F, cv::Scalar(0.5)), Y, 3);
    CHECK(sameBits(cv::Mat(k).t(), oneRow));
    std::vector<float> column;  // which OpenCV shows as a row again
    gkern::rbfKernel(Y, cv::Mat(row).t(), column, 3.0);
    CHECK(column == k);
}
