// SPDX-License-Identifier: Apache-2.0
#include "kernels.hpp"

#include <cmath>
#include <gkern/weights.hpp>

namespace {

double normalCdf(double x) {
    return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

cv::Mat outerProduct(const cv::Mat& column) {
    cv::Mat product = column * column.t();
    return product / cv::sum(product)[0];
}

/// Root of the second moment about the centre along x, in pixels.
double measuredSigma(const cv::Mat& kernel) {
    double variance = 0;
    for (int y = 0; y < kernel.rows; ++y)
        for (int x = 0; x < kernel.cols; ++x) {
            const double offset = x - (kernel.cols - 1) / 2.0;
            variance += kernel.at<double>(y, x) * offset * offset;
        }
    return std::sqrt(variance);
}

}  // namespace

cv::Mat squareRootKernel(int kernlen, double nsig) {
    const double interval = (2 * nsig + 1) / kernlen, end = nsig + interval / 2;
    cv::Mat masses(kernlen, 1, CV_64F);
    for (int i = 0; i < kernlen; ++i) {
        const double from = -end + 2 * end * i / kernlen, to = -end + 2 * end * (i + 1) / kernlen;
        masses.at<double>(i) = normalCdf(to) - normalCdf(from);
    }
    cv::Mat kernel;
    cv::sqrt(masses * masses.t(), kernel);
    return kernel / cv::sum(kernel)[0];
}

cv::Mat midpointKernel(int kernlen, double nsig) {
    cv::Mat density(kernlen, 1, CV_64F);
    for (int i = 0; i < kernlen; ++i) {
        const double x = -nsig + 2 * nsig * (i + 0.5) / kernlen;
        density.at<double>(i) = std::exp(-x * x / 2);
    }
    return outerProduct(density);
}

KernelComparison compareKernels(int kernlen, double nsig) {
    KernelComparison comparison{kernlen, nsig, kernlen / (2 * nsig), {}};
    const cv::Mat right = gkern::gkern(kernlen, nsig);
    const double rightSigma = measuredSigma(right);
    const auto add = [&](const std::string& name, const cv::Mat& kernel) {
        const double sigma = measuredSigma(kernel);
        comparison.kernels.push_back({name, kernel, sigma, sigma - rightSigma,
                                      cv::norm(kernel, right, cv::NORM_INF),
                                      cv::norm(kernel, right, cv::NORM_L1)});
    };
    add("gkern::gkern", right);
    add("square root", squareRootKernel(kernlen, nsig));
    add("midpoint density", midpointKernel(kernlen, nsig));
    return comparison;
}
