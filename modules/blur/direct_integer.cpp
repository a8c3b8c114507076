// SPDX-License-Identifier: Apache-2.0
// The schedule of the direct engine where it sums in integers. Bands of rows and tiles of columns go to the
// threads. In a tile, two rows of the picture at a time become a line of sums over x in a ring that stays in
// the caches; the vertical pass takes four output rows from there into dst, which is written once.
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

/// The horizontal pass of a tile: lines from rows that are read where they stand in the picture, but for the
/// pixels next to its edges, which are copied with what is beside them.
class LinesOfTile {
  public:
    LinesOfTile(const IntegerJob& job, const cv::Range& tile)
        : job_(job),
          padder_(job.border, job.columns.data() + tile.start, job.source.roi.x + tile.start - job.marginX,
                  tile.size() + 2 * job.marginX, job.source.whole),
          width_(static_cast<ptrdiff_t>(tile.size()) * job.channels),
          padded_(static_cast<ptrdiff_t>(padder_.pixels()) * job.channels),
          copyBytes_(roundedUp(static_cast<size_t>(padded_ + 2 * kIntegerLanes), kVectorBytes)) {
        line_.taps = &job.taps;
        line_.channels = job.channels;
        line_.margin = job.marginX;
        // Elements that read nothing but the picture, in whole steps of the pass.
        constexpr ptrdiff_t kStep = 2 * kIntegerLanes;
        const ptrdiff_t reading = 2 * static_cast<ptrdiff_t>(job.marginX) * job.channels;
        const ptrdiff_t first = roundedUp(static_cast<ptrdiff_t>(padder_.inside()) * job.channels, kStep);
        const ptrdiff_t last =
            (static_cast<ptrdiff_t>(padder_.insideEnd()) * job.channels - reading) / kStep * kStep;
        constexpr ptrdiff_t kWorthwhile = 1 << 10;  // shorter rows stay in the L1 cache anyway
        if (job.flip != 0 || last - first < kWorthwhile) return;
        begin_ = first;
        end_ = last;
        padder_.leaveOut(static_cast<int>((begin_ + reading + kStep) / job.channels) + 1,
                         static_cast<int>(end_ / job.channels));
    }

    ptrdiff_t width() const { return width_; }
    size_t scratchBytes() const { return 2 * copyBytes_; }

    /// @param rows of the picture; −1: border values.
    /// @param copies scratchBytes().
    void make(const int (&rows)[2], uint8_t* copies, int16_t* out) {
        const cv::Mat& whole = job_.source.whole;
        const uint8_t* picture[2];
        for (int r = 0; r < 2; ++r) {
            uint8_t* copy = copies + r * copyBytes_;
            picture[r] = rows[r] < 0 ? nullptr : whole.ptr(rows[r]);
            padder_.pad(picture[r], copy);
            if (job_.flip != 0)
                for (ptrdiff_t e = 0; e < padded_; ++e) copy[e] ^= job_.flip;
            line_.rows[r] = copy;
            line_.next[r] =
                whole.ptr(std::max(0, std::min(rows[r] + 2, whole.rows - 1)), padder_.insideColumn());
        }
        line_.out = out;
        if (end_ == 0) {
            line_.width = width_;
            return integerHorizontal(line_);
        }
        sum(0, begin_);
        const ptrdiff_t first =
            static_cast<ptrdiff_t>(padder_.insideColumn() - padder_.inside()) * job_.channels + begin_;
        const uint8_t* copied[2] = {line_.rows[0], line_.rows[1]};
        for (int r = 0; r < 2; ++r)  // a row of border values is complete in its copy
            if (picture[r] != nullptr) line_.rows[r] = picture[r] + first;
        sum(begin_, end_);
        for (int r = 0; r < 2; ++r) line_.rows[r] = copied[r] + (end_ - begin_);
        sum(end_, width_);
    }

  private:
    /// Elements begin … end − 1 of the line, and goes on behind them.
    void sum(ptrdiff_t begin, ptrdiff_t end) {
        line_.width = end - begin;
        if (line_.width > 0) integerHorizontal(line_);
        for (int r = 0; r < 2; ++r) {
            line_.rows[r] += line_.width;
            line_.next[r] += line_.width;
        }
        line_.out += 2 * line_.width;
    }

    const IntegerJob& job_;
    RowPadder padder_;
    ptrdiff_t width_, padded_;
    size_t copyBytes_;
    ptrdiff_t begin_ = 0, end_ = 0;  ///< elements whose pixels are read in place
    IntegerLine line_;
};

void blurTile(const IntegerJob& job, const cv::Range& band, const cv::Range& tile) {
    LinesOfTile horizontal(job, tile);
    const int window = job.window();
    const ptrdiff_t width = horizontal.width();
    // A stride of an odd number of cache lines spreads the lines over the sets of the caches.
    const size_t lineBytes =
        static_cast<size_t>(roundedUp(width, kIntegerLanes)) * 2 * sizeof(int16_t) | kVectorBytes;
    const size_t spareBytes = roundedUp(static_cast<size_t>(width), kVectorBytes);
    Scratch scratch(window * lineBytes + horizontal.scratchBytes() + spareBytes);
    uint8_t* ring = scratch.take<uint8_t>(window * lineBytes);
    uint8_t* copies = scratch.take<uint8_t>(horizontal.scratchBytes());
    uint8_t* spare = scratch.take<uint8_t>(spareBytes);
    const auto place = [&](int line) {
        return reinterpret_cast<int16_t*>(ring + static_cast<size_t>(line % window) * lineBytes);
    };
    std::vector<const int16_t*> lines(static_cast<size_t>(window));
    IntegerBlock block;
    block.taps = &job.taps;
    block.flip = job.flip;
    block.lines = lines.data();
    block.width = width;

    const int lastRow = band.end - 1 + 2 * job.marginY;
    const auto rowAt = [&](int row) {
        return job.rows[static_cast<size_t>(std::min(band.start + row, lastRow))];
    };
    int filled = 0;
    for (int y = 0; y < band.size(); y += kBlockRows) {
        for (; filled < y / 2 + window; ++filled)
            horizontal.make({rowAt(2 * filled), rowAt(2 * filled + 1)}, copies, place(filled));
        for (int i = 0; i < window; ++i) lines[static_cast<size_t>(i)] = place(y / 2 + i);
        for (int r = 0; r < kBlockRows; ++r) {
            const int row = band.start + y + r;
            block.dst[r] = y + r < band.size() ? job.dst.ptr(row, tile.start) : spare;
            block.next[r] = job.dst.ptr(std::min(row + kBlockRows, job.dst.rows - 1), tile.start);
        }
        integerVertical(block);
    }
}

/// Pixels of a tile, so that the ring fits.
int tileColumns(const IntegerJob& job) {
    constexpr int kMostElements = 1 << 14;
    const int lineBytes = 2 * static_cast<int>(sizeof(int16_t));
    const int elements = std::min(kMostElements, static_cast<int>(ringBytes()) / (lineBytes * job.window()));
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
