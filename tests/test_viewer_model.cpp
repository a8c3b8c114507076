// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <opencv2/imgproc.hpp>

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
    CHECK(equal(m.compose(), m.view()));
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

}  // namespace
