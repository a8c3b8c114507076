// SPDX-License-Identifier: Apache-2.0
/// A rectangle of the kernel matrix, computed without any state: the seam for threads, chunks and faster
/// engines.
#pragma once

#include <cstddef>

#include "rbf/metric.hpp"
#include "rbf/pack.hpp"

namespace gkern::detail {

/// Side of the square tiles that a kernel matrix is cut into; a multiple of kPanelRows.
inline constexpr int kTileSide = 64;

/// Writes K(i,j) for i in `rows` of X and j in `cols` of Y to a caller's memory.
///
/// Every entry is the same function of its two feature vectors wherever it lies, bit for bit, and K(x,y) is
/// K(y,x).
///
/// @param x, y rows packed with the metric's prescale
/// @param rows, cols ranges that begin at multiples of kPanelRows and are at most kTileSide long
/// @param ktype CV_32F or CV_64F
/// @param tile where K(rows.start, cols.start) goes
/// @param step bytes from one row of K to the next
void computeTile(const PackedRows& x, const cv::Range& rows, const PackedRows& y, const cv::Range& cols,
                 const Metric& metric, int ktype, uchar* tile, std::size_t step);

}  // namespace gkern::detail
