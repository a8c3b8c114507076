// SPDX-License-Identifier: Apache-2.0
/// How near and how far the vectors of two blocks of rows can be.
#pragma once

#include <vector>

#include "rbf/panels.hpp"

namespace gkern::detail {

/// Smallest and largest value of each feature in each block of rows.
class Boxes {
  public:
    Boxes() = default;
    Boxes(const FeatureRows& rows, const std::vector<double>& prescale, int side);
    struct Sums {
        double least, most;
    };
    /// Bounds on Σ((x − y)·weight)² over the rows of a block here and one there: 0 and +Inf if one of them
    /// holds values that are not finite.
    Sums sumsTo(int block, const Boxes& other, int otherBlock, const std::vector<double>& weight) const;

    /// The largest |(x_k − centre_k)·weight_k| of all rows; +Inf if one of them holds values that are not
    /// finite.
    double reach(const std::vector<double>& centre, const std::vector<double>& weight) const;

  private:
    int features_ = 0;
    std::vector<double> low_, high_;
    std::vector<unsigned char> finite_;
};

}  // namespace gkern::detail
