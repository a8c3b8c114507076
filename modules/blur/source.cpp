// SPDX-License-Identifier: Apache-2.0
#include "blur/source.hpp"

#include <algorithm>
#include <limits>

namespace gkern::detail {

Source makeSource(const cv::Mat& src, bool isolated) {
    if (isolated) {
        const cv::Mat alone(src.rows, src.cols, src.type(), src.data, src.step);
        return {alone, cv::Rect(0, 0, src.cols, src.rows)};
    }
    cv::Size wholeSize;
    cv::Point offset;
    src.locateROI(wholeSize, offset);
    cv::Mat whole = src;
    whole.adjustROI(offset.y, wholeSize.height - offset.y - src.rows, offset.x,
                    wholeSize.width - offset.x - src.cols);
    return {whole, cv::Rect(offset, src.size())};
}

namespace {

/// The part of a line of `length` pixels that the blur of [begin, end) reads.
cv::Range reached(int begin, int end, const AxisKernel& kernel, int length, int borderType) {
    const bool crosses = begin < kernel.before() || end > length - kernel.after();
    if (crosses && borderType == cv::BORDER_WRAP) return {0, length};
    // A reflection lands as far inside as the tap is outside; one more, as the sides of an even kernel differ
    // by one.
    const int reach = std::min(length, std::max(kernel.before(), kernel.after()) + 1);
    return {std::max(0, begin - reach), end + std::min(reach, length - end)};
}

}  // namespace

cv::Rect pixelsInReach(const Source& source, const Plan& plan) {
    const cv::Rect& roi = source.roi;
    const cv::Range columns = reached(roi.x, roi.x + roi.width, plan.x, source.whole.cols, plan.borderType);
    const cv::Range rows = reached(roi.y, roi.y + roi.height, plan.y, source.whole.rows, plan.borderType);
    return {columns.start, rows.start, columns.size(), rows.size()};
}

bool overlap(const cv::Mat& a, const cv::Mat& b) {
    if (a.empty() || b.empty()) return false;
    const auto end = [](const cv::Mat& m) { return m.ptr(m.rows - 1) + m.cols * m.elemSize(); };
    return a.data < end(b) && b.data < end(a);
}

std::vector<int> borderIndices(int first, int count, int length, int borderType) {
    std::vector<int> indices(count);
    for (int i = 0; i < count; ++i) {
        const int p = first + i;
        indices[i] = p >= 0 && p < length ? p : cv::borderInterpolate(p, length, borderType);
    }
    return indices;
}

cv::Mat borderPixel(const cv::Scalar& value, int type) {
    cv::Mat pixel(1, 1, type);
    if (pixel.channels() <= 4) {
        pixel.setTo(value);
    } else {  // all components of the value are equal
        cv::Mat components = pixel.reshape(1);
        components.setTo(value[0]);
    }
    return pixel;
}

ValueRange valueRange(const cv::Mat& region, const Plan& plan) {
    const int channels = region.channels();
    constexpr double inf = std::numeric_limits<double>::infinity();
    ValueRange range{std::vector<double>(channels, inf), std::vector<double>(channels, -inf)};
    const auto include = [&](int c, double v) {
        if (v < range.smallest[c]) range.smallest[c] = v;
        if (v > range.largest[c]) range.largest[c] = v;
    };
    for (int y = 0; y < region.rows; ++y) {
        const auto* row = region.ptr<double>(y);
        for (int x = 0; x < region.cols; ++x)
            for (int c = 0; c < channels; ++c) include(c, *row++);
    }
    if (plan.borderType == cv::BORDER_CONSTANT) {
        const cv::Mat pixel = borderPixel(plan.borderValue, region.type());
        for (int c = 0; c < channels; ++c) include(c, pixel.ptr<double>()[c]);
    }
    return range;
}

void clampTo(const ValueRange& range, cv::Mat& dst) {
    const int channels = dst.channels();
    for (int y = 0; y < dst.rows; ++y) {
        auto* row = dst.ptr<double>(y);
        for (int x = 0; x < dst.cols; ++x)
            for (int c = 0; c < channels; ++c, ++row) {
                if (*row < range.smallest[c]) *row = range.smallest[c];
                if (*row > range.largest[c]) *row = range.largest[c];
            }
    }
}

}  // namespace gkern::detail
