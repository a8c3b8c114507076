// SPDX-License-Identifier: Apache-2.0
// The caches of the processor, as the system tells of them: what decides where rows are kept and stored. No
// result depends on it.
#pragma once

#include <opencv2/core.hpp>

namespace gkern::detail {

/// Bytes that a thread may keep rows in between its passes: half of an L2 cache of 1 MiB, or of 2 MiB where
/// there is one. The rest is left to the pixels, and to the other thread of the core.
size_t ringBytes();

/// Whether a picture is too large to stay in a core's own caches: its rows are better fetched ahead.
bool exceedsCoreCaches(const cv::Mat& picture);

/// Whether a picture and another of its size are too large to stay in the caches of the processor: rows are
/// better written past them, as ordinary stores read each line before they write it. 64 MiB are always too
/// large.
bool exceedsCaches(const cv::Mat& picture);

}  // namespace gkern::detail
