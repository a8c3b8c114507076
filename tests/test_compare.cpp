// SPDX-License-Identifier: Apache-2.0
// gkern/compare.hpp: the figures of a difference.
#include "gkern/compare.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/compare_pictures.hpp"

using namespace compare_pictures;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Oracle {
    long double maxAbs = 0, sum = 0, squares = 0;
    int identical = 0, x = 0, y = 0, channel = 0;
};

Oracle measure(const cv::Mat& a, const cv::Mat& b) {
    Oracle o;
    for (int y = 0; y < a.rows; ++y)
        for (int x = 0; x < a.cols; ++x) {
            bool equal = true;
            for (int c = 0; c < a.channels(); ++c) {
                const long double d =
                    std::fabs(static_cast<long double>(valueAt(a, y, x, c)) - valueAt(b, y, x, c));
                o.sum += d;
                o.squares += d * d;
                if (d != 0) equal = false;
                if (d > o.maxAbs) {
                    o.maxAbs = d;
                    o.x = x;
                    o.y = y;
                    o.channel = c;
                }
            }
            o.identical += equal;
        }
    return o;
}

void checkAgainstOracle(const cv::Mat& a, const cv::Mat& b) {
    const gkern::Difference got = gkern::difference(a, b);
    const Oracle want = measure(a, b);
    const long double n = static_cast<long double>(a.total()) * a.channels();
    const long double rms = std::sqrt(want.squares / n);
    CHECK(got.maxAbs == doctest::Approx(static_cast<double>(want.maxAbs)).epsilon(1e-15));
    CHECK(got.meanAbs == doctest::Approx(static_cast<double>(want.sum / n)).epsilon(1e-13));
    CHECK(got.rms == doctest::Approx(static_cast<double>(rms)).epsilon(1e-13));
    if (rms > 0)
        CHECK(got.psnr ==
              doctest::Approx(static_cast<double>(20 * std::log10(peakOf(a.depth()) / rms))).epsilon(1e-12));
    else
        CHECK(got.psnr == kInf);
    CHECK(got.identical == static_cast<double>(want.identical) / static_cast<double>(a.total()));
    CHECK(got.worst == cv::Point(want.x, want.y));
    CHECK(got.worstChannel == want.channel);
}

bool same(const gkern::Difference& p, const gkern::Difference& q) {
    return p.maxAbs == q.maxAbs && p.meanAbs == q.meanAbs && p.rms == q.rms && p.psnr == q.psnr &&
           p.identical == q.identical && p.worst == q.worst && p.worstChannel == q.worstChannel;
}

TEST_CASE("figures of every depth, channel count and size agree with plain loops") {
    for (const int depth : kDepths)
        for (const int channels : {1, 2, 3, 4, 7})
            for (const cv::Size size :
                 {cv::Size(1, 1), cv::Size(1, 300), cv::Size(2500, 1), cv::Size(37, 29)}) {
                CAPTURE(cv::typeToString(CV_MAKETYPE(depth, channels)));
                CAPTURE(size);
                const auto [a, b] = similarPair(size, CV_MAKETYPE(depth, channels), 7);
                checkAgainstOracle(a, b);
            }
}

TEST_CASE("a picture with the most channels that cv::Mat takes") {
    const auto [a, b] = similarPair({3, 2}, CV_MAKETYPE(CV_16U, CV_CN_MAX), 3);
    checkAgainstOracle(a, b);
}

TEST_CASE("regions of interest and UMat give the figures of their own pixels") {
    const auto [a, b] = similarPair({64, 48}, CV_16UC3, 11);
    const cv::Rect roi(5, 7, 41, 30);
    checkAgainstOracle(a(roi), b(roi));
    CHECK(same(gkern::difference(a(roi), b(roi)), gkern::difference(a(roi).clone(), b(roi).clone())));
    CHECK(same(gkern::difference(a.getUMat(cv::ACCESS_READ), b.getUMat(cv::ACCESS_READ)),
               gkern::difference(a, b)));
    CHECK(same(gkern::difference(a, b), gkern::difference(b, a)));
}

TEST_CASE("equal pictures: no difference and an infinite PSNR") {
    for (const int depth : kDepths) {
        const cv::Mat a = randomPicture({33, 21}, CV_MAKETYPE(depth, 3), 5);
        const gkern::Difference d = gkern::difference(a, a.clone());
        CHECK(d.maxAbs == 0);
        CHECK(d.meanAbs == 0);
        CHECK(d.rms == 0);
        CHECK(d.psnr == kInf);
        CHECK(d.identical == 1);
        CHECK(d.worst == cv::Point(0, 0));
        CHECK(d.worstChannel == 0);
    }
}

TEST_CASE("a difference in one channel makes the pixel different and is found") {
    cv::Mat a(20, 30, CV_8UC3, cv::Scalar::all(100)), b = a.clone();
    b.at<cv::Vec3b>(13, 17)[2] = 103;
    const gkern::Difference d = gkern::difference(a, b);
    CHECK(d.maxAbs == 3);
    CHECK(d.worst == cv::Point(17, 13));
    CHECK(d.worstChannel == 2);
    CHECK(d.identical == 599.0 / 600);
    CHECK(d.meanAbs == doctest::Approx(3.0 / 1800));
    CHECK(d.rms == doctest::Approx(std::sqrt(9.0 / 1800)));
}

TEST_CASE("the PSNR refers to the full scale of the depth or to the given peak") {
    const cv::Mat a(4, 4, CV_32F, cv::Scalar(0)), b(4, 4, CV_32F, cv::Scalar(0.1));
    CHECK(gkern::difference(a, b).psnr == doctest::Approx(20).epsilon(1e-6));
    CHECK(gkern::difference(a, b, 10).psnr == doctest::Approx(40).epsilon(1e-6));
    const cv::Mat c(4, 4, CV_8U, cv::Scalar(0)), d(4, 4, CV_8U, cv::Scalar(255));
    CHECK(gkern::difference(c, d).psnr == doctest::Approx(0));
}

TEST_CASE("NaN and infinities are equal to themselves and infinitely far from everything else") {
    struct Row {
        double a, b;
        bool equal;
    };
    const std::vector<Row> table{{kNaN, kNaN, true},  {kInf, kInf, true},   {-kInf, -kInf, true},
                                 {0.0, -0.0, true},   {kNaN, 1.0, false},   {1.0, kNaN, false},
                                 {kNaN, kInf, false}, {kInf, -kInf, false}, {kInf, 1.0, false},
                                 {1.0, -kInf, false}};
    for (const int depth : {CV_16F, CV_32F, CV_64F})
        for (const Row& row : table) {
            CAPTURE(depth);
            CAPTURE(row.a);
            CAPTURE(row.b);
            cv::Mat a(3, 5, CV_64F, cv::Scalar(0.5)), b = a.clone(), heat;
            a.at<double>(1, 2) = row.a;
            b.at<double>(1, 2) = row.b;
            for (cv::Mat* m : {&a, &b}) {
                if (depth != CV_64F) m->convertTo(*m, CV_32F);
                if (depth == CV_16F) m->convertTo(*m, CV_16F);
            }
            const gkern::Difference d = gkern::difference(a, b);
            gkern::heatmap(a, b, heat, 1e-3);
            CHECK(d.maxAbs == (row.equal ? 0 : kInf));
            CHECK(d.meanAbs == (row.equal ? 0 : kInf));
            CHECK(d.rms == (row.equal ? 0 : kInf));
            CHECK(d.psnr == (row.equal ? kInf : -kInf));
            CHECK(d.identical == (row.equal ? 1.0 : 14.0 / 15));
            CHECK(d.worst == (row.equal ? cv::Point(0, 0) : cv::Point(2, 1)));
            CHECK(heat.at<cv::Vec3b>(1, 2) == (row.equal ? cv::Vec3b(0, 0, 0) : cv::Vec3b(255, 0, 255)));
            CHECK(heat.at<cv::Vec3b>(0, 0) == cv::Vec3b(0, 0, 0));
        }
}

TEST_CASE("tiny and huge doubles neither vanish nor overflow in the sums") {
    for (const double unit : {5e-324, 1e-300, 1e-160, 1e160, 1e300}) {
        CAPTURE(unit);
        const cv::Mat a(5, 7, CV_64F, cv::Scalar(0)), b(5, 7, CV_64F, cv::Scalar(unit));
        const gkern::Difference d = gkern::difference(a, b);
        CHECK(d.maxAbs == unit);
        CHECK(d.meanAbs / unit == doctest::Approx(1));
        CHECK(d.rms / unit == doctest::Approx(1));
        CHECK(d.psnr == doctest::Approx(-20 * std::log10(unit)));
    }
}

TEST_CASE("one thread and several give the same bits") {
    const auto [a, b] = similarPair({513, 700}, CV_32FC3, 23);
    const int threads = cv::getNumThreads();
    cv::setNumThreads(1);
    const gkern::Difference one = gkern::difference(a, b);
    cv::Mat heatOne, heatMany;
    gkern::heatmap(a, b, heatOne);
    cv::setNumThreads(5);
    const gkern::Difference many = gkern::difference(a, b);
    gkern::heatmap(a, b, heatMany);
    cv::setNumThreads(threads);
    CHECK(same(one, many));
    CHECK(cv::norm(heatOne, heatMany, cv::NORM_INF) == 0);
}

}  // namespace
