// SPDX-License-Identifier: Apache-2.0
#include "rbf_rates.hpp"

#include <algorithm>
#include <thread>
#include <vector>

#include "machine.hpp"
#include "measure.hpp"

namespace bench {
namespace {

/// What `threads` threads do together in a second, if work(thread) returns how much it does. The best of
/// a few: a limit is what the machine can do, not what it did while it was disturbed.
template <class F>
double rateOf(int threads, const F& work) {
    double best = 0;
    for (int turn = 0; turn < 4; ++turn) {
        std::vector<double> done(static_cast<std::size_t>(threads));
        const double seconds = secondsOf([&] {
            std::vector<std::thread> others;
            for (int t = 1; t < threads; ++t)
                others.emplace_back([&, t] { done[static_cast<std::size_t>(t)] = work(t); });
            done[0] = work(0);
            for (std::thread& other : others) other.join();
        });
        double total = 0;
        for (const double d : done) total += d;
        best = std::max(best, total / seconds);
    }
    return best;
}

}  // namespace

RbfRates measureRbfRates(int threads, cv::Mat& destination) {
    RbfRates rates;
    rates.floatFma = rateOf(threads, [](int) { return floatFmas(800'000); });
    rates.doubleFma = rateOf(threads, [](int) { return doubleFmas(800'000); });
    for (const RbfMode mode : {RbfMode::Accurate32, RbfMode::Fast32, RbfMode::Accurate64})
        rates.exponential[static_cast<int>(mode)] =
            rateOf(threads, [&](int) { return exponentials(mode, 4000); });
    const std::size_t bytes =
        destination.total() * destination.elemSize() / static_cast<std::size_t>(threads) / 64 * 64;
    rates.store = rateOf(threads, [&](int t) {
        streamZeros(destination.data + static_cast<std::size_t>(t) * bytes, bytes);
        return static_cast<double>(bytes);
    });
    return rates;
}

double RbfRates::floor(RbfMode mode, double n, double m, double d, bool self) const {
    const double fma = mode == RbfMode::Fast32 ? floatFma : doubleFma;
    const double arithmetic = n * m * (d / fma + 1 / exponential[static_cast<int>(mode)]) / (self ? 2 : 1);
    return std::max(arithmetic, n * m * (mode == RbfMode::Accurate64 ? 8 : 4) / store);
}

}  // namespace bench
