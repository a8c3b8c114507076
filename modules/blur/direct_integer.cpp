// SPDX-License-Identifier: Apache-2.0
// The schedule of the direct engine where it sums in integers. Bands of rows and tiles of columns go to the
// threads. In a tile, two rows of the picture at a time are copied with their border and become a line of
// sums over x in a ring that stays in the caches; the vertical pass takes four output rows from there into
// dst, which is written once.
#include "blur/direct_integer.hpp"

#include <algorithm>
#include <cstring>

#include "blur/direct_rows.hpp"

namespace gkern::detail {
namespace {

/// What all tiles share.
struct IntegerJob {
    IntegerJob(const Plan& plan, const Source& s, cv::Mat& d)
        : source(s),
          dst(d),
          taps(plan.integers),
          marginX(2 * taps.x.count()),
          marginY(2 * taps.y.count()),
          channels(d.channels()),
          flip(plan.depth == CV_8S ? 0x80 : 0),
          border(borderValues(plan, s.whole.type())),
          columns(borderIndices(s.roi.x - marginX, s.roi.width + 2 * marginX, s.whole.cols, plan.borderType)),
          rows(borderIndices(s.roi.y - marginY, s.roi.height + 2 * marginY, s.whole.rows, plan.borderType)) {}

    /// Lines that four output rows read.
    int window() const { return marginY + 2; }

    const Source& source;
    cv::Mat& dst;
    const IntegerTaps& taps;
    int marginX, marginY;  ///< pixels that are read before and after one, with a weight or with 0
    int channels;
    uint8_t flip;  ///< makes pixels of 8S unsigned
    cv::Mat border;
    std::vector<int> columns, rows;  ///< of the picture, from the first one read on; −1: the border value
};

void blurTile(const IntegerJob& job, const cv::Range& band, const cv::Range& tile) {
    const RowPadder padder(job.border, job.columns.data() + tile.start,
                           job.source.roi.x + tile.start - job.marginX, tile.size() + 2 * job.marginX,
                           job.source.whole);
    const int channels = job.channels, window = job.window();
    const ptrdiff_t width = static_cast<ptrdiff_t>(tile.size()) * channels;
    // A stride of an odd number of cache lines spreads the lines over the sets of the caches.
    const size_t lineBytes =
        static_cast<size_t>(roundedUp(width, kIntegerLanes)) * 2 * sizeof(int16_t) | kVectorBytes;
    const ptrdiff_t padded = static_cast<ptrdiff_t>(padder.pixels()) * channels;
    const size_t pixelBytes = roundedUp(static_cast<size_t>(padded + kIntegerLanes), kVectorBytes);
    const size_t spareBytes = roundedUp(static_cast<size_t>(width), kVectorBytes);
    Scratch scratch(window * lineBytes + 2 * pixelBytes + spareBytes);
    uint8_t* ring = scratch.take<uint8_t>(window * lineBytes);
    uint8_t* pixels = scratch.take<uint8_t>(2 * pixelBytes);
    uint8_t* spare = scratch.take<uint8_t>(spareBytes);
    const auto place = [&](int line) {
        return reinterpret_cast<int16_t*>(ring + static_cast<size_t>(line % window) * lineBytes);
    };

    IntegerLine line;
    line.taps = &job.taps;
    line.channels = channels;
    line.margin = job.marginX;
    line.width = width;
    std::vector<const int16_t*> lines(static_cast<size_t>(window));
    IntegerBlock block;
    block.taps = &job.taps;
    block.flip = job.flip;
    block.lines = lines.data();
    block.width = width;

    const cv::Mat& whole = job.source.whole;
    const int lastRow = band.end - 1 + 2 * job.marginY;
    int filled = 0;
    for (int y = 0; y < band.size(); y += kBlockRows) {
        for (; filled < y / 2 + window; ++filled) {
            for (int r = 0; r < 2; ++r) {
                const int row = job.rows[static_cast<size_t>(std::min(band.start + 2 * filled + r, lastRow))];
                uint8_t* copy = pixels + r * pixelBytes;
                padder.pad(row < 0 ? nullptr : whole.ptr(row), copy);
                if (job.flip != 0)
                    for (ptrdiff_t e = 0; e < padded; ++e) copy[e] ^= job.flip;
                line.rows[r] = copy;
                line.next[r] =
                    whole.ptr(std::max(0, std::min(row + 2, whole.rows - 1)), padder.insideColumn());
            }
            line.out = place(filled);
            integerHorizontal(line);
        }
        for (int i = 0; i < window; ++i) lines[static_cast<size_t>(i)] = place(y / 2 + i);
        for (int r = 0; r < kBlockRows; ++r) {
            const int row = band.start + y + r;
            block.dst[r] = y + r < band.size() ? job.dst.ptr(row, tile.start) : spare;
            block.next[r] = job.dst.ptr(std::min(row + kBlockRows, job.dst.rows - 1), tile.start);
        }
        integerVertical(block);
    }
}

/// Pixels of a tile, so that the ring stays in a part of the L2 cache.
int tileColumns(const IntegerJob& job) {
    constexpr int kRingBytes = 1 << 19, kMostElements = 8192;
    const int lineBytes = 2 * static_cast<int>(sizeof(int16_t));
    const int elements = std::min(kMostElements, kRingBytes / (lineBytes * job.window()));
    return std::min(job.dst.cols, std::max({elements / job.channels, 4 * job.marginX, 256}));
}

}  // namespace

void blurIntegers(const Plan& plan, const Source& source, cv::Mat& dst) {
    const IntegerJob job(plan, source, dst);
    const double work =
        static_cast<double>(dst.total()) * dst.channels() * (plan.directX.size() + plan.directY.size()) / 2;
    forEachPart(dst, kBlockRows, tileColumns(job), work,
                [&](const cv::Range& band, const cv::Range& tile) { blurTile(job, band, tile); });
}

}  // namespace gkern::detail
