// SPDX-License-Identifier: Apache-2.0
// The one place where the arguments of gkern/blur.hpp are judged.
#pragma once

#include "gkern/blur.hpp"

namespace gkern::detail {

/// Judges everything that needs no picture and fills in σ by the rules of gaussianBlur().
/// @throws cv::Exception StsOutOfRange or StsBadArg; the message names the parameter, its value and what is
/// allowed.
BlurParams resolved(BlurParams params);

/// Judges what only the picture shows.
/// @throws cv::Exception StsBadSize, StsBadArg or BadNumChannels.
void checkSource(cv::InputArray src, const BlurParams& params);

}  // namespace gkern::detail
