// SPDX-License-Identifier: Apache-2.0
// The two passes of the direct engine over 8-bit pixels by themselves: on every SIMD target each sum over x,
// and each level from sums over y, is bit for bit what plain integer arithmetic makes of the same weights.
#include <doctest/doctest.h>

#include <cmath>

#include "blur/direct_integer.hpp"
#include "blur/plan.hpp"
#include "gkern/weights.hpp"
#include "support/simd_targets.hpp"

using gkern::detail::AxisKernel;
using gkern::detail::IntegerBlock;
using gkern::detail::IntegerLine;
using gkern::detail::IntegerPairs;
using gkern::detail::IntegerTaps;
using gkern::detail::kBlockRows;
using gkern::detail::kIntegerLanes;

namespace {

constexpr ptrdiff_t kWidths[] = {1, 7, 8, 15, 16, 17, 31, 33, 63, 65, 100};

IntegerTaps tapsOf(int size, double sigma) {
    AxisKernel kernel;
    const cv::Mat weights = gkern::gaussianWeights(size, sigma);
    kernel.weights.assign(weights.begin<double>(), weights.end<double>());
    kernel.anchor = size / 2;
    return gkern::detail::makeIntegerTaps(kernel, kernel, 0.01);
}

/// Every reach that has code of its own, longer ones, and such as have outer weights.
std::vector<IntegerTaps> allTaps() {
    std::vector<IntegerTaps> all;
    for (const int size : {1, 3, 5, 7, 9, 11, 13, 15, 25, 31, 43, 45, 51}) {
        const IntegerTaps taps = tapsOf(size, 0.3 * (size / 2 - 1) + 0.8);
        if (taps.inUse()) all.push_back(taps);
    }
    return all;
}

/// Weights by distance in eighths of a unit; `centre`: times that of the centre.
std::vector<int64_t> eighths(const IntegerPairs& pairs, int centre) {
    std::vector<int64_t> weights(2 * static_cast<size_t>(pairs.count()));
    for (int i = 0; i < pairs.count(); ++i) {
        const auto pair = static_cast<uint32_t>(pairs.even[static_cast<size_t>(i)]);
        const size_t near = weights.size() - 2 * (static_cast<size_t>(i) + 1);
        const int unit = i < pairs.outer ? 1 : 8;
        weights[near] = int64_t{unit} * (pair & 0xFFFF);
        weights[near + 1] = int64_t{unit} * (pair >> 16);
    }
    weights[0] *= centre;
    return weights;
}

/// Σ weight·at(distance) in whole units, that of the outer weights rounded half up.
template <class At>
int64_t sumOf(const std::vector<int64_t>& weights, const At& at) {
    int64_t sum = weights[0] * at(0);
    for (int i = 1; i < static_cast<int>(weights.size()); ++i)
        sum += weights[static_cast<size_t>(i)] * (at(-i) + at(i));
    return (sum + 4) >> 3;  // all but the outer weights are multiples of eight
}

/// Numbers of a vector of 16 bits.
ptrdiff_t lanesOf(int64_t target) {
    if (target == HWY_AVX3_DL || target == HWY_AVX3) return 32;
    return target == HWY_AVX2 ? 16 : 8;
}

/// Where element e of the first (0) or second row (1) stands in a line: vectors are interleaved in parts of
/// 16 bytes.
size_t placeOf(ptrdiff_t e, int row, ptrdiff_t lanes) {
    const ptrdiff_t first = e / lanes * lanes, part = e % lanes / 8, i = e % 8;
    return static_cast<size_t>(2 * first + i / 4 * lanes + 8 * part + i % 4 * 2 + row);
}

/// A line of numbers at an address that vectors may be loaded from.
struct Line {
    explicit Line(ptrdiff_t width)
        : memory(static_cast<size_t>((width / kIntegerLanes + 1) * kIntegerLanes * 2 + kIntegerLanes)) {
        const auto past = reinterpret_cast<uintptr_t>(memory.data()) % gkern::detail::kVectorBytes;
        numbers = memory.data() + (past == 0 ? 0 : (gkern::detail::kVectorBytes - past) / sizeof(int16_t));
    }
    Line(Line&&) = default;
    std::vector<int16_t> memory;
    int16_t* numbers;
};

/// The largest sum over x that pixels have.
int largestSum(const IntegerTaps& taps) {
    const std::vector<int64_t> weights = eighths(taps.x, 1);
    return static_cast<int>((sumOf(weights, [](int) { return 255; }) + taps.startX) >> taps.shiftX);
}

}  // namespace

TEST_CASE("integer sums over x: bit for bit those of plain arithmetic") {
    cv::RNG rng(11);
    int withOuter = 0;
    for (const IntegerTaps& taps : allTaps()) {
        const std::vector<int64_t> weights = eighths(taps.x, 1);
        withOuter += taps.x.outer > 0;
        CAPTURE(taps.reachX);
        CAPTURE(taps.x.outer);
        for (const ptrdiff_t channels : {1, 2, 3, 4, 7})
            for (const ptrdiff_t width : kWidths) {
                CAPTURE(channels);
                CAPTURE(width);
                IntegerLine line;
                line.taps = &taps;
                line.channels = channels;
                line.margin = 2 * taps.x.count();
                line.width = width;
                cv::Mat rows(2, static_cast<int>(width + 2 * line.margin * channels + kIntegerLanes), CV_8U);
                rng.fill(rows, cv::RNG::UNIFORM, 0, 256);
                for (int r = 0; r < 2; ++r) line.rows[r] = line.next[r] = rows.ptr(r);
                for (const int64_t target : support::targetsWithDotProducts()) {
                    CAPTURE(support::name(target));
                    const support::OnlyTarget only(target);
                    const Line out(width);
                    line.out = out.numbers;
                    gkern::detail::integerHorizontal(line);
                    int wrong = 0;
                    for (int r = 0; r < 2; ++r)
                        for (ptrdiff_t e = 0; e < width; ++e) {
                            const uint8_t* centre = line.rows[r] + line.margin * channels + e;
                            const int64_t sum =
                                sumOf(weights, [&](int m) { return int64_t{centre[m * channels]}; });
                            wrong += out.numbers[placeOf(e, r, lanesOf(target))] !=
                                     (sum + taps.startX) >> taps.shiftX;
                        }
                    REQUIRE_EQ(wrong, 0);
                }
            }
    }
    CHECK_GT(withOuter, 1);
}

namespace {

/// Sums over x of the rows that output rows 0 … 3 read, the same for every element.
struct Column {
    explicit Column(const IntegerTaps& t)
        : taps(t),
          weights(eighths(t.y, 2)),
          before(2 * t.y.count()),
          rows(2 * static_cast<size_t>(before + 2)) {}

    int& row(int y) { return rows[static_cast<size_t>(y + before)]; }
    int64_t sum(int y) const {
        return sumOf(weights, [&](int m) { return int64_t{rows[static_cast<size_t>(y + m + before)]}; });
    }
    int level(int y) const { return static_cast<int>((sum(y) + taps.startY) >> taps.shiftY); }

    /// Changes row 0 and the one after it so that their part of the sum of row 0, which has been rounded up,
    /// takes this to a level to the last bit. False if they do not get there.
    bool landOnLevel(int limit) {
        for (int i = 0; i <= 1; ++i) row(i) = 0;
        int64_t rest = sum(0);
        const int64_t levels = int64_t{1} << taps.shiftY, w0 = weights[0] / 8, w1 = weights[1] / 8;
        for (int a = -limit; a <= limit; ++a) {
            const int64_t now = rest + w0 * a + taps.startY;
            for (int64_t level = now / levels - 60; level <= now / levels + 60; ++level) {
                const int64_t missing = level * levels - now;
                if (level < 1 || level > 255 || missing % w1 != 0 || std::abs(missing / w1) > limit) continue;
                row(0) = a;
                row(1) = static_cast<int>(missing / w1);
                return true;
            }
        }
        return false;
    }

    const IntegerTaps& taps;
    std::vector<int64_t> weights;
    int before;
    std::vector<int> rows;
};

/// Outer sums that are rounded up.
bool roundsUp(const Column& column) {
    int64_t sum = 0;
    const int all = static_cast<int>(column.weights.size());
    for (int i = all - 2 * column.taps.y.outer; i < all; ++i)
        sum += column.weights[static_cast<size_t>(i)] * (column.rows[static_cast<size_t>(column.before - i)] +
                                                         column.rows[static_cast<size_t>(column.before + i)]);
    return (sum & 7) >= 4;
}

void checkColumn(Column& column, ptrdiff_t width, uint8_t flip) {
    const IntegerTaps& taps = column.taps;
    for (const int64_t target : support::targetsWithDotProducts()) {
        CAPTURE(support::name(target));
        const support::OnlyTarget only(target);
        std::vector<Line> lines;
        std::vector<const int16_t*> pointers;
        for (int i = 0; i < column.before + 2; ++i) {
            lines.emplace_back(width);
            for (ptrdiff_t e = 0; e < width; ++e)
                for (int r = 0; r < 2; ++r)
                    // Every other element has the other sign: lanes are not mixed up.
                    lines.back().numbers[placeOf(e, r, lanesOf(target))] =
                        static_cast<int16_t>(e % 2 == 0 ? column.row(2 * i + r - column.before) : 0);
            pointers.push_back(lines.back().numbers);
        }
        cv::Mat result(kBlockRows, static_cast<int>(width) + 1, CV_8U, cv::Scalar(77));
        IntegerBlock block;
        block.taps = &taps;
        block.flip = flip;
        block.lines = pointers.data();
        block.width = width;
        for (int r = 0; r < kBlockRows; ++r) block.next[r] = block.dst[r] = result.ptr(r);
        gkern::detail::integerVertical(block);
        for (int r = 0; r < kBlockRows; ++r) {
            int wrong = 0;
            for (int e = 0; e < width; ++e)
                wrong += result.at<uint8_t>(r, e) != ((e % 2 == 0 ? column.level(r) : 128) ^ flip);
            CAPTURE(r);
            REQUIRE_EQ(wrong, 0);
            REQUIRE_EQ(result.at<uint8_t>(r, static_cast<int>(width)), 77);
        }
    }
}

}  // namespace

TEST_CASE("integer sums over y: levels bit for bit those of plain arithmetic, and nothing beyond a row") {
    cv::RNG rng(12);
    int onLevel = 0;
    for (const IntegerTaps& taps : allTaps()) {
        const int limit = largestSum(taps);
        CAPTURE(taps.reachY);
        CAPTURE(taps.y.outer);
        for (const ptrdiff_t width : kWidths)
            for (const uint8_t flip : {0x00, 0x80}) {
                CAPTURE(width);
                Column column(taps);
                for (int& number : column.rows) number = rng.uniform(-limit, limit + 1);
                checkColumn(column, width, flip);
                // A level that is reached by the rounding of outer sums alone.
                if (taps.y.outer == 0) continue;
                Column exact(taps);
                for (int trial = 0; trial < 20; ++trial) {
                    for (int& number : exact.rows) number = rng.uniform(-limit / 2, limit / 2);
                    if (!roundsUp(exact) || !exact.landOnLevel(limit)) continue;
                    ++onLevel;
                    checkColumn(exact, width, flip);
                    break;
                }
            }
    }
    CHECK_GT(onLevel, 10);
}
