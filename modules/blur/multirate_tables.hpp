// SPDX-License-Identifier: Apache-2.0
// What the multirate engine has to know of a picture's size.
#pragma once

#include "blur/multirate_axis.hpp"
#include "blur/multirate_integers.hpp"

namespace gkern::detail {

/// Both axes of a picture of `whole` pixels, of which `roi` is the output. All that a blur need not compute
/// again for the next picture of that size.
struct MultirateTables {
    MultirateTables(const MultiratePlan& plan, const cv::Size& whole, const cv::Rect& roi);

    cv::Size whole;
    cv::Rect roi;
    LineChain x, y;        ///< `floats` instead of the same doubles, as far as the plan's nodes and rows are
    IntegerRows integers;  ///< where the plan has such rows
};

}  // namespace gkern::detail
