// SPDX-License-Identifier: Apache-2.0
// cv::sepFilter2D with the plan's weights, in row bands. OpenCV filters a picture on one thread and knows
// neither BORDER_WRAP nor a border value nor every depth; so each band is copied with its border laid out
// around it, in a type that sepFilter2D takes, and cv::sepFilter2D sees an inner part of it, where no border
// is needed. Each pixel is summed in the same order whatever the bands: their number does not show in the
// result.
#include <algorithm>
#include <cstring>
#include <opencv2/imgproc.hpp>

#include "blur/engine.hpp"

namespace gkern::detail {
namespace {

/// The depth that cv::sepFilter2D takes in place of `depth`, holding all its values.
int filterDepth(int depth) {
    switch (depth) {
        case CV_8S:
            return CV_16S;
        case CV_16F:
            return CV_32F;
        case CV_32S:
            return CV_64F;
        default:
            return depth;
    }
}

/// Lays out rows of the picture with their border to the left and right.
class RowPadder {
  public:
    RowPadder(const Source& source, const Plan& plan, const AxisKernel& kx)
        : whole_(source.whole),
          columns_(borderIndices(source.roi.x - kx.before(), source.roi.width + kx.size() - 1,
                                 source.whole.cols, plan.borderType)),
          runBegin_(kx.before()),
          runEnd_(kx.before() + source.roi.width),
          border_(borderPixel(plan.borderValue, source.whole.type())) {
        const int cols = whole_.cols;
        while (runBegin_ > 0 && columns_[runBegin_ - 1] >= 0 &&
               columns_[runBegin_ - 1] + 1 == columns_[runBegin_])
            --runBegin_;
        const int count = static_cast<int>(columns_.size());
        while (runEnd_ < count && columns_[runEnd_] < cols && columns_[runEnd_] == columns_[runEnd_ - 1] + 1)
            ++runEnd_;
    }

    int width() const { return static_cast<int>(columns_.size()); }

    /// Row y of the picture, or of border values for y < 0, into `padded` (1 row, same type).
    void fill(int y, uchar* padded) const {
        const size_t size = whole_.elemSize();
        const auto copy = [&](int i) {
            const uchar* from = y >= 0 && columns_[i] >= 0 ? whole_.ptr(y, columns_[i]) : border_.data;
            std::memcpy(padded + i * size, from, size);
        };
        if (y < 0) {
            for (int i = 0; i < width(); ++i) copy(i);
            return;
        }
        for (int i = 0; i < runBegin_; ++i) copy(i);
        std::memcpy(padded + runBegin_ * size, whole_.ptr(y, columns_[runBegin_]),
                    (runEnd_ - runBegin_) * size);
        for (int i = runEnd_; i < width(); ++i) copy(i);
    }

  private:
    cv::Mat whole_;
    std::vector<int> columns_;
    int runBegin_, runEnd_;  ///< columns_ counts up by one in here: one memcpy
    cv::Mat border_;
};

/// Rows of a band: few enough for every thread to have one, many enough that the rows shared by two bands do
/// not cost more than the band.
int bandHeight(int rows, int taps) {
    const int threads = std::max(1, cv::getNumThreads());
    return std::max(1, std::min((rows + threads - 1) / threads, std::max(64, 2 * taps)));
}

}  // namespace

void blurSepFilter2D(const Plan& plan, const Source& source, cv::Mat& dst) {
    const AxisKernel kx = folded(plan.x, source.whole.cols, plan.borderType);
    const AxisKernel ky = folded(plan.y, source.whole.rows, plan.borderType);
    const cv::Mat weightsX = toColumn(kx), weightsY = toColumn(ky);
    const RowPadder padder(source, plan, kx);
    const std::vector<int> rows = borderIndices(source.roi.y - ky.before(), source.roi.height + ky.size() - 1,
                                                source.whole.rows, plan.borderType);

    const int height = bandHeight(dst.rows, ky.size());
    const int bands = (dst.rows + height - 1) / height;
    const int depth = filterDepth(dst.depth());
    const auto filterBand = [&](const cv::Range& rowRange) {
        cv::Mat padded(rowRange.size() + ky.size() - 1, padder.width(), CV_MAKETYPE(depth, dst.channels()));
        cv::Mat unconverted(1, padder.width(), dst.type());
        for (int i = 0; i < padded.rows; ++i) {
            const int y = rows[rowRange.start + i];
            if (depth == dst.depth()) {
                padder.fill(y, padded.ptr(i));
            } else {
                padder.fill(y, unconverted.data);
                cv::Mat row = padded.row(i);
                unconverted.convertTo(row, depth);
            }
        }
        const cv::Mat inner = padded(cv::Rect(kx.before(), ky.before(), dst.cols, rowRange.size()));
        cv::Mat out = dst.rowRange(rowRange);
        const auto filter = [&](cv::Mat& sums) {
            cv::sepFilter2D(inner, sums, plan.sumDepth, weightsX, weightsY, cv::Point(kx.anchor, ky.anchor),
                            0, cv::BORDER_REPLICATE);
        };
        if (plan.sumDepth == dst.depth()) {
            filter(out);
        } else {
            cv::Mat sums;
            filter(sums);
            sums.convertTo(out, dst.depth());
        }
    };
    cv::parallel_for_(cv::Range(0, bands), [&](const cv::Range& range) {
        for (int band = range.start; band < range.end; ++band)
            filterBand(cv::Range(band * height, std::min(dst.rows, (band + 1) * height)));
    });
}

}  // namespace gkern::detail
