// SPDX-License-Identifier: Apache-2.0
// The readable engine: what a blur means, in double precision and without any cleverness.
#include "blur/engine.hpp"

namespace gkern::detail {
namespace {

/// Position p of a line of `length` pixels, −1 for the border value.
int pixelAt(int p, int length, int borderType) {
    return p >= 0 && p < length ? p : cv::borderInterpolate(p, length, borderType);
}

}  // namespace

void blurReference(const Plan& plan, const Source& source, cv::Mat& dst) {
    const cv::Rect& roi = source.roi;
    const int channels = source.whole.channels();
    const AxisKernel kx = folded(plan.x, source.whole.cols, plan.borderType);
    const AxisKernel ky = folded(plan.y, source.whole.rows, plan.borderType);
    cv::Mat pixels, border;
    source.whole.convertTo(pixels, CV_64F);
    borderPixel(plan.borderValue, source.whole.type()).convertTo(border, CV_64F);

    // Along x, for every row that exists and for the row of border values (the last one).
    cv::Mat along(pixels.rows + 1, roi.width, CV_64FC(channels));
    cv::parallel_for_(cv::Range(0, along.rows), [&](const cv::Range& range) {
        for (int y = range.start; y < range.end; ++y)
            for (int x = 0; x < roi.width; ++x)
                for (int c = 0; c < channels; ++c) {
                    double sum = 0;
                    for (int i = 0; i < kx.size(); ++i) {
                        const int from = pixelAt(roi.x + x + i - kx.anchor, pixels.cols, plan.borderType);
                        const bool exists = from >= 0 && y < pixels.rows;
                        sum += kx.weights[i] *
                               (exists ? pixels.ptr<double>(y, from)[c] : border.ptr<double>()[c]);
                    }
                    along.ptr<double>(y, x)[c] = sum;
                }
    });

    // Along y.
    cv::Mat result(roi.height, roi.width, CV_64FC(channels));
    cv::parallel_for_(cv::Range(0, result.rows), [&](const cv::Range& range) {
        for (int y = range.start; y < range.end; ++y)
            for (int x = 0; x < roi.width; ++x)
                for (int c = 0; c < channels; ++c) {
                    double sum = 0;
                    for (int i = 0; i < ky.size(); ++i) {
                        const int from = pixelAt(roi.y + y + i - ky.anchor, pixels.rows, plan.borderType);
                        sum += ky.weights[i] * along.ptr<double>(from >= 0 ? from : pixels.rows, x)[c];
                    }
                    result.ptr<double>(y, x)[c] = sum;
                }
    });
    result.convertTo(dst, dst.depth());
}

}  // namespace gkern::detail
