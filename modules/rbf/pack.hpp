// SPDX-License-Identifier: Apache-2.0
/// Feature vectors in the order in which tiles read them.
#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <vector>

namespace gkern::detail {

/// Rows that a panel interleaves and that the micro-kernel takes at once.
inline constexpr int kPanelRows = 4;

/// Rows in float64, in panels of kPanelRows: feature 0 of the panel's rows, feature 1 of them, and so on. The
/// last panel is filled up with zero rows.
struct PackedRows {
    int rows;
    int features;
    std::vector<double> values;

    /// The panel that begins with row `firstRow`, a multiple of kPanelRows.
    const double* panel(int firstRow) const {
        return values.data() + std::size_t(firstRow) * std::size_t(features);
    }
};

/// Converts rows of any depth without rounding and multiplies each feature by its prescale (empty: by
/// nothing).
PackedRows pack(cv::InputArray rows, const std::vector<double>& prescale);

}  // namespace gkern::detail
