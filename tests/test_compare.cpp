// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <opencv2/core.hpp>
#include <string>
#include <utility>
#include <vector>

#include "gkern/compare.hpp"

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const std::vector<int> kDepths{CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_16F, CV_32F, CV_64F};

double peakOf(int depth) {
    if (depth == CV_8U || depth == CV_8S) return 255;
    if (depth == CV_16U || depth == CV_16S) return 65535;
    return depth == CV_32S ? 4294967295.0 : 1.0;
}

cv::Mat randomPicture(cv::Size size, int type, uint64_t seed) {
    const int depth = CV_MAT_DEPTH(type);
    const bool real = depth == CV_16F || depth == CV_32F || depth == CV_64F;
    cv::Mat m(size, real ? CV_MAKETYPE(CV_32F, CV_MAT_CN(type)) : type);
    cv::RNG rng(seed);
    if (real)
        rng.fill(m, cv::RNG::UNIFORM, -1.0, 1.0);
    else if (depth == CV_32S)
        rng.fill(m, cv::RNG::UNIFORM, -2147483647.0, 2147483647.0);
    else
        rng.fill(m, cv::RNG::UNIFORM, -40000.0, 70000.0, true);
    if (real) m.convertTo(m, depth);
    return m;
}

// Both pictures agree in most pixels, as two blurs of one picture do.
std::pair<cv::Mat, cv::Mat> similarPair(cv::Size size, int type, uint64_t seed) {
    const cv::Mat a = randomPicture(size, type, seed), other = randomPicture(size, type, seed + 1);
    cv::Mat b = a.clone(), mask(size, CV_8U);
    cv::RNG(seed + 2).fill(mask, cv::RNG::UNIFORM, 0, 4);
    other.copyTo(b, mask == 0);
    return {a, b};
}

double valueAt(const cv::Mat& m, int y, int x, int c) {
    switch (m.depth()) {
        case CV_8U:
            return m.ptr<uchar>(y)[x * m.channels() + c];
        case CV_8S:
            return m.ptr<schar>(y)[x * m.channels() + c];
        case CV_16U:
            return m.ptr<ushort>(y)[x * m.channels() + c];
        case CV_16S:
            return m.ptr<short>(y)[x * m.channels() + c];
        case CV_32S:
            return m.ptr<int>(y)[x * m.channels() + c];
        case CV_32F:
            return m.ptr<float>(y)[x * m.channels() + c];
        case CV_64F:
            return m.ptr<double>(y)[x * m.channels() + c];
        default: {
            const unsigned bits = m.ptr<ushort>(y)[x * m.channels() + c];
            const int exponent = static_cast<int>(bits >> 10 & 31);
            const double fraction = static_cast<double>(bits & 1023) / 1024, sign = bits >> 15 ? -1 : 1;
            return sign *
                   (exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15));
        }
    }
}

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

// The colour of a step, from a picture whose only pixel differs by `step` levels of 255.
cv::Vec3b colourOfStep(int step) {
    const cv::Mat a(1, 1, CV_8U, cv::Scalar(0)), b(1, 1, CV_8U, cv::Scalar(step));
    cv::Mat heat;
    gkern::heatmap(a, b, heat);
    return heat.at<cv::Vec3b>(0, 0);
}

TEST_CASE("heat map: every depth shows the worst channel as a share of full scale times gain") {
    std::vector<cv::Vec3b> colours;
    for (int step = 0; step < 256; ++step) colours.push_back(colourOfStep(step));
    for (const int depth : kDepths)
        for (const double gain : {0.25, 1.0, 12.5}) {
            const auto [a, b] = similarPair({700, 3}, CV_MAKETYPE(depth, 3), 31);
            cv::Mat heat;
            gkern::heatmap(a, b, heat, gain);
            int wrong = 0;
            REQUIRE(heat.type() == CV_8UC3);
            REQUIRE(heat.size() == a.size());
            for (int y = 0; y < a.rows; ++y)
                for (int x = 0; x < a.cols; ++x) {
                    double worst = 0;
                    for (int c = 0; c < 3; ++c)
                        worst = std::max(worst, std::fabs(valueAt(a, y, x, c) - valueAt(b, y, x, c)));
                    const double share = std::min(1.0, gain * worst / peakOf(depth)) * 255;
                    const int step = worst == 0 ? 0 : std::max(1, static_cast<int>(std::lround(share)));
                    // Halves of a step may fall to either side: the product is rounded in another order.
                    const bool tie = std::fabs(share - std::floor(share) - 0.5) < 1e-9;
                    wrong += !tie && heat.at<cv::Vec3b>(y, x) != colours[static_cast<std::size_t>(step)];
                }
            CHECK(wrong == 0);
        }
}

TEST_CASE("heat map: black is exactly equal, and grows brighter with the difference") {
    CHECK(colourOfStep(0) == cv::Vec3b(0, 0, 0));
    CHECK(colourOfStep(1) != cv::Vec3b(0, 0, 0));
    double before = -1;
    for (int step = 0; step < 256; step += 15) {
        const cv::Vec3b c = colourOfStep(step);
        const double luma = 0.114 * c[0] + 0.587 * c[1] + 0.299 * c[2];
        CHECK(luma > before);
        before = luma;
    }
    cv::Mat a(1, 1, CV_64F, cv::Scalar(0)), b(1, 1, CV_64F, cv::Scalar(1e-200)), heat;
    gkern::heatmap(a, b, heat, 1e-100);
    CHECK(heat.at<cv::Vec3b>(0, 0) == colourOfStep(1));
    gkern::heatmap(a, b, heat, 1e308);
    CHECK(heat.at<cv::Vec3b>(0, 0) != cv::Vec3b(255, 0, 255));
}

TEST_CASE("heat map: dst keeps its memory, may be a source and may overlap one") {
    const auto [a, b] = similarPair({40, 30}, CV_8UC3, 41);
    cv::Mat want;
    gkern::heatmap(a, b, want, 3);

    cv::Mat large(50, 60, CV_8UC3, cv::Scalar::all(9)), roi = large(cv::Rect(4, 6, 40, 30));
    const uchar* memory = roi.data;
    gkern::heatmap(a, b, roi, 3);
    CHECK(roi.data == memory);
    CHECK(cv::norm(roi, want, cv::NORM_INF) == 0);
    CHECK(large.at<cv::Vec3b>(5, 3) == cv::Vec3b(9, 9, 9));

    cv::Mat inPlace = a.clone();
    gkern::heatmap(inPlace, b, inPlace, 3);
    CHECK(cv::norm(inPlace, want, cv::NORM_INF) == 0);

    cv::Mat shared(40, 50, CV_8UC3), source = shared(cv::Rect(0, 0, 40, 30)),
                                     target = shared(cv::Rect(3, 2, 40, 30));
    a.copyTo(source);
    gkern::heatmap(source, b, target, 3);
    CHECK(cv::norm(target, want, cv::NORM_INF) == 0);
}

struct BadCall {
    const char* what;
    std::function<void(cv::Mat& dst)> call;
    int code;
    std::vector<std::string> words;  // of the message: parameter, value, what is allowed
};

TEST_CASE("bad calls raise the right code, say why and leave dst alone") {
    const cv::Mat ok(4, 6, CV_8UC3, cv::Scalar::all(1)), wide(4, 7, CV_8UC3), grey(4, 6, CV_8U), empty;
    const int cube[]{2, 3, 4};
    const cv::Mat solid(3, cube, CV_8UC3);
    std::vector<BadCall> table;
    const auto both = [&](const char* what, const cv::Mat& a, const cv::Mat& b, int code,
                          const std::vector<std::string>& words) {
        table.push_back({what, [=](cv::Mat&) { gkern::difference(a, b); }, code, words});
        table.push_back({what, [=](cv::Mat& dst) { gkern::heatmap(a, b, dst); }, code, words});
    };
    both("a empty", empty, ok, cv::Error::StsBadSize, {"a is empty", "at least one pixel"});
    both("b empty", ok, empty, cv::Error::StsBadSize, {"b is empty", "at least one pixel"});
    both("a 3-D", solid, ok, cv::Error::StsBadSize, {"a has 3 dimensions", "allowed: 2"});
    both("b 3-D", ok, solid, cv::Error::StsBadSize, {"b has 3 dimensions", "allowed: 2"});
    both("sizes", ok, wide, cv::Error::StsUnmatchedSizes, {"b is 7 x 4", "a, 6 x 4"});
    both("types", ok, grey, cv::Error::StsUnmatchedFormats, {"b is CV_8UC1", "a, CV_8UC3"});
    for (const double gain : {0.0, -1.0, kInf, kNaN})
        table.push_back({"gain",
                         [=](cv::Mat& dst) { gkern::heatmap(ok, ok, dst, gain); },
                         cv::Error::StsOutOfRange,
                         {cv::format("gain is %g", gain), "finite and > 0"}});
    for (const double peak : {-1.0, kInf, kNaN})
        table.push_back({"peak",
                         [=](cv::Mat&) { gkern::difference(ok, ok, peak); },
                         cv::Error::StsOutOfRange,
                         {cv::format("peak is %g", peak), "finite and > 0"}});

    for (const BadCall& bad : table) {
        CAPTURE(bad.what);
        cv::Mat dst(1, 1, CV_16S, cv::Scalar(77));
        try {
            bad.call(dst);
            FAIL("no exception");
        } catch (const cv::Exception& e) {
            CHECK(e.code == bad.code);
            for (const std::string& word : bad.words)
                CHECK_MESSAGE(e.err.find(word) != std::string::npos, e.err);
        }
        CHECK(dst.size() == cv::Size(1, 1));
        CHECK(dst.type() == CV_16S);
        CHECK(dst.at<short>(0) == 77);
    }
}

}  // namespace
