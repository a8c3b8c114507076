// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>

#include "gkern/blur.hpp"
#include "support/errors.hpp"

using gkern::BlurParams;

namespace {

/// A call with one parameter changed in a good set.
template <class Change>
std::function<void()> with(Change change) {
    return [change] {
        BlurParams params;
        params.sigmaX = 1;
        change(params);
        cv::Mat src(5, 5, CV_8U, cv::Scalar(3)), dst;
        gkern::GaussianFilter(params).apply(src, dst);
    };
}

}  // namespace

TEST_CASE("bad arguments of the blur") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN(),
                     inf = std::numeric_limits<double>::infinity();
    const int range = cv::Error::StsOutOfRange, bad = cv::Error::StsBadArg;
    support::checkBadCalls({
        {"sigmaX < 0", with([](BlurParams& p) { p.sigmaX = -1; }), range, "sigmaX is -1"},
        {"sigmaX NaN", with([=](BlurParams& p) { p.sigmaX = nan; }), range, "sigmaX is nan"},
        {"sigmaX inf", with([=](BlurParams& p) { p.sigmaX = inf; }), range, "sigmaX is inf"},
        {"sigmaY < 0", with([](BlurParams& p) { p.sigmaY = -0.5; }), range, "sigmaY is -0.5"},
        {"sigmaY NaN", with([=](BlurParams& p) { p.sigmaY = nan; }), range, "sigmaY is nan"},
        {"sigmaY inf", with([=](BlurParams& p) { p.sigmaY = -inf; }), range, "sigmaY is -inf"},
        {"both sigmas and sizes 0", with([](BlurParams& p) { p.sigmaX = 0; }), range,
         "sigmaX is 0 and ksize is 0"},
        {"sigmaX and width 0", with([](BlurParams& p) { p.sigmaX = 0, p.sigmaY = 1; }), range, "sigmaX is 0"},
        {"sigmaY and height 0", with([](BlurParams& p) {
             p.sigmaX = 0, p.ksize = {3, 0};
         }),
         range, "sigmaY is 0"},
        {"width < 0", with([](BlurParams& p) {
             p.ksize = {-3, 3};
         }),
         range, "ksize.width is -3"},
        {"height < 0", with([](BlurParams& p) {
             p.ksize = {3, -1};
         }),
         range, "ksize.height is -1"},
        {"width too large", with([](BlurParams& p) {
             p.ksize = {1 << 24, 3};
         }),
         range, "ksize.width is 16777216"},
        {"height too large", with([](BlurParams& p) {
             p.ksize = {3, INT_MAX};
         }),
         range, "ksize.height is 2147483647"},
        {"sigma beyond any size", with([](BlurParams& p) { p.sigmaX = 1e9; }), range, "sigma is 1e+09"},
        {"border", with([](BlurParams& p) { p.borderType = 7; }), bad, "borderType is 7"},
        {"border < 0", with([](BlurParams& p) { p.borderType = -1; }), bad, "borderType is -1"},
        {"transparent", with([](BlurParams& p) { p.borderType = cv::BORDER_TRANSPARENT; }), bad,
         "borderType is 5"},
        {"border value", with([=](BlurParams& p) { p.borderValue[2] = nan; }), range,
         "borderValue[2] is nan"},
        {"weights", with([](BlurParams& p) { p.weights = static_cast<gkern::WeightModel>(3); }), bad,
         "weights is 3"},
        {"engine", with([](BlurParams& p) { p.engine = static_cast<gkern::Engine>(-1); }), bad,
         "engine is -1"},
        {"tolerance", with([](BlurParams& p) { p.tolerance = -1; }), range, "tolerance is -1"},
        {"tolerance", with([](BlurParams& p) { p.tolerance = 0.5; }), range, "tolerance is 0.5"},
        {"tolerance NaN", with([=](BlurParams& p) { p.tolerance = nan; }), range, "tolerance is nan"},
        {"discrete sigma", with([](BlurParams& p) {
             p.sigmaX = 2e5, p.weights = gkern::WeightModel::Discrete, p.ksize = {3, 3};
         }),
         range, "sigma is 200000"},
        {"depth of weightsX",
         [] {
             gkern::GaussianFilter({{3, 3}, 1}).weightsX(9);
         },
         cv::Error::BadDepth, "depth is 9"},
        {"depth of errorBound",
         [] {
             gkern::GaussianFilter({{3, 3}, 1}).errorBound(-1);
         },
         cv::Error::BadDepth, "depth is -1"},
    });
}

TEST_CASE("bad pictures, and a dst that stays as it was") {
    const cv::Mat keep(4, 3, CV_16S, cv::Scalar(77));
    cv::Mat dst = keep.clone();
    const uchar* data = dst.data;
    const int sizes[] = {4, 4, 4};
    const cv::Mat cube(3, sizes, CV_8U, cv::Scalar(1)),
        manyChannels = cv::Mat(4, 4 * 5, CV_8U, cv::Scalar(1)).reshape(5);
    BlurParams unequal;
    unequal.sigmaX = 1;
    unequal.borderType = cv::BORDER_CONSTANT;
    unequal.borderValue = cv::Scalar(1, 2, 3, 4);
    const cv::Mat good(4, 4, CV_8U, cv::Scalar(1));
    support::checkBadCalls({
        {"empty", [&] { gkern::gaussianBlur(cv::Mat(), dst, {}, 1); }, cv::Error::StsBadSize, "src is empty"},
        {"no array", [&] { gkern::gaussianBlur(cv::noArray(), dst, {}, 1); }, cv::Error::StsBadSize,
         "src is empty"},
        {"empty UMat", [&] { gkern::gaussianBlur(cv::UMat(), dst, {}, 1); }, cv::Error::StsBadSize,
         "src is empty"},
        {"three dimensions", [&] { gkern::gaussianBlur(cube, dst, {}, 1); }, cv::Error::StsBadArg,
         "src has 3 dimensions"},
        {"border value", [&] { gkern::GaussianFilter(unequal).apply(manyChannels, dst); },
         cv::Error::BadNumChannels, "src has 5 channels"},
        {"sigma", [&] { gkern::gaussianBlur(good, dst, {}, -1); }, cv::Error::StsOutOfRange, "sigmaX is -1"},
        {"sigma and ksize", [&] { gkern::gaussianBlur(good, dst, {}, 0); }, cv::Error::StsOutOfRange,
         "sigmaX is 0"},
        {"border",
         [&] {
             gkern::gaussianBlur(good, dst, {3, 3}, 1, 1, 99);
         },
         cv::Error::StsBadArg, "borderType is 99"},
        {"sigma too large", [&] { gkern::gaussianBlur(good, dst, {}, 1e20); }, cv::Error::StsOutOfRange,
         "sigma is 1e+20"},
    });
    CHECK_EQ(dst.data, data);
    CHECK_EQ(cv::norm(dst, keep, cv::NORM_INF), 0);
}
