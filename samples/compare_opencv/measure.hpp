// SPDX-License-Identifier: Apache-2.0
// What is measured: how far three blurs are from the exact one, and how long two of them take.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

/// Standard deviations and effort of a run.
struct Effort {
    std::vector<double> sigmas;
    int cropSide;           ///< errors are measured on at most cropSide × cropSide pixels
    int maxRounds;          ///< timing rounds per standard deviation and depth
    double secondsPerCase;  ///< no new timing round begins after this, once there are kMinRounds
};
inline constexpr int kMinRounds = 3;
Effort fullEffort();
Effort quickEffort();

inline constexpr int kDepths[] = {CV_8U, CV_16U, CV_32F, CV_64F};
std::string depthName(int depth);
bool isInteger(int depth);

/// The picture in another depth: the same share of the full scale (255, 65535, 1.0).
cv::Mat asDepth(const cv::Mat& picture, int depth);

/// The middle of the picture, at most side × side pixels, as pixels of its own.
cv::Mat middle(const cv::Mat& picture, int side);

/// One picture, blurred in every way.
struct Blurred {
    cv::Mat exact;    ///< CV_64F: integrated weights, whole Gaussian, double sums
    cv::Mat rounded;  ///< `exact`, correctly rounded to the depth of the picture
    cv::Mat opencv;   ///< cv::GaussianBlur, ksize (0, 0)
    cv::Mat sampled;  ///< point-sampled weights, whole Gaussian, double sums, rounded to the depth
    cv::Mat gkern;    ///< gkern::gaussianBlur, ksize (0, 0)
};
Blurred blurInEveryWay(const cv::Mat& picture, double sigma);

/// Distance from the exact result: levels for integers, share of full scale for floats.
struct Error {
    double max, rms;
    double identical;  ///< share of pixels equal to the correctly rounded exact result
};

struct Errors {
    Error opencv, sampled, gkern;
    double
        opencvOwnKernel;  ///< max |cv::GaussianBlur − `sampled`|: its arithmetic and cut without its kernel
};
Errors errorsOf(const Blurred& blurred);

/// Medians of interleaved runs, milliseconds.
struct Times {
    double memcpy, opencv, gkern;
    int rounds;
};
Times timesOf(const cv::Mat& picture, double sigma, const Effort& effort);

/// All figures of one standard deviation and depth.
struct Case {
    double sigma;
    int depth;
    Errors errors;
    Times times;
};
