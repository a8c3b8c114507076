// SPDX-License-Identifier: Apache-2.0
// Shows gkern and cv::GaussianBlur on a picture, a video or a camera.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <opencv2/highgui.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/videoio.hpp>
#include <string>

#include "pictures.hpp"
#include "viewer_model.hpp"

namespace {

const char* const kWindow = "gkern viewer";

bool hasDisplay() {
#if defined(__linux__)
    return std::getenv("DISPLAY") || std::getenv("WAYLAND_DISPLAY");
#else
    return true;
#endif
}

void onMouse(int, int x, int, int, void* data) {
    auto& [model, width] = *static_cast<std::pair<viewer::Model, int>*>(data);
    if (width > 1) model.state.wipe = static_cast<double>(x) / (width - 1);
}

int showWindow(viewer::Model& start, cv::VideoCapture& video, const std::string& saveAs) {
    std::pair<viewer::Model, int> shared(start, 0);
    viewer::Model& model = shared.first;
    cv::namedWindow(kWindow, cv::WINDOW_NORMAL | cv::WINDOW_KEEPRATIO);
    cv::resizeWindow(kWindow, 1100, 760);
    cv::createTrackbar("sigma x10", kWindow, nullptr, 500);
    cv::createTrackbar("ksize (0: whole, n: 2n-1)", kWindow, nullptr, 100);
    cv::createTrackbar("border", kWindow, nullptr, static_cast<int>(viewer::kBorders.size()) - 1);
    cv::setTrackbarPos("sigma x10", kWindow, model.state.sigmaTenths);
    cv::setMouseCallback(kWindow, onMouse, &shared);
    for (;;) {
        model.state.sigmaTenths = cv::getTrackbarPos("sigma x10", kWindow);
        model.state.ksizeStep = cv::getTrackbarPos("ksize (0: whole, n: 2n-1)", kWindow);
        model.state.border = cv::getTrackbarPos("border", kWindow);
        if (cv::Mat frame; video.isOpened() && !model.state.paused && video.read(frame))
            model.setPicture(frame);
        const cv::Mat shown = model.compose();
        shared.second = shown.cols;
        cv::imshow(kWindow, shown);
        const viewer::Action action = model.key(cv::waitKey(20));
        if (action == viewer::Action::Save && !cv::imwrite(saveAs, model.view()))
            std::cerr << "viewer: cannot write " << saveAs << "\n";
        if (action == viewer::Action::Quit || cv::getWindowProperty(kWindow, cv::WND_PROP_VISIBLE) < 1)
            return 0;
    }
}

}  // namespace

int main(int argc, char** argv) try {
    std::string source, out = "viewer.png";
    bool headless = false;
    viewer::Model model;
    double sigma = 3;
    CLI::App app("Shows gkern and cv::GaussianBlur on a picture, a video or a camera.");
    app.add_option("source", source, "Picture, video or number of a camera; without it a drawn landscape");
    app.add_option("--sigma", sigma, "Standard deviation at the start, pixels")->check(CLI::Range(0.1, 50.0));
    app.add_flag("--headless", headless, "Write the picture to --out instead of opening a window");
    app.add_option("--out", out, "File of --headless and of the key s")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    if (!headless && !hasDisplay()) {
        std::cerr
            << "viewer: no display (DISPLAY and WAYLAND_DISPLAY are not set); use --headless --out FILE\n";
        return 2;
    }
    model.state.sigmaTenths = static_cast<int>(10 * sigma + 0.5);

    cv::VideoCapture video;
    cv::Mat picture;
    if (source.empty()) {
        picture = pictures::landscape({1920, 1080});
    } else if (source.find_first_not_of("0123456789") == std::string::npos) {
        video.open(std::stoi(source));
    } else if (picture = cv::imread(source, cv::IMREAD_UNCHANGED); picture.empty()) {
        video.open(source);
    }
    if (picture.empty() && !video.read(picture)) {
        std::cerr << "viewer: cannot read " << source << " as a picture, a video or a camera\n";
        return 1;
    }
    model.setPicture(picture);
    if (!headless) return showWindow(model, video, out);
    if (cv::imwrite(out, model.compose())) return 0;
    std::cerr << "viewer: cannot write " << out << "\n";
    return 1;
} catch (const std::exception& e) {
    std::cerr << "viewer: " << e.what() << "\n";
    return 1;
}
