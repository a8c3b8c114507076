// SPDX-License-Identifier: Apache-2.0
/// Kernel matrices by the definition, in long double, entry by entry; shares no code with the library.
#pragma once

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <vector>

namespace rbf_oracle {

/// Element (i, j) of a one-channel matrix of any depth.
inline long double at(const cv::Mat& m, int i, int j) {
    switch (m.depth()) {
        case CV_8U:
            return m.at<uchar>(i, j);
        case CV_8S:
            return m.at<schar>(i, j);
        case CV_16U:
            return m.at<ushort>(i, j);
        case CV_16S:
            return m.at<short>(i, j);
        case CV_32S:
            return m.at<int>(i, j);
        case CV_32F:
            return m.at<float>(i, j);
        case CV_64F:
            return m.at<double>(i, j);
        default:
            return static_cast<float>(m.at<cv::float16_t>(i, j));
    }
}

/// exp(−½ Σ_k ((x_k − y_k)/ℓ_k)²) for row i of X and row j of Y.
inline long double entry(const cv::Mat& X, int i, const cv::Mat& Y, int j,
                         const std::vector<long double>& lengthScales) {
    long double sum = 0;
    for (int k = 0; k < X.cols; ++k) {
        const long double u = (at(X, i, k) - at(Y, j, k)) / lengthScales[size_t(k)];
        sum += u * u;
    }
    return std::exp(-sum / 2);
}

/// Largest |K − exact| over all entries; infinity where an entry of K is NaN.
inline double maxError(const cv::Mat& K, const cv::Mat& X, const cv::Mat& Y,
                       const std::vector<long double>& lengthScales) {
    long double worst = 0;
    for (int i = 0; i < K.rows; ++i)
        for (int j = 0; j < K.cols; ++j) {
            const long double error = std::fabs(at(K, i, j) - entry(X, i, Y, j, lengthScales));
            worst = std::isnan(error) ? INFINITY : std::max(worst, error);
        }
    return static_cast<double>(worst);
}

inline double maxError(const cv::Mat& K, const cv::Mat& X, const cv::Mat& Y, long double sigma) {
    return maxError(K, X, Y, std::vector<long double>(size_t(X.cols), sigma));
}

/// What the manual promises for any data of d features.
inline double promisedError(int ktype, int d) {
    return ktype == CV_32F ? 1e-7 : 1e-15 * d + 4e-16;
}

}  // namespace rbf_oracle
