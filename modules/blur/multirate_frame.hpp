// SPDX-License-Identifier: Apache-2.0
// What both passes of the multirate engine know of a picture: its axes with their weights in the type of the
// nodes, and the part of the source that they take.
#pragma once

#include <algorithm>
#include <climits>
#include <memory>

#include "blur/multirate.hpp"
#include "blur/multirate_axis.hpp"
#include "blur/source.hpp"

namespace gkern::detail {

template <class T>
std::vector<T> converted(const std::vector<double>& values) {
    return {values.begin(), values.end()};
}

/// Memory that one thread works in, kept over all stripes of a picture: what is given back to the system
/// would have to be cleared by it again.
class Scratch {
  public:
    /// All of it is free again.
    void reset() { taken_ = 0; }

    /// As many bytes as asked for, aligned to 64; the i-th of a round gets the memory of the i-th of the last
    /// one.
    void* take(size_t bytes) {
        if (taken_ == blocks_.size()) blocks_.emplace_back();
        Block& block = blocks_[taken_++];
        if (block.size < bytes) {
            block.memory.reset(new unsigned char[bytes + 63]);
            block.size = bytes;
        }
        const auto address = reinterpret_cast<uintptr_t>(block.memory.get());
        return block.memory.get() + (64 - address % 64) % 64;
    }

  private:
    struct Block {
        std::unique_ptr<unsigned char[]> memory;
        size_t size = 0;
    };
    std::vector<Block> blocks_;
    size_t taken_ = 0;
};

/// Rows of numbers in memory of `scratch`, each at a multiple of 64 bytes and with a whole number of vectors.
template <class T>
class Buffer {
  public:
    Buffer(Scratch& scratch, ptrdiff_t rows, ptrdiff_t columns)
        : stride_((columns + kLanes<T> - 1) / kLanes<T> * kLanes<T>),
          // Vectors may begin anywhere in a row: there is one more behind the last.
          first_(static_cast<T*>(scratch.take((static_cast<size_t>(rows * stride_) + kLanes<T>)*sizeof(T)))) {
    }
    T* row(ptrdiff_t i) { return first_ + i * stride_; }
    const T* row(ptrdiff_t i) const { return first_ + i * stride_; }
    ptrdiff_t stride() const { return stride_; }

  private:
    ptrdiff_t stride_;
    T* first_;
};

/// One axis with its weights in the type of the nodes.
template <class Low>
struct Chain : LineLayout {
    explicit Chain(const LineChain& chain)
        : LineLayout(chain),
          analysisLow(converted<Low>(chain.analysis)),
          synthesisLow(converted<Low>(chain.synthesis)),
          tapsLow(converted<Low>(chain.taps.weights)),
          symmetric(std::equal(chain.taps.weights.begin(), chain.taps.weights.end(),
                               chain.taps.weights.rbegin())) {}

    std::vector<Low> analysisLow, synthesisLow, tapsLow;
    bool symmetric;

    /// Block q of node numbers for Decimation.
    void put(Decimation<Low>& job, int q, int node) const {
        job.first[q] = nodes[node].first;
        job.count[q] = nodes[node].count;
        job.weights[q] = analysisLow.data() + nodes[node].offset;
    }
    void put(NodeFilter<Low>& job) const {
        job.weights = tapsLow.data();
        job.size = taps.size();
        job.symmetric = symmetric;
    }
};

inline cv::Range rangeOf(const std::vector<int>& indices) {
    int first = INT_MAX, last = -1;
    for (const int i : indices)
        if (i >= 0) {
            first = std::min(first, i);
            last = std::max(last, i);
        }
    return first > last ? cv::Range(0, 0) : cv::Range(first, last + 1);
}

/// A picture whose nodes are held in Low.
template <class Low>
struct MultirateFrame {
    MultirateFrame(const MultiratePlan& plan, const MultirateTables& tables, const Source& from, cv::Mat& to)
        : source(from),
          dst(to),
          depth(to.depth()),
          channels(to.channels()),
          x(tables.x),
          y(tables.y),
          nodesX(rangeOf(x.filtered)) {
        cv::Mat border = borderPixel(plan.borderValue, dst.type());
        // Nodes begin and end one after the other: those that are taken meet all pixels in between.
        const auto lines = x.pixels.begin();
        if (!nodesX.empty())
            columns = rangeOf({lines + x.nodes[nodesX.start].first, lines + x.nodes[nodesX.end - 1].end()});
        borderRow = cv::repeat(border, 1, std::max(1, columns.size()));
        border.convertTo(border, CV_64F, 1, -middleOf(depth));
        borderLow.assign(border.ptr<double>(), border.ptr<double>() + channels);
    }

    /// Elements of a column of all rows that are transposed together.
    ptrdiff_t lineElements() const { return static_cast<ptrdiff_t>(channels) * kLanes<Low>; }

    /// Filtered node rows that output rows [rows.start, rows.end) take.
    cv::Range filteredRows(const cv::Range& rows) const {
        return {y.start[rows.start], y.start[rows.end - 1] + y.width};
    }

    const Source& source;
    cv::Mat& dst;
    int depth, channels;
    Chain<Low> x, y;
    cv::Range nodesX;   ///< nodes along x that are taken
    cv::Range columns;  ///< of the picture that they take
    cv::Mat borderRow;
    std::vector<Low> borderLow;
};

}  // namespace gkern::detail
