// SPDX-License-Identifier: Apache-2.0
// Micro benchmarks, e.g. bench_blur --benchmark_filter='direct/32FC1/sigma:2/threads:2/3840x2160'
#include <benchmark/benchmark.h>

#include <sstream>

#include "contenders.hpp"

namespace {

void registerTask(const bench::Task& task) {
    std::ostringstream suffix;
    suffix << '/' << bench::typeName(task.type) << "/sigma:" << task.sigma << "/threads:" << task.threads
           << '/' << task.size.width << 'x' << task.size.height;
    for (const char* name : {"direct", "auto", bench::kGaussianBlur, bench::kSepFilter2D, bench::kMemcpy}) {
        // The pictures are made when the benchmark runs: all of them at once would not fit the memory.
        const auto run = [task, name](benchmark::State& state) {
            cv::setNumThreads(task.threads);
            const bool opencv =
                name == std::string(bench::kGaussianBlur) || name == std::string(bench::kSepFilter2D);
            const bool copy = name == std::string(bench::kMemcpy);
            const bench::Contest contest(
                task, opencv || copy ? std::vector<std::string>() : std::vector<std::string>{name});
            for (const bench::Contender& contender : contest.contenders()) {
                if (contender.name != name) continue;
                for (auto _ : state) {
                    contender.run();
                    benchmark::ClobberMemory();
                }
                state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * task.size.area() *
                                        static_cast<int64_t>(CV_ELEM_SIZE(task.type)));
                return;
            }
            state.SkipWithError("not served");
        };
        benchmark::RegisterBenchmark((name + suffix.str()).c_str(), run)
            ->UseRealTime()
            ->Unit(benchmark::kMicrosecond);
    }
}

}  // namespace

int main(int argc, char** argv) {
    for (const int type : {CV_32FC1, CV_8UC1, CV_16UC1, CV_64FC1, CV_8UC3, CV_32FC3})
        for (const double sigma : {0.5, 1.0, 2.0, 3.0})
            for (const int threads : {1, 2})
                for (const cv::Size size : {cv::Size(16, 16), cv::Size(64, 64), cv::Size(256, 256),
                                            cv::Size(512, 512), cv::Size(3840, 2160)})
                    registerTask({type, size, {0, 0}, sigma, threads});
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
}
