// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <stdexcept>

#include "gkern/blur.hpp"
#include "viewer_model.hpp"

namespace {

cv::Mat picture() {
    cv::Mat m(60, 80, CV_8UC3);
    cv::RNG(4).fill(m, cv::RNG::UNIFORM, 0, 256);
    return m;
}

viewer::Model model() {
    viewer::Model m;
    m.setPicture(picture());
    return m;
}

bool equal(const cv::Mat& a, const cv::Mat& b) {
    return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

TEST_CASE("each key shows its picture") {
    viewer::Model m = model();
    cv::Mat exact, openCv, heat, both;
    gkern::gaussianBlur(picture(), exact, {}, 3);
    cv::GaussianBlur(picture(), openCv, {}, 3);
    gkern::heatmap(exact, openCv, heat, m.state.gain);
    cv::hconcat(exact, openCv, both);
    m.key('o');
    CHECK(equal(m.view(), picture()));
    m.key('g');
    CHECK(equal(m.view(), exact));
    m.key('c');
    CHECK(equal(m.view(), openCv));
    m.key('b');
    CHECK(equal(m.view(), both));
    m.key('d');
    CHECK(equal(m.view(), heat));
    m.key('+');
    gkern::heatmap(exact, openCv, heat, 128);
    CHECK(equal(m.view(), heat));
}

TEST_CASE("the wipe shows gkern left of the line and cv::GaussianBlur right of it") {
    viewer::Model m = model();
    cv::Mat exact, openCv;
    gkern::gaussianBlur(picture(), exact, {}, 3);
    cv::GaussianBlur(picture(), openCv, {}, 3);
    m.state.wipe = 0.25;
    const cv::Mat shown = m.view();
    CHECK(equal(shown.colRange(0, 20), exact.colRange(0, 20)));
    CHECK(equal(shown.colRange(21, 80), openCv.colRange(21, 80)));
}

TEST_CASE("sigma, ksize and border reach the blur - figures are of both results") {
    viewer::Model m = model();
    m.state.sigmaTenths = 12;
    m.state.ksizeStep = 4;
    m.state.border = 2;
    m.state.view = viewer::View::Gkern;
    cv::Mat exact, openCv;
    gkern::gaussianBlur(picture(), exact, {7, 7}, 1.2, 0, cv::BORDER_REPLICATE);
    cv::GaussianBlur(picture(), openCv, {7, 7}, 1.2, 0, cv::BORDER_REPLICATE);
    CHECK(equal(m.view(), exact));
    CHECK(m.difference().maxAbs == cv::norm(exact, openCv, cv::NORM_INF));
}

TEST_CASE("keys ask for saving and quitting - captions, help and pause are drawn, not saved") {
    viewer::Model m = model();
    CHECK(m.key('s') == viewer::Action::Save);
    CHECK(m.key('q') == viewer::Action::Quit);
    CHECK(m.key(27) == viewer::Action::Quit);
    CHECK(m.key(-1) == viewer::Action::None);
    m.key('o');
    CHECK_FALSE(equal(m.compose(), m.view()));
    m.key('f');
    cv::Mat enlarged;
    cv::resize(m.view(), enlarged, m.view().size() * m.zoom(), 0, 0, cv::INTER_NEAREST);
    CHECK(equal(m.compose(), enlarged));
    m.key('h');
    CHECK_FALSE(equal(m.compose(), m.view()));
    m.key(' ');
    CHECK(m.state.paused);
}

TEST_CASE("a border that cv::GaussianBlur refuses leaves gkern on screen") {
    viewer::Model m = model();
    m.state.border = 4;
    m.key('g');
    cv::Mat exact;
    gkern::gaussianBlur(picture(), exact, {}, 3, 0, cv::BORDER_WRAP);
    CHECK(equal(m.view(), exact));
    for (const char key : {'c', 'b', 'd', 'w'}) {
        m.key(key);
        CHECK_FALSE(m.compose().empty());
    }
}

TEST_CASE("pictures of every depth and number of channels are shown in each view") {
    for (const int depth : {CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_32F, CV_64F, CV_16F})
        for (const int channels : {1, 2, 3, 4, 6}) {
            cv::Mat wide(20, 30, CV_MAKETYPE(CV_32F, channels)), source;
            cv::RNG(7).fill(wide.reshape(1), cv::RNG::UNIFORM, 0, depth == CV_16U ? 60000 : 100);
            wide.convertTo(source, depth);
            viewer::Model m;
            m.setPicture(source);
            for (const char key : {'o', 'g', 'c', 'b', 'w', 'd'}) {
                m.key(key);
                REQUIRE_EQ(m.view().type(), CV_8UC3);
                REQUIRE_EQ(m.compose().type(), CV_8UC3);
            }
            m.key('o');
            double darkest = 0, lightest = 0;
            cv::minMaxLoc(m.view().reshape(1), &darkest, &lightest);
            CHECK_GT(lightest, darkest);
        }
}

TEST_CASE("floats between 0 and 1 keep their level, others span black to white, NaN is black") {
    cv::Mat unit(1, 3, CV_32F), wide(1, 3, CV_32F);
    unit.at<float>(0) = 0.2F, unit.at<float>(1) = 0.5F, unit.at<float>(2) = NAN;
    wide.at<float>(0) = -5, wide.at<float>(1) = 0, wide.at<float>(2) = 5;
    const cv::Mat a = viewer::displayable(unit, viewer::displayRange(unit));
    CHECK_EQ(int(a.at<cv::Vec3b>(0)[0]), 51);
    CHECK_EQ(int(a.at<cv::Vec3b>(1)[0]), 128);
    CHECK_EQ(int(a.at<cv::Vec3b>(2)[0]), 0);
    const cv::Mat b = viewer::displayable(wide, viewer::displayRange(wide));
    CHECK_EQ(int(b.at<cv::Vec3b>(0)[1]), 0);
    CHECK_EQ(int(b.at<cv::Vec3b>(2)[1]), 255);
}

TEST_CASE("the mouse moves the wipe over one picture's width, in each half of side by side") {
    viewer::Model m = model();
    const int width = 80 * m.zoom();
    m.pointer(width / 4);
    CHECK_EQ(m.state.wipe, doctest::Approx(0.25).epsilon(0.02));
    m.key('b');
    m.pointer(width / 2);
    const double left = m.state.wipe;
    m.pointer(width + width / 2);
    CHECK_EQ(m.state.wipe, doctest::Approx(left));
}

TEST_CASE("a video goes on frame by frame, starts again at its end, and stands still while paused") {
    const std::string file = cv::tempfile(".avi");
    cv::VideoWriter writer(file, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25, {64, 48});
    REQUIRE(writer.isOpened());
    for (const int level : {40, 120, 200}) writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(level)));
    writer.release();
    {
        viewer::Source source(file);
        const auto level = [&] { return cv::mean(source.frame())[0]; };
        CHECK_EQ(level(), doctest::Approx(40).epsilon(0.1));
        viewer::Model m;
        m.setPicture(source.frame());
        m.advance(source);
        CHECK_EQ(level(), doctest::Approx(120).epsilon(0.1));
        m.key(' ');
        m.advance(source);
        CHECK_EQ(level(), doctest::Approx(120).epsilon(0.1));
        m.key(' ');
        m.advance(source);
        CHECK_EQ(level(), doctest::Approx(200).epsilon(0.1));
        m.advance(source);
        CHECK_EQ(level(), doctest::Approx(40).epsilon(0.1));
    }
    std::filesystem::remove(file);
    CHECK_THROWS_WITH_AS(viewer::Source("no such file.png"), "no such file.png does not exist",
                         std::runtime_error);
}

}  // namespace
