// SPDX-License-Identifier: Apache-2.0
// gkern/rbf.hpp: what bad arguments raise.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "gkern/rbf.hpp"

namespace {

using cv::Error::Code;

struct BadCall {
    std::string what;      ///< the argument that the message must name
    std::string contains;  ///< its value, as the message must show it
    int code;
    std::function<void(cv::OutputArray)> call;
};

gkern::RbfParams params(double sigma, double gamma, std::vector<double> lengthScales, int ktype = -1) {
    gkern::RbfParams p;
    p.sigma = sigma;
    p.gamma = gamma;
    p.lengthScales = std::move(lengthScales);
    p.ktype = ktype;
    return p;
}

std::vector<BadCall> badCalls() {
    const double nan = std::numeric_limits<double>::quiet_NaN(),
                 inf = std::numeric_limits<double>::infinity();
    const cv::Mat X(4, 3, CV_32F, cv::Scalar(1)), Y(2, 3, CV_32F, cv::Scalar(2));
    const auto withX = [=](const cv::Mat& x) {
        return [=](cv::OutputArray K) { gkern::rbfKernel(x, Y, K, 1.0); };
    };
    const auto withY = [=](const cv::Mat& y) {
        return [=](cv::OutputArray K) { gkern::rbfKernel(X, y, K, 1.0); };
    };
    const auto withSigma = [=](double sigma) {
        return [=](cv::OutputArray K) { gkern::rbfKernel(X, Y, K, sigma); };
    };
    const auto with = [=](const gkern::RbfParams& p) {
        return [=](cv::OutputArray K) { gkern::rbfKernel(X, Y, K, p); };
    };
    const int cube[] = {2, 3, 4};
    return {
        {"X", "empty", Code::StsBadSize, withX(cv::Mat())},
        {"X", "empty (0 x 3)", Code::StsBadSize, withX(cv::Mat(0, 3, CV_32F))},
        {"X", "empty (4 x 0)", Code::StsBadSize, withX(cv::Mat(4, 0, CV_32F))},
        {"X", "empty", Code::StsBadSize,
         [=](cv::OutputArray K) { gkern::rbfKernel(cv::noArray(), Y, K, 1.0); }},
        {"X", "3 dimensions", Code::StsBadSize, withX(cv::Mat(3, cube, CV_32F, cv::Scalar(0)))},
        {"X", "3 channels", Code::BadNumChannels, withX(cv::Mat(4, 3, CV_32FC3, cv::Scalar(0)))},
        {"X", "list", Code::StsBadArg,
         [=](cv::OutputArray K) {
             gkern::rbfKernel(std::vector<cv::Mat>{X, X}, Y, K, 1.0);
         }},
        {"X", "list", Code::StsBadArg,
         [=](cv::OutputArray K) {
             gkern::rbfKernel(std::array<cv::Mat, 2>{X, X}, Y, K, 1.0);
         }},
        {"X", "list", Code::StsBadArg,
         [=](cv::OutputArray K) {
             gkern::rbfKernel(std::vector<std::vector<float>>{{1, 2, 3}, {4, 5, 6}}, Y, K, 1.0);
         }},
        {"Y", "empty", Code::StsBadSize, withY(cv::Mat())},
        {"Y", "empty (2 x 0)", Code::StsBadSize, withY(cv::Mat(2, 0, CV_32F))},
        {"Y", "3 dimensions", Code::StsBadSize, withY(cv::Mat(3, cube, CV_32F, cv::Scalar(0)))},
        {"Y", "2 channels", Code::BadNumChannels, withY(cv::Mat(2, 3, CV_32FC2, cv::Scalar(0)))},
        {"Y", "5 columns", Code::StsUnmatchedSizes, withY(cv::Mat(2, 5, CV_32F, cv::Scalar(0)))},
        {"Y", "CV_64F", Code::StsUnmatchedFormats, withY(cv::Mat(2, 3, CV_64F, cv::Scalar(0)))},
        {"Y", "list", Code::StsBadArg,
         [=](cv::OutputArray K) {
             gkern::rbfKernel(X, std::vector<cv::Mat>{Y, Y}, K, 1.0);
         }},
        {"sigma", "0", Code::StsOutOfRange, withSigma(0)},
        {"sigma", "-2.5", Code::StsOutOfRange, withSigma(-2.5)},
        {"sigma", "nan", Code::StsOutOfRange, withSigma(nan)},
        {"sigma", "inf", Code::StsOutOfRange, withSigma(inf)},
        {"sigma", "-3", Code::StsOutOfRange, with(params(-3, 0, {}))},
        {"sigma", "nan", Code::StsOutOfRange, with(params(nan, 0, {}))},
        {"gamma", "-1", Code::StsOutOfRange, with(params(0, -1, {}))},
        {"gamma", "nan", Code::StsOutOfRange, with(params(0, nan, {}))},
        {"gamma", "inf", Code::StsOutOfRange, with(params(0, inf, {}))},
        {"lengthScales", "2 entries", Code::StsUnmatchedSizes, with(params(0, 0, {1, 1}))},
        {"lengthScales", "4 entries", Code::StsUnmatchedSizes, with(params(0, 0, {1, 1, 1, 1}))},
        {"lengthScales[1]", "0", Code::StsOutOfRange, with(params(0, 0, {1, 0, 1}))},
        {"lengthScales[2]", "-4", Code::StsOutOfRange, with(params(0, 0, {1, 1, -4}))},
        {"lengthScales[0]", "nan", Code::StsOutOfRange, with(params(0, 0, {nan, 1, 1}))},
        {"lengthScales[0]", "inf", Code::StsOutOfRange, with(params(0, 0, {inf, 1, 1}))},
        {"sigma", "lengthScales has 0 entries", Code::StsBadArg, with(params(0, 0, {}))},
        {"gamma", "sigma is 1, gamma is 0.5", Code::StsBadArg, with(params(1, 0.5, {}))},
        {"lengthScales", "sigma is 1", Code::StsBadArg, with(params(1, 0, {1, 1, 1}))},
        {"lengthScales", "gamma is 2", Code::StsBadArg, with(params(0, 2, {1, 1, 1}))},
        {"lengthScales", "3 entries", Code::StsBadArg, with(params(1, 0.5, {1, 1, 1}))},
        {"ktype", "0", Code::BadDepth, with(params(1, 0, {}, CV_8U))},
        {"ktype", "7", Code::BadDepth, with(params(1, 0, {}, CV_16F))},
        {"ktype", "-2", Code::BadDepth, with(params(1, 0, {}, -2))},
        {"ktype", "13", Code::BadDepth, with(params(1, 0, {}, CV_32FC2))},
    };
}

template <typename Call>
cv::Exception thrownBy(const Call& call) {
    try {
        call();
    } catch (const cv::Exception& e) {
        return e;
    }
    return {};
}

}  // namespace

TEST_CASE("rbf errors: code, message and untouched K for every bad call") {
    const auto silent = [](int, const char*, const char*, const char*, int, void*) { return 0; };
    cv::redirectError(silent);
    for (const BadCall& bad : badCalls()) {
        CAPTURE(bad.what);
        CAPTURE(bad.contains);
        // 4×2 CV_32F is what a good call writes in place; the other would be reallocated.
        for (cv::Mat K : {cv::Mat(4, 2, CV_32F, cv::Scalar(7)), cv::Mat(2, 2, CV_8U, cv::Scalar(7))}) {
            const cv::Mat before = K.clone();
            const uchar* const data = K.data;
            const cv::Exception e = thrownBy([&] { bad.call(K); });
            CAPTURE(e.err);
            CHECK(e.code == bad.code);
            CHECK(e.err.find(bad.what) != std::string::npos);
            CHECK(e.err.find(bad.contains) != std::string::npos);
            CHECK(e.err.find("; ") != std::string::npos);  // value; what is allowed
            CHECK(K.data == data);
            CHECK(K.type() == before.type());
            CHECK(cv::norm(K, before, cv::NORM_INF) == 0);
        }
    }
    cv::redirectError(nullptr);
}

TEST_CASE("rbf errors: destinations that cannot hold the result") {
    const auto silent = [](int, const char*, const char*, const char*, int, void*) { return 0; };
    cv::redirectError(silent);
    const cv::Mat X(4, 3, CV_32F, cv::Scalar(1));
    cv::Mat_<double> wrongType(4, 4, 7.0);
    cv::Matx<float, 3, 3> wrongSize = cv::Matx<float, 3, 3>::all(7);
    std::vector<cv::Mat> list(2);
    std::vector<float> flat(5, 7.0F);
    std::vector<std::vector<float>> nested(1, flat);
    const cv::Exception type = thrownBy([&] { gkern::rbfKernel(X, cv::noArray(), wrongType, 1.0); });
    const cv::Exception size = thrownBy([&] { gkern::rbfKernel(X, cv::noArray(), wrongSize, 1.0); });
    const cv::Exception listed = thrownBy([&] { gkern::rbfKernel(X, cv::noArray(), list, 1.0); });
    const cv::Exception vector = thrownBy([&] { gkern::rbfKernel(X, cv::noArray(), flat, 1.0); });
    const cv::Exception vectors = thrownBy([&] { gkern::rbfKernel(X, cv::noArray(), nested, 1.0); });
    const cv::Exception none = thrownBy([&] { gkern::rbfKernel(X, cv::noArray(), cv::noArray(), 1.0); });
    cv::redirectError(nullptr);
    CHECK(type.code == Code::StsUnmatchedFormats);
    CHECK(size.code == Code::StsUnmatchedSizes);
    CHECK(listed.code == Code::StsBadArg);
    CHECK(none.code == Code::StsBadArg);
    CHECK(vector.code == Code::StsUnmatchedSizes);
    CHECK(vectors.code == Code::StsBadArg);
    for (const cv::Exception& e : {type, size, listed, none, vector, vectors}) {
        CHECK(e.err.rfind("K ", 0) == 0);
        CHECK(e.err.find(" allowed") != std::string::npos);
    }
    CHECK(size.err.find("3 x 3; 4 x 4 is allowed") != std::string::npos);
    CHECK(flat == std::vector<float>(5, 7.0F));
    CHECK(nested == std::vector<std::vector<float>>(1, flat));
    CHECK(cv::countNonZero(wrongType != 7) == 0);
    CHECK(wrongSize == cv::Matx<float, 3, 3>::all(7));
}
