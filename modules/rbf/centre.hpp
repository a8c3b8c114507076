// SPDX-License-Identifier: Apache-2.0
/// Where coordinates are counted from, so that products of them lose few digits.
#pragma once

#include <vector>

#include "rbf/panels.hpp"

namespace gkern::detail {

/// Any point near the data will do; the same for (X, Y) and (Y, X). Of few bits, so that coordinates of
/// few bits lose none.
std::vector<double> centreOf(const FeatureRows& x, const FeatureRows& y, bool self,
                             const std::vector<double>& prescale);

}  // namespace gkern::detail
