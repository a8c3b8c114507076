// SPDX-License-Identifier: Apache-2.0
// The direct engine on every SIMD target of this processor: against the long double oracle, and bit for bit
// against itself over targets, threads and the parts of a picture.
#include <doctest/doctest.h>

#include "gkern/blur.hpp"
#include "support/blur_oracle.hpp"
#include "support/pictures.hpp"
#include "support/simd_targets.hpp"

using gkern::BlurParams;
using gkern::Engine;
using support::blurred;
using support::identical;
using support::OnlyTarget;
using support::targetsWithFma;

namespace {

constexpr int kDepths[] = {CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_16F, CV_32F, CV_64F};
constexpr int kBorders[] = {cv::BORDER_CONSTANT, cv::BORDER_REPLICATE, cv::BORDER_REFLECT,
                            cv::BORDER_REFLECT_101, cv::BORDER_WRAP};

struct Kernel {
    cv::Size ksize;
    double sigmaX, sigmaY;
};

BlurParams direct(const Kernel& kernel, int border = cv::BORDER_DEFAULT) {
    BlurParams params;
    params.ksize = kernel.ksize;
    params.sigmaX = kernel.sigmaX;
    params.sigmaY = kernel.sigmaY;
    params.borderType = border;
    params.engine = Engine::Direct;
    return params;
}

/// Where there is but one target (NEON), it is chosen when the library is compiled.
constexpr bool kHasChoice = (HWY_TARGETS & (HWY_TARGETS - 1)) != 0;

/// Restores the number of threads.
struct ThreadsGuard {
    ~ThreadsGuard() { cv::setNumThreads(before); }
    int before = cv::getNumThreads();
};

}  // namespace

TEST_CASE("choosing a SIMD target in the test chooses it in the library") {
    const cv::Mat src = support::noise({64, 32}, CV_32FC1, 1);
    const BlurParams params = direct({{9, 9}, 1.7, 0});
    const cv::Mat best = blurred(src, params);
    MESSAGE("best target: ", support::name(targetsWithFma().empty() ? HWY_EMU128 : targetsWithFma().front()));
    for (const int64_t target : targetsWithFma()) {
        const OnlyTarget only(target);
        REQUIRE_EQ(hwy::SupportedTargets(), target);
        CHECK(identical(blurred(src, params), best));
        CHECK_EQ(hwy::SupportedTargets(), target);
    }
    // Without fused multiply-add every product is rounded: the sums must show that the choice has reached the
    // library.
    const bool differs = kHasChoice && !targetsWithFma().empty();
    const OnlyTarget baseline(HWY_EMU128);
    const cv::Mat other = blurred(src, params);
    if (differs) CHECK_FALSE(identical(other, best));
    CHECK_LE(support::worstError(other, support::oracleBlur(src, {0, 0, 64, 32}, params)),
             support::promised(CV_32F, Engine::Direct));
}

TEST_CASE("without fused multiply-add the library does not choose the direct engine") {
    if (!kHasChoice) return;
    const OnlyTarget baseline(HWY_EMU128);
    for (const int depth : kDepths)
        for (const double sigma : {0.5, 2.0, 8.0}) {
            BlurParams params = direct({{0, 0}, sigma, 0});
            params.engine = Engine::Auto;
            CHECK_NE(static_cast<int>(gkern::GaussianFilter(params).engine(depth)),
                     static_cast<int>(Engine::Direct));
        }
}

TEST_CASE("direct engine, every size in a small box on every SIMD target, in every depth and border") {
    const Kernel kernels[] = {{{0, 0}, 0.7, 0},   {{0, 0}, 2.0, 0.5},  {{3, 3}, 0, 0},    {{5, 4}, 1.1, 0},
                              {{0, 7}, 1.3, 2.4}, {{8, 0}, 0, 1.7},    {{1, 9}, 0, 0},    {{31, 2}, 9, 0},
                              {{2, 1}, 3, 0},     {{0, 0}, 6.0, 11.0}, {{6, 6}, 1e-3, 0}, {{9, 1}, 1.2, 0},
                              {{17, 17}, 3, 0}};
    const int channels[] = {1, 3, 2, 4, 1, 5, 3};
    const std::vector<int64_t> targets = targetsWithFma();
    unsigned n = 0;
    for (int height = 1; height <= 16; ++height)
        for (int width = 1; width <= 40; ++width)
            for (const int border : kBorders) {
                // Steps that share no factor with the lengths of the lists visit their combinations evenly.
                for (const int depth : kDepths) {
                    const int cn = channels[(n / 9) % std::size(channels)];
                    const int placement = static_cast<int>((n / 11) % 3);  // whole picture, ROI, isolated ROI
                    BlurParams params =
                        direct(kernels[n % std::size(kernels)],
                               border | (placement == 2 ? static_cast<int>(cv::BORDER_ISOLATED) : 0));
                    params.borderValue = cn > 4 ? cv::Scalar::all(1) : cv::Scalar(7, 90, 33, 1);
                    if (depth >= CV_32F) params.borderValue *= 1.0 / 128;
                    const cv::Size margin = placement == 0 ? cv::Size(0, 0) : cv::Size(n % 4 + 1, n % 3 + 1);
                    const cv::Mat whole = support::noise(
                        {width + 2 * margin.width, height + 2 * margin.height}, CV_MAKETYPE(depth, cn), n);
                    const cv::Rect roi(margin.width, margin.height / 2, width, height);
                    const support::Line exact =
                        placement == 2 ? support::oracleBlur(whole(roi), {0, 0, width, height}, params)
                                       : support::oracleBlur(whole, roi, params);
                    CAPTURE(cv::typeToString(whole.type()));
                    CAPTURE(roi);
                    CAPTURE(placement);
                    CAPTURE(params.ksize);
                    CAPTURE(params.sigmaX);
                    CAPTURE(border);
                    cv::Mat first;
                    for (const int64_t target : targets) {
                        CAPTURE(support::name(target));
                        const OnlyTarget only(target);
                        const cv::Mat result = blurred(whole(roi), params);
                        REQUIRE_LE(support::worstError(result, exact),
                                   support::promised(depth, Engine::Direct));
                        if (first.empty()) first = result;
                        REQUIRE(identical(result, first));
                    }
                    ++n;
                }
            }
}

TEST_CASE("direct engine, every number of pairs of taps along either axis, on every SIMD target") {
    // Up to 18 of them are known to the compiler, in code of their own.
    const std::vector<int64_t> targets = targetsWithFma();
    for (const int depth : kDepths)
        for (const int cn : {1, 3})
            for (int pairs = 0; pairs <= 20; ++pairs) {
                const int other = (7 * pairs + 3) % 21;
                const cv::Mat src = support::noise({65 - pairs, 21}, CV_MAKETYPE(depth, cn), pairs);
                const BlurParams params =
                    direct({{2 * pairs + 1, 2 * other + 1}, 0.3 + pairs / 5.0, 0.3 + other / 5.0});
                const support::Line exact = support::oracleBlur(src, {0, 0, src.cols, src.rows}, params);
                CAPTURE(cv::typeToString(src.type()));
                CAPTURE(params.ksize);
                cv::Mat first;
                for (const int64_t target : targets) {
                    CAPTURE(support::name(target));
                    const OnlyTarget only(target);
                    const cv::Mat result = blurred(src, params);
                    REQUIRE_LE(support::worstError(result, exact), support::promised(depth, Engine::Direct));
                    if (first.empty()) first = result;
                    REQUIRE(identical(result, first));
                }
            }
}

TEST_CASE("direct engine, the same bits on every SIMD target and number of threads") {
    const ThreadsGuard guard;
    for (const int depth : kDepths)
        for (const int cn : {1, 3})
            for (const Kernel& kernel :
                 {Kernel{{0, 0}, 0.5, 0}, Kernel{{0, 0}, 2.2, 1.1}, Kernel{{6, 31}, 4, 0}}) {
                // Wider than a tile and high enough to be split over threads.
                const cv::Mat src = support::patches({3001 / cn, 131}, CV_MAKETYPE(depth, cn), depth + cn);
                const BlurParams params = direct(kernel, cv::BORDER_REFLECT_101);
                CAPTURE(cv::typeToString(src.type()));
                CAPTURE(kernel.ksize);
                cv::setNumThreads(1);
                const cv::Mat expected = blurred(src, params);
                for (const int64_t target : targetsWithFma()) {
                    CAPTURE(support::name(target));
                    const OnlyTarget only(target);
                    for (const int threads : {1, 2, 8}) {
                        CAPTURE(threads);
                        cv::setNumThreads(threads);
                        REQUIRE(identical(blurred(src, params), expected));
                    }
                }
            }
}

TEST_CASE("direct engine, a part of a picture gets the same bits as the whole") {
    cv::RNG rng(11);
    for (const int depth : kDepths)
        for (const int cn : {1, 2, 3, 4}) {
            const cv::Size size(3000 / cn + 7, 75);
            const cv::Mat src = support::patches(size, CV_MAKETYPE(depth, cn), 5 * depth + cn);
            for (const Kernel& kernel :
                 {Kernel{{0, 0}, 1.0, 0}, Kernel{{0, 0}, 3.0, 0.6}, Kernel{{4, 255}, 40, 0}}) {
                const BlurParams params = direct(kernel, kBorders[(depth + cn) % 5]);
                const cv::Mat whole = blurred(src, params);
                for (int trial = 0; trial < 24; ++trial) {
                    // Every height of a last block, narrow and wide parts, and parts on either side of a
                    // tile's edge.
                    const int width = trial % 2 ? rng.uniform(1, 80) : rng.uniform(1, size.width);
                    const int height = 1 + trial % 20;
                    const cv::Rect part(rng.uniform(0, size.width - width + 1),
                                        rng.uniform(0, size.height - height + 1), width, height);
                    CAPTURE(cv::typeToString(src.type()));
                    CAPTURE(kernel.ksize);
                    CAPTURE(kernel.sigmaX);
                    CAPTURE(part);
                    REQUIRE(identical(blurred(src(part), params), whole(part)));
                }
            }
        }
}

TEST_CASE("direct engine, a picture larger than the caches gets the same bits as its parts") {
    for (const int depth : kDepths) {
        const int cols = depth == CV_64F ? 2048 : 3072;
        const cv::Size size(cols, static_cast<int>((size_t{26} << 20) / CV_ELEM_SIZE1(depth) / cols));
        const cv::Mat src = support::noise(size, CV_MAKETYPE(depth, 1), depth);
        const BlurParams params = direct({{0, 0}, 1.0, 0});
        const cv::Mat whole = blurred(src, params);
        CAPTURE(cv::typeToString(src.type()));
        for (int x = 0; x < cols; x += 509)
            for (int y = 0; y < size.height; y += size.height / 5) {
                const cv::Rect part = cv::Rect(x, y, 509, 99) & cv::Rect({}, size);
                REQUIRE(identical(blurred(src(part), params), whole(part)));
            }
    }
}
