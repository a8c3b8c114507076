// SPDX-License-Identifier: Apache-2.0
// An outside program: it sees what is installed, and calls one function of each header.
#include <cstdio>
#include <gkern/blur.hpp>
#include <gkern/compare.hpp>
#include <gkern/rbf.hpp>
#include <gkern/weights.hpp>

int main() {
    cv::Mat src(20, 30, CV_8UC3, cv::Scalar(10, 20, 30)), dst, gram;
    gkern::gaussianBlur(src, dst, {}, 2.0);
    gkern::rbfKernel(gkern::gkern(5, 2.5), cv::noArray(), gram, 1.0);
    const gkern::Difference d = gkern::difference(src, dst);
    std::printf("max %g, K(0,0) %g\n", d.maxAbs, gram.at<double>(0, 0));
    return d.maxAbs == 0 && gram.at<double>(0, 0) == 1 ? 0 : 1;
}
