// SPDX-License-Identifier: Apache-2.0
/// Feature vectors in fixed point, as digits of eight bits, for the matrix unit.
///
/// Products of digits and their sums are exact. With every coordinate off by no more than half a step, a
/// distance is off by √d steps at most; and the products of low digits, which are left out, are small
/// against that budget. Both are certified before the digits are used (DigitVectors::take).
#pragma once

#include <cstdint>
#include <vector>

#include "rbf/matrix_unit.hpp"
#include "rbf/panels.hpp"

namespace gkern::detail {

/// Sums of so many products of orders fit 32 bits.
inline constexpr int kMostDigitFeatures = 8192;

/// Elements beyond the last vector that its norms and orders may be read: a group of vectors of floats.
inline constexpr int kDigitsBeyond = 96;

/// Rows in panels of digits.
class DigitPanels {
  public:
    DigitPanels() = default;
    /// @param transform to steps
    DigitPanels(const FeatureRows& rows, Order order, const Transform& transform, const DigitForm& form);

    /// @param firstRow a multiple of kDigitPanel
    const std::int8_t* panel(int firstRow) const {
        return values_.data() + std::size_t(firstRow / kDigitPanel) * panelBytes_;
    }
    /// Sums of order 0 of every vector with itself, then those of order 1, …; readable for kDigitsBeyond
    /// elements beyond the last vector.
    const std::int32_t* orders(int firstRow) const { return orders_.data() + firstRow; }
    std::size_t orderStep() const { return orderStep_; }
    /// What the first orders make of the vectors' products with themselves, in units of the last of them,
    /// times `factor`; as readable.
    const double* norms(int firstRow) const { return norms_.data() + firstRow; }
    void makeNorms(int orders, double factor);
    /// Without the factor.
    double largestNorm() const { return largestNorm_; }
    /// The largest length of the vectors of digit i.
    double largestDigit(int i) const { return largest_[std::size_t(i)]; }

  private:
    void pack(const FeatureRows& rows, const cv::Range& range, Order order, const Transform& transform,
              const DigitForm& form, std::int32_t* squares);

    std::size_t panelBytes_ = 0, orderStep_ = 0;
    double largestNorm_ = 0;
    AlignedArray<std::int8_t> values_;
    AlignedArray<std::int32_t> orders_;
    AlignedArray<double> norms_;
    std::vector<double> largest_;
};

/// X and Y in digits.
struct DigitVectors {
    DigitForm form{};
    DigitPanels x, y;
    double scale = 0;      ///< an exponent of 2 in units of the last order
    bool bounded = false;  ///< no exponent is below −1000

    /// Integers of 8 or 16 bits, each in as many digits as it has, and all of their orders: exact.
    /// @param transform all but the centre, which is chosen here
    void takeIntegers(const FeatureRows& xRows, const FeatureRows& yRows, int depth, Transform transform);

    /// Coordinates whose half squared distances are exponents of 2.
    /// @param reach the largest of their absolute values
    /// @param digits 3, whose exponents are made in float, or 4
    /// @param budget what an entry may be off by
    /// @returns whether that is certain; with three digits, that no exponent is below −115 as well
    bool take(const FeatureRows& xRows, const FeatureRows& yRows, const Transform& transform, double reach,
              int digits, double budget);

  private:
    void pack(const FeatureRows& xRows, const FeatureRows& yRows, const Transform& transform);
    bool pairsFit() const;
    double error(int features, double step, const std::vector<double>& lengths) const;
};

}  // namespace gkern::detail
