// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#include <fstream>
#include <opencv2/core.hpp>
#include <thread>

#include "measure.hpp"

namespace bench {
namespace {

std::string cpuName() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
    return "unknown";
}

double rate(double (*fmas)(long)) {
    std::vector<double> rates;
    for (int i = 0; i < 9; ++i) {
        double done = 0;
        const double seconds = secondsOf([&] { done = fmas(2'000'000); });
        rates.push_back(done / seconds);
    }
    return median(rates);
}

double jointSpeedup() {
    constexpr long kRounds = 8'000'000;
    std::vector<double> ratios;
    for (int i = 0; i < 7; ++i) {
        const double alone = secondsOf([] { floatFmas(kRounds); });
        const double together = secondsOf([] {
            std::thread other([] { floatFmas(kRounds); });
            floatFmas(kRounds);
            other.join();
        });
        ratios.push_back(2 * alone / together);
    }
    return median(ratios);
}

}  // namespace

Machine probeMachine() {
    Machine machine;
    machine.cpu = cpuName();
    machine.cores = static_cast<int>(std::thread::hardware_concurrency());
    machine.openCv = cv::getVersionString();
    machine.gkern = GKERN_VERSION;
    machine.simd = simdTarget();
    machine.floatRate = rate(floatFmas);
    machine.doubleRate = rate(doubleFmas);
    machine.jointSpeedup = jointSpeedup();
    return machine;
}

}  // namespace bench
