// SPDX-License-Identifier: Apache-2.0
// Pictures of more than 2^31 bytes: offsets that do not fit an int.
#include <doctest/doctest.h>

#include "gkern/blur.hpp"
#include "gkern/compare.hpp"
#include "gkern/rbf.hpp"

namespace {

/// Blurs the last rows and columns alone, out of a copy, and compares with the same part of the whole blur.
void checkFarCorner(cv::Size size, int type, gkern::Engine engine) {
    cv::Mat src(size, type, cv::Scalar::all(0));
    const int channels = src.channels();
    const cv::Rect corner(size.width - 100, size.height - 100, 100, 100),
        reach(corner.x - 50, corner.y - 50, 150, 150);
    cv::randu(src(reach), cv::Scalar::all(0), cv::Scalar::all(200));
    cv::Mat whole, part;
    gkern::BlurParams params;
    params.sigmaX = 2;
    params.engine = engine;
    const gkern::GaussianFilter filter(params);
    filter.apply(src, whole);
    filter.apply(src(reach).clone(), part);
    CHECK_EQ(cv::norm(whole(corner).clone().reshape(1), part(corner - reach.tl()).clone().reshape(1),
                      cv::NORM_INF),
             0);
    CHECK_GT(cv::norm(whole(corner).clone().reshape(1), cv::NORM_INF), 0);
    CHECK_EQ(whole.at<uchar>(size.height / 2, size.width / 2 * channels), 0);
}

}  // namespace

TEST_CASE("pictures over 2^31 bytes are blurred to the last corner") {
    for (const gkern::Engine engine : {gkern::Engine::Direct, gkern::Engine::SepFilter2D}) {
        checkFarCorner({50000, 44000}, CV_8UC1, engine);
        checkFarCorner({2000, 360000}, CV_8UC3, engine);
    }
}

TEST_CASE("kernel matrices and comparisons over 2^31 bytes") {
    cv::Mat x(24000, 2, CV_32F), k, again;
    cv::randu(x, -1, 1);
    gkern::rbfKernel(x, cv::noArray(), k, 0.5);
    REQUIRE_GT(k.total() * k.elemSize(), size_t{1} << 31);
    gkern::rbfKernel(x.rowRange(23900, 24000).clone(), x.rowRange(23000, 24000).clone(), again, 0.5);
    CHECK_EQ(cv::norm(k(cv::Rect(23000, 23900, 1000, 100)), again, cv::NORM_INF), 0);
    CHECK_EQ(gkern::difference(k, k).maxAbs, 0);
}
