// SPDX-License-Identifier: Apache-2.0
// The blur against the long double oracle.
#include <doctest/doctest.h>

#include <opencv2/imgproc.hpp>

#include "gkern/blur.hpp"
#include "support/blur_oracle.hpp"
#include "support/pictures.hpp"

using gkern::BlurParams;
using gkern::Engine;
using support::blurred;

namespace {

constexpr int kDepths[] = {CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_16F, CV_32F, CV_64F};
constexpr int kBorders[] = {cv::BORDER_CONSTANT, cv::BORDER_REPLICATE, cv::BORDER_REFLECT,
                            cv::BORDER_REFLECT_101, cv::BORDER_WRAP};
constexpr Engine kEngines[] = {Engine::Auto, Engine::Reference, Engine::SepFilter2D, Engine::Direct};

void checkExact(const cv::Mat& whole, const cv::Rect& roi, const BlurParams& params) {
    CAPTURE(cv::typeToString(whole.type()));
    CAPTURE(whole.size());
    CAPTURE(roi);
    CAPTURE(params.ksize);
    CAPTURE(params.sigmaX);
    CAPTURE(params.sigmaY);
    CAPTURE(params.borderType);
    CAPTURE(static_cast<int>(params.engine));
    const bool isolated = (params.borderType & cv::BORDER_ISOLATED) != 0;
    const support::Line exact =
        isolated ? support::oracleBlur(whole(roi), cv::Rect(0, 0, roi.width, roi.height), params)
                 : support::oracleBlur(whole, roi, params);
    const cv::Mat result = blurred(whole(roi), params);
    REQUIRE_EQ(result.size(), roi.size());
    REQUIRE_EQ(result.type(), whole.type());
    REQUIRE_LE(support::worstError(result, exact),
               support::promised(whole.depth(), gkern::GaussianFilter(params).engine(whole.depth())));
}

/// A value of BORDER_CONSTANT that every depth holds.
cv::Scalar borderValueFor(int depth) {
    return depth >= CV_32F ? cv::Scalar(0.5, -0.25, 1, 0) : cv::Scalar(7, 90, 33, 1);
}

}  // namespace

TEST_CASE("every size in a small box, over depths, borders, channels, kernels and ROIs") {
    const struct {
        cv::Size ksize;
        double sigmaX, sigmaY;
    } kernels[] = {{{0, 0}, 0.7, 0},   {{0, 0}, 2.0, 0.5},  {{3, 3}, 0, 0},   {{5, 4}, 1.1, 0},
                   {{0, 7}, 1.3, 2.4}, {{8, 0}, 0, 1.7},    {{1, 9}, 0, 0},   {{31, 2}, 9, 0},
                   {{2, 1}, 3, 0},     {{0, 0}, 6.0, 11.0}, {{6, 6}, 1e-3, 0}};
    const int channels[] = {1, 3, 2, 4, 1, 7};
    unsigned n = 0;
    for (int height = 1; height <= 16; ++height) {
        for (int width = 1; width <= 40; ++width) {
            for (const int border : kBorders) {
                // Steps that share no factor with the lengths of the lists visit their combinations evenly.
                const auto& kernel = kernels[n % std::size(kernels)];
                const int depth = kDepths[(n / 3) % std::size(kDepths)];
                const int placement = static_cast<int>((n / 5) % 3);  // whole picture, ROI, isolated ROI
                BlurParams params;
                params.ksize = kernel.ksize;
                params.sigmaX = kernel.sigmaX;
                params.sigmaY = kernel.sigmaY;
                params.borderType = border | (placement == 2 ? static_cast<int>(cv::BORDER_ISOLATED) : 0);
                const int cn = channels[(n / 7) % std::size(channels)];
                params.borderValue = cn > 4 ? cv::Scalar::all(1) : borderValueFor(depth);
                params.engine = kEngines[n % std::size(kEngines)];
                const cv::Size margin = placement == 0 ? cv::Size(0, 0) : cv::Size(n % 4 + 1, n % 3 + 1);
                const cv::Mat whole = support::noise({width + 2 * margin.width, height + margin.height},
                                                     CV_MAKETYPE(depth, cn), n);
                checkExact(whole, {margin.width, margin.height / 2, width, height}, params);
                ++n;
            }
        }
    }
}

TEST_CASE("every depth, border, engine and whole Gaussian on a larger picture") {
    for (const int depth : kDepths)
        for (const int border : kBorders)
            for (const double sigma : {0.3, 1.0, 3.0, 10.0}) {
                BlurParams params;
                params.sigmaX = sigma;
                params.borderType = border;
                params.borderValue = borderValueFor(depth);
                params.engine = kEngines[static_cast<int>(sigma) % 3];
                const cv::Mat whole =
                    support::noise({97, 61}, CV_MAKETYPE(depth, 1), static_cast<uint64_t>(border));
                checkExact(whole, {0, 0, 97, 61}, params);
            }
}

TEST_CASE("extreme pixels: alternating and solid extremes of every integer depth") {
    for (const int depth : {CV_8U, CV_8S, CV_16U, CV_16S, CV_32S}) {
        cv::Mat whole = support::noise({64, 64}, CV_MAKETYPE(depth, 1), 9);
        cv::Mat bright = whole > 0;
        double lo = 0, hi = 0;
        static const double los[] = {0, -128, 0, -32768, -2147483648.0},
                            his[] = {255, 127, 65535, 32767, 2147483647.0};
        lo = los[depth];
        hi = his[depth];
        cv::RNG rng(5);
        for (int y = 0; y < whole.rows; ++y)
            for (int x = 0; x < whole.cols; ++x) whole(cv::Rect(x, y, 1, 1)).setTo(rng(2) ? hi : lo);
        for (const double sigma : {0.8, 2.6, 7.0, 40.0}) {
            BlurParams params;
            params.sigmaX = sigma;
            checkExact(whole, {0, 0, 64, 64}, params);
            params.ksize = {41, 23};
            checkExact(whole, {3, 5, 50, 40}, params);
        }
    }
}

TEST_CASE("float pictures of full contrast that rounding is hardest on") {
    for (const double sigma : {1.0, 3.0, 12.0, 30.0, 39.0}) {
        cv::Mat lines(200, 220, CV_32F), checks(200, 220, CV_32F);
        for (int y = 0; y < lines.rows; ++y)
            for (int x = 0; x < lines.cols; ++x) {
                lines.at<float>(y, x) = x % 97 == 50 || y % 89 == 30 ? -1.0f : 1.0f;
                checks.at<float>(y, x) = (x / 7 + y / 5) % 2 == 0 ? 1.0f : -1.0f;
            }
        BlurParams params;
        params.sigmaX = sigma;
        for (const cv::Mat& picture : {lines, checks}) {
            checkExact(picture, {0, 0, 220, 200}, params);
            cv::Mat half;
            picture.convertTo(half, CV_16F);
            checkExact(half, {0, 0, 220, 200}, params);
        }
    }
}

TEST_CASE("a sigma and a kernel much larger than the picture, on every border") {
    for (const Engine engine : {Engine::Reference, Engine::SepFilter2D, Engine::Direct})
        for (const int border : kBorders)
            for (const cv::Size size :
                 {cv::Size(1, 1), cv::Size(1, 17), cv::Size(17, 1), cv::Size(5, 8), cv::Size(40, 9)})
                for (const int depth : {CV_8U, CV_32F, CV_64F}) {
                    BlurParams params;
                    params.sigmaX = 75;
                    params.sigmaY = 21;
                    params.borderType = border;
                    params.borderValue = borderValueFor(depth);
                    params.engine = engine;
                    checkExact(support::noise(size, CV_MAKETYPE(depth, 2), 3),
                               {0, 0, size.width, size.height}, params);
                    params.ksize = {1001, 500};
                    checkExact(support::noise(size, CV_MAKETYPE(depth, 2), 3),
                               {0, 0, size.width, size.height}, params);
                }
}

TEST_CASE("the free function means what cv::GaussianBlur means, up to the definition of the weights") {
    const cv::Mat src = support::noise({120, 90}, CV_32FC3, 1);
    for (const int border : {cv::BORDER_DEFAULT + 0, cv::BORDER_CONSTANT + 0, cv::BORDER_REPLICATE + 0,
                             cv::BORDER_REFLECT + 0}) {
        for (const cv::Size ksize : {cv::Size(5, 5), cv::Size(3, 9), cv::Size(31, 31)}) {
            for (const double sigma : {0.0, 1.5}) {
                BlurParams params;
                params.ksize = ksize;
                params.sigmaX = sigma;
                params.borderType = border;
                params.weights = gkern::WeightModel::Sampled;
                cv::Mat expected, viaFunction, viaFilter;
                cv::GaussianBlur(src, expected, ksize, sigma, 0, border);
                const cv::Mat sampled = blurred(src, params);
                // For σ = 0 and a size up to 7 OpenCV takes binomial weights from a table instead of its
                // rule.
                const bool tabled = sigma == 0 && std::min(ksize.width, ksize.height) <= 7;
                CHECK_LE(cv::norm(sampled, expected, cv::NORM_INF), tabled ? 0.06 : 2e-6);
                params.weights = gkern::WeightModel::Integrated;
                gkern::gaussianBlur(src, viaFunction, ksize, sigma, 0, border);
                CHECK_EQ(cv::norm(viaFunction, blurred(src, params), cv::NORM_INF), 0);
            }
        }
    }
}

TEST_CASE("errorBound is never exceeded, and tolerance widens it") {
    for (const Engine engine : kEngines)
        for (const int depth : {CV_8U, CV_8S, CV_16U, CV_16S, CV_32F, CV_64F})
            for (const double sigma : {0.6, 1.9, 5.0, 21.0})
                for (const double tolerance : {0.0, 1e-9, 1e-5, 1e-2}) {
                    BlurParams params;
                    params.sigmaX = sigma;
                    params.tolerance = tolerance;
                    params.engine = engine;
                    const gkern::GaussianFilter filter(params);
                    const cv::Mat src = support::noise({70, 50}, depth, 4);
                    const support::Line exact = support::oracleBlur(src, {0, 0, 70, 50}, params);
                    constexpr double kLargest[] = {255, 128, 65535, 32768};
                    const double largest = depth <= CV_16S ? kLargest[depth] : 1;
                    // The last rounding: half a level, or half a unit in the last place.
                    const double rounding = depth <= CV_16S   ? 0.5
                                            : depth == CV_32F ? std::ldexp(1.0, -25)
                                                              : 0;
                    CAPTURE(tolerance);
                    CAPTURE(sigma);
                    CHECK_LE(support::worstError(blurred(src, params), exact),
                             largest * filter.errorBound(depth) + rounding);
                    if (tolerance > 0) CHECK_LE(filter.errorBound(depth), tolerance * 1.5 + 1e-5);
                    CHECK_EQ(filter.weightsX(depth).rows % 2, 1);
                }
    // Rounding in float: at the least, that of the last addition of either pass, to a sum of half of full
    // scale. Pictures show less than the bound, as roundings go either way, so that only this finds one too
    // small.
    BlurParams wide;
    wide.ksize = {31, 31};
    wide.sigmaX = 4;
    wide.engine = Engine::Direct;
    CHECK_GE(gkern::GaussianFilter(wide).errorBound(CV_16U) * 65535, 2 * std::ldexp(1.0, -10));
    CHECK_GE(gkern::GaussianFilter(wide).errorBound(CV_8U) * 255, 2 * std::ldexp(1.0, -17));
    BlurParams loose, tight;
    loose.sigmaX = tight.sigmaX = 4;
    loose.tolerance = 1e-2;
    CHECK_LT(gkern::GaussianFilter(loose).weightsX(CV_8U).rows,
             gkern::GaussianFilter(tight).weightsX(CV_8U).rows);
}

TEST_CASE("the bound of any engine on discrete weights stays within the promise") {
    constexpr double kFullScale[] = {255, 128, 65535, 32768, 2147483648.0};
    for (const Engine engine : {Engine::Auto, Engine::Multirate})
        for (const int depth : {CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_64F})
            for (const double sigma : {2.0, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 8.0, 10.0, 12.0})
                for (const double unlike : {1.0, 7.5}) {
                    BlurParams params;
                    params.sigmaX = sigma;
                    params.sigmaY = unlike * sigma;
                    params.weights = gkern::WeightModel::Discrete;
                    params.engine = engine;
                    const double bound = gkern::GaussianFilter(params).errorBound(depth);
                    CAPTURE(depth);
                    CAPTURE(sigma);
                    if (depth == CV_64F)
                        CHECK_LE(bound, 4e-12);
                    else
                        CHECK_LE(bound * kFullScale[depth],
                                 support::promised(depth, Engine::Multirate) - 0.5);
                }
}

TEST_CASE("what is cut off the Gaussian is the middle of the range in integer depths, at either end of it") {
    constexpr double kLowest[] = {0, -128, 0, -32768}, kHighest[] = {255, 127, 65535, 32767};
    for (const int depth : {CV_8U, CV_8S, CV_16U, CV_16S})
        for (const double sigma : {0.5, 2.0, 3.0, 10.0})
            for (const bool low : {false, true}) {
                BlurParams params;
                params.sigmaX = sigma;
                params.engine = Engine::Direct;
                params.borderType = cv::BORDER_REFLECT;
                cv::Mat src(160, 150, depth);
                // Sums of noise come near every fraction of a level, and an error of all of them shows.
                if (low)
                    cv::randu(src, kLowest[depth], kLowest[depth] + 6);
                else
                    cv::randu(src, kHighest[depth] - 5, kHighest[depth] + 1);
                CAPTURE(depth);
                CAPTURE(sigma);
                CAPTURE(low);
                const double largest = std::max(-kLowest[depth], kHighest[depth]);
                const gkern::GaussianFilter filter(params);
                CHECK_LE(support::worstError(blurred(src, params),
                                             support::oracleBlur(src, {0, 0, 150, 160}, params)),
                         0.5 + filter.errorBound(depth) * largest);
                const double sum = cv::sum(filter.weightsX(depth))[0];
                CHECK_LE(sum, 1 + 1e-15);
                CHECK_GE(sum, 1 - filter.errorBound(depth) * 2);
            }
}

TEST_CASE("tolerance asks integer depths for more accuracy than the default, or for less") {
    constexpr double kFullScale[] = {255, 255, 65535, 65535};
    for (const int depth : {CV_8U, CV_8S, CV_16U, CV_16S})
        for (const double sigma : {0.5, 1.0, 3.0, 4.5})
            for (const double levels : {0.0005, 0.002, 0.1}) {
                BlurParams params;
                params.sigmaX = sigma;
                params.tolerance = levels / kFullScale[depth];
                params.engine = Engine::Direct;
                cv::Mat src(96, 80, depth);
                cv::RNG rng(8);
                for (int y = 0; y < src.rows; ++y)  // the pixels that a cut kernel is worst for
                    for (int x = 0; x < src.cols; ++x)
                        src(cv::Rect(x, y, 1, 1))
                            .setTo(rng(3) || (x - 40) * (x - 40) + (y - 48) * (y - 48) < 30 ? -1e9 : 1e9);
                CAPTURE(depth);
                CAPTURE(sigma);
                CAPTURE(levels);
                CHECK_LE(support::worstError(blurred(src, params),
                                             support::oracleBlur(src, {0, 0, 80, 96}, params)),
                         0.5 + 1.5 * levels);
                const double largest =
                    depth == CV_8S || depth == CV_16S ? (kFullScale[depth] + 1) / 2 : kFullScale[depth];
                CHECK_LE(gkern::GaussianFilter(params).errorBound(depth) * largest, 1.5 * levels);
            }
    BlurParams tight, standard;
    tight.sigmaX = standard.sigmaX = 3;
    tight.tolerance = 1e-3 / 255;
    for (const int depth : {CV_8U, CV_16U})
        CHECK_NE(gkern::GaussianFilter(tight).weightsX(depth).rows,
                 gkern::GaussianFilter(standard).weightsX(depth).rows);
}

TEST_CASE("all weight models: the impulse response is the outer product of the weights") {
    for (const auto model :
         {gkern::WeightModel::Integrated, gkern::WeightModel::Sampled, gkern::WeightModel::Discrete}) {
        cv::Mat impulse = cv::Mat::zeros(41, 41, CV_64F);
        impulse.at<double>(20, 20) = 1;
        BlurParams params;
        params.ksize = {15, 9};
        params.sigmaX = 1.7;
        params.sigmaY = 0.9;
        params.weights = model;
        const cv::Mat wx = gkern::gaussianWeights(15, 1.7, model), wy = gkern::gaussianWeights(9, 0.9, model);
        const cv::Mat response = blurred(impulse, params)(cv::Rect(13, 16, 15, 9));
        CHECK_LE(cv::norm(response, wy * wx.t(), cv::NORM_INF), 1e-16);
    }
}
