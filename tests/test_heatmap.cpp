// SPDX-License-Identifier: Apache-2.0
// gkern/compare.hpp: the heat map, and bad calls of either function.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "gkern/compare.hpp"
#include "support/compare_pictures.hpp"

using namespace compare_pictures;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

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
