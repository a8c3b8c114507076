// SPDX-License-Identifier: Apache-2.0
// A blur in long double from the definitions alone: no code and no structure is shared with the library. Each
// axis is a dense matrix that maps a line of pixels to its blurred line; the picture is multiplied by one
// from either side.
#pragma once

#include <cmath>
#include <opencv2/core.hpp>
#include <vector>

#include "gkern/blur.hpp"

namespace support {

using Line = std::vector<long double>;

/// Where the border's rule puts position p of a line of n pixels; −1: the border value.
inline int mirrored(long p, long n, int border) {
    const auto modulo = [](long a, long b) { return static_cast<int>(((a % b) + b) % b); };
    switch (border & ~cv::BORDER_ISOLATED) {
        case cv::BORDER_REPLICATE:
            return static_cast<int>(p < 0 ? 0 : p >= n ? n - 1 : p);
        case cv::BORDER_WRAP:
            return modulo(p, n);
        case cv::BORDER_REFLECT: {
            const int q = modulo(p, 2 * n);
            return q < n ? q : static_cast<int>(2 * n - 1 - q);
        }
        case cv::BORDER_REFLECT_101: {
            if (n == 1) return 0;
            const int q = modulo(p, 2 * n - 2);
            return q < n ? q : static_cast<int>(2 * n - 2 - q);
        }
        default:
            return p >= 0 && p < n ? static_cast<int>(p) : -1;
    }
}

/// Normalised integrated weights; ksize 0: everything above 1e-24.
inline Line oracleTaps(int ksize, double sigma) {
    if (ksize == 0) ksize = 2 * static_cast<int>(std::ceil(10.5 * sigma + 1)) + 1;
    const long double scale = std::sqrt(2.0L) * sigma;
    Line taps(ksize);
    long double sum = 0;
    for (int i = 0; i < ksize; ++i) {
        const long double n = std::abs(i - (ksize - 1) / 2.0L);
        taps[i] = n == 0 ? std::erf(0.5L / scale)
                         : (std::erfc((n - 0.5L) / scale) - std::erfc((n + 0.5L) / scale)) / 2;
        sum += taps[i];
    }
    for (long double& w : taps) w /= sum;
    return taps;
}

/// σ in use on an axis, by the documented rule.
inline double oracleSigma(int ksize, double sigma) {
    return sigma > 0 ? sigma : 0.15 * ksize + 0.35;
}

/// What `roi` of `whole` must be after the blur, row by row, channels interleaved.
inline Line oracleBlur(const cv::Mat& whole, const cv::Rect& roi, const gkern::BlurParams& params) {
    cv::Mat pixels;
    whole.convertTo(pixels, CV_64F);
    const int channels = whole.channels();
    const double sigmaY = params.sigmaY > 0 ? params.sigmaY : params.sigmaX;
    const Line wx = oracleTaps(params.ksize.width, oracleSigma(params.ksize.width, params.sigmaX));
    const Line wy = oracleTaps(params.ksize.height, oracleSigma(params.ksize.height, sigmaY));

    // matrix[k][m]: weight of pixel m in output k of the roi; m = length: weight of the border value
    const auto matrix = [&](const Line& w, int begin, int count, int length) {
        std::vector<Line> a(count, Line(length + 1, 0));
        for (int k = 0; k < count; ++k)
            for (int i = 0; i < static_cast<int>(w.size()); ++i) {
                const int m =
                    mirrored(begin + k + i - static_cast<int>(w.size()) / 2, length, params.borderType);
                a[k][m >= 0 ? m : length] += w[i];
            }
        return a;
    };
    const auto ax = matrix(wx, roi.x, roi.width, whole.cols);
    const auto ay = matrix(wy, roi.y, roi.height, whole.rows);

    Line out(static_cast<size_t>(roi.width) * roi.height * channels);
    for (int c = 0; c < channels; ++c) {
        const long double value = params.borderValue[c & 3];
        std::vector<Line> along(whole.rows + 1, Line(roi.width));
        for (int y = 0; y <= whole.rows; ++y)
            for (int x = 0; x < roi.width; ++x) {
                long double sum = 0;
                for (int m = 0; m <= whole.cols; ++m)
                    if (ax[x][m] != 0)
                        sum += ax[x][m] *
                               (y < whole.rows && m < whole.cols ? pixels.ptr<double>(y, m)[c] : value);
                along[y][x] = sum;
            }
        for (int y = 0; y < roi.height; ++y)
            for (int x = 0; x < roi.width; ++x) {
                long double sum = 0;
                for (int m = 0; m <= whole.rows; ++m) sum += ay[y][m] * along[m][x];
                out[(static_cast<size_t>(y) * roi.width + x) * channels + c] = sum;
            }
    }
    return out;
}

/// Largest |result − exact|.
inline double worstError(const cv::Mat& result, const Line& exact) {
    cv::Mat values;
    result.convertTo(values, CV_64F);
    long double worst = 0;
    size_t i = 0;
    for (int y = 0; y < values.rows; ++y) {
        const auto* row = values.ptr<double>(y);
        for (int e = 0; e < values.cols * values.channels(); ++e) {
            const long double error = std::abs(row[e] - exact[i++]);
            if (!(error <= worst)) worst = error;  // a NaN stays
        }
    }
    return static_cast<double>(worst);
}

/// Deterministic noise over the whole range of the depth ([−1, 1] for floats).
inline cv::Mat noise(cv::Size size, int type, uint64_t seed) {
    cv::RNG rng(seed + 1);
    cv::Mat picture(size, type);
    if (CV_MAT_DEPTH(type) == CV_16F) {
        cv::Mat wide(size, CV_MAKETYPE(CV_32F, CV_MAT_CN(type)));
        rng.fill(wide.reshape(1), cv::RNG::UNIFORM, -1, 1);
        wide.convertTo(picture, CV_16F);
        return picture;
    }
    static const double lo[] = {0, -128, 0, -32768, -2147483648.0, -1, -1},
                        hi[] = {256, 128, 65536, 32768, 2147483647.0, 1, 1};
    const int depth = CV_MAT_DEPTH(type);
    rng.fill(picture.reshape(1), cv::RNG::UNIFORM, lo[depth], hi[depth]);
    return picture;
}

/// What docs/promises.md says of pictures of noise(): integer levels, or a share of the largest |pixel| (1).
inline double promised(int depth, gkern::Engine engine) {
    const bool multirate = engine == gkern::Engine::Multirate;
    switch (depth) {
        case CV_32F:
            return multirate ? 1e-6 : 5e-7;
        case CV_64F:
            return multirate ? 4e-12 : 1e-13;
        case CV_16F:  // half an ULP of the halves in [0.5, 1] more
            return (multirate ? 1e-6 : 5e-7) + std::ldexp(1.0, -12);
        case CV_8U:
        case CV_8S:
            return 0.5 + (multirate ? 0.05 : 0.01);
        case CV_16U:
        case CV_16S:
            return 0.5 + (multirate ? 0.1 : 0.02);
        default:
            return 0.5 + (multirate ? 0.1 : 1e-3);
    }
}

}  // namespace support
