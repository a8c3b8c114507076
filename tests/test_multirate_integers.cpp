// SPDX-License-Identifier: Apache-2.0
// 8-bit rows of the multirate engine in integers: the weights against those that they round, and both passes
// bit for bit against plain arithmetic on every SIMD target.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "blur/multirate_integers.hpp"
#include "blur/multirate_plan.hpp"
#include "support/multirate_cases.hpp"
#include "support/simd_targets.hpp"

using gkern::BlurParams;
using gkern::detail::IntegerRows;
using gkern::detail::kLevelBits;
using gkern::detail::LineChain;
using gkern::detail::LineLayout;
using gkern::detail::MultiratePlan;
using gkern::detail::pairsOf;
using gkern::detail::RowPair;
using support::OnlyTarget;

namespace {

constexpr int kRows = gkern::detail::kLanes<float>;

int16_t ofPair(const RowPair& pair, int row) {
    return row == 0 ? pair.upper : pair.lower;
}

std::vector<RowPair> randomPairs(cv::RNG& rng, size_t count, int least, int most) {
    std::vector<RowPair> pairs(count);
    for (RowPair& pair : pairs)
        pair = {static_cast<int16_t>(rng.uniform(least, most + 1)),
                static_cast<int16_t>(rng.uniform(least, most + 1))};
    return pairs;
}

/// Worst Σ|rounded/gain − weight| of a node; the rounded ones have the sum `gain`.
double worstNode(const IntegerRows& rows, const LineChain& chain) {
    double worst = 0;
    for (const LineLayout::Node& node : chain.nodes) {
        double lost = 0;
        int64_t sum = 0;
        for (int i = 0; i < node.count; ++i) {
            const int16_t weight = rows.analysis[node.offset + i];
            lost += std::abs(static_cast<double>(weight) / rows.gain - chain.analysis[node.offset + i]);
            sum += weight;
        }
        REQUIRE_EQ(sum, rows.gain);
        worst = std::max(worst, lost);
    }
    return worst;
}

/// Worst Σ|rounded − weight| of a row of dst, and what a level is in rows of 16 bits. The same weights serve
/// windows that begin with either row of a pair.
double worstRow(const IntegerRows& rows, const LineChain& x, const LineChain& y, double& level) {
    double worst = 0;
    int64_t back = 0;
    for (size_t row = 0; row < y.start.size(); ++row) {
        const double* weights = &y.synthesis[row * y.width];
        int64_t sum = 0;
        for (int odd = 0; odd < 2; ++odd) {
            const RowPair* pairs = &rows.synthesis[odd][row * pairsOf(y.width, odd)];
            sum = 0;
            for (int i = 0; i < 2 * pairsOf(y.width, odd); ++i) {
                const int16_t weight = ofPair(pairs[i / 2], i % 2);
                sum += weight;
                const int node = i - odd;
                if (node < 0 || node >= y.width)
                    REQUIRE_EQ(weight, 0);
                else
                    REQUIRE_EQ(weight,
                               ofPair(rows.synthesis[0][row * pairsOf(y.width, 0) + node / 2], node % 2));
            }
            REQUIRE((back == 0 || back == sum));
            back = sum;
        }
        double lost = 0;
        for (int i = 0; i < y.width; ++i)
            lost += std::abs(
                static_cast<double>(ofPair(rows.synthesis[0][row * pairsOf(y.width, 0) + i / 2], i % 2)) /
                    static_cast<double>(sum) -
                weights[i]);
        worst = std::max(worst, lost);
    }
    level = std::ldexp(1.0, kLevelBits) / static_cast<double>(back);
    for (size_t i = 0; i < x.synthesis.size(); ++i)
        REQUIRE_EQ(rows.along[i], doctest::Approx(x.synthesis[i] * level).epsilon(1e-6));
    return worst;
}

}  // namespace

TEST_CASE("multirate rows in integers: weights of any size of picture stay within the bound, and add up") {
    for (const double sigma : {4.1, 5.0, 7.3, 12.0, 20.0, 51.0, 300.0, 900.0})
        for (const int border : support::kBorders) {
            const BlurParams params = support::multirate(sigma, sigma, border);
            const MultiratePlan plan = gkern::detail::makeMultiratePlan(params, CV_8U);
            CAPTURE(sigma);
            CAPTURE(border);
            REQUIRE(plan.integerRows);
            for (const int size : {2, 3, 5, 9, 16, 31, 64, 100, 241, 1080}) {
                CAPTURE(size);
                const LineChain x = gkern::detail::chainOf(plan.x, plan.kernelX, 37, 0, 37, border);
                const LineChain y = gkern::detail::chainOf(plan.y, plan.kernelY, size, 0, size, border);
                const IntegerRows rows(plan.y, x, y);
                REQUIRE(rows.inUse());
                double level = 0;
                const double lost = worstNode(rows, y) + worstRow(rows, x, y, level) + 0.5 / level / 127.5;
                CHECK_LE(lost, gkern::detail::integerRowsBound(plan.y));
                // Rows have room for a fifth more than the range of levels.
                CHECK_LE(1.2 * 127.5 * level, 32767);
                if (size > 8 * plan.y.spacing) CHECK_GE(lost, 0.2 * gkern::detail::integerRowsBound(plan.y));
            }
        }
}

TEST_CASE(
    "multirate rows in integers: sums bit for bit those of plain arithmetic, as levels and transposed") {
    constexpr int kNodes = 5, kGain = 40000, kMostElements = 200;
    cv::RNG rng(3);
    for (const int depth : {CV_8U, CV_8S})
        for (const int rows : {4, 8})
            for (const int elements : {1, 15, 16, 17, 63, 64, 65, 128, kMostElements})
                for (const int64_t target : support::targetsWithDotProducts()) {
                    CAPTURE(depth);
                    CAPTURE(rows);
                    CAPTURE(elements);
                    CAPTURE(support::name(target));
                    const OnlyTarget only(target);
                    cv::Mat pixels(2 * rows, elements + 3, CV_8U);
                    rng.fill(pixels, cv::RNG::UNIFORM, 0, 256);
                    std::vector<const void*> lines;
                    for (int r = 0; r < 2 * rows; ++r) lines.push_back(pixels.ptr(r));
                    const std::vector<RowPair> weights = randomPairs(rng, kNodes * rows / 2, -32768, 32767);

                    cv::Mat sums(kRows, 256, CV_32S);
                    sums.setTo(0);
                    for (int q = 2; q < kNodes; ++q) sums.row(q).setTo(77);  // nothing has begun there
                    std::vector<int32_t*> begins;
                    for (int q = 0; q < kNodes; ++q) begins.push_back(sums.ptr<int32_t>(q));
                    gkern::detail::Accumulation<int32_t> job{lines.data(),   rows,          3,      elements,
                                                             weights.data(), begins.data(), kNodes, 2};
                    gkern::detail::accumulate(depth, job);
                    job.begun = kNodes;
                    gkern::detail::accumulate(depth, job);

                    // Columns of four elements are written whole.
                    std::vector<float> levels((elements + 3) / 4 * 4 * kRows, -1.0F);
                    gkern::detail::transposed(sums.ptr<int32_t>(), 256, (elements + 3) / 4 * 4, kGain,
                                              levels.data());
                    for (int e = 0; e < elements; ++e)
                        for (int q = 0; q < kNodes; ++q) {
                            int64_t sum = 0;
                            for (int r = 0; r < rows; ++r) {
                                const int level = pixels.at<uint8_t>(r, 3 + e) ^ (depth == CV_8S ? 0x80 : 0);
                                sum += 2 * level * ofPair(weights[q * rows / 2 + r / 2], r % 2);
                            }
                            const auto wrapped =
                                static_cast<int32_t>(static_cast<uint32_t>(sum) - 128U * kGain);
                            const float level =
                                static_cast<float>(wrapped) * (1.0F / static_cast<float>(kGain));
                            REQUIRE_EQ(levels[e * kRows + q], level);
                        }
                }
}

TEST_CASE(
    "multirate rows in integers: levels bit for bit those of plain arithmetic, and nothing beyond a row") {
    constexpr int kPairRows = kRows / 2, kStep = 300, kCount = 3;
    cv::RNG rng(4);
    for (const int depth : {CV_8U, CV_8S})
        for (const int width : {2, 3, 4, 5})
            for (const int elements : {1, 16, 31, 63, 64, 65, 127, 128, 200})
                for (const int64_t target : support::targetsWithDotProducts()) {
                    CAPTURE(depth);
                    CAPTURE(width);
                    CAPTURE(elements);
                    CAPTURE(support::name(target));
                    const OnlyTarget only(target);
                    // Beyond the last element they hold what is left of other rows.
                    const std::vector<RowPair> lines = randomPairs(rng, 256 * kPairRows, -20000, 20000);
                    std::vector<RowPair> ring(256 * kPairRows);
                    gkern::detail::transposed(lines.data(), elements, ring.data(), 256);
                    std::vector<const RowPair*> taken;
                    for (int p = 0; p < width; ++p) taken.push_back(&ring[256 * ((p + 3) % kPairRows)]);
                    const std::vector<RowPair> weights = randomPairs(rng, kCount * width, -8000, 32767);
                    std::vector<uint8_t> dst(kCount * kStep, 99);
                    const gkern::detail::Expansion<RowPair> job{taken.data(), weights.data(), width, kCount,
                                                                elements,     dst.data(),     kStep, false};
                    gkern::detail::expand(depth, job);
                    for (int n = 0; n < kCount; ++n)
                        for (int e = 0; e < kStep; ++e) {
                            int64_t sum = 1 << (kLevelBits - 1);
                            for (int p = 0; p < width; ++p)
                                for (int row = 0; row < 2; ++row)
                                    sum += e < elements
                                               ? ofPair(weights[n * width + p], row) *
                                                     int64_t{ofPair(
                                                         lines[e * kPairRows + (p + 3) % kPairRows], row)}
                                               : 0;
                            const auto level = static_cast<int32_t>(static_cast<uint32_t>(sum)) >> kLevelBits;
                            const int pixel = std::clamp(level, -128, 127) + (depth == CV_8U ? 128 : 0);
                            REQUIRE_EQ(dst[n * kStep + e], e < elements ? static_cast<uint8_t>(pixel) : 99);
                        }
                }
}
