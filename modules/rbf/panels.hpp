// SPDX-License-Identifier: Apache-2.0
/// Feature vectors in the order in which tiles read them.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <opencv2/core.hpp>
#include <vector>

#include "rbf/simd.hpp"

namespace gkern::detail {

/// Uninitialised memory that begins at a cache line.
template <class T>
class AlignedArray {
  public:
    AlignedArray() = default;
    explicit AlignedArray(std::size_t size)
        : data_(static_cast<T*>(::operator new(size * sizeof(T), std::align_val_t(64)))) {}
    T* data() const { return data_.get(); }

  private:
    struct Free {
        void operator()(T* p) const { ::operator delete(p, std::align_val_t(64)); }
    };
    std::unique_ptr<T, Free> data_;
};

/// The matrix of a caller, row by row as float64 without rounding.
class FeatureRows {
  public:
    explicit FeatureRows(cv::InputArray rows);
    int count() const { return source_.rows; }
    int features() const { return source_.cols; }
    /// Rows [first, last), in `buffer` if they had to be converted.
    cv::Mat read(int first, int last, cv::Mat& buffer) const;

  private:
    cv::Mat source_;
};

/// Values that are converted to float64 at once.
inline constexpr int kValuesAtOnce = 8192;

/// What panels hold instead of feature k of a row: (x·prescale_k − centre_k)·weight_k.
struct Transform {
    std::vector<double> prescale, centre, weight;
};

/// Which of the two panel widths of PanelWidths.
enum class Order { Rows, Columns };

/// Which norms of rows panels hold: none, ‖·‖² or ‖·‖²/2.
enum class Norms { None, Squares, Halves };

/// Transformed rows in panels. Panels of a tile begin at multiples of its side.
template <class T>
class Panels {
  public:
    Panels() = default;
    /// @param norms also of every row, and the largest length of each `side` rows
    Panels(const FeatureRows& rows, Order order, const Transform& transform, int side, Norms norms);

    const T* panel(int firstRow) const {
        return values_.data() + std::size_t(firstRow) * std::size_t(features_);
    }
    /// Null without norms; readable for a cache line beyond the last panel.
    const T* norms(int firstRow) const {
        return norms_.data() == nullptr ? nullptr : norms_.data() + firstRow;
    }
    /// The largest ‖·‖ of a block of `side` rows, rounding allowed for; +Inf if one is not finite.
    double largestLength(int block) const { return lengths_[std::size_t(block)]; }
    /// The largest of them.
    double largestLength() const;

  private:
    void pack(const FeatureRows& rows, int first, int last, const Transform& transform, cv::Mat& buffer);
    void measure(int rows, int side, int panels, Norms norms);

    int features_ = 0, width_ = 0;
    AlignedArray<T> values_, norms_;
    std::vector<double> lengths_;
};

/// cv::parallel_for_, without its overhead where there is little to do.
/// @param work multiply-adds or the like in all
template <class F>
void forBlocks(int blocks, double work, const F& block) {
    const auto run = [&](const cv::Range& range) {
        for (int b = range.start; b < range.end; ++b) block(b);
    };
    if (blocks == 1 || work < 1e5)
        run({0, blocks});
    else
        cv::parallel_for_(cv::Range(0, blocks), run);
}

}  // namespace gkern::detail
