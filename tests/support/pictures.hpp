// SPDX-License-Identifier: Apache-2.0
// Pictures for the tests of the blur, their blurs, and what it means for two to be the same.
#pragma once

#include <cmath>
#include <cstring>
#include <opencv2/core.hpp>

#include "support/blur_oracle.hpp"

namespace support {

/// Same size, same type, same bits.
inline bool identical(const cv::Mat& a, const cv::Mat& b) {
    if (a.size() != b.size() || a.type() != b.type()) return false;
    for (int y = 0; y < a.rows; ++y)
        if (std::memcmp(a.ptr(y), b.ptr(y), a.cols * a.elemSize()) != 0) return false;
    return true;
}

inline cv::Mat blurred(const cv::Mat& src, const gkern::BlurParams& params) {
    cv::Mat dst;
    gkern::GaussianFilter(params).apply(src, dst);
    return dst;
}

/// Flat patches of random size and value, every third of them with noise in the last bits. A sum of rounded
/// weights shows here that it is not exactly 1, and a limit on the result shows where it depends on what else
/// is in the picture.
inline cv::Mat patches(cv::Size size, int type, uint64_t seed) {
    cv::Mat picture = noise(size, type, seed);
    cv::RNG rng(seed + 77);
    for (int i = 0; i < 12 + size.area() / 400; ++i) {
        const cv::Rect patch = cv::Rect(rng.uniform(0, size.width), rng.uniform(0, size.height),
                                        rng.uniform(1, 60), rng.uniform(1, 40)) &
                               cv::Rect({}, size);
        const cv::Mat value = noise({1, 1}, type, rng.next());
        cv::Mat area = picture(patch);
        cv::repeat(value, patch.height, patch.width).copyTo(area);
        if (i % 3 == 0 && (area.depth() == CV_32F || area.depth() == CV_64F)) {
            cv::Mat scaled;
            area.convertTo(scaled, -1,
                           1 + (area.depth() == CV_32F ? std::ldexp(1.0, -23) : std::ldexp(1.0, -52)));
            for (int y = 0; y < area.rows; y += 2) scaled.row(y).copyTo(area.row(y));
        }
    }
    return picture;
}

}  // namespace support
