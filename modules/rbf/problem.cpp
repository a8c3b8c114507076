// SPDX-License-Identifier: Apache-2.0
#include "rbf/problem.hpp"

#include <algorithm>
#include <cmath>

namespace gkern::detail {
namespace {

/// Up to so many features, sums run over differences.
constexpr int kMostDifferences = 16;

/// What the rounding of an exponent may add to an entry, out of the error that is promised.
constexpr double kFastBudget = 4.9e-5;     // of 5e-5
constexpr double kFloatBudget = 4e-8;      // of 1e-7, half an ULP of which is 3e-8
constexpr double kDoubleBudget = 0.9e-15;  // of 1e-15, for each feature

constexpr double kFloatRound = 0x1p-24, kDoubleRound = 0x1p-53;

/// A tile's columns stay in half of an L2 cache of 1 MB while its rows pass.
int sideFor(int features) {
    return features <= 64 ? kMaxTileSide : features <= 1000 ? kMaxTileSide / 2 : kMaxTileSide / 4;
}

/// Bound on the error of factor·(‖x‖² + ‖y‖² − 2x·y) whose terms are summed in chains.
///
/// Coordinates carry up to two roundings of their own (8 covers them and the last three operations).
/// With γ = (kChain + chains + 8)·u, every term is off by γ of its absolute value, and those add up to
/// no more than (‖x‖ + ‖y‖)².
double expansionError(double xLength, double yLength, int features, double factor, double round) {
    const int chains = (features - 1) / kChain + 1;
    const double length = xLength + yLength;
    return (std::min(features, kChain) + chains + 8) * round * length * length * factor;
}

/// Mean of some rows, features that are not finite left out.
std::vector<double> roughMean(const FeatureRows& rows) {
    constexpr int kGroups = 8, kGroup = 2;
    const int groups = rows.count() <= kGroups * kGroup ? 1 : kGroups;
    const int group = groups == 1 ? rows.count() : kGroup;
    std::vector<double> sum(std::size_t(rows.features()));
    cv::Mat buffer;
    const auto forRows = [&](const auto& take) {
        for (int g = 0; g < groups; ++g) {
            const int first = static_cast<int>(int64_t{g} * (rows.count() - group) / std::max(1, groups - 1));
            const cv::Mat values = rows.read(first, first + group, buffer);
            for (int i = 0; i < group; ++i) take(values.ptr<double>(i));
        }
    };
    forRows([&](const double* row) {
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += row[k];
    });
    const bool finite = std::all_of(sum.begin(), sum.end(), [](double s) { return std::isfinite(s); });
    if (finite) {
        for (double& s : sum) s /= groups * group;
        return sum;
    }
    std::vector<double> count(sum.size());
    std::fill(sum.begin(), sum.end(), 0.0);
    forRows([&](const double* row) {
        for (std::size_t k = 0; k < sum.size(); ++k)
            if (std::isfinite(row[k])) {
                sum[k] += row[k];
                ++count[k];
            }
    });
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] = count[k] > 0 ? sum[k] / count[k] : 0;
    return sum;
}

/// Any point near the data will do; the same for (X, Y) and (Y, X). Of few bits, so that coordinates of
/// few bits lose none.
std::vector<double> centreOf(const FeatureRows& x, const FeatureRows& y, bool self,
                             const std::vector<double>& prescale) {
    std::vector<double> centre = roughMean(x);
    const std::vector<double> other = self ? centre : roughMean(y);
    for (std::size_t k = 0; k < centre.size(); ++k) {
        const double mean = centre[k] / 2 + other[k] / 2, rounded = static_cast<float>(mean);
        const double c = (std::isfinite(rounded) ? rounded : mean) * prescale[k];
        centre[k] = std::isfinite(c) ? c : 0;
    }
    return centre;
}

/// In one loop over memory that does not overlap, which compilers then vectorise.
void extend(const double* __restrict value, std::size_t features, double* __restrict low,
            double* __restrict high, double* __restrict check) {
    for (std::size_t k = 0; k < features; ++k) {
        low[k] = value[k] < low[k] ? value[k] : low[k];
        high[k] = value[k] > high[k] ? value[k] : high[k];
        check[k] += value[k] * 0;
    }
}

std::vector<double> orOnes(const std::vector<double>& values, int features) {
    return values.empty() ? std::vector<double>(std::size_t(features), 1.0) : values;
}

}  // namespace

Boxes::Boxes(const FeatureRows& rows, const std::vector<double>& prescale, int side)
    : features_(rows.features()) {
    const int blocks = (rows.count() - 1) / side + 1;
    const std::size_t features = std::size_t(features_);
    low_.resize(std::size_t(blocks) * features);
    high_.resize(low_.size());
    finite_.resize(std::size_t(blocks));
    forBlocks(blocks, double(rows.count()) * features_, [&](int b) {
        thread_local cv::Mat buffer;
        double* low = low_.data() + std::size_t(b) * features;
        double* high = high_.data() + std::size_t(b) * features;
        std::fill_n(low, features, INFINITY);
        std::fill_n(high, features, -INFINITY);
        std::vector<double> check(features, 0.0);  // NaN as soon as one value is not finite
        const int end = std::min((b + 1) * side, rows.count());
        const int atOnce = std::max(1, kValuesAtOnce / features_);
        for (int first = b * side; first < end; first += atOnce) {
            const cv::Mat values = rows.read(first, std::min(first + atOnce, end), buffer);
            for (int row = 0; row < values.rows; ++row)
                extend(values.ptr<double>(row), features, low, high, check.data());
        }
        for (std::size_t k = 0; k < features; ++k) {
            low[k] *= prescale[k];
            high[k] *= prescale[k];
        }
        finite_[std::size_t(b)] = std::all_of(check.begin(), check.end(), [](double c) { return c == 0; });
    });
}

double Boxes::leastSum(int block, const Boxes& other, int otherBlock,
                       const std::vector<double>& weight) const {
    if (!finite_[std::size_t(block)] || !other.finite_[std::size_t(otherBlock)]) return 0;
    const std::size_t features = std::size_t(features_);
    const double* low = low_.data() + std::size_t(block) * features;
    const double* high = high_.data() + std::size_t(block) * features;
    const double* otherLow = other.low_.data() + std::size_t(otherBlock) * features;
    const double* otherHigh = other.high_.data() + std::size_t(otherBlock) * features;
    double sum = 0;
    for (std::size_t k = 0; k < features; ++k) {
        double gap = std::max(0.0, std::max(low[k] - otherHigh[k], otherLow[k] - high[k]));
        if (!weight.empty()) gap *= weight[k];
        sum += gap * gap;
    }
    return sum;
}

Problem::Problem(cv::InputArray X, cv::InputArray Y, const RbfParams& params, const KernelShape& shape)
    : rows_(shape.rows),
      cols_(shape.cols),
      features_(shape.features),
      side_(sideFor(shape.features)),
      self_(shape.selfKernel),
      floatGrade_(shape.ktype == CV_32F),
      fast_(floatGrade_ && params.accuracy == RbfAccuracy::Fast),
      metric_(makeMetric(params, shape.features)) {
    const FeatureRows x(X), y(shape.selfKernel ? X : Y);
    const std::vector<double> prescale = orOnes(metric_.prescale, features_);
    if (rowBlocks() > 1 || colBlocks() > 1) {
        xBoxes_ = Boxes(x, prescale, side_);
        if (!shape.selfKernel) yBoxes_ = Boxes(y, prescale, side_);
    }

    const int depth = X.depth();
    const bool integers = depth <= CV_16S && metric_.weight.empty();
    Transform transform{prescale, std::vector<double>(std::size_t(features_), 0.0),
                        std::vector<double>(std::size_t(features_), 1.0)};
    const auto pack = [&](auto& xPanels, auto& yPanels, bool withNorms) {
        using P = std::remove_reference_t<decltype(xPanels)>;
        xPanels = P(x, Order::Rows, transform, side_, withNorms);
        yPanels = P(y, Order::Columns, transform, side_, withNorms);
    };
    if (integers) {
        // Products of at most 2^14 or 2^30 whose sums are integers that the type holds.
        const bool bytes = depth <= CV_8S;
        std::fill(transform.centre.begin(), transform.centre.end(),
                  depth == CV_8U    ? 128.0
                  : depth == CV_16U ? 32768.0
                                    : 0.0);
        exact_ = true;
        first_ = bytes && features_ <= 1024 ? Level::FloatExact : Level::Products;
        if (first_ == Level::FloatExact)
            pack(xFloat_, yFloat_, true);
        else
            pack(xCentred_, yCentred_, true);
        return;
    }
    if (fast_ || features_ > kMostDifferences) {
        transform.centre = centreOf(x, y, shape.selfKernel, prescale);
        transform.weight = orOnes(metric_.weight, features_);
    }
    if (fast_) {
        first_ = Level::Float;
        // Coordinates in units of about σ, whatever σ is.
        const int half = std::ilogb(metric_.factor) / 2;
        floatFactor_ = std::ldexp(metric_.factor, -2 * half);
        const std::vector<double> weight = transform.weight;
        for (double& w : transform.weight) w = std::ldexp(w, half);
        pack(xFloat_, yFloat_, true);
        transform.weight = weight;
        if (floatHolds(xFloat_.largestLength(), yFloat_.largestLength())) return;
    }
    if (features_ > kMostDifferences) {
        if (!fast_) first_ = Level::Products;
        pack(xCentred_, yCentred_, true);
        if (productsHold(xCentred_.largestLength(), yCentred_.largestLength())) return;
    }
    std::fill(transform.centre.begin(), transform.centre.end(), 0.0);
    std::fill(transform.weight.begin(), transform.weight.end(), 1.0);
    pack(xRaw_, yRaw_, false);
}

bool Problem::floatHolds(double xLength, double yLength) const {
    return expansionError(xLength, yLength, features_, floatFactor_, kFloatRound) <= kFastBudget;
}

bool Problem::productsHold(double xLength, double yLength) const {
    const double budget = floatGrade_ ? kFloatBudget : kDoubleBudget * features_;
    return exact_ || expansionError(xLength, yLength, features_, metric_.factor, kDoubleRound) <= budget;
}

Problem::Level Problem::levelOf(int rowBlock, int colBlock) const {
    if (first_ == Level::FloatExact) return first_;
    if (first_ == Level::Float &&
        floatHolds(xFloat_.largestLength(rowBlock), yFloat_.largestLength(colBlock)))
        return Level::Float;
    if ((exact_ || features_ > kMostDifferences) &&
        productsHold(xCentred_.largestLength(rowBlock), yCentred_.largestLength(colBlock)))
        return Level::Products;
    return Level::Differences;
}

double Problem::largestEntry(int rowBlock, int colBlock) const {
    const bool alone = rowBlocks() == 1 && colBlocks() == 1;  // nothing to tell it from
    const Boxes& y = self_ ? xBoxes_ : yBoxes_;
    const double exponent =
        alone ? 0 : metric_.factor * xBoxes_.leastSum(rowBlock, y, colBlock, metric_.weight);
    // Entries that round to 0 have exponents above 150·ln 2 and 1075·ln 2.
    if (exponent > (floatGrade_ ? 105 : 746)) return 0;
    const double error = fast_ ? 5e-5 : floatGrade_ ? 1e-7 : 1e-15 * features_ + 4e-16;
    return std::exp(-exponent) + error;
}

template <class T>
Tile<T> Problem::tileOf(const Panels<T>& x, const Panels<T>& y, int rowBlock, int colBlock, double factor,
                        const TileTarget& target) const {
    const cv::Range rows = rowsOf(rowBlock), cols = colsOf(colBlock);
    Tile<T> tile{};
    tile.x = x.panel(rows.start);
    tile.y = y.panel(cols.start);
    tile.xNorms = x.norms(rows.start);
    tile.yNorms = y.norms(cols.start);
    tile.rows = rows.size();
    tile.cols = cols.size();
    tile.features = features_;
    tile.factor = factor;
    tile.entries = target.entries;
    tile.stream = target.stream;
    tile.out = target.out;
    tile.step = target.step;
    tile.vector = target.vector;
    return tile;
}

void Problem::compute(int rowBlock, int colBlock, const TileTarget& target) const {
    const Level level = levelOf(rowBlock, colBlock);
    if (level == Level::Float || level == Level::FloatExact) {
        const bool exact = level == Level::FloatExact;
        auto tile =
            tileOf(xFloat_, yFloat_, rowBlock, colBlock, exact ? metric_.factor : floatFactor_, target);
        tile.fast = !exact;
        return computeTile(tile);
    }
    if (level == Level::Products)
        return computeTile(tileOf(xCentred_, yCentred_, rowBlock, colBlock, metric_.factor, target));
    auto tile = tileOf(xRaw_, yRaw_, rowBlock, colBlock, metric_.factor, target);
    if (!metric_.weight.empty()) tile.weights = metric_.weight.data();
    computeTile(tile);
}

}  // namespace gkern::detail
