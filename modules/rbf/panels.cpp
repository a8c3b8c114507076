// SPDX-License-Identifier: Apache-2.0
#include "rbf/panels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

namespace gkern::detail {

FeatureRows::FeatureRows(cv::InputArray rows) : source_(rows.getMat()) {
    // Little is converted once and for all: calls of convertTo would take longer than their work.
    if (source_.depth() != CV_64F && source_.total() <= std::size_t(kValuesAtOnce)) {
        cv::Mat wide;
        source_.convertTo(wide, CV_64F);
        source_ = wide;
    }
}

cv::Mat FeatureRows::read(int first, int last, cv::Mat& buffer) const {
    if (source_.depth() == CV_64F) return source_.rowRange(first, last);
    source_.rowRange(first, last).convertTo(buffer, CV_64F);
    return buffer;
}

template <class T>
Panels<T>::Panels(const FeatureRows& rows, Order order, const Transform& transform, int side, Norms norms)
    : features_(rows.features()) {
    const PanelWidths widths = std::is_same_v<T, float> ? panelWidthsOfFloat() : panelWidthsOfDouble();
    width_ = order == Order::Rows ? widths.rows : widths.cols;
    CV_DbgAssert(side % width_ == 0);
    const int panels = (rows.count() - 1) / width_ + 1;
    values_ = AlignedArray<T>(std::size_t(panels) * std::size_t(width_) * std::size_t(features_));
    const int atOnce = static_cast<int>(std::max<int64_t>(1, kValuesAtOnce / (int64_t{width_} * features_)));
    forBlocks((panels - 1) / atOnce + 1, double(rows.count()) * features_, [&](int b) {
        thread_local cv::Mat buffer;
        const int first = b * atOnce * width_;
        pack(rows, first, std::min(first + atOnce * width_, rows.count()), transform, buffer);
    });
    if (norms != Norms::None) measure(rows.count(), side, panels, norms);
}

template <class T>
void Panels<T>::pack(const FeatureRows& rows, int first, int last, const Transform& transform,
                     cv::Mat& buffer) {
    const cv::Mat values = rows.read(first, last, buffer);
    RowsToPack from{nullptr,
                    values.step1(),
                    width_,
                    width_,
                    features_,
                    transform.prescale.data(),
                    transform.centre.data(),
                    transform.weight.data()};
    for (int row = first; row < last; row += width_) {
        from.rows = values.ptr<double>(row - first);
        from.count = std::min(width_, last - row);
        packPanel(from, values_.data() + std::size_t(row) * std::size_t(features_));
    }
}

template <class T>
void Panels<T>::measure(int rows, int side, int panels, Norms kind) {
    const std::size_t padded = std::size_t(panels) * std::size_t(width_);
    norms_ = AlignedArray<T>(padded + kReadBeyond);
    std::fill_n(norms_.data() + padded, kReadBeyond, T(0));
    const int blocks = (rows - 1) / side + 1, panelsOfBlock = side / width_;
    lengths_.resize(std::size_t(blocks));
    forBlocks(blocks, double(rows) * features_, [&](int b) {
        const int first = b * panelsOfBlock, count = std::min(panelsOfBlock, panels - first);
        T* norms = norms_.data() + std::size_t(b) * std::size_t(side);
        normsOf(panel(b * side), count, width_, features_, norms);
        double largest = 0;
        for (int i = 0; i < count * width_; ++i)
            // Not a maximum, which might lose a NaN.
            if (!(norms[i] <= largest)) largest = std::isfinite(norms[i]) ? norms[i] : INFINITY;
        lengths_[std::size_t(b)] = std::sqrt(largest) * 1.001;
        if (kind == Norms::Halves)
            for (int i = 0; i < count * width_; ++i) norms[i] /= 2;
    });
}

template <class T>
double Panels<T>::largestLength() const {
    return *std::max_element(lengths_.begin(), lengths_.end());
}

template class Panels<float>;
template class Panels<double>;

}  // namespace gkern::detail
