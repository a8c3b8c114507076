// SPDX-License-Identifier: Apache-2.0
#include "rbf/digits.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace gkern::detail {
namespace {

constexpr double kLn2 = 0x1.62e42fefa39efp-1;

/// The largest number of steps in so many digits, a little less than 127·(256^(digits−1) + … + 1).
double mostSteps(int digits) {
    double steps = 0;
    for (int i = 0; i < digits; ++i) steps = steps * 256 + 127;
    return steps * (1 - 0x1p-40);
}

/// Weight of the products of an order, in squared steps.
double weightOf(int order, int digits) {
    return std::ldexp(1.0, 8 * (2 * digits - 2 - order));
}

/// Digits of one vector, and where a panel takes them from.
struct Planes {
    explicit Planes(const DigitForm& form)
        : step((std::size_t(form.features) + 2 * kDigitPad - 1) / kDigitPad * kDigitPad),
          values(step * std::size_t(form.digits)) {}
    std::size_t step;
    AlignedArray<std::int8_t> values;
    const std::int8_t* plane(int digit) const { return values.data() + std::size_t(digit) * step; }
};

/// Row r of a panel of rows.
void storeRow(const Planes& planes, const DigitForm& form, int r, std::int8_t* panel) {
    int at = 0;
    for (int i = 0; i < form.digits; ++i)
        for (int k = 0, count = 0; k < form.features; k += count, at += count) {
            count = std::min(64 - at % 64, form.features - k);
            std::memcpy(panel + at / 64 * 1024 + r * 64 + at % 64, planes.plane(i) + k, std::size_t(count));
        }
}

/// Column c of a panel of columns.
void storeColumn(const Planes& planes, const DigitForm& form, int c, std::int8_t* panel) {
    panel += std::size_t(form.zeros) * std::size_t(form.features) * kDigitPanel + 4 * c;
    for (int i = form.digits; i-- > 0;)
        for (int k = 0; k < form.features; k += 4, panel += 64) std::memcpy(panel, planes.plane(i) + k, 4);
}

}  // namespace

DigitPanels::DigitPanels(const FeatureRows& rows, Order order, const Transform& transform,
                         const DigitForm& form)
    : panelBytes_(order == Order::Rows ? form.xPanelBytes() : form.yPanelBytes()) {
    const int count = rows.count(), panels = (count - 1) / kDigitPanel + 1;
    values_ = AlignedArray<std::int8_t>(std::size_t(panels) * panelBytes_);
    orderStep_ = std::size_t(panels) * kDigitPanel + kDigitsBeyond;
    const std::size_t sums = orderStep_ * std::size_t(form.digits + form.zeros);
    orders_ = AlignedArray<std::int32_t>(sums);
    std::fill_n(orders_.data(), sums, 0);
    const int atOnce =
        static_cast<int>(std::max<int64_t>(1, kValuesAtOnce / (int64_t{kDigitPanel} * rows.features())));
    const int blocks = (panels - 1) / atOnce + 1;
    const std::size_t digits = std::size_t(form.digits);
    std::vector<std::int32_t> squares(std::size_t(blocks) * digits);
    forBlocks(blocks, double(count) * rows.features(), [&](int b) {
        const int first = b * atOnce * kDigitPanel;
        pack(rows, {first, std::min(first + atOnce * kDigitPanel, count)}, order, transform, form,
             squares.data() + std::size_t(b) * digits);
    });
    largest_.resize(digits);
    for (std::size_t i = 0; i < squares.size(); ++i)
        largest_[i % digits] = std::max(largest_[i % digits], std::sqrt(double(squares[i])));
}

void DigitPanels::pack(const FeatureRows& rows, const cv::Range& range, Order order,
                       const Transform& transform, const DigitForm& form, std::int32_t* squares) {
    thread_local cv::Mat buffer;
    const cv::Mat values = rows.read(range.start, range.end, buffer);
    const Planes planes(form);
    VectorToSplit from{nullptr,
                       rows.features(),
                       transform.prescale.data(),
                       transform.centre.data(),
                       transform.weight.data(),
                       form.digits};
    for (int row = range.start; row < range.end; ++row) {
        const int within = row % kDigitPanel;
        std::int8_t* panel = values_.data() + std::size_t(row / kDigitPanel) * panelBytes_;
        if (within == 0) std::memset(panel, 0, panelBytes_);
        from.row = values.ptr<double>(row - range.start);
        std::int32_t products[kMostDigits][kMostDigits];
        splitIntoDigits(from, planes.values.data(), planes.step, products);
        if (order == Order::Rows)
            storeRow(planes, form, within, panel);
        else
            storeColumn(planes, form, within, panel);
        for (int i = 0; i < form.digits; ++i) {
            squares[i] = std::max(squares[i], products[i][i]);
            for (int j = 0; j < form.digits; ++j)
                if (i + j < form.digits + form.zeros)
                    orders_.data()[std::size_t(i + j) * orderStep_ + std::size_t(row)] += products[i][j];
        }
    }
}

void DigitPanels::makeNorms(int orders, double factor) {
    norms_ = AlignedArray<double>(orderStep_);
    largestNorm_ = 0;
    for (std::size_t row = 0; row < orderStep_; ++row) {
        // As a tile does with the orders of two vectors: for equal ones the result is the same.
        double norm = 0;
        for (int o = 0; o < orders; ++o)
            norm = norm * 256 + orders_.data()[std::size_t(o) * orderStep_ + row];
        norms_.data()[row] = norm * factor;
        largestNorm_ = std::max(largestNorm_, norm);
    }
}

void DigitVectors::pack(const FeatureRows& xRows, const FeatureRows& yRows, const Transform& transform) {
    form.features = (xRows.features() + 3) / 4 * 4;
    x = DigitPanels(xRows, Order::Rows, transform, form);
    y = DigitPanels(yRows, Order::Columns, transform, form);
}

void DigitVectors::takeIntegers(const FeatureRows& xRows, const FeatureRows& yRows, int depth,
                                Transform transform) {
    const bool bytes = depth <= CV_8S;
    form = DigitForm{0, bytes ? 1 : 2, bytes ? 0 : 1, bytes ? 1 : 3};
    // Two digits reach from −128·257 to 127·257.
    const double centre = depth == CV_8U ? 128 : depth == CV_8S ? 0 : depth == CV_16U ? 32768 + 128 : 128;
    std::fill(transform.centre.begin(), transform.centre.end(), centre);
    pack(xRows, yRows, transform);
    x.makeNorms(form.orders, 1);
    y.makeNorms(form.orders, 1);
}

bool DigitVectors::take(const FeatureRows& xRows, const FeatureRows& yRows, const Transform& transform,
                        double reach, int digits, double budget) {
    // Smaller steps might not be normal numbers.
    if (!(reach > 0x1p-800) || !std::isfinite(reach)) return false;
    const bool floats = digits == 3;
    form = DigitForm{0, digits, floats ? 0 : 1, floats ? 3 : 5};
    const double step = reach / mostSteps(digits);
    const int features = xRows.features();
    // However the digits fall out: two vectors' are at most 255 apart.
    if (!(error(features, step, std::vector<double>(std::size_t(digits), 255 * std::sqrt(features))) <=
          budget))
        return false;
    Transform steps = transform;
    for (double& w : steps.weight) w /= step;
    if (!std::all_of(steps.weight.begin(), steps.weight.end(), [](double w) { return std::isfinite(w); }))
        return false;
    pack(xRows, yRows, steps);
    if (!floats) {
        std::vector<double> lengths;
        for (int i = 0; i < digits; ++i) lengths.push_back(x.largestDigit(i) + y.largestDigit(i));
        form.orders = 4;
        if (error(features, step, lengths) > budget) form.orders = 5;
    }
    form.pairsFit = pairsFit();
    x.makeNorms(form.orders, 0.5);
    y.makeNorms(form.orders, 0.5);
    scale = step * step * weightOf(form.orders - 1, digits);
    const double lengths = std::sqrt(x.largestNorm() * scale) + std::sqrt(y.largestNorm() * scale);
    const double largest = lengths * lengths / 2 * 1.001 + 1;
    bounded = largest < 999;
    return !floats || largest < 115;
}

bool DigitVectors::pairsFit() const {
    const auto largest = [&](int order) {
        double sum = 0;
        for (int i = 0; i <= order; ++i) sum += x.largestDigit(i) * y.largestDigit(order - i);
        return sum;
    };
    const auto fits = [&](int order) { return 256 * largest(order) + largest(order + 1) < 0x7fffff00; };
    return form.digits == 4 && form.orders == 4 && fits(0) && fits(2);
}

/// Bound on what an entry, K = 2^−e ≤ 1 with e = D²/2, is off by.
///
/// Steps: coordinates off by half a step each make D off by δ ≤ √features·step, and 2^(−D²/2) has a slope of
/// at most √(ln 2)·e^(−1/2) ≤ 0.505. The roundings of the coordinates themselves, some 2^-52 of the reach,
/// are far below a step.
///
/// Orders left out: e off by half the sum of their products, each at most the product of the lengths of the
/// digits of x − y.
///
/// Float: the sums of three orders as floats, weighed and added up, are off by 6·2^-24 of the sum of their
/// absolute values. With η the share of all digits but the first in a length, that is at most D² + (3η)², and
/// D²·2^(−D²/2) at most 1.07. Doubles round sums that are at most 4·features·reach², four times.
double DigitVectors::error(int features, double step, const std::vector<double>& lengths) const {
    const double delta = std::sqrt(double(features)) * step;
    double leftOut = 0, lower = 0;
    for (int i = 0; i < form.digits; ++i)
        for (int j = 0; j < form.digits; ++j)
            if (i + j >= form.orders)
                leftOut += weightOf(i + j, form.digits) * lengths[std::size_t(i)] * lengths[std::size_t(j)];
    for (int i = 1; i < form.digits; ++i)
        lower += std::ldexp(lengths[std::size_t(i)], 8 * (form.digits - 1 - i));
    const double eta = lower * step;
    const double rounding = form.digits == 3
                                ? 6 * 0x1p-24 * (1.07 + 9 * eta * eta)
                                : features * 0x1p-50 * std::pow(step * mostSteps(form.digits), 2);
    return 0.506 * delta + 0.36 * delta * delta + kLn2 * (leftOut * step * step / 2 + rounding);
}

}  // namespace gkern::detail
