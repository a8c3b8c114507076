// SPDX-License-Identifier: Apache-2.0
#include "rbf/problem.hpp"

#include <algorithm>
#include <cmath>

#include "rbf/centre.hpp"

namespace gkern::detail {
namespace {

/// Up to so many features, sums run over differences. For double, few features leave products little to err.
constexpr int kMostDifferencesOfFloat = 4, kMostDifferencesOfDouble = 16;

/// What the rounding of an exponent may add to an entry, out of the error that is promised.
constexpr double kFastBudget = 4.9e-5;     // of 5e-5; holds for no exponent below −85
constexpr double kFloatBudget = 4e-8;      // of 1e-7, half an ULP of which is 3e-8
constexpr double kDoubleBudget = 0.9e-15;  // of 1e-15, for each feature

constexpr double kFloatRound = 0x1p-24, kDoubleRound = 0x1p-53;

constexpr double kLog2e = 0x1.71547652b82fep0;

/// Bound on an exponent of 2, or on what rounding adds to it: |x·y − (‖x‖² + ‖y‖²)/2| and the sum of the
/// absolute values of its terms are no more than half of (‖x‖ + ‖y‖)².
double largestExponent(double xLength, double yLength) {
    return (xLength + yLength) * (xLength + yLength) / 2;
}

/// Bound on what the rounding of an exponent adds to an entry, K being at most 1.
///
/// Every term is off by γ = (kChain + chains + 12)·u of its absolute value; of the 12, two roundings of a
/// coordinate count twice each, and the last two operations once. What is left serves the roundings of units,
/// which change an exponent in proportion to itself.
double exponentError(double xLength, double yLength, int features, double round) {
    const int chains = (features - 1) / kChain + 1;
    return (std::min(features, kChain) + chains + 12) * round * largestExponent(xLength, yLength) / kLog2e;
}

// Measured where a core begins two multiply-adds of 512 bits in a cycle, one thread.
constexpr DigitCosts kDigitsOfBytes{16, 60, 4000}, kDigitsOfShorts{20, 50, 4000},
    kDigitsOfFloats{28, 100, 8000}, kDigitsOfFast{40, 150, 8000};

std::vector<double> orOnes(const std::vector<double>& values, int features) {
    return values.empty() ? std::vector<double>(std::size_t(features), 1.0) : values;
}

}  // namespace

Problem::Problem(cv::InputArray X, cv::InputArray Y, const RbfParams& params, const KernelShape& shape)
    : rows_(shape.rows),
      cols_(shape.cols),
      features_(shape.features),
      self_(shape.selfKernel),
      floatGrade_(shape.ktype == CV_32F),
      fast_(floatGrade_ && params.accuracy == RbfAccuracy::Fast),
      metric_(makeMetric(params, shape.features)) {
    const FeatureRows x(X), y(shape.selfKernel ? X : Y);
    const std::vector<double> prescale = orOnes(metric_.prescale, features_);
    if (rowBlocks() > 1 || colBlocks() > 1) {
        xBoxes_ = Boxes(x, prescale, side());
        if (!shape.selfKernel) yBoxes_ = Boxes(y, prescale, side());
    }

    const int depth = X.depth();
    // Products of at most 2^14 or 2^30, whose sums are integers that the type holds.
    const bool integers =
        metric_.weight.empty() && (depth <= CV_8S || (depth <= CV_16S && features_ <= 1 << 23));
    Transform transform{prescale, std::vector<double>(std::size_t(features_), 0.0),
                        std::vector<double>(std::size_t(features_), 1.0)};
    const auto pack = [&](auto& xPanels, auto& yPanels, Norms norms) {
        using P = std::remove_reference_t<decltype(xPanels)>;
        xPanels = P(x, Order::Rows, transform, side(), norms);
        yPanels = P(y, Order::Columns, transform, side(), norms);
    };
    if (integers && digitsPay(depth <= CV_8S ? kDigitsOfBytes : kDigitsOfShorts)) {
        exact_ = true;
        first_ = Level::Digits;
        digits_.takeIntegers(x, y, depth, transform);
        return;
    }
    if (integers) {
        const bool bytes = depth <= CV_8S;
        std::fill(transform.centre.begin(), transform.centre.end(),
                  depth == CV_8U    ? 128.0
                  : depth == CV_16U ? 32768.0
                                    : 0.0);
        exact_ = true;
        first_ = bytes && features_ <= 1024 ? Level::FloatExact : Level::Products;
        if (first_ == Level::FloatExact)
            pack(xFloat_, yFloat_, Norms::Squares);
        else
            pack(xCentred_, yCentred_, Norms::Squares);
        return;
    }
    const bool centred = features_ > mostDifferences();
    if (fast_ || centred) {
        transform.centre = centreOf(x, y, shape.selfKernel, prescale);
        // In these units half of a squared distance is an exponent of 2.
        const double unit = std::sqrt(2 * kLog2e * metric_.factor);
        transform.weight = orOnes(metric_.weight, features_);
        for (double& w : transform.weight) w *= unit;
    }
    if (floatGrade_ && centred && digitsPay(fast_ ? kDigitsOfFast : kDigitsOfFloats) &&
        takeDigits(x, y, transform))
        return;
    if (fast_) {
        first_ = Level::Float;
        pack(xFloat_, yFloat_, Norms::Halves);
        if (floatHolds(xFloat_.largestLength(), yFloat_.largestLength())) return;
    }
    if (centred) {
        if (!fast_) first_ = Level::Products;
        pack(xCentred_, yCentred_, Norms::Halves);
        if (productsHold(xCentred_.largestLength(), yCentred_.largestLength())) return;
    }
    std::fill(transform.centre.begin(), transform.centre.end(), 0.0);
    std::fill(transform.weight.begin(), transform.weight.end(), 1.0);
    pack(xRaw_, yRaw_, Norms::None);
}

bool Problem::digitsPay(const DigitCosts& costs) const {
    const int more = features_ - costs.leastFeatures;
    if (more < 0 || features_ > kMostDigitFeatures || !digitsServe()) return false;
    const MatrixUnitUse use = matrixUnitUse();
    const double digits = (costs.perFeature * features_ + costs.perVector) * (double(rows_) + cols_);
    return use == MatrixUnitUse::Always ||
           (use == MatrixUnitUse::WherePays && double(rows_) * cols_ * more >= digits);
}

bool Problem::takeDigits(const FeatureRows& x, const FeatureRows& y, const Transform& transform) {
    if (rowBlocks() == 1 && colBlocks() == 1) {
        xBoxes_ = Boxes(x, transform.prescale, side());
        if (!self_) yBoxes_ = Boxes(y, transform.prescale, side());
    }
    double reach = xBoxes_.reach(transform.centre, transform.weight);
    if (!self_) reach = std::max(reach, yBoxes_.reach(transform.centre, transform.weight));
    first_ = Level::DigitsToFloat;
    if (fast_ && digits_.take(x, y, transform, reach, 3, kFastBudget)) return true;
    first_ = Level::Digits;
    if (digits_.take(x, y, transform, reach, 4, kFloatBudget)) return true;
    first_ = Level::Differences;
    return false;
}

int Problem::mostDifferences() const {
    return floatGrade_ ? kMostDifferencesOfFloat : kMostDifferencesOfDouble;
}

bool Problem::floatHolds(double xLength, double yLength) const {
    return exponentError(xLength, yLength, features_, kFloatRound) <= kFastBudget;
}

bool Problem::productsHold(double xLength, double yLength) const {
    const double budget = floatGrade_ ? kFloatBudget : kDoubleBudget * features_;
    return exact_ || exponentError(xLength, yLength, features_, kDoubleRound) <= budget;
}

Problem::Level Problem::levelOf(int rowBlock, int colBlock) const {
    if (first_ == Level::Digits || first_ == Level::DigitsToFloat || first_ == Level::FloatExact)
        return first_;
    if (first_ == Level::Float &&
        floatHolds(xFloat_.largestLength(rowBlock), yFloat_.largestLength(colBlock)))
        return Level::Float;
    if ((exact_ || features_ > mostDifferences()) &&
        productsHold(xCentred_.largestLength(rowBlock), yCentred_.largestLength(colBlock)))
        return Level::Products;
    return Level::Differences;
}

Boxes::Sums Problem::sumsOf(int rowBlock, int colBlock) const {
    if (rowBlocks() == 1 && colBlocks() == 1) return {0, INFINITY};  // there are no boxes
    return xBoxes_.sumsTo(rowBlock, self_ ? xBoxes_ : yBoxes_, colBlock, metric_.weight);
}

double Problem::largestEntry(int rowBlock, int colBlock) const {
    const double exponent = metric_.factor * sumsOf(rowBlock, colBlock).least;
    // Entries that round to 0 have exponents above 150·ln 2 and 1075·ln 2.
    if (exponent > (floatGrade_ ? 105 : 746)) return 0;
    const double error = fast_ ? 5e-5 : floatGrade_ ? 1e-7 : 1e-15 * features_ + 4e-16;
    return std::exp(-exponent) + error;
}

template <class T>
Tile<T> Problem::tileTo(int rowBlock, int colBlock, Terms terms, const TileTarget& target) const {
    const cv::Range rows = target.rows == cv::Range::all() ? rowsOf(rowBlock) : target.rows;
    const cv::Range cols = target.cols == cv::Range::all() ? colsOf(colBlock) : target.cols;
    CV_DbgAssert(rows.start % kPart == 0 && cols.start % kPart == 0);
    Tile<T> tile{};
    tile.terms = terms;
    tile.rows = rows.size();
    tile.cols = cols.size();
    tile.firstRow = rows.start;
    tile.firstCol = cols.start;
    tile.features = features_;
    tile.scale = -metric_.factor * kLog2e;
    tile.entries = target.entries;
    tile.stream = target.stream;
    tile.out = target.out;
    tile.step = target.step;
    tile.vector = target.vector;
    tile.mirror = target.mirror;
    tile.mirrorStep = target.mirrorStep;
    tile.streamMirror = target.streamMirror;
    return tile;
}

template <class T>
Tile<T> Problem::tileOf(const Panels<T>& x, const Panels<T>& y, int rowBlock, int colBlock, Terms terms,
                        const TileTarget& target) const {
    Tile<T> tile = tileTo<T>(rowBlock, colBlock, terms, target);
    tile.x = x.panel(tile.firstRow);
    tile.y = y.panel(tile.firstCol);
    if (terms != Terms::Differences) {
        tile.xNorms = x.norms(tile.firstRow);
        tile.yNorms = y.norms(tile.firstCol);
    }
    if (terms == Terms::Exponents)
        tile.bounded = largestExponent(x.largestLength(rowBlock), y.largestLength(colBlock)) < 999;
    if (terms == Terms::Differences) {
        if (!metric_.weight.empty()) tile.weights = metric_.weight.data();
        tile.bounded = metric_.factor * kLog2e * sumsOf(rowBlock, colBlock).most < 999;
    }
    return tile;
}

template <class T>
Tile<T> Problem::tileOfDigits(int rowBlock, int colBlock, const TileTarget& target) const {
    Tile<T> tile = tileTo<T>(rowBlock, colBlock, exact_ ? Terms::Products : Terms::Exponents, target);
    const DigitPanels &x = digits_.x, &y = digits_.y;
    const int row = tile.firstRow, col = tile.firstCol;
    tile.digits = {&digits_.form, x.panel(row),  y.panel(col), x.orders(row),
                   y.orders(col), x.orderStep(), y.orderStep()};
    if constexpr (std::is_same_v<T, double>) {
        tile.xNorms = x.norms(row);
        tile.yNorms = y.norms(col);
    }
    tile.bounded = digits_.bounded;
    if (!exact_) tile.scale = digits_.scale;
    return tile;
}

void Problem::compute(int rowBlock, int colBlock, const TileTarget& target) const {
    switch (levelOf(rowBlock, colBlock)) {
        case Level::Digits:
            return computeTile(tileOfDigits<double>(rowBlock, colBlock, target));
        case Level::DigitsToFloat:
            return computeTile(tileOfDigits<float>(rowBlock, colBlock, target));
        case Level::FloatExact:
            return computeTile(tileOf(xFloat_, yFloat_, rowBlock, colBlock, Terms::Products, target));
        case Level::Float:
            return computeTile(tileOf(xFloat_, yFloat_, rowBlock, colBlock, Terms::Exponents, target));
        case Level::Products:
            return computeTile(tileOf(xCentred_, yCentred_, rowBlock, colBlock,
                                      exact_ ? Terms::Products : Terms::Exponents, target));
        case Level::Differences:
            return computeTile(tileOf(xRaw_, yRaw_, rowBlock, colBlock, Terms::Differences, target));
    }
}

}  // namespace gkern::detail
