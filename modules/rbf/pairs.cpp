// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <random>
#include <unordered_map>

#include "gkern/rbf.hpp"
#include "rbf/metric.hpp"
#include "rbf/panels.hpp"
#include "rbf/validate.hpp"

namespace gkern {
namespace {

/// Rows that a task takes at once.
constexpr int kRowsAtOnce = 64;

double exponentOfPair(const double* x, const double* y, int features, const detail::Metric& metric) {
    double sum = 0;
    for (int k = 0; k < features; ++k) {
        const auto i = std::size_t(k);
        double difference =
            metric.prescale.empty() ? x[k] - y[k] : x[k] * metric.prescale[i] - y[k] * metric.prescale[i];
        if (!metric.weight.empty()) difference *= metric.weight[i];
        sum += difference * difference;
    }
    return metric.factor * sum;
}

/// Which rows the median is taken of, in the order in which they were drawn.
std::vector<int> drawRows(int rows, int sample, std::uint64_t seed) {
    std::vector<int> drawn;
    // Fisher and Yates' shuffle as far as needed, of a list of which only the changes are kept. The
    // engine is the same everywhere; the standard's distributions are not.
    std::mt19937_64 random(seed);
    std::unordered_map<int, int> moved;
    const auto at = [&](int i) {
        const auto found = moved.find(i);
        return found == moved.end() ? i : found->second;
    };
    for (int i = 0; i < std::min(rows, sample); ++i) {
        const int other =
            rows <= sample ? i : i + static_cast<int>(random() % static_cast<std::uint64_t>(rows - i));
        drawn.push_back(at(other));
        moved[other] = at(i);
    }
    return drawn;
}

/// The drawn rows in float64, in units of a power of two in which no coordinate exceeds 1.
cv::Mat readRows(const detail::FeatureRows& x, const std::vector<int>& drawn, int& exponent) {
    cv::Mat rows(static_cast<int>(drawn.size()), x.features(), CV_64F), buffer;
    double largest = 0;
    for (int i = 0; i < rows.rows; ++i) {
        x.read(drawn[std::size_t(i)], drawn[std::size_t(i)] + 1, buffer).copyTo(rows.row(i));
        for (int k = 0; k < rows.cols; ++k)
            if (const double value = std::fabs(rows.at<double>(i, k)); std::isfinite(value))
                largest = std::max(largest, value);
    }
    std::frexp(largest, &exponent);
    for (int i = 0; i < rows.rows; ++i)
        for (int k = 0; k < rows.cols; ++k)
            rows.at<double>(i, k) = std::ldexp(rows.at<double>(i, k), -exponent);
    return rows;
}

double squaredDistance(const double* x, const double* y, int features) {
    double sum[4] = {};  // the processor works on four chains at once
    int k = 0;
    for (; k + 4 <= features; k += 4)
        for (int c = 0; c < 4; ++c) sum[c] += (x[k + c] - y[k + c]) * (x[k + c] - y[k + c]);
    for (; k < features; ++k) sum[0] += (x[k] - y[k]) * (x[k] - y[k]);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/// Squared distances between all pairs of rows.
std::vector<double> squaredDistances(const cv::Mat& rows) {
    const int count = rows.rows;
    std::vector<double> squares(std::size_t(count) * std::size_t(count - 1) / 2);
    detail::forBlocks(count, double(squares.size()) * rows.cols, [&](int i) {
        double* out = squares.data() + std::size_t(i) * std::size_t(i - 1) / 2;
        for (int j = 0; j < i; ++j)
            out[j] = squaredDistance(rows.ptr<double>(i), rows.ptr<double>(j), rows.cols);
    });
    return squares;
}

}  // namespace

void rbfDiagonal(cv::InputArray X, cv::InputArray Y, cv::OutputArray out, const RbfParams& params) {
    detail::validatePairs(X, Y);
    const detail::KernelShape shape = detail::validateInput(X, Y, params);
    detail::validateOutput(out, "out", shape.rows, 1, shape.ktype);
    const detail::Metric metric = detail::makeMetric(params, shape.features);
    const detail::FeatureRows x(X), y(Y);
    cv::Mat result(shape.rows, 1, CV_64F);
    detail::forBlocks(
        (shape.rows - 1) / kRowsAtOnce + 1, double(shape.rows) * (shape.features + 16), [&](int b) {
            cv::Mat xBuffer, yBuffer;
            const int first = b * kRowsAtOnce, last = std::min(first + kRowsAtOnce, shape.rows);
            const cv::Mat xs = x.read(first, last, xBuffer), ys = y.read(first, last, yBuffer);
            for (int i = first; i < last; ++i)
                result.at<double>(i) = std::exp(-exponentOfPair(
                    xs.ptr<double>(i - first), ys.ptr<double>(i - first), shape.features, metric));
        });
    result.convertTo(out, shape.ktype);
}

double medianSigma(cv::InputArray X, int sample, std::uint64_t seed) {
    detail::validateMedian(X, sample);
    const detail::FeatureRows x(X);
    int exponent = 0;
    std::vector<double> squares = squaredDistances(readRows(x, drawRows(x.count(), sample, seed), exponent));
    squares.erase(
        std::remove_if(squares.begin(), squares.end(), [](double s) { return !(s > 0) || std::isinf(s); }),
        squares.end());
    detail::validateDistances(squares.size());
    const auto middle = squares.begin() + std::ptrdiff_t(squares.size() / 2);
    std::nth_element(squares.begin(), middle, squares.end());
    double median = std::sqrt(*middle);
    if (squares.size() % 2 == 0)
        median = (median + std::sqrt(*std::max_element(squares.begin(), middle))) / 2;
    return std::ldexp(median / std::sqrt(2.0), exponent);
}

}  // namespace gkern
