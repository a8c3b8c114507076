// SPDX-License-Identifier: Apache-2.0
// First pass of the multirate engine: rows of the source are weighed onto rows of nodes, those transposed,
// weighed onto the nodes along them, and filtered there.
#pragma once

#include <tuple>

#include "blur/multirate_frame.hpp"

namespace gkern::detail {

/// What one task works in; it serves several groups of rows in turn.
template <class Low>
class MultirateAnalysis {
  public:
    /// @param parts kLanes<Low> rows of nodes each, at most kMostParts: the more are computed together, the
    /// fewer rows of the source are read for two of them.
    MultirateAnalysis(const MultirateFrame<Low>& frame, int parts, Scratch scratch)
        : frame_(frame),
          blockRows_(blockRows(frame)),
          partColumns_(partColumns(frame)),
          rows_(scratch, parts * kLanes<Low>, kRowTile),
          columns_(scratch, parts * partColumns_, kLanes<Low>),
          along_(scratch, alongRows(frame), frame.lineElements()),
          filtered_(scratch, frame.x.filteredCount + 4, frame.lineElements()) {
        for (int part = 0; part < parts; ++part) {
            const auto column = [&](int pixel) -> const Low* {
                const cv::Range& taken = frame.columns;
                if (pixel < 0)
                    pixel = taken.end;
                else if (pixel < taken.start || pixel >= taken.end)
                    return nullptr;  // no node takes it
                return partColumn(part, static_cast<ptrdiff_t>(pixel - taken.start) * frame.channels);
            };
            columnLines_[part].reserve(frame.x.pixels.size());
            filterLines_[part].reserve(frame.x.filtered.size());
            for (const int pixel : frame.x.pixels) columnLines_[part].push_back(column(pixel));
            for (const int node : frame.x.filtered)
                filterLines_[part].push_back(frame.x.identity ? column(node)
                                                              : along_.row(node - frame.nodesX.start));
        }
    }

    static constexpr int kMostParts = 4;

    /// Of scratch that it takes.
    static size_t bytes(const MultirateFrame<Low>& frame, int parts) {
        return Buffer<Low>::bytes(parts * kLanes<Low>, kRowTile) +
               Buffer<Low>::bytes(parts * partColumns(frame), kLanes<Low>) +
               Buffer<Low>::bytes(alongRows(frame), frame.lineElements()) +
               Buffer<Low>::bytes(frame.x.filteredCount + 4, frame.lineElements());
    }

    /// Rows of nodes `nodes`[0 … count − 1], filtered along x; partRows ≤ kLanes<Low> of them at a time, a
    /// part, to kLanes<Low> rows from low[part] on.
    void run(const int* nodes, int count, int partRows, Low* const* low, ptrdiff_t stride) {
        partRows_ = partRows;
        if constexpr (std::is_same_v<Low, float>) {
            if (frame_.integers.inUse()) return runOver<int32_t>(nodes, count, low, stride);
        }
        runOver<Low>(nodes, count, low, stride);
    }

  private:
    /// The same, rows of pixels being summed in Sum.
    template <class Sum>
    void runOver(const int* nodes, int count, Low* const* low, ptrdiff_t stride) {
        weighRows<Sum>(nodes, count);
        for (int part = 0; part * partRows_ < count; ++part) {
            weighColumns(part);
            filterColumns(part, low[part], stride);
        }
    }

    /// Elements that are weighed onto rows of nodes at a time: their sums stay in the L1 cache.
    static constexpr ptrdiff_t kRowTile = 2048 / sizeof(Low);

    /// Twice as many rows where nodes take many and their sums are most of what is read: those of integers,
    /// and doubles onto windows of ten nodes and more.
    static int blockRows(const MultirateFrame<Low>& frame) {
        const int lines = frame.y.nodes[0].count;
        const bool many = frame.integers.inUse() ? lines >= 16 : frame.depth == CV_64F && lines >= 32;
        return many ? 2 * kRowBlock : kRowBlock;
    }

    static ptrdiff_t partColumns(const MultirateFrame<Low>& frame) {
        return (static_cast<ptrdiff_t>(frame.columns.size()) + 1) * frame.channels + 4;
    }

    static ptrdiff_t alongRows(const MultirateFrame<Low>& frame) {
        return frame.x.identity ? 0 : frame.nodesX.size();
    }

    /// Column of `part`, by elements.
    Low* partColumn(int part, ptrdiff_t element) { return columns_.row(part * partColumns_ + element); }

    const void* rowLine(int line) const {
        const int pixel = frame_.y.pixels[std::min(line, static_cast<int>(frame_.y.pixels.size()) - 1)];
        return pixel < 0 ? frame_.borderRow.data : frame_.source.whole.ptr(pixel, frame_.columns.start);
    }

    /// Weights of a node for the rows of a block that begins with `line`.
    void appendWeights(const LineLayout::Node& node, int line, std::vector<Low>& weights) const {
        for (int l = line; l < line + blockRows_; ++l)
            weights.push_back(weightOf(frame_.chainY.analysis, node, l));
    }
    void appendWeights(const LineLayout::Node& node, int line, std::vector<RowPair>& weights) const {
        for (int l = line; l < line + blockRows_; l += 2)
            weights.push_back({weightOf(frame_.integers.analysis, node, l),
                               weightOf(frame_.integers.analysis, node, l + 1)});
    }
    template <class T>
    static T weightOf(const std::vector<T>& analysis, const LineLayout::Node& node, int line) {
        return line >= node.first && line < node.end() ? analysis[node.offset + line - node.first] : T(0);
    }

    /// Columns of levels from what a tile has of the rows of `part`.
    void transposeRows(int part, ptrdiff_t begin, ptrdiff_t elements, const Low* rows) {
        transposed(rows, rows_.stride(), kLanes<Low>, elements, partColumn(part, begin), kLanes<Low>);
    }
    void transposeRows(int part, ptrdiff_t begin, ptrdiff_t elements, const int32_t* rows) {
        transposed(rows, rows_.stride(), elements, frame_.integers.gain, partColumn(part, begin));
    }

    /// Rows of the source onto `count` rows of nodes, transposed. Sums have the size of nodes.
    template <class Sum>
    void weighRows(const int* nodes, int count) {
        static_assert(sizeof(Sum) == sizeof(Low));
        using Weight = typename Accumulation<Sum>::Weight;
        // Blocks of rows begin at multiples of their size: a node is the same sum whoever computes it.
        struct Block {
            int line, from, to;  ///< the nodes that it weighs on
            int begun;           ///< nodes before this one had earlier blocks
            size_t weights;
        };
        std::vector<Block> blocks;
        std::vector<Weight>& weights = std::get<std::vector<Weight>>(weights_);
        weights.clear();
        int line = frame_.y.nodes[nodes[0]].first / blockRows_ * blockRows_, from = 0, to = 0;
        while (true) {
            while (from < to && frame_.y.nodes[nodes[from]].end() <= line) ++from;
            if (from == to) {
                if (to == count) break;
                line = frame_.y.nodes[nodes[to]].first / blockRows_ * blockRows_;
            }
            Block block{line, from, to, to, weights.size()};
            while (to < count && frame_.y.nodes[nodes[to]].first < line + blockRows_) ++to;
            block.to = to;
            for (int n = from; n < to; ++n) appendWeights(frame_.y.nodes[nodes[n]], line, weights);
            blocks.push_back(block);
            line += blockRows_;
        }
        rowLines_.clear();
        for (size_t b = 0; b <= blocks.size(); ++b)  // one more, for what is fetched ahead
            for (int r = 0; r < blockRows_; ++r)
                rowLines_.push_back(rowLine(blocks[std::min(b, blocks.size() - 1)].line + r));

        const ptrdiff_t elements = static_cast<ptrdiff_t>(frame_.columns.size()) * frame_.channels;
        Sum* sums[kMostParts * kLanes<Low>];
        const auto partSums = [&](int part) {
            return reinterpret_cast<Sum*>(rows_.row(static_cast<ptrdiff_t>(part) * kLanes<Low>));
        };
        for (int i = 0; i < count; ++i) sums[i] = partSums(i / partRows_) + i % partRows_ * rows_.stride();
        Accumulation<Sum> job;
        job.rows = blockRows_;
        for (job.begin = 0; job.begin < elements; job.begin += kRowTile) {
            job.elements = std::min(kRowTile, elements - job.begin);
            for (size_t b = 0; b < blocks.size(); ++b) {
                job.lines = rowLines_.data() + b * blockRows_;
                job.weights = weights.data() + blocks[b].weights;
                job.sums = sums + blocks[b].from;
                job.nodes = blocks[b].to - blocks[b].from;
                job.begun = blocks[b].begun - blocks[b].from;
                accumulate(frame_.depth, job);
            }
            for (int part = 0; part * partRows_ < count; ++part)
                transposeRows(part, job.begin, (job.elements + 3) / 4 * 4, partSums(part));
        }
        for (int part = 0; part * partRows_ < count; ++part) {
            Low* border = partColumn(part, elements);
            for (ptrdiff_t e = 0; e < frame_.lineElements(); ++e)
                border[e] = frame_.borderLow[e / kLanes<Low>];
        }
    }

    /// Columns of pixels of a part onto columns of nodes.
    void weighColumns(int part) {
        if (frame_.x.identity) return;
        Decimation<Low> job;
        job.lines = columnLines_[part].data();
        job.elements = frame_.lineElements();
        for (int node = frame_.nodesX.start; node < frame_.nodesX.end; node += kNodeBlock) {
            job.nodes = std::min(kNodeBlock, frame_.nodesX.end - node);
            for (int q = 0; q < job.nodes; ++q) {
                frame_.chainX.put(job, q, node + q);
                job.out[q] = along_.row(node + q - frame_.nodesX.start);
            }
            decimate(job);
        }
    }

    /// Columns of nodes, filtered along the rows and transposed, into kLanes<Low> rows of `low`.
    void filterColumns(int part, Low* low, ptrdiff_t stride) {
        NodeFilter<Low> filter;
        frame_.chainX.put(filter);
        filter.lines = filterLines_[part].data();
        filter.rows = frame_.x.filteredCount;
        filter.elements = frame_.lineElements();
        filter.out = filtered_.row(0);
        filter.stride = frame_.lineElements();
        filterNodes(filter);
        transposed(filter.out, kLanes<Low>,
                   (static_cast<ptrdiff_t>(frame_.x.filteredCount) * frame_.channels + 3) / 4 * 4,
                   kLanes<Low>, low, stride);
    }

    const MultirateFrame<Low>& frame_;
    int blockRows_;               ///< of the source that are weighed onto nodes together
    int partRows_ = kLanes<Low>;  ///< rows of nodes of a part
    ptrdiff_t partColumns_;
    Buffer<Low> rows_;  ///< of nodes, one tile
    Buffer<Low>
        columns_;  ///< the same rows transposed: column by column, and one of the border behind; part by part
    Buffer<Low> along_;     ///< columns of nodes
    Buffer<Low> filtered_;  ///< columns of nodes
    std::vector<const Low*> columnLines_[kMostParts], filterLines_[kMostParts];
    std::vector<const void*> rowLines_;
    std::tuple<std::vector<Low>, std::vector<RowPair>> weights_;  ///< of floats or doubles, and of integers
};

}  // namespace gkern::detail
