// SPDX-License-Identifier: Apache-2.0
#include "blur/integer_taps.hpp"

#include <algorithm>
#include <cmath>

#include "blur/plan.hpp"

namespace gkern::detail {
namespace {

constexpr double kLargestNumber = 32767;    // of 16 bits
constexpr double kLargestPixels = 2 * 255;  // of a pair
constexpr double kMiddle = 127.5;           // of the range of pixels, and the farthest that they are from it
constexpr double kLargestGain = 128.4;      // twice times kMiddle in 16 bits
constexpr int kEighths = 1 << IntegerPairs::kOuterBits;

/// The weights of one axis as integers, by distance from the centre.
class RoundedAxis {
  public:
    /// @param inLines whether the taps must fit in lines as well, where the centre is no pair.
    RoundedAxis(const AxisKernel& kernel, bool inLines) : inLines_(inLines) {
        for (size_t tap = static_cast<size_t>(kernel.anchor); tap < kernel.weights.size(); ++tap)
            weights_.push_back(kernel.weights[tap]);
        weights_.resize((weights_.size() + 1) / 2 * 2);  // with that of the second of the last two
        weights_[0] /= 2;
        eighths_.resize(weights_.size());
        errors_.resize(weights_.size());
    }

    /// The largest gain that 16 bits hold.
    double largestGain() const {
        const double beside = *std::max_element(weights_.begin() + 1, weights_.end());
        // Even, as the weight of the centre is.
        return (kLargestNumber - 1) / std::max(weights_[0] * (inLines_ ? 2 : 1), beside);
    }

    /// Weights near gain·w, and their errors in parts of the gain. `outer`: with as many outer ones as sums
    /// of numbers up to `largest` leave room for in 32 bits; false if that is none.
    bool round(double gain, bool outer, double largest) {
        gain_ = gain;
        // From one more on than the last gain, which was near this one, left room for.
        for (outer_ = outer ? std::min(outer_ + 1, weights_.size() / 2 - 1) : 0;; --outer_) {
            const size_t first = weights_.size() - 2 * outer_;
            roundFrom(first);
            if (outer_ == 0) return false;
            // Lines of taps do not end where pairs do (inLine()).
            double sum = 0, most = 0;
            for (size_t i = inLines_ ? first - 2 : first; i < eighths_.size(); ++i) {
                const double eighths = i == 0 ? 2 * eighths_[i] : eighths_[i];
                sum += eighths;
                most = std::max(most, eighths);
            }
            if (most <= kLargestNumber && sum * largest < std::ldexp(1.0, 31) - kEighths) return true;
        }
    }

    size_t count() const { return weights_.size(); }
    double weight(size_t i) const { return weights_[i]; }
    double error(size_t i) const { return errors_[i]; }
    /// Σ|error| over both taps of each pair.
    double l1() const { return 2 * l1_; }
    /// 127.5 times the sum of the integers over both taps of each pair.
    int32_t middle() const {
        int64_t eighths = 0;
        for (const int32_t weight : eighths_) eighths += weight;
        return static_cast<int32_t>((eighths * 255 + kEighths / 2) / kEighths);
    }

    /// @param centre of the weight of the centre, in halves.
    IntegerPairs byDistance(int centre) const {
        IntegerPairs pairs;
        pairs.outer = static_cast<int>(outer_);
        for (size_t i = weights_.size(); i >= 2; i -= 2) {
            const int unit = static_cast<size_t>(pairs.count()) < outer_ ? 1 : kEighths;
            const int32_t near = eighths_[i - 2] / unit * (i == 2 ? centre : 1), far = eighths_[i - 1] / unit;
            pairs.even.push_back(both(near, far));
            pairs.odd.push_back(both(far, near));
        }
        return pairs;
    }

    /// @param reach the largest distance that has a weight.
    IntegerPairs inLine(int reach) const {
        IntegerPairs pairs;
        // As many as hold the outer taps, be the first one or the second the beginning.
        const int count = static_cast<int>(weights_.size()),
                  outerTaps = reach + 1 - (count - 2 * static_cast<int>(outer_));
        pairs.outer = outer_ == 0 ? 0 : outerTaps / 2 + 1;
        const int lines = reach + 1;
        for (int j = 0; j < lines; ++j) {
            const int unit = j < pairs.outer || j >= lines - pairs.outer ? 1 : kEighths;
            const auto tap = [&](int i) {
                const int distance = std::abs(i - reach);
                if (distance > reach) return 0;
                return eighths_[static_cast<size_t>(distance)] / unit * (distance == 0 ? 2 : 1);
            };
            pairs.even.push_back(both(tap(2 * j), tap(2 * j + 1)));
            pairs.odd.push_back(both(tap(2 * j - 1), tap(2 * j)));
        }
        return pairs;
    }

  private:
    static int32_t both(int32_t first, int32_t second) {
        return static_cast<int32_t>(static_cast<uint32_t>(second) << 16 | static_cast<uint32_t>(first));
    }

    /// Those up to `first` to whole units, the others to eighths.
    void roundFrom(size_t first) {
        l1_ = 0;
        for (size_t i = 0; i < weights_.size(); ++i) {
            const int unit = i < first ? kEighths : 1;
            const double exact = weights_[i] * gain_ * kEighths;
            eighths_[i] = static_cast<int32_t>(exact / unit + 0.5) * unit;
            errors_[i] = (eighths_[i] - exact) / kEighths / gain_;
            l1_ += std::abs(errors_[i]);
        }
    }

    bool inLines_;
    double gain_ = 0, l1_ = 0;
    size_t outer_ = 0;                      ///< pairs of distances
    std::vector<double> weights_, errors_;  ///< the centre is a pair of halves
    std::vector<int32_t> eighths_;          ///< of a unit
};

/// Σ|product of two rounded weights − that of the weights| over the taps. The errors of x and y often cancel.
double errorOfProducts(const RoundedAxis& x, const RoundedAxis& y) {
    double sum = 0;
    for (size_t j = 0; j < y.count(); ++j) {
        const double rounded = y.weight(j) + y.error(j), error = y.error(j);
        for (size_t i = 0; i < x.count(); ++i) sum += std::abs(x.error(i) * rounded + x.weight(i) * error);
    }
    return 4 * sum;
}

bool isSymmetric(const AxisKernel& kernel) {
    return kernel.before() == kernel.after() &&
           std::equal(kernel.weights.begin(), kernel.weights.end(), kernel.weights.rbegin());
}

}  // namespace

IntegerTaps makeIntegerTaps(const AxisKernel& x, const AxisKernel& y, double largestBound) {
    constexpr int kMostTaps = 63;  // longer kernels are rounded too coarsely, whatever their sigma
    IntegerTaps taps;
    if (x.size() > kMostTaps || y.size() > kMostTaps || !isSymmetric(x) || !isSymmetric(y)) return taps;
    if (largestBound < 0.5 / kLargestGain) return taps;  // every sum over x is rounded
    RoundedAxis roundedX(x, true), roundedY(y, false);
    // How well weights meet integers is a matter of luck: gains are tried until they do. Short kernels leave
    // less of it, and are worth more trials than outer weights.
    const int trials = x.size() + y.size() <= 22 ? 512 : 64;
    const double mostX = roundedX.largestGain(), mostY = roundedY.largestGain();
    for (const bool outer : {false, true})
        for (int trial = 0; trial < trials; ++trial) {
            const double gainX = mostX * (1 - 0.5 * trial / trials);
            int shiftX = 0, shiftY = 24;  // 256 levels in 32 bits
            double gain = gainX;
            for (; gain > kLargestGain; gain /= 2) ++shiftX;
            double gainY = std::ldexp(1.0, shiftY) / gain;
            for (; gainY > mostY; gainY /= 2) --shiftY;
            const bool outerX = roundedX.round(gainX, outer, kLargestPixels);
            const bool outerY = roundedY.round(gainY, outer, kLargestNumber);
            if (outer && !outerX && !outerY) break;
            // Besides weights: sums over x are rounded, so is their middle, and what outer weights sum up.
            const double roundings = (0.5 + std::ldexp(1.0, -shiftX)) / gain + std::ldexp(1.0, -shiftY);
            constexpr double kMostCancelled = 0.4;  // of the errors of weights, when those of x and y meet
            if (kMiddle * (roundedX.l1() + roundedY.l1()) * (1 - kMostCancelled) + roundings > largestBound)
                continue;
            taps.bound = kMiddle * errorOfProducts(roundedX, roundedY) + roundings * (1 + roundedY.l1());
            if (taps.bound > largestBound) continue;
            taps.reachX = std::max(1, x.anchor);
            taps.reachY = std::max(1, y.anchor);
            taps.line = roundedX.inLine(taps.reachX);
            taps.x = roundedX.byDistance(2);
            taps.y = roundedY.byDistance(1);
            taps.startX = (1 << (shiftX - 1)) - roundedX.middle();
            taps.startY = uint32_t{128} << shiftY;  // 127.5 and half a level
            taps.shiftX = shiftX;
            taps.shiftY = shiftY;
            return taps;
        }
    return {};
}

}  // namespace gkern::detail
