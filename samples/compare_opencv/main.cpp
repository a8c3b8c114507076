// SPDX-License-Identifier: Apache-2.0
// Measures gkern and cv::GaussianBlur against the exact blur: compare_opencv [IMAGE…]
#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

#include "figures.hpp"
#include "pictures.hpp"
#include "progress.hpp"
#include "report.hpp"
#include "table.hpp"

namespace {

namespace fs = std::filesystem;

constexpr double kHeroSigma = 3;
const char* const kDefaultPicture = "images/scene.png";

struct Input {
    std::string name;
    cv::Mat picture;
};

std::vector<Input> readPictures(std::vector<std::string> files) {
    if (files.empty() && fs::exists(kDefaultPicture)) files.push_back(kDefaultPicture);
    if (files.empty()) return {{"drawn landscape", pictures::landscape({960, 540})}};
    std::vector<Input> inputs;
    for (const std::string& file : files) {
        const cv::Mat picture = cv::imread(file, cv::IMREAD_ANYDEPTH | cv::IMREAD_ANYCOLOR);
        if (picture.empty()) throw std::runtime_error("cannot read " + file + " as a picture");
        inputs.push_back({file, picture});
    }
    return inputs;
}

void writePicture(const fs::path& file, const cv::Mat& picture) {
    if (!file.parent_path().empty()) fs::create_directories(file.parent_path());
    if (!cv::imwrite(file.string(), picture, {cv::IMWRITE_PNG_COMPRESSION, 9}))
        throw std::runtime_error("cannot write " + file.string());
}

PictureResult measure(const Input& input, const Effort& effort, Progress& progress) {
    PictureResult result{input.name, input.picture.size(), {}, input.picture.channels(), {}, {}};
    for (const int depth : kDepths) {
        const cv::Mat whole = asDepth(input.picture, depth), part = middle(whole, effort.cropSide);
        result.measured = part.size();
        for (const double sigma : effort.sigmas) {
            progress.next(cv::format("%s, sigma %g", depthName(depth).c_str(), sigma));
            const Blurred blurred = blurInEveryWay(part, sigma);
            const Errors errors = errorsOf(blurred);
            result.cases.push_back({sigma, depth, errors, timesOf(whole, sigma, effort)});
            if (depth == CV_8U) result.heatMaps.push_back(heatMapsOf(blurred, errors, sigma));
        }
    }
    return result;
}

/// What the heat maps of a picture are called: its place in the list tells pictures of one name apart.
std::string heatMapFile(size_t picture, double sigma) {
    return cv::format("heatmap_%zu_sigma_%g.png", picture + 1, sigma);
}

void writeResults(const fs::path& directory, const std::vector<PictureResult>& results,
                  const std::vector<KernelComparison>& kernels) {
    fs::create_directories(directory);
    for (size_t i = 0; i < results.size(); ++i)
        for (const HeatMaps& maps : results[i].heatMaps)
            writePicture(directory / heatMapFile(i, maps.sigma), captionedHeatMaps(maps));
    std::ofstream report(directory / "report.html", std::ios::binary);
    report << reportHtml(results, kernels);
    if (!report.flush()) throw std::runtime_error("cannot write " + (directory / "report.html").string());
}

}  // namespace

int main(int argc, char** argv) try {
    std::vector<std::string> files;
    std::string out = "out/compare", hero;
    bool quick = false;
    CLI::App app("Measures gkern and cv::GaussianBlur against the exact Gaussian blur.");
    app.add_option("images", files, "Pictures; without one, images/scene.png or a drawn landscape");
    app.add_option("--out", out, "Folder of the report and the heat maps")->capture_default_str();
    app.add_option("--hero", hero, "Write one picture of the comparison to this file, and nothing else");
    app.add_flag("--quick", quick, "Fewer standard deviations, a smaller part, fewer rounds");
    CLI11_PARSE(app, argc, argv);
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);  // its warnings repeat our errors

    const std::vector<Input> inputs = readPictures(files);
    if (!hero.empty()) {
        writePicture(hero, heroPicture(inputs.front().picture, kHeroSigma));
        std::cout << "Wrote " << hero << "\n";
        return 0;
    }

    const Effort effort = quick ? quickEffort() : fullEffort();
    std::vector<PictureResult> results;
    {
        Progress progress(static_cast<int>(inputs.size() * std::size(kDepths) * effort.sigmas.size()));
        for (const Input& input : inputs) results.push_back(measure(input, effort, progress));
    }
    std::cout << machineLine() << "\n";
    for (const PictureResult& result : results)
        std::cout << "\n"
                  << result.name
                  << cv::format(": %d x %d, errors from %d x %d\n\n", result.size.width, result.size.height,
                                result.measured.width, result.measured.height)
                  << asText(errorTable(result.cases)) << "\n"
                  << asText(timeTable(result.cases));
    const std::vector<KernelComparison> kernels = {compareKernels(21, 3), compareKernels(5, 2.5)};
    std::cout << "\n" << asText(kernelTable(kernels));
    writeResults(out, results, kernels);
    std::cout << "\nWrote " << (fs::path(out) / "report.html").string() << " and heat maps\n";
    return 0;
} catch (const std::exception& e) {
    std::cerr << "compare_opencv: " << e.what() << "\n";
    return 1;
}
