// SPDX-License-Identifier: Apache-2.0
// Blurs a picture with a Gaussian of 5 pixels: hello_blur IN OUT
#include <gkern/blur.hpp>
#include <iostream>
#include <opencv2/imgcodecs.hpp>

int main(int argc, char** argv) try {
    if (argc != 3) {
        std::cerr << "usage: hello_blur IN OUT\n";
        return 2;
    }
    const cv::Mat picture = cv::imread(argv[1], cv::IMREAD_UNCHANGED);
    cv::Mat blurred;
    gkern::gaussianBlur(picture, blurred, cv::Size(), 5.0);
    return cv::imwrite(argv[2], blurred) ? 0 : 1;
} catch (const cv::Exception& e) {
    std::cerr << "hello_blur: " << e.err << "\n";
    return 1;
}
