// SPDX-License-Identifier: Apache-2.0
// What both passes of the multirate engine know of a picture: its axes with their weights in the type of the
// nodes, and the part of the source that they take.
#pragma once

#include <algorithm>
#include <climits>
#include <type_traits>
#include <utility>
#include <vector>

#include "blur/multirate.hpp"
#include "blur/multirate_tables.hpp"
#include "blur/source.hpp"

namespace gkern::detail {

/// Memory that one thread works in. All that a blur works in is one block: memory that a process allocates
/// and frees as one, in call after call, the system maps and clears but once.
class Scratch {
  public:
    Scratch(unsigned char* memory, size_t bytes) : memory_(memory), left_(bytes) {}

    /// Of `bytes`, which begin at a multiple of 64 if `memory` does.
    unsigned char* take(size_t bytes) {
        CV_DbgAssert(bytes % 64 == 0 && bytes <= left_);
        left_ -= bytes;
        return std::exchange(memory_, memory_ + bytes);
    }

  private:
    unsigned char* memory_;
    size_t left_;
};

/// Rows of numbers in memory of `scratch`, each at a multiple of 64 bytes and with a whole number of vectors.
template <class T>
class Buffer {
  public:
    Buffer(Scratch& scratch, ptrdiff_t rows, ptrdiff_t columns)
        : stride_(strideOf(columns)), first_(reinterpret_cast<T*>(scratch.take(bytes(rows, columns)))) {}
    T* row(ptrdiff_t i) { return first_ + i * stride_; }
    const T* row(ptrdiff_t i) const { return first_ + i * stride_; }
    ptrdiff_t stride() const { return stride_; }

    /// Vectors may begin anywhere in a row: there is one more behind the last.
    static size_t bytes(ptrdiff_t rows, ptrdiff_t columns) {
        return static_cast<size_t>(rows * strideOf(columns) + kLanes<T>) * sizeof(T);
    }

  private:
    static ptrdiff_t strideOf(ptrdiff_t columns) { return (columns + kLanes<T> - 1) / kLanes<T> * kLanes<T>; }

    ptrdiff_t stride_;
    T* first_;
};

/// One axis with its weights in the type of the nodes.
template <class Low>
struct Chain {
    explicit Chain(const LineChain& chain)
        : layout(chain),
          analysis(of(chain.analysis, chain.floats.analysis)),
          synthesis(of(chain.synthesis, chain.floats.synthesis)),
          taps(of(chain.taps.weights, chain.floats.taps)),
          symmetric(chain.symmetric) {}

    const LineLayout& layout;
    const std::vector<Low>&analysis, &synthesis, &taps;
    bool symmetric;

    /// Block q of node numbers for Decimation.
    void put(Decimation<Low>& job, int q, int node) const {
        job.first[q] = layout.nodes[node].first;
        job.count[q] = layout.nodes[node].count;
        job.weights[q] = analysis.data() + layout.nodes[node].offset;
    }
    void put(NodeFilter<Low>& job) const {
        job.weights = taps.data();
        job.size = static_cast<int>(taps.size());
        job.symmetric = symmetric;
    }

  private:
    static const std::vector<Low>& of(const std::vector<double>& doubles, const std::vector<float>& floats) {
        if constexpr (std::is_same_v<Low, double>)
            return doubles;
        else
            return floats;
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
          chainX(tables.x),
          chainY(tables.y),
          integers(tables.integers),
          nodesX(rangeOf(x.filtered)) {
        cv::Mat border = borderPixel(plan.borderValue, dst.type());
        // Nodes begin and end one after the other: those that are taken meet all pixels in between.
        const auto lines = x.pixels.begin();
        if (!nodesX.empty())
            columns = rangeOf({lines + x.nodes[nodesX.start].first, lines + x.nodes[nodesX.end - 1].end()});
        borderRow = cv::repeat(border, 1, std::max(1, columns.size()));
        const double middle = integers.inUse() && depth == CV_8U ? 128 : middleOf(depth);
        border.convertTo(border, CV_64F, 1, -middle);
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
    const LineLayout &x, &y;
    Chain<Low> chainX, chainY;
    const IntegerRows& integers;
    cv::Range nodesX;   ///< nodes along x that are taken
    cv::Range columns;  ///< of the picture that they take
    cv::Mat borderRow;
    std::vector<Low> borderLow;
};

}  // namespace gkern::detail
