// SPDX-License-Identifier: Apache-2.0
// Which patches of a picture belong together? Spectral clustering finds out with products of their RBF
// kernel matrix alone; the matrix itself, ordered by cluster, shows it as blocks.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <opencv2/imgcodecs.hpp>

#include "figure.hpp"
#include "gkern/rbf.hpp"
#include "spectral.hpp"

namespace {

struct Options {
    std::string picture;
    std::string out = "rbf_gram.png";
    double sigma = 0;
    double place = 30;
    int patch = 0;
    int clusters = 7;
};

constexpr int kDefaultPatches = 2500, kMaxPatches = 20000;

int run(const Options& options) {
    const cv::Mat picture =
        options.picture.empty() ? syntheticPicture() : cv::imread(options.picture, cv::IMREAD_COLOR);
    if (picture.empty()) {
        std::fprintf(stderr, "rbf_gram: %s is not a picture that OpenCV can read\n", options.picture.c_str());
        return 1;
    }
    const int side = options.patch > 0 ? options.patch : patchSideFor(picture.size(), kDefaultPatches);
    const int count = (picture.cols / side) * (picture.rows / side);
    if (count < options.clusters || count > kMaxPatches) {
        std::fprintf(stderr, "rbf_gram: --patch %d cuts the picture into %d patches; %d to %d are allowed\n",
                     side, count, options.clusters, kMaxPatches);
        return 1;
    }
    const cv::Mat features = describePatches(picture, side, options.place);
    // Half of the median heuristic: neighbours count, not the whole picture.
    const double sigma = options.sigma > 0 ? options.sigma : gkern::medianSigma(features) / 2;

    cv::TickMeter spectral;
    spectral.start();
    const SpectralClusters found = clusterSpectrally(features, sigma, options.clusters);
    spectral.stop();
    std::printf("%d patches in %d clusters after %d products with the kernel matrix, %.0f ms; eigenvalues",
                features.rows, options.clusters, found.products, spectral.getTimeMilli());
    for (int q = 0; q < found.eigenvalues.rows; ++q) std::printf(" %.4f", found.eigenvalues.at<double>(q));
    std::printf("\n");
    const Patches patches = orderPatches(features, {picture.cols / side, picture.rows / side}, side,
                                         found.label, options.clusters);

    cv::Mat K;
    cv::TickMeter clock;
    clock.start();
    gkern::rbfKernel(patches.features, cv::noArray(), K, sigma);
    clock.stop();

    double least, most;
    cv::minMaxLoc(K, &least, &most);
    const bool symmetric = cv::countNonZero(K != K.t()) == 0 && cv::countNonZero(K.diag() != 1) == 0;
    const std::string summary = cv::format("n = %d, d = %d, sigma = %.4g, %.1f ms", K.rows,
                                           patches.features.cols, sigma, clock.getTimeMilli());
    std::printf("%s\nK from %g to %g, %s\n", summary.c_str(), least, most,
                symmetric ? "bitwise symmetric with diagonal 1" : "NOT symmetric");
    const cv::Mat figure = drawFigure(
        picture, patches, K,
        "K(i,j) = exp(-|x_i - x_j|^2 / (2 sigma^2)), x = 4 x 4 mean Lab colours and place of a patch: " +
            summary);
    if (!cv::imwrite(options.out, figure, {cv::IMWRITE_PNG_COMPRESSION, 9})) {
        std::fprintf(stderr, "rbf_gram: cannot write %s\n", options.out.c_str());
        return 1;
    }
    std::printf("wrote %s\n", options.out.c_str());
    return symmetric ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "Clusters a picture's patches spectrally and draws them, and their RBF kernel matrix by "
        "cluster.");
    Options options;
    app.add_option("picture", options.picture, "picture to read; a synthetic landscape if left out")
        ->check(CLI::ExistingFile);
    app.add_option("--sigma", options.sigma,
                   "standard deviation in Lab units; half of the median heuristic if left out")
        ->check(CLI::PositiveNumber);
    app.add_option("--patch", options.patch, "side of a patch in pixels; about 2500 patches if left out")
        ->check(CLI::PositiveNumber);
    app.add_option("--place", options.place, "colour difference that the width of the picture counts as")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--clusters", options.clusters, "number of clusters")
        ->check(CLI::Range(2, kMaxClusters))
        ->capture_default_str();
    app.add_option("--out", options.out, "PNG to write")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        return run(options);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "rbf_gram: %s\n", e.what());
        return 1;
    }
}
