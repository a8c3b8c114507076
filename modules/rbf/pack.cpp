// SPDX-License-Identifier: Apache-2.0
#include "rbf/pack.hpp"

#include <algorithm>

namespace gkern::detail {
namespace {

void packPanel(const cv::Mat& rows, const std::vector<double>& prescale, double* panel) {
    const std::size_t features = std::size_t(rows.cols);
    for (int lane = 0; lane < rows.rows; ++lane) {
        const double* row = rows.ptr<double>(lane);
        for (std::size_t k = 0; k < features; ++k)
            panel[k * kPanelRows + std::size_t(lane)] = prescale.empty() ? row[k] : row[k] * prescale[k];
    }
}

}  // namespace

PackedRows pack(cv::InputArray rows, const std::vector<double>& prescale) {
    const cv::Mat source = rows.getMat();
    const int panels = (source.rows - 1) / kPanelRows + 1;
    PackedRows packed{source.rows, source.cols, {}};
    packed.values.resize(std::size_t(panels) * kPanelRows * std::size_t(source.cols));

    cv::parallel_for_(cv::Range(0, panels), [&](const cv::Range& range) {
        cv::Mat converted;
        for (int p = range.start; p < range.end; ++p) {
            const int first = p * kPanelRows;
            const int last = first + std::min(kPanelRows, source.rows - first);
            source.rowRange(first, last).convertTo(converted, CV_64F);
            packPanel(converted, prescale,
                      packed.values.data() + std::size_t(first) * std::size_t(source.cols));
        }
    });
    return packed;
}

}  // namespace gkern::detail
