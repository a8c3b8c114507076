// SPDX-License-Identifier: Apache-2.0
/// @file
/// How far apart two pictures are: figures and a heat map.
///
/// Rules that hold for both functions:
///  - **Pictures**: 2-D, at least one pixel, same size and type; depth CV_8U 8S 16U 16S 32S 16F 32F 64F; any
///  number of
///    channels; ROIs and any row stride; cv::Mat or cv::UMat. Every difference is taken in double, where it
///    is exact for all depths but CV_64F (there it is rounded once).
///  - **Non-finite values** are never hidden. NaN against NaN and an infinity against itself are equal
///  (difference 0);
///    NaN against anything else counts as the difference +∞, and so does an infinity against anything else.
///    No figure is ever NaN.
///  - **Full scale** by depth: 255 for 8U 8S, 65535 for 16U 16S, 2³² − 1 for 32S, 1.0 for 16F 32F 64F.
///  - **Memory**: a few kilobytes per thread besides the pictures.
///  - **Threads**: cv::parallel_for_; the result is bit-identical for any number of threads.
///  - **Errors**: cv::Exception, raised before `dst` is touched: StsBadSize for an empty picture or more than
///  two
///    dimensions, StsUnmatchedSizes for different sizes, StsUnmatchedFormats for different types,
///    StsOutOfRange for a `peak` or `gain` outside its range.
#pragma once

#include <opencv2/core.hpp>

#include "gkern/export.hpp"

namespace gkern {

/// Figures of |a − b| over all pixels and channels.
struct Difference {
    double maxAbs = 0;   ///< largest |a − b|, in the unit of the pixels.
    double meanAbs = 0;  ///< mean of |a − b|.
    double rms = 0;      ///< root of the mean of (a − b)².
    double psnr = 0;  ///< 20·log10(peak/rms) in dB: +∞ for equal pictures, −∞ if a difference is infinite.
    double identical = 1;   ///< share of the pixels that are equal in every channel, 0 … 1.
    cv::Point worst{0, 0};  ///< pixel of maxAbs, the first in row order; (0, 0) for equal pictures.
    int worstChannel = 0;   ///< channel of maxAbs at `worst`, the first if several.
};

/// Measures how far `b` is from `a`. Symmetric in its pictures.
///
/// @param a picture; see the head of this file.
/// @param b picture of the same size and type.
/// @param peak value that the PSNR refers to, > 0 and finite; 0 takes the full scale of the depth.
/// @throws cv::Exception see the head of this file.
GKERN_EXPORT Difference difference(cv::InputArray a, cv::InputArray b, double peak = 0);

/// Draws |a − b| as a colour picture.
///
/// A pixel shows t = gain·|a − b|/(full scale of the depth) of its worst channel, cut at 1, in 256 steps of
/// cv::COLORMAP_INFERNO: black, violet, red, orange, pale yellow. Black means exactly equal: the smallest
/// difference takes at least the first step. An infinite difference is drawn in magenta (255, 0, 255), which
/// is not in the map.
///
/// For 8-bit pictures one level takes `gain` steps: gain = 64 spreads differences of 0 … 4 levels over the
/// map.
///
/// @param a picture; see the head of this file.
/// @param b picture of the same size and type.
/// @param dst CV_8UC3 (BGR) of the same size; may be or overlap `a` or `b`.
/// @param gain factor on the differences, > 0 and finite.
/// @throws cv::Exception see the head of this file.
GKERN_EXPORT void heatmap(cv::InputArray a, cv::InputArray b, cv::OutputArray dst, double gain = 1.0);

}  // namespace gkern
