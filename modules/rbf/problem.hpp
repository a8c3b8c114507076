// SPDX-License-Identifier: Apache-2.0
/// A kernel matrix that is prepared but not computed: every tile of it can be had in any order, by any
/// thread.
#pragma once

#include <algorithm>
#include <opencv2/core.hpp>
#include <vector>

#include "gkern/rbf.hpp"
#include "rbf/boxes.hpp"
#include "rbf/digits.hpp"
#include "rbf/metric.hpp"
#include "rbf/panels.hpp"
#include "rbf/validate.hpp"

namespace gkern::detail {

/// What decides whether the matrix unit saves more than digits cost; the same for X with itself, which is
/// K(X, X) bit for bit.
struct DigitCosts {
    int leastFeatures;  ///< with which an entry takes as long as without
    /// What a vector's digits cost, in what an entry saves for each further feature.
    double perFeature, perVector;
};

/// Where a tile goes; see Tile.
struct TileTarget {
    Entries entries;
    void* out;
    std::size_t step;
    bool stream = false;
    const double* vector = nullptr;
    void* mirror = nullptr;
    std::size_t mirrorStep = 0;
    bool streamMirror = false;
    /// The part of K that goes there, instead of the whole tile; begins at multiples of kPart.
    cv::Range rows = cv::Range::all(), cols = cv::Range::all();
};

/// A multiple of all widths of panels, of all lines of mirror images, and part of the side of a tile.
inline constexpr int kPart = kMaxTileSide / 4;

/// X and Y are read when it is made, and not afterwards.
///
/// Tiles are cut from row 0 and column 0 by the same side in both directions, and the arithmetic that serves
/// a tile depends on its rows of X and of Y in the same way: K(Y, X) is the transpose of K(X, Y), and X with
/// itself is K(X, X), bit for bit.
class Problem {
  public:
    Problem(cv::InputArray X, cv::InputArray Y, const RbfParams& params, const KernelShape& shape);

    int rows() const { return rows_; }
    int cols() const { return cols_; }
    static constexpr int side() { return kMaxTileSide; }
    int features() const { return features_; }
    int rowBlocks() const { return (rows_ - 1) / side() + 1; }
    int colBlocks() const { return (cols_ - 1) / side() + 1; }
    cv::Range rowsOf(int block) const { return rangeOf(block, rows_); }
    cv::Range colsOf(int block) const { return rangeOf(block, cols_); }
    /// Multiply-adds of the whole matrix, roughly.
    double work() const { return double(rows_) * cols_ * (features_ + 16); }

    /// Entries::Float or Double, as the kernel matrix has them.
    Entries entries() const { return floatGrade_ ? Entries::Float : Entries::Double; }
    Entries doubleEntries() const { return floatGrade_ ? Entries::DoubleFloatGrade : Entries::Double; }
    Entries dotEntries() const { return floatGrade_ ? Entries::DotFloatGrade : Entries::DotDouble; }

    /// No entry of the tile exceeds this; 0: all are exactly 0.
    double largestEntry(int rowBlock, int colBlock) const;
    /// Computes the tile, also if it is certainly 0.
    void compute(int rowBlock, int colBlock, const TileTarget& target) const;

  private:
    /// The arithmetic that serves a tile.
    enum class Level { Digits, DigitsToFloat, FloatExact, Float, Products, Differences };

    cv::Range rangeOf(int block, int length) const {
        return {block * side(), std::min((block + 1) * side(), length)};
    }
    Level levelOf(int rowBlock, int colBlock) const;
    bool digitsPay(const DigitCosts& costs) const;
    bool takeDigits(const FeatureRows& x, const FeatureRows& y, const Transform& transform);
    Boxes::Sums sumsOf(int rowBlock, int colBlock) const;
    int mostDifferences() const;
    bool floatHolds(double xLength, double yLength) const;
    bool productsHold(double xLength, double yLength) const;
    template <class T>
    Tile<T> tileTo(int rowBlock, int colBlock, Terms terms, const TileTarget& target) const;
    template <class T>
    Tile<T> tileOf(const Panels<T>& x, const Panels<T>& y, int rowBlock, int colBlock, Terms terms,
                   const TileTarget& target) const;
    template <class T>
    Tile<T> tileOfDigits(int rowBlock, int colBlock, const TileTarget& target) const;

    int rows_, cols_, features_;
    bool self_, floatGrade_, fast_;
    Metric metric_;
    Level first_ = Level::Differences;  ///< where tiles begin; those that it cannot serve go down
    bool exact_ = false;                ///< sums of integers, which need no certificate
    Boxes xBoxes_, yBoxes_;
    Panels<double> xRaw_, yRaw_, xCentred_, yCentred_;
    Panels<float> xFloat_, yFloat_;
    DigitVectors digits_;
};

}  // namespace gkern::detail
