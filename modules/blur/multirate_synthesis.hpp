// SPDX-License-Identifier: Apache-2.0
// Second pass of the multirate engine: filtered rows of nodes are filtered down the columns, transposed,
// expanded along x, transposed back into a ring of rows, and those expanded into dst.
#pragma once

#include <hwy/cache_control.h>

#include <array>

#include "blur/multirate_frame.hpp"

namespace gkern::detail {

/// Weights of rows of dst: of floats and doubles, and of pairs of rows for windows that begin with the upper
/// or the lower one.
template <class Out>
using ExpansionWeights = std::array<const std::vector<Out>*, kRowsOf<Out>>;

/// What one task works in; it serves several strips of several bands in turn.
template <class Low, class Out>
class MultirateSynthesis {
  public:
    /// @param strips of columns, one after the other done by a task.
    /// @param stream past the caches, where dst is aligned to vectors.
    MultirateSynthesis(const MultirateFrame<Low>& frame, const ExpansionWeights<Out>& expansion, int strips,
                       bool stream, Scratch scratch)
        : frame_(frame),
          expansion_(expansion),
          strips_(strips),
          stream_(stream),
          nodeRows_(scratch, kLanes<Low>, mostAlong(frame, strips) * frame.channels),
          nodeColumns_(scratch, mostAlong(frame, strips) * frame.channels + 4, kLanes<Low>),
          ring_(scratch, ringRows(frame) / kRows, ringColumns(frame, strips)),
          tile_(scratch, kColumnTile + 4, frame.lineElements() / kRows),
          start_(kColumnTile),
          filterLines_(kLanes<Low> + frame.y.taps.size() - 1),
          taken_(frame.y.width + 1),
          ringRows_(ringRows(frame)) {}

    /// Of scratch that it takes.
    static size_t bytes(const MultirateFrame<Low>& frame, int strips) {
        const ptrdiff_t along = mostAlong(frame, strips) * frame.channels;
        return Buffer<Low>::bytes(kLanes<Low>, along) + Buffer<Low>::bytes(along + 4, kLanes<Low>) +
               Buffer<Out>::bytes(ringRows(frame) / kRows, ringColumns(frame, strips)) +
               Buffer<Out>::bytes(kColumnTile + 4, frame.lineElements() / kRows);
    }

    /// Output rows [rows.start, rows.end) of a strip of columns from filtered rows of nodes.
    void run(const cv::Range& rows, int strip, const std::vector<const Low*>& low) {
        const cv::Range columns = columnsOf(frame_, strip, strips_);
        if (!columns.empty()) runStrip(rows, columns, low);
    }

    /// Strips of columns whose ring takes no more than `bytes`.
    static int fewestStrips(const MultirateFrame<Low>& frame, size_t bytes) {
        const ptrdiff_t row = static_cast<ptrdiff_t>(frame.channels) * sizeof(Out) / kRows;
        const ptrdiff_t fitting = static_cast<ptrdiff_t>(bytes) / (ringRows(frame) * row);
        return std::max(1, frame.dst.cols / static_cast<int>(std::max<ptrdiff_t>(64, fitting)));
    }

  private:
    static constexpr int kColumnTile = 128;  ///< pixels that are expanded along rows at a time
    static constexpr int kRows = kRowsOf<Out>;
    static_assert(kRows == 1 || kColumnTile % kGroupElements == 0, "tiles of whole groups");

    /// Rows of pixels that are kept: those that a row of dst takes, and kLanes<Low> that are next.
    static int ringRows(const MultirateFrame<Low>& frame) {
        return (kLanes<Low> + frame.y.width - 1 + kLanes<Low> - 1) / kLanes<Low> * kLanes<Low>;
    }

    static ptrdiff_t ringColumns(const MultirateFrame<Low>& frame, int strips) {
        const ptrdiff_t group = kRows == 1 ? 0 : kGroupElements;
        return static_cast<ptrdiff_t>(frame.dst.cols / strips + 65) * frame.channels + group;
    }

    static cv::Range columnsOf(const MultirateFrame<Low>& frame, int strip, int strips) {
        const auto column = [&](int i) {
            const int64_t even = static_cast<int64_t>(frame.dst.cols) * i / strips;
            return i == strips ? frame.dst.cols : static_cast<int>(even) / 64 * 64;
        };
        return {column(strip), column(strip + 1)};
    }

    /// Nodes along x that columns take.
    static cv::Range alongOf(const MultirateFrame<Low>& frame, const cv::Range& columns) {
        return {frame.x.start[columns.start], frame.x.start[columns.end - 1] + frame.x.width};
    }

    static ptrdiff_t mostAlong(const MultirateFrame<Low>& frame, int strips) {
        int most = 0;
        for (int s = 0; s < strips; ++s) {
            const cv::Range columns = columnsOf(frame, s, strips);
            if (!columns.empty()) most = std::max(most, alongOf(frame, columns).size());
        }
        return most;
    }

    /// Output pixels of a band of rows and a strip of columns, from filtered rows of nodes.
    void runStrip(const cv::Range& rows, const cv::Range& columns, const std::vector<const Low*>& low) {
        const cv::Range filtered = frame_.filteredRows(rows);
        const cv::Range along = alongOf(frame_, columns);
        Expansion<Out> job;
        job.rows = taken_.data();
        job.elements = static_cast<ptrdiff_t>(columns.size()) * frame_.channels;
        job.step = frame_.dst.step;

        int y = rows.start;
        for (int o = filtered.start; o < filtered.end; o += kLanes<Low>) {
            const int count = std::min(kLanes<Low>, filtered.end - o);
            for (int i = 0; i < count + frame_.y.taps.size() - 1; ++i)
                filterLines_[i] = low[o + i] + static_cast<ptrdiff_t>(along.start) * frame_.channels;
            NodeFilter<Low> filter;
            frame_.chainY.put(filter);
            filter.lines = filterLines_.data();
            filter.rows = count;
            filter.elements = static_cast<ptrdiff_t>(along.size()) * frame_.channels;
            filter.out = nodeRows_.row(0);
            filter.stride = nodeRows_.stride();
            filterNodes(filter);
            expandColumns(columns, along, (o - filtered.start) % ringRows_);

            while (y < rows.end && frame_.y.start[y] + frame_.y.width <= o + count) {
                int next = y + 1;
                while (next < rows.end && frame_.y.start[next] == frame_.y.start[y]) ++next;
                const int first = frame_.y.start[y] - filtered.start;
                job.width = (frame_.y.width + first % kRows + kRows - 1) / kRows;
                for (int i = 0; i < job.width; ++i)
                    taken_[i] = ring_.row((first / kRows + i) % (ringRows_ / kRows));
                job.weights = expansion_[first % kRows]->data() + static_cast<ptrdiff_t>(y) * job.width;
                job.count = next - y;
                job.dst = frame_.dst.ptr(y, columns.start);
                job.stream = stream_ && reinterpret_cast<uintptr_t>(job.dst) % 64 == 0;
                expand(frame_.depth, job);
                y = next;
            }
        }
        if (stream_) hwy::FlushStream();
    }

    /// kLanes<Low> filtered rows of nodes into rows of pixels of the ring, from row `slot` on.
    void expandColumns(const cv::Range& columns, const cv::Range& along, int slot) {
        const ptrdiff_t elements = static_cast<ptrdiff_t>(along.size()) * frame_.channels;
        if constexpr (kRows == 1)
            if (frame_.x.identity) {
                for (int r = 0; r < kLanes<Low>; ++r)
                    std::copy_n(nodeRows_.row(r), elements, ring_.row(slot + r));
                return;
            }
        transposed(nodeRows_.row(0), nodeRows_.stride(), kLanes<Low>, (elements + 3) / 4 * 4,
                   nodeColumns_.row(0), kLanes<Low>);
        Interpolation<Low, Out> job;
        job.lines = nodeColumns_.row(0);
        job.stride = frame_.lineElements();
        job.start = start_.data();
        job.width = frame_.x.width;
        job.out = tile_.row(0);
        for (int begin = columns.start; begin < columns.end; begin += kColumnTile) {
            job.count = std::min(kColumnTile, columns.end - begin);
            for (int i = 0; i < job.count; ++i) start_[i] = frame_.x.start[begin + i] - along.start;
            job.weights = alongWeights().data() + static_cast<ptrdiff_t>(begin) * frame_.x.width;
            interpolate(job);
            const ptrdiff_t pixels = static_cast<ptrdiff_t>(job.count) * frame_.channels;
            Out* rows =
                ring_.row(slot / kRows) + static_cast<ptrdiff_t>(begin - columns.start) * frame_.channels;
            if constexpr (kRows == 1)
                transposed(job.out, kLanes<Low>, (pixels + 3) / 4 * 4, kLanes<Low>, rows, ring_.stride());
            else
                transposed(job.out, pixels, rows, ring_.stride());
        }
    }

    const std::vector<Low>& alongWeights() const {
        if constexpr (kRows == 1)
            return frame_.chainX.synthesis;
        else
            return frame_.integers.along;
    }

    const MultirateFrame<Low>& frame_;
    ExpansionWeights<Out> expansion_;
    int strips_;
    bool stream_;
    Buffer<Low> nodeRows_, nodeColumns_;
    Buffer<Out> ring_;  ///< rows of pixels from rows of nodes
    Buffer<Out> tile_;  ///< columns of pixels
    std::vector<int> start_;
    std::vector<const Low*> filterLines_;
    std::vector<const Out*> taken_;
    int ringRows_;
};

}  // namespace gkern::detail
