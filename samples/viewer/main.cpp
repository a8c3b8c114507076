// SPDX-License-Identifier: Apache-2.0
// Shows gkern and cv::GaussianBlur on a picture, a video or a camera.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <opencv2/highgui.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>

#include "pictures.hpp"
#include "source.hpp"
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

void onMouse(int, int x, int, int, void* model) {
    static_cast<viewer::Model*>(model)->pointer(x);
}

int showWindow(viewer::Model& model, viewer::Source& source, const std::string& saveAs) {
    cv::namedWindow(kWindow, cv::WINDOW_NORMAL | cv::WINDOW_KEEPRATIO);
    cv::resizeWindow(kWindow, 1100, 760);
    cv::createTrackbar("sigma x10", kWindow, nullptr, 500);
    cv::createTrackbar("ksize (0: whole, n: 2n-1)", kWindow, nullptr, 100);
    cv::createTrackbar("border", kWindow, nullptr, static_cast<int>(viewer::kBorders.size()) - 1);
    cv::setTrackbarPos("sigma x10", kWindow, model.state.sigmaTenths);
    cv::setMouseCallback(kWindow, onMouse, &model);
    for (;;) {
        model.state.sigmaTenths = cv::getTrackbarPos("sigma x10", kWindow);
        model.state.ksizeStep = cv::getTrackbarPos("ksize (0: whole, n: 2n-1)", kWindow);
        model.state.border = cv::getTrackbarPos("border", kWindow);
        model.advance(source);
        cv::imshow(kWindow, model.compose());
        const viewer::Action action = model.key(cv::waitKey(20));
        if (action == viewer::Action::Save && !cv::imwrite(saveAs, model.view()))
            std::cerr << "viewer: cannot write " << saveAs << "\n";
        if (action == viewer::Action::Quit || cv::getWindowProperty(kWindow, cv::WND_PROP_VISIBLE) < 1)
            return 0;
    }
}

}  // namespace

int main(int argc, char** argv) try {
    std::string name, out = "viewer.png";
    bool headless = false;
    viewer::Model model;
    double sigma = 3;
    CLI::App app("Shows gkern and cv::GaussianBlur on a picture, a video or a camera.");
    app.add_option("source", name, "Picture, video or number of a camera; without it a drawn landscape");
    app.add_option("--sigma", sigma, "Standard deviation at the start, pixels")->check(CLI::Range(0.1, 50.0));
    app.add_flag("--headless", headless, "Write the picture to --out instead of opening a window");
    app.add_option("--out", out, "File of --headless and of the key s")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    if (!cv::haveImageWriter(out)) {
        std::cerr << "viewer: cannot write " << out << ": no picture format has this extension\n";
        return 1;
    }
    if (!headless && !hasDisplay()) {
        std::cerr
            << "viewer: no display (DISPLAY and WAYLAND_DISPLAY are not set); use --headless --out FILE\n";
        return 2;
    }
    model.state.sigmaTenths = static_cast<int>(10 * sigma + 0.5);

    viewer::Source source =
        name.empty() ? viewer::Source(pictures::landscape({1920, 1080})) : viewer::Source(name);
    model.setPicture(source.frame());
    if (!headless) return showWindow(model, source, out);
    if (cv::imwrite(out, model.compose())) return 0;
    std::cerr << "viewer: cannot write " << out << "\n";
    return 1;
} catch (const std::exception& e) {
    std::cerr << "viewer: " << e.what() << "\n";
    return 1;
}
