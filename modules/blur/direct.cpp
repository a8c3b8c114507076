// SPDX-License-Identifier: Apache-2.0
// The schedule of the direct engine. Row bands go to the threads; a band is walked in tiles of columns,
// narrow enough for the source rows under the kernel to stay in the L2 cache, and a tile in blocks of rows.
// Each block reads its source rows once, and writes dst once; what lies between stays in the L1 cache.
#include "blur/direct.hpp"

#include <algorithm>

#include "blur/engine.hpp"

namespace gkern::detail {

template <class Sum>
DirectTaps<Sum>::DirectTaps(const AxisKernel& kernel)
    : weights(kernel.weights.begin(), kernel.weights.end()),
      anchor(kernel.anchor),
      symmetric(kernel.before() == kernel.after() &&
                std::equal(kernel.weights.begin(), kernel.weights.end(), kernel.weights.rbegin())) {}

template <class Sum>
DirectScratch<Sum>::DirectScratch(ptrdiff_t columns, int channels, const DirectTaps<Sum>& x,
                                  const DirectTaps<Sum>& y)
    : stripStride((columns + x.weights.size()) * channels + kVectorBytes / sizeof(Sum)),
      // A vector of the horizontal pass reads up to a vector beyond the last tap.
      strip(kBlockRows * stripStride + kVectorBytes / sizeof(Sum)),
      pointers(2 * (y.weights.size() + 2 * kBlockRows)),
      gathered((y.weights.size() + kBlockRows - 1) * x.weights.size() * channels * sizeof(double)),
      tail((y.weights.size() + kBlockRows - 1) * kVectorBytes) {}

namespace {

/// Wide tiles, as memory likes long rows; few rows of a 4K picture in one channel.
constexpr ptrdiff_t kTileElements = 4096;

template <class Sum>
void blurWith(const Plan& plan, const Source& source, cv::Mat& dst) {
    const cv::Mat& whole = source.whole;
    const cv::Rect& roi = source.roi;
    const AxisKernel kernelX = folded(plan.x, whole.cols, plan.borderType);
    const AxisKernel kernelY = folded(plan.y, whole.rows, plan.borderType);
    const DirectTaps<Sum> x(kernelX), y(kernelY);
    const int channels = whole.channels();

    const cv::Mat border = borderPixel(plan, whole.type());
    cv::Mat borderRow;
    const std::vector<int> rows =
        borderIndices(roi.y - kernelY.before(), roi.height + kernelY.size() - 1, whole.rows, plan.borderType);
    // Beyond the end, the last row again: a block always reads all its rows and prefetches those of the next
    // one.
    std::vector<const uint8_t*> rowPointers(rows.size() + 2 * kBlockRows);
    for (size_t i = 0; i < rowPointers.size(); ++i) {
        const int row = rows[std::min(i, rows.size() - 1)];
        if (row < 0 && borderRow.empty()) borderRow = cv::repeat(border, 1, whole.cols);
        rowPointers[i] = row < 0 ? borderRow.data : whole.ptr(row);
    }
    const std::vector<int> columns =
        borderIndices(roi.x - kernelX.before(), roi.width + kernelX.size() - 1, whole.cols, plan.borderType);

    // A multiple of the vector in every type, and the kernel's overlap of two tiles a small part of one.
    const ptrdiff_t wanted = std::max<ptrdiff_t>(kTileElements / channels, 4 * kernelX.size());
    const ptrdiff_t tileColumns = std::max<ptrdiff_t>(kVectorBytes, wanted / kVectorBytes * kVectorBytes);

    const auto blurBand = [&](const cv::Range& band) {
        DirectScratch<Sum> scratch(std::min<ptrdiff_t>(tileColumns, roi.width), channels, x, y);
        for (ptrdiff_t begin = 0; begin < roi.width; begin += tileColumns) {
            for (int row = band.start; row < band.end; row += kBlockRows) {
                uint8_t* out[kBlockRows] = {};
                DirectTile<Sum> tile;
                tile.x = &x;
                tile.y = &y;
                tile.scratch = &scratch;
                tile.channels = channels;
                tile.rows = std::min(kBlockRows, band.end - row);
                tile.source = rowPointers.data() + row;
                tile.begin = roi.x + begin;
                tile.end = roi.x + std::min<ptrdiff_t>(begin + tileColumns, roi.width);
                tile.width = whole.cols;
                tile.halo = columns.data() + begin;
                tile.border = border.data;
                for (int r = 0; r < tile.rows; ++r) out[r] = dst.ptr(row + r) + begin * dst.elemSize();
                tile.dst = out;
                directTile(dst.depth(), tile);
            }
        }
    };

    // A band shares its first and last source rows with its neighbours; few and tall ones. Waking threads
    // costs some ten microseconds, which small pictures do not take altogether.
    const double work = static_cast<double>(dst.total()) * channels * (x.weights.size() + y.weights.size());
    const int blocks = (roi.height + kBlockRows - 1) / kBlockRows;
    const int threads = work < 1e6 ? 1 : std::max(1, cv::getNumThreads());
    const int bands = std::min(blocks, threads == 1 ? 1 : threads * 2);
    const auto bandStart = [&](int band) {
        return std::min(roi.height,
                        static_cast<int>(static_cast<int64_t>(blocks) * band / bands) * kBlockRows);
    };
    if (bands == 1) return blurBand(cv::Range(0, roi.height));
    cv::parallel_for_(cv::Range(0, bands), [&](const cv::Range& range) {
        for (int band = range.start; band < range.end; ++band)
            blurBand(cv::Range(bandStart(band), bandStart(band + 1)));
    });
}

}  // namespace

void blurDirect(const Plan& plan, const Source& source, cv::Mat& dst) {
    plan.directSumDepth == CV_64F ? blurWith<double>(plan, source, dst) : blurWith<float>(plan, source, dst);
}

}  // namespace gkern::detail
