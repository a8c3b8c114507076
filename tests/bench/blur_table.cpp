// SPDX-License-Identifier: Apache-2.0
// Measures gkern's blur against a copy of the picture and against OpenCV, all in one interleaved run; prints
// a table and writes it as JSON.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "contenders.hpp"
#include "machine.hpp"
#include "measure.hpp"
#include "report.hpp"

namespace {

struct Options {
    std::vector<std::string> types = {"32FC1", "8UC1", "16UC1", "64FC1", "8UC3", "32FC3"};
    std::vector<double> sigmas = {0.5, 1, 2, 3};
    std::vector<int> ksizes, threads = {1, 2};
    std::vector<std::string> engines = {"auto", "direct"};
    std::vector<int> sides;
    double peersUpTo = 1e9;
    bool small = false;
    int repetitions = 15;
    double warmUp = 0.5;
    std::string json;
};

/// Every task that the options name: all kernels of a type and size stand together.
std::vector<bench::Task> tasksOf(const Options& options) {
    std::vector<cv::Size> sizes;
    for (const int side : options.sides) sizes.emplace_back(side, side);
    if (options.small)
        for (const int side : {16, 64, 256, 512}) sizes.emplace_back(side, side);
    if (sizes.empty()) sizes.emplace_back(3840, 2160);
    std::vector<bench::Task> tasks;
    for (const std::string& type : options.types)
        for (const cv::Size& size : sizes)
            for (const int threads : options.threads) {
                for (const double sigma : options.sigmas)
                    tasks.push_back(
                        {bench::typeOf(type), size, {0, 0}, sigma, threads, sigma <= options.peersUpTo});
                for (const int k : options.ksizes)
                    tasks.push_back({bench::typeOf(type), size, {k, k}, 0.15 * k + 0.35, threads});
            }
    return tasks;
}

bench::Row measured(const bench::Task& task, const Options& options) {
    cv::setNumThreads(task.threads);
    const bench::Contest contest(task, options.engines);
    std::vector<std::function<void()>> works;
    for (const bench::Contender& contender : contest.contenders()) works.push_back(contender.run);
    const double atLeast = task.size.area() < 1 << 20 ? 2e-4 : 0;
    const std::vector<double> medians =
        bench::interleavedMedians(works, options.repetitions, options.warmUp, atLeast);

    bench::Row row{task, contest.taps(), options.engines, contest.served(options.engines.front()), {}, {},
                   {}};
    if (row.served == gkern::Engine::Multirate) row.chain = bench::multirateWork(task);
    for (size_t i = 0; i < medians.size(); ++i) row.seconds[contest.contenders()[i].name] = medians[i];
    row.seconds[bench::kStreamedCopy] = bench::interleavedMedians(
        std::vector{contest.streamedCopy()}, options.repetitions, options.warmUp / 10, atLeast)[0];
    for (const std::string& engine : options.engines)
        if (!row.seconds.count(engine) && (task.peers || engine == options.engines.front()))
            row.same[engine] = bench::nameOf(contest.served(engine));
    return row;
}

bench::PlanningCost planningCost(const Options& options) {
    cv::Mat src(64, 64, CV_8UC1), dst;
    cv::randu(src, 0, 256);
    gkern::BlurParams params;
    params.sigmaX = 1;
    const std::vector<std::function<void()>> works = {
        [&] {
            gkern::gaussianBlur(src, dst, {0, 0}, 1);
        },
        [&] { static_cast<void>(gkern::GaussianFilter(params).weightsX(CV_8U)); }};
    const std::vector<double> medians =
        bench::interleavedMedians(works, options.repetitions, options.warmUp, 2e-4);
    return {medians[0], medians[1]};
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Gaussian blur: time against memcpy and OpenCV");
    app.add_option("--type", options.types, "types of the pictures, e.g. 8UC1")
        ->delimiter(',')
        ->capture_default_str();
    app.add_option("--sigma", options.sigmas, "standard deviations, with ksize 0")
        ->delimiter(',')
        ->capture_default_str();
    app.add_option("--ksize", options.ksizes, "explicit sizes, each with OpenCV's rule for sigma")
        ->delimiter(',');
    app.add_option("--threads", options.threads, "numbers of threads")->delimiter(',')->capture_default_str();
    app.add_option("--engine", options.engines, "engines of gkern; the first one is judged")
        ->delimiter(',')
        ->capture_default_str();
    app.add_option("--side", options.sides, "square pictures of these sides instead of 3840x2160")
        ->delimiter(',');
    app.add_option("--peers-up-to", options.peersUpTo,
                   "largest sigma at which OpenCV and all engines but the first take part");
    app.add_flag("--small", options.small,
                 "square pictures of 16, 64, 256 and 512 pixels, and the cost of planning");
    app.add_option("--repetitions", options.repetitions, "samples per median")
        ->check(CLI::Range(1, 10000))
        ->capture_default_str();
    app.add_option("--warm-up", options.warmUp, "seconds of each row before the first sample")
        ->capture_default_str();
    app.add_option("--json", options.json, "write the rows to this file");
    CLI11_PARSE(app, argc, argv);

    try {
        const bench::Machine machine = bench::probeMachine();
        bench::printMachine(std::cout, machine);
        std::vector<bench::Row> rows;
        for (const bench::Task& task : tasksOf(options)) rows.push_back(measured(task, options));
        bench::printTable(std::cout, machine, rows);
        std::optional<bench::PlanningCost> planning;
        if (options.small) {
            planning = planningCost(options);
            bench::printPlanning(std::cout, *planning);
        }
        if (options.json.empty()) return 0;
        std::ofstream file(options.json);
        bench::writeJson(file, machine, rows, planning);
        if (file.flush()) return 0;
        std::cerr << "cannot write " << options.json << '\n';
    } catch (const std::exception& e) {
        std::cerr << e.what() << '\n';
    }
    return 1;
}
