// SPDX-License-Identifier: Apache-2.0
// The schedule of the direct engine. Row bands go to the threads; a band is walked in tiles of columns and a
// tile in blocks of rows. The source rows under the kernel stand in a ring of rows of sums, with their
// border, that stays in the caches: each is read and converted once. What a block computes from them goes
// through a strip into dst, which is written once.
#include "blur/direct.hpp"

#include <algorithm>
#include <memory>

#include "blur/engine.hpp"

namespace gkern::detail {

template <class Sum>
DirectTaps<Sum>::DirectTaps(const AxisKernel& kernel)
    : weights(kernel.weights.begin(), kernel.weights.end()),
      anchor(kernel.anchor),
      symmetric(kernel.before() == kernel.after() &&
                std::equal(kernel.weights.begin(), kernel.weights.end(), kernel.weights.rbegin())) {}

namespace {

/// Rows of sums, aligned for every vector, each with room for a vector more.
template <class Sum>
class Rows {
  public:
    Rows(int rows, ptrdiff_t elements)
        : stride_((elements + 2 * kLanes - 1) / kLanes * kLanes),
          // The horizontal pass reads up to a vector beyond the last tap of the last row.
          memory_(new Sum[rows * stride_ + 2 * kLanes]()) {
        void* aligned = memory_.get();
        size_t space = (rows * stride_ + 2 * kLanes) * sizeof(Sum);
        first_ = static_cast<Sum*>(
            std::align(kVectorBytes, (rows * stride_ + kLanes) * sizeof(Sum), aligned, space));
    }

    Sum* row(int i) const { return first_ + i * stride_; }
    size_t stride() const { return static_cast<size_t>(stride_); }

  private:
    static constexpr ptrdiff_t kLanes = kVectorBytes / sizeof(Sum);
    ptrdiff_t stride_;
    std::unique_ptr<Sum[]> memory_;
    Sum* first_;
};

/// What all bands share.
template <class Sum>
struct Job {
    Job(const Plan& plan, const Source& s, cv::Mat& d)
        : source(s),
          dst(d),
          kernelX(folded(plan.x, s.whole.cols, plan.borderType)),
          kernelY(folded(plan.y, s.whole.rows, plan.borderType)),
          x(kernelX),
          y(kernelY),
          border(borderPixel(plan.borderValue, s.whole.type())),
          columns(borderIndices(s.roi.x - kernelX.before(), s.roi.width + kernelX.size() - 1, s.whole.cols,
                                plan.borderType)),
          rows(borderIndices(s.roi.y - kernelY.before(), s.roi.height + kernelY.size() - 1, s.whole.rows,
                             plan.borderType)) {}

    const Source& source;
    cv::Mat& dst;
    AxisKernel kernelX, kernelY;
    DirectTaps<Sum> x, y;
    cv::Mat border;
    std::vector<int> columns,
        rows;  ///< of the picture, from the first tap of the first pixel on; −1: the border value
};

/// Pixels of a tile. Long rows suit the memory better than a ring that stays in the L2 cache: tiles only keep
/// it within the last-level cache, and are at least some kernels wide.
template <class Sum>
int tileColumns(const Job<Sum>& job) {
    constexpr int kRingBytes = 4 << 20;
    const int pixelBytes = static_cast<int>(sizeof(Sum)) * job.dst.channels();
    const int fitting = kRingBytes / pixelBytes / (job.kernelY.size() + kBlockRows - 1);
    return std::min(job.dst.cols, std::max({fitting, 4 * job.kernelX.size(), 64}));
}

template <class Sum>
void blurTile(const Job<Sum>& job, const cv::Range& band, const cv::Range& tile) {
    const int channels = job.dst.channels(), depth = job.dst.depth();
    const int sourceRows = job.kernelY.size() + kBlockRows - 1;
    const int count = tile.size() + job.kernelX.size() - 1;
    const Rows<Sum> ring(sourceRows, static_cast<ptrdiff_t>(count) * channels);
    const Rows<Sum> strip(kBlockRows, static_cast<ptrdiff_t>(count) * channels);
    std::vector<const Sum*> pointers(sourceRows);

    DirectRow<Sum> row;
    row.border = job.border.data;
    row.channels = channels;
    row.columns = job.columns.data() + tile.start;
    row.count = count;
    const int firstColumn = job.source.roi.x + tile.start - job.kernelX.before();
    row.inside = std::max(0, -firstColumn);
    row.insideEnd = std::min(count, job.source.whole.cols - firstColumn);

    uint8_t* out[kBlockRows] = {};
    DirectBlock<Sum> block;
    block.x = &job.x;
    block.y = &job.y;
    block.channels = channels;
    block.rows = pointers.data();
    block.width = static_cast<ptrdiff_t>(tile.size()) * channels;
    block.dst = out;
    block.strip = strip.row(0);
    block.stride = strip.stride();

    const int lastRow = band.end + job.kernelY.size() - 2;  // of job.rows, for this band
    int filled = band.start;
    for (int y = band.start; y < band.end; y += kBlockRows) {
        for (; filled <= std::min(y + sourceRows - 1, lastRow); ++filled) {
            const int from = job.rows[filled];
            row.source = from < 0 ? nullptr : job.source.whole.ptr(from);
            row.out = ring.row(filled % sourceRows);
            directFill(depth, row);
        }
        // A block always reads all its rows; at the end of the band some of them again.
        for (int i = 0; i < sourceRows; ++i) pointers[i] = ring.row(std::min(y + i, lastRow) % sourceRows);
        block.height = std::min(kBlockRows, band.end - y);
        for (int r = 0; r < block.height; ++r) out[r] = job.dst.ptr(y + r, tile.start);
        directBlur(depth, block);
    }
}

template <class Sum>
void blurWith(const Plan& plan, const Source& source, cv::Mat& dst) {
    const Job<Sum> job(plan, source, dst);
    const int tiles = (dst.cols + tileColumns(job) - 1) / tileColumns(job);
    const auto blurBand = [&](const cv::Range& band) {
        for (int t = 0; t < tiles; ++t) {
            const auto start = [&](int tile) {
                return static_cast<int>(static_cast<int64_t>(dst.cols) * tile / tiles);
            };
            blurTile(job, band, cv::Range(start(t), start(t + 1)));
        }
    };

    // Two bands read the rows between them twice: few and tall ones. Waking a thread costs some ten
    // microseconds; a picture that takes no longer altogether is left to one.
    const double work =
        static_cast<double>(dst.total()) * dst.channels() * (job.kernelX.size() + job.kernelY.size());
    constexpr double kSmallWork = 1e6;
    const int threads = work < kSmallWork ? 1 : std::max(1, cv::getNumThreads());
    const int blocks = (dst.rows + kBlockRows - 1) / kBlockRows;
    const int bands = threads == 1 ? 1 : std::min(blocks, 2 * threads);
    const auto start = [&](int band) {
        return std::min(dst.rows, static_cast<int>(static_cast<int64_t>(blocks) * band / bands) * kBlockRows);
    };
    if (bands == 1) return blurBand(cv::Range(0, dst.rows));
    cv::parallel_for_(cv::Range(0, bands), [&](const cv::Range& range) {
        for (int band = range.start; band < range.end; ++band)
            blurBand(cv::Range(start(band), start(band + 1)));
    });
}

}  // namespace

void blurDirect(const Plan& plan, const Source& source, cv::Mat& dst) {
    plan.directSumDepth == CV_64F ? blurWith<double>(plan, source, dst) : blurWith<float>(plan, source, dst);
}

}  // namespace gkern::detail
