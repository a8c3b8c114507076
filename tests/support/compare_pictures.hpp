// SPDX-License-Identifier: Apache-2.0
/// Pairs of pictures of any type for gkern/compare.hpp, and their values one by one.
#pragma once

#include <cmath>
#include <cstdint>
#include <opencv2/core.hpp>
#include <utility>
#include <vector>

namespace compare_pictures {

inline const std::vector<int> kDepths{CV_8U, CV_8S, CV_16U, CV_16S, CV_32S, CV_16F, CV_32F, CV_64F};

inline double peakOf(int depth) {
    if (depth == CV_8U || depth == CV_8S) return 255;
    if (depth == CV_16U || depth == CV_16S) return 65535;
    return depth == CV_32S ? 4294967295.0 : 1.0;
}

inline cv::Mat randomPicture(cv::Size size, int type, uint64_t seed) {
    const int depth = CV_MAT_DEPTH(type);
    const bool real = depth == CV_16F || depth == CV_32F || depth == CV_64F;
    cv::Mat m(size, real ? CV_MAKETYPE(CV_32F, CV_MAT_CN(type)) : type);
    cv::RNG rng(seed);
    if (real)
        rng.fill(m, cv::RNG::UNIFORM, -1.0, 1.0);
    else if (depth == CV_32S)
        rng.fill(m, cv::RNG::UNIFORM, -2147483647.0, 2147483647.0);
    else
        rng.fill(m, cv::RNG::UNIFORM, -40000.0, 70000.0, true);
    if (real) m.convertTo(m, depth);
    return m;
}

/// Both pictures agree in most pixels, as two blurs of one picture do.
inline std::pair<cv::Mat, cv::Mat> similarPair(cv::Size size, int type, uint64_t seed) {
    const cv::Mat a = randomPicture(size, type, seed), other = randomPicture(size, type, seed + 1);
    cv::Mat b = a.clone(), mask(size, CV_8U);
    cv::RNG(seed + 2).fill(mask, cv::RNG::UNIFORM, 0, 4);
    other.copyTo(b, mask == 0);
    return {a, b};
}

inline double valueAt(const cv::Mat& m, int y, int x, int c) {
    switch (m.depth()) {
        case CV_8U:
            return m.ptr<uchar>(y)[x * m.channels() + c];
        case CV_8S:
            return m.ptr<schar>(y)[x * m.channels() + c];
        case CV_16U:
            return m.ptr<ushort>(y)[x * m.channels() + c];
        case CV_16S:
            return m.ptr<short>(y)[x * m.channels() + c];
        case CV_32S:
            return m.ptr<int>(y)[x * m.channels() + c];
        case CV_32F:
            return m.ptr<float>(y)[x * m.channels() + c];
        case CV_64F:
            return m.ptr<double>(y)[x * m.channels() + c];
        default: {
            const unsigned bits = m.ptr<ushort>(y)[x * m.channels() + c];
            const int exponent = static_cast<int>(bits >> 10 & 31);
            const double fraction = static_cast<double>(bits & 1023) / 1024, sign = bits >> 15 ? -1 : 1;
            return sign *
                   (exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15));
        }
    }
}

}  // namespace compare_pictures
