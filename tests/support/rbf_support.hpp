// SPDX-License-Identifier: Apache-2.0
/// What the tests of kernel matrices share.
#pragma once

#include <cstring>
#include <limits>
#include <opencv2/core.hpp>
#include <vector>

#include "gkern/rbf.hpp"
#include "support/rbf_data.hpp"
#include "support/rbf_oracle.hpp"
#include "support/simd_targets.hpp"

namespace rbf_support {

const double kNan = std::numeric_limits<double>::quiet_NaN();

/// An element of either depth.
inline double at(const cv::Mat& m, int i, int j) {
    return static_cast<double>(rbf_oracle::at(m, i, j));
}

inline gkern::RbfParams withSigma(double sigma, int ktype = -1,
                                  gkern::RbfAccuracy accuracy = gkern::RbfAccuracy::Accurate) {
    gkern::RbfParams params;
    params.sigma = sigma;
    params.ktype = ktype;
    params.accuracy = accuracy;
    return params;
}

inline cv::Mat kernel(cv::InputArray X, cv::InputArray Y, const gkern::RbfParams& params) {
    cv::Mat K;
    gkern::rbfKernel(X, Y, K, params);
    return K;
}

inline bool sameBits(const cv::Mat& a, const cv::Mat& b) {
    if (a.size() != b.size() || a.type() != b.type()) return false;
    for (int i = 0; i < a.rows; ++i)
        if (std::memcmp(a.ptr(i), b.ptr(i), size_t(a.cols) * a.elemSize()) != 0) return false;
    return true;
}

inline double promisedError(int ktype, int d, gkern::RbfAccuracy accuracy) {
    return accuracy == gkern::RbfAccuracy::Fast && ktype == CV_32F ? 5e-5
                                                                   : rbf_oracle::promisedError(ktype, d);
}

/// Every target that the library is compiled for and this processor has, the plain one included.
inline std::vector<int64_t> allTargets() {
    std::vector<int64_t> targets;
    const int64_t supported = hwy::SupportedTargets() & HWY_TARGETS;
    for (const int64_t target : {HWY_AVX3, HWY_AVX2, HWY_SSE4, HWY_NEON, HWY_EMU128, HWY_SCALAR})
        if (supported & target) targets.push_back(target);
    return targets;
}

/// Restores the number of threads.
struct ThreadsGuard {
    ~ThreadsGuard() { cv::setNumThreads(before); }
    int before = cv::getNumThreads();
};

}  // namespace rbf_support
