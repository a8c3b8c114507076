// SPDX-License-Identifier: Apache-2.0
// Clock, medians, and the interleaved loop that makes times comparable on a machine whose speed drifts.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace bench {

template <class F>
double secondsOf(const F& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Median seconds of a single run of each of `works`, taken in turns.
/// @param warmUp seconds of turns before the first that counts.
/// @param atLeast seconds that one sample lasts, by repeating quick work.
template <class Work>
std::vector<double> interleavedMedians(const std::vector<Work>& works, int repetitions, double warmUp,
                                       double atLeast) {
    std::vector<int> batch(works.size(), 1);
    std::vector<std::vector<double>> samples(works.size());
    const auto sample = [&](size_t i) {
        return secondsOf([&] {
            for (int b = 0; b < batch[i]; ++b) works[i]();
        });
    };
    double warm = 0;
    do {
        for (size_t i = 0; i < works.size(); ++i) {
            const double seconds = sample(i);
            warm += seconds;
            if (seconds < atLeast) batch[i] *= 2;
        }
    } while (warm < warmUp);
    for (int r = 0; r < repetitions; ++r)
        for (size_t i = 0; i < works.size(); ++i) samples[i].push_back(sample(i) / batch[i]);
    std::vector<double> medians;
    for (const auto& s : samples) medians.push_back(median(s));
    return medians;
}

}  // namespace bench
