// SPDX-License-Identifier: Apache-2.0
// The weights of the direct engine over 8-bit pixels as integers: their bound against one computed from them
// tap by tap, and that no sum of theirs leaves its bits, whatever the pixels are.
#include <doctest/doctest.h>

#include <cmath>

#include "blur/plan.hpp"
#include "gkern/weights.hpp"

using gkern::detail::AxisKernel;
using gkern::detail::IntegerPairs;
using gkern::detail::IntegerTaps;
using gkern::detail::makeIntegerTaps;

namespace {

int first(int32_t pair) {
    return pair & 0xFFFF;
}
int second(int32_t pair) {
    return static_cast<int>(static_cast<uint32_t>(pair) >> 16);
}

/// Weights by distance, in eighths, from pairs by distance; the centre's as it stands there.
std::vector<int64_t> byDistance(const IntegerPairs& pairs) {
    std::vector<int64_t> weights(2 * static_cast<size_t>(pairs.count()));
    for (int i = 0; i < pairs.count(); ++i) {
        const auto pair = static_cast<size_t>(i), near = weights.size() - 2 * (pair + 1);
        const int unit = i < pairs.outer ? 1 : 8;
        weights[near] = int64_t{unit} * first(pairs.even[pair]);
        weights[near + 1] = int64_t{unit} * second(pairs.even[pair]);
        CHECK_EQ(first(pairs.odd[pair]), second(pairs.even[pair]));
        CHECK_EQ(second(pairs.odd[pair]), first(pairs.even[pair]));
    }
    return weights;
}

/// Weights tap by tap, in eighths, from a line: of sums that begin with the first of two neighbours, or the
/// second.
std::vector<int64_t> alongLine(const std::vector<int32_t>& pairs, int outer, bool odd) {
    std::vector<int64_t> weights;
    for (size_t j = 0; j < pairs.size(); ++j) {
        const bool isOuter = j < static_cast<size_t>(outer) || j >= pairs.size() - static_cast<size_t>(outer);
        weights.push_back((isOuter ? 1 : 8) * first(pairs[j]));
        weights.push_back((isOuter ? 1 : 8) * second(pairs[j]));
    }
    weights.erase(odd ? weights.begin() : weights.end() - 1);
    return weights;
}

/// Both taps of every pair, from one end to the other.
std::vector<long double> unfolded(const std::vector<int64_t>& weights, int reach, int centre) {
    std::vector<long double> taps;
    for (int i = -reach; i <= reach; ++i)
        taps.push_back(weights[static_cast<size_t>(std::abs(i))] * (i == 0 ? centre : 1) / 8.0L);
    return taps;
}

AxisKernel padded(AxisKernel kernel, int reach) {
    kernel.weights.insert(kernel.weights.begin(), static_cast<size_t>(reach - kernel.anchor), 0.0);
    kernel.weights.resize(2 * static_cast<size_t>(reach) + 1);
    return kernel;
}

void check(const AxisKernel& x, const AxisKernel& y, const IntegerTaps& taps) {
    const std::vector<int64_t> ofX = byDistance(taps.x), ofY = byDistance(taps.y);

    // Every form of the weights over x is the same.
    const std::vector<long double> tapsX = unfolded(ofX, taps.reachX, 1),
                                   tapsY = unfolded(ofY, taps.reachY, 2);
    for (const bool odd : {false, true}) {
        const std::vector<int64_t> line =
            alongLine(odd ? taps.line.odd : taps.line.even, taps.line.outer, odd);
        REQUIRE_EQ(line.size(), tapsX.size());
        for (size_t i = 0; i < line.size(); ++i) CHECK_EQ(line[i] / 8.0L, tapsX[i]);
    }

    // The worst picture, each pixel 127.5 to the side where its weight is off.
    const long double gainX = std::ldexp(1.0L, taps.shiftX), levels = std::ldexp(1.0L, taps.shiftY);
    const AxisKernel kernelX = padded(x, taps.reachX), kernelY = padded(y, taps.reachY);
    long double off = 0, massX = 0, massY = 0;
    for (size_t j = 0; j < tapsY.size(); ++j)
        for (size_t i = 0; i < tapsX.size(); ++i)
            off += std::abs(tapsX[i] / gainX * tapsY[j] / levels -
                            static_cast<long double>(kernelX.weights[i]) * kernelY.weights[j]);
    for (const long double tap : tapsX) massX += tap;
    for (const long double tap : tapsY) massY += tap;
    // Half a unit of each sum over x, what their middle is off, and half of a unit of either axis for outer
    // sums.
    const long double middleOff = std::abs(gainX / 2 - taps.startX - 127.5L * massX),
                      roundedX =
                          (0.5L + (middleOff + (taps.x.outer > 0 ? 0.5L : 0)) / gainX) * massY / levels;
    const long double roundings = roundedX + (taps.y.outer > 0 ? 0.5L : 0) / levels;
    CHECK_LE(static_cast<double>(middleOff), 0.5);
    CHECK_LE(static_cast<double>(127.5L * off + roundings), taps.bound * (1 + 1e-9));

    // Sums over x fit in 15 bits and a sign, so that two of them add up in 16; their middle is 0.
    const long double largest = (255 * massX + taps.startX) / gainX, smallest = taps.startX / gainX;
    CHECK_LE(static_cast<double>(std::max(largest, -smallest)), 16383.5);
    CHECK_LE(static_cast<double>(std::abs(largest + smallest)), 1.1);

    // Weights are numbers of 16 bits, and outer sums fit in 32.
    for (const IntegerPairs* pairs : {&taps.x, &taps.y, &taps.line}) {
        int64_t outer = 0;
        for (int i = 0; i < pairs->count(); ++i) {
            const auto pair = static_cast<size_t>(i);
            for (const int32_t weights : {pairs->even[pair], pairs->odd[pair]}) {
                CHECK_LE(first(weights), 32767);
                CHECK_LE(second(weights), 32767);
            }
            if (i < pairs->outer || (pairs == &taps.line && i >= pairs->count() - pairs->outer))
                outer += first(pairs->even[pair]) + second(pairs->even[pair]);
        }
        int64_t number = 255;  // a pixel, two of them, or two sums over x
        if (pairs == &taps.x) number = 510;
        if (pairs == &taps.y) number = 2 * 16383 + 1;
        CHECK_LT(outer * number + 4, int64_t{1} << 31);
    }

    // Levels of the darkest and the brightest picture.
    const long double dark = smallest * massY / levels + 128, bright = largest * massY / levels + 128;
    CHECK_GE(static_cast<double>(dark), 0.4);
    CHECK_LT(static_cast<double>(bright), 256 - 0.4);
    CHECK_EQ(static_cast<long double>(taps.startY), 128 * levels);
}

AxisKernel gaussian(int size, double sigma) {
    AxisKernel kernel;
    const cv::Mat weights = gkern::gaussianWeights(size, sigma);
    kernel.weights.assign(weights.begin<double>(), weights.end<double>());
    kernel.anchor = size / 2;
    return kernel;
}

}  // namespace

TEST_CASE("integer weights: the bound is that of the worst picture, and nothing overflows") {
    int inUse = 0;
    for (int size = 1; size <= 63; size += 2)
        for (const double sigma : {0.1, 0.35, 0.6, 1.0, 1.7, 3.0, 6.5, 40.0})
            for (const int other : {0, 1, 5, 12}) {
                const AxisKernel x = gaussian(size, sigma),
                                 y = gaussian(std::max(1, size - 2 * other), 1.3 * sigma);
                for (const double allowed : {0.01, 0.1}) {
                    const IntegerTaps taps = makeIntegerTaps(x, y, allowed);
                    if (!taps.inUse()) continue;
                    ++inUse;
                    CAPTURE(size);
                    CAPTURE(sigma);
                    CAPTURE(other);
                    CHECK_LE(taps.bound, allowed);
                    check(x, y, taps);
                }
            }
    CHECK_GT(inUse, 1000);
}

TEST_CASE("integer weights: kernels that are not symmetric, and bounds below what 16 bits hold, have none") {
    AxisKernel even = gaussian(4, 1);
    even.anchor = 2;
    CHECK_FALSE(makeIntegerTaps(even, gaussian(5, 1), 1).inUse());
    CHECK_FALSE(makeIntegerTaps(gaussian(5, 1), even, 1).inUse());
    AxisKernel skewed = gaussian(5, 1);
    skewed.weights[0] *= 1.5;
    CHECK_FALSE(makeIntegerTaps(skewed, gaussian(5, 1), 1).inUse());
    CHECK_FALSE(makeIntegerTaps(gaussian(5, 1), gaussian(5, 1), 0.001).inUse());
    CHECK_FALSE(makeIntegerTaps(gaussian(201, 30), gaussian(5, 1), 1).inUse());
}
