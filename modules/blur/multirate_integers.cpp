// SPDX-License-Identifier: Apache-2.0
#include "blur/multirate_integers.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gkern::detail {
namespace {

/// Weights end here, a unit below what 16 bits hold: rounding takes that.
constexpr double kLargestWeight = 32766;

/// Of pixels of 8 bits the sum stays below 2^31.
constexpr double kLargestGain = (1 << 23) - 1;

/// Weights of sum 1 as integers of the sum `gain`: those next below, and above for the ones that lose most.
void roundWeights(const double* weights, int count, int32_t gain, int16_t* out) {
    std::vector<int> order(count);
    std::vector<double> rest(count);
    int32_t missing = gain;
    for (int i = 0; i < count; ++i) {
        const double whole = std::floor(weights[i] * gain);
        out[i] = static_cast<int16_t>(whole);
        rest[i] = weights[i] * gain - whole;
        missing -= out[i];
    }
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return rest[a] > rest[b]; });
    for (int i = 0; i < std::min(missing, count); ++i) ++out[order[i]];
}

double largestOf(const std::vector<double>& weights) {
    return *std::max_element(weights.begin(), weights.end());
}

/// The largest weight of a node on a pixel: that of one in the middle of the window. Elsewhere the weights
/// add up to a little more or less before they are divided by their sum, which the factor allows for.
double peakOf(const Window& window) {
    std::vector<double> weights(window.width());
    window.at(window.width() % 2 == 1 ? 0.5 : 0, weights.data());
    return 1.005 * largestOf(weights) / std::accumulate(weights.begin(), weights.end(), 0.0);
}

}  // namespace

IntegerRows::IntegerRows(const MultirateAxis& axis, const LineChain& x, const LineChain& y) {
    if (x.identity || y.identity) return;
    gain = static_cast<int32_t>(std::min(kLargestGain, kLargestWeight / largestOf(y.analysis)));
    analysis.resize(y.analysis.size());
    for (const LineLayout::Node& node : y.nodes)
        roundWeights(&y.analysis[node.offset], node.count, gain, &analysis[node.offset]);

    // Whatever part of a picture the rows are of.
    const auto back = static_cast<int32_t>(kLargestWeight / peakOf(Window(*axis.window)));
    const double level = std::ldexp(1.0, kLevelBits) / back;
    for (const double weight : x.synthesis) along.push_back(static_cast<float>(weight * level));

    const int width = y.width, rows = static_cast<int>(y.start.size());
    std::vector<int16_t> window(width);
    for (int odd = 0; odd < 2; ++odd) {
        const int pairs = pairsOf(width, odd);
        synthesis[odd].resize(static_cast<size_t>(rows) * pairs);
        for (int row = 0; row < rows; ++row) {
            roundWeights(&y.synthesis[static_cast<size_t>(row) * width], width, back, window.data());
            RowPair* out = &synthesis[odd][static_cast<size_t>(row) * pairs];
            const auto at = [&](int i) { return i >= 0 && i < width ? window[i] : int16_t(0); };
            for (int p = 0; p < pairs; ++p) out[p] = {at(2 * p - odd), at(2 * p + 1 - odd)};
        }
    }
}

double integerRowsBound(const MultirateAxis& y) {
    const Window window(*y.window);
    const double width = window.width(), peak = peakOf(window);
    // Rounding moves half of a unit for each weight at most. Pictures of any size have nodes that are closer
    // than planned, down to every pixel, with as many fewer weights; those that divide them by their sum
    // allow for a twentieth.
    constexpr double kShare = 1.05;
    const double lines = width * y.spacing + 1;
    const double onto = std::max(kShare * peak * (width + 1) / kLargestWeight, lines / kLargestGain) / 2;
    const double back = width / 2 * peak / kLargestWeight, level = kLargestWeight / peak;
    const double rows = 0.5 * level / std::ldexp(1.0, kLevelBits);  // in levels
    return onto + back + rows / 127.5;
}

}  // namespace gkern::detail
