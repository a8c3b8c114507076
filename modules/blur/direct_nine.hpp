// SPDX-License-Identifier: Apache-2.0
// Engine::Direct where Plan::nine is in use.
#pragma once

#include <cstddef>
#include <cstdint>

#include "blur/direct.hpp"
#include "blur/plan.hpp"
#include "blur/source.hpp"

namespace gkern::detail {

/// Pixels of the longest vector of any target, and the least length of a span.
inline constexpr ptrdiff_t kNineLanes = 32;

/// The elements begin … end − 1 of kBlockRows output rows, at least kNineLanes of them.
struct NineSpan {
    const NineTaps* taps;
    ptrdiff_t channels;
    ptrdiff_t begin, end;
    const uint8_t* rows[kBlockRows + 2];  ///< with a pixel before `begin` and one after `end`
    uint8_t* dst[kBlockRows];
    const uint8_t* nextRows[kBlockRows];  ///< rows that will be read soon
    const uint8_t* nextDst[kBlockRows];   ///< rows that will be written soon
};

/// Needs directSupported() and plan.nine; a picture of CV_8U.
void blurNine(const Plan& plan, const Source& source, cv::Mat& dst);

}  // namespace gkern::detail
