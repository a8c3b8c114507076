// SPDX-License-Identifier: Apache-2.0
// Kernel matrices against what the machine can do at most, and against cv::gemm with cv::exp; prints
// Markdown.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <opencv2/core.hpp>
#include <vector>

#include "gkern/rbf_implicit.hpp"
#include "machine.hpp"
#include "measure.hpp"
#include "rbf_rates.hpp"

namespace {

using bench::RbfMode;

struct Options {
    std::vector<int> n{1000, 4096, 10000}, d{2, 3, 8, 16, 32, 64, 128, 784}, threads{2, 1};
    int rounds = 7;
    int largestPeer = 128;
    bool quick = false, cold = true;
};

struct Data {
    cv::Mat x, y, x64, y64;
    double sigma;
};

Data makeData(int n, int d) {
    Data data{cv::Mat(n, d, CV_32F), cv::Mat(n, d, CV_32F), {}, {}, std::sqrt(double(d))};
    cv::RNG(1).fill(data.x, cv::RNG::NORMAL, 0, 1);
    cv::RNG(2).fill(data.y, cv::RNG::NORMAL, 0, 1);
    data.x.convertTo(data.x64, CV_64F);
    data.y.convertTo(data.y64, CV_64F);
    return data;
}

/// The matrix as one writes it with OpenCV: products, norms, exponential.
void gemmKernel(const cv::Mat& x, const cv::Mat& y, double sigma, cv::Mat& K) {
    cv::Mat xNorms, yNorms;
    cv::reduce(x.mul(x), xNorms, 1, cv::REDUCE_SUM);
    cv::reduce(y.mul(y), yNorms, 1, cv::REDUCE_SUM);
    cv::gemm(x, y, 2, cv::noArray(), 0, K, cv::GEMM_2_T);
    const cv::Mat across = yNorms.t();
    for (int i = 0; i < K.rows; ++i) {
        cv::Mat row = K.row(i);
        cv::subtract(row, across, row);
        cv::subtract(row, cv::Scalar(xNorms.at<float>(i)), row);
    }
    K.convertTo(K, -1, 1 / (2 * sigma * sigma));
    cv::exp(K, K);
}

/// Least seconds of a run, of as many runs as fit into the time, two at least.
template <class F>
double leastSeconds(double atLeast, const F& run) {
    double least = INFINITY, spent = 0;
    for (int i = 0; i < 2 || (spent < atLeast && i < 200); ++i) {
        const double seconds = bench::secondsOf(run);
        least = std::min(least, seconds);
        spent += seconds;
    }
    return least;
}

/// Times of a run and the shares of the floor that they are, medians of several rounds: the limits of the
/// machine are measured before and after each run, for a machine that others use changes from second to
/// second. A quick run is repeated for 20 ms.
struct Share {
    double seconds, share;
};

template <class Floor, class F>
Share shareOfFloor(int rounds, int threads, cv::Mat& memory, const Floor& floor, const F& run) {
    std::vector<double> seconds, shares;
    run();
    const int batch = std::max(1, static_cast<int>(0.02 / bench::secondsOf(run)));
    double before = floor(bench::measureRbfRates(threads, memory));
    for (int i = 0; i < rounds; ++i) {
        seconds.push_back(bench::secondsOf([&] {
                              for (int b = 0; b < batch; ++b) run();
                          }) /
                          batch);
        const double after = floor(bench::measureRbfRates(threads, memory));
        shares.push_back((before + after) / 2 / seconds.back());
        before = after;
    }
    return {bench::median(seconds), bench::median(shares)};
}

gkern::RbfParams paramsOf(double sigma, RbfMode mode) {
    gkern::RbfParams params;
    params.sigma = sigma;
    params.accuracy = mode == RbfMode::Fast32 ? gkern::RbfAccuracy::Fast : gkern::RbfAccuracy::Accurate;
    return params;
}

void printHeader(const char* title) {
    std::printf(
        "\n%s\n\n| n = m | d | 32F Accurate, ms | share | 32F Fast, ms | share | itself 32F, ms | share "
        "| "
        "64F, ms | "
        "share | itself 64F, ms | share | gemm + exp, ms |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        title);
}

void printRow(const Options& options, int n, int d, int threads, bool cold) {
    const Data data = makeData(n, d);
    struct Column {
        RbfMode mode;
        bool self;
    };
    std::printf("| %d | %d |", n, d);
    cv::Mat memory(n, n, CV_64F, cv::Scalar(0));
    for (const Column c : {Column{RbfMode::Accurate32, false}, Column{RbfMode::Fast32, false},
                           Column{RbfMode::Accurate32, true}, Column{RbfMode::Accurate64, false},
                           Column{RbfMode::Accurate64, true}}) {
        const bool wide = c.mode == RbfMode::Accurate64;
        const cv::Mat &x = wide ? data.x64 : data.x, &y = wide ? data.y64 : data.y;
        cv::Mat warm(n, n, wide ? CV_64F : CV_32F, memory.data);
        const gkern::RbfParams params = paramsOf(data.sigma, c.mode);
        const Share share = shareOfFloor(
            options.rounds, threads, warm,
            [&](const bench::RbfRates& rates) { return rates.floor(c.mode, n, n, d, c.self); },
            [&] {
                cv::Mat fresh;
                gkern::rbfKernel(x, c.self ? cv::_InputArray(cv::noArray()) : cv::_InputArray(y),
                                 cold ? fresh : warm, params);
            });
        std::printf(" %.2f | %.0f %% |", 1e3 * share.seconds, 100 * share.share);
        std::fflush(stdout);
    }
    if (d <= options.largestPeer) {
        cv::Mat warm(n, n, CV_32F, memory.data);
        const double seconds = leastSeconds(0, [&] {
            cv::Mat fresh;
            gemmKernel(data.x, data.y, data.sigma, cold ? fresh : warm);
        });
        std::printf(" %.1f |\n", 1e3 * seconds);
    } else {
        std::printf(" – |\n");
    }
}

void printMatVec(int n, int threads, int rounds) {
    std::printf(
        "\nK·v without the matrix, n = m = %d, %d threads\n\n| d | 32F Accurate, ms | million pairs/s | "
        "share of "
        "the arithmetic | 32F Fast, ms | 64F, ms |\n|---|---|---|---|---|---|\n",
        n, threads);
    for (const int d : {3, 16, 64}) {
        const Data data = makeData(n, d);
        const cv::Mat v(n, 1, CV_32F, cv::Scalar(1));
        cv::Mat out, memory(1024, 1024, CV_32F);
        const double pairs = double(n) * n;
        Share shares[3];
        for (const RbfMode mode : {RbfMode::Accurate32, RbfMode::Fast32, RbfMode::Accurate64}) {
            const bool wide = mode == RbfMode::Accurate64;
            shares[static_cast<int>(mode)] = shareOfFloor(
                rounds, threads, memory,
                [&](const bench::RbfRates& rates) {
                    return pairs * ((d + 1) / rates.doubleFma + 1 / rates.exponential[0]);
                },
                [&] {
                    gkern::rbfMatVec(wide ? data.x64 : data.x, wide ? data.y64 : data.y, v, out,
                                     paramsOf(data.sigma, mode));
                });
        }
        std::printf("| %d | %.1f | %.0f | %.0f %% | %.1f | %.1f |\n", d, 1e3 * shares[0].seconds,
                    1e-6 * pairs / shares[0].seconds, 100 * shares[0].share, 1e3 * shares[1].seconds,
                    1e3 * shares[2].seconds);
    }
}

void printSmall() {
    std::printf("\nSmall calls, one after the other: ");
    for (const int n : {8, 32, 64}) {
        const Data data = makeData(n, 64);
        cv::Mat K;
        const gkern::RbfParams params = paramsOf(data.sigma, RbfMode::Accurate32);
        const double seconds = leastSeconds(0.05, [&] {
            for (int i = 0; i < 200; ++i) gkern::rbfKernel(data.x, data.y, K, params);
        });
        std::printf("%sn = m = %d, d = 64: %.1f us", n == 8 ? "" : ", ", n, 1e6 * seconds / 200);
    }
    std::printf(".\n");
}

void run(const Options& options) {
    const bench::Machine machine = bench::probeMachine();
    std::printf("%s, %d processors; OpenCV %s; gkern %s, SIMD target %s.\n", machine.cpu.c_str(),
                machine.cores, machine.openCv.c_str(), machine.gkern.c_str(), machine.simd.c_str());
    for (const int threads : options.threads) {
        cv::Mat memory(8192, 8192, CV_32F, cv::Scalar(0));
        const bench::RbfRates r = bench::measureRbfRates(threads, memory);
        std::printf(
            "%d thread%s: %.1f and %.1f billion multiply-adds/s (32F, 64F); %.2f, %.2f and %.2f billion "
            "exponentials/s (32F Accurate, 32F Fast, 64F); %.1f GB/s streamed.\n",
            threads, threads == 1 ? "" : "s", 1e-9 * r.floatFma, 1e-9 * r.doubleFma, 1e-9 * r.exponential[0],
            1e-9 * r.exponential[1], 1e-9 * r.exponential[2], 1e-9 * r.store);
    }
    printSmall();
    for (const int threads : options.threads) {
        cv::setNumThreads(threads);
        printMatVec(10000, threads, options.rounds);
    }
    for (const bool cold : {false, true}) {
        if (cold && !options.cold) break;
        for (const int threads : options.threads) {
            cv::setNumThreads(threads);
            printHeader(cv::format("%d threads, %s destination", threads, cold ? "new" : "warm").c_str());
            for (const int n : options.n)
                for (const int d : options.d) {
                    // One thread and new memory are told by the sizes that do not take seconds.
                    if ((threads == 1 || cold) && double(n) * n * d > 4096.0 * 4096 * 128) continue;
                    printRow(options, n, d, threads, cold);
                }
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "Measures kernel matrices against the limits of the machine and prints Markdown; about four "
        "minutes.");
    Options options;
    app.add_option("--n", options.n, "numbers of vectors")->delimiter(',')->capture_default_str();
    app.add_option("--d", options.d, "numbers of features")->delimiter(',')->capture_default_str();
    app.add_option("--threads", options.threads, "numbers of threads")->delimiter(',')->capture_default_str();
    app.add_option("--rounds", options.rounds, "runs of which each number is the median")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--largest-peer", options.largestPeer, "largest d for cv::gemm + cv::exp")
        ->capture_default_str();
    app.add_flag("--no-cold{false}", options.cold, "warm destinations only");
    app.add_flag("--quick", options.quick, "a few rows, half a minute");
    CLI11_PARSE(app, argc, argv);
    if (options.quick) {
        options.n = {4096};
        options.d = {3, 32, 128};
        options.threads = {2};
        options.cold = false;
    }
    run(options);
    return 0;
}
