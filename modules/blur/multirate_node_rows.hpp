// SPDX-License-Identifier: Apache-2.0
// Rows of nodes between the two passes of the multirate engine, which does a picture in stripes.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "blur/multirate_frame.hpp"

namespace gkern::detail {

/// Rows of nodes that stripes of a picture take, in blocks of kLanes<Low>; each is computed once, and its
/// block serves others when no stripe takes any of its rows any more.
template <class Low>
class NodeRows {
  public:
    NodeRows(size_t nodes, ptrdiff_t columns, int stripes)
        : columns_(columns), last_(nodes, -1), rows_(nodes, nullptr), until_(stripes) {}

    /// Stripe `stripe`, of which this is said in order, takes `nodes`.
    void need(int stripe, const std::vector<int>& nodes) {
        for (const int node : nodes) {
            if (last_[node] < 0) order_.push_back(node);
            last_[node] = stripe;
        }
        until_[stripe] = order_.size();
    }

    /// Those that `stripe` needs and that do not stand yet, with as many of the next stripes as fill the
    /// blocks of all threads. They have rows from now on.
    std::vector<int> of(int stripe, int threads) {
        for (Block& block : blocks_)
            if (block.last < stripe) block.last = -1;
        const size_t begin = done_, unit = static_cast<size_t>(threads) * kLanes<Low>;
        const size_t missing = until_[stripe] > begin ? until_[stripe] - begin : 0;
        done_ = std::min(order_.size(), begin + (missing + unit - 1) / unit * unit);
        std::vector<int> nodes(order_.begin() + begin, order_.begin() + done_);
        std::sort(nodes.begin(), nodes.end());  // BORDER_WRAP takes the last ones first
        for (size_t i = 0; i < nodes.size(); i += kLanes<Low>) {
            const auto idle =
                std::find_if(blocks_.begin(), blocks_.end(), [](const Block& b) { return b.last < 0; });
            Block& block = idle != blocks_.end() ? *idle : blocks_.emplace_back(columns_);
            for (size_t r = 0; r < kLanes<Low> && i + r < nodes.size(); ++r) {
                rows_[nodes[i + r]] = block.rows.row(r);
                block.last = std::max(block.last, last_[nodes[i + r]]);
            }
        }
        return nodes;
    }

    Low* row(int node) { return rows_[node]; }
    ptrdiff_t stride() const { return blocks_.front().rows.stride(); }

  private:
    struct Block {
        explicit Block(ptrdiff_t columns) : rows(kLanes<Low>, columns) {}
        Buffer<Low> rows;
        int last = -1;  ///< stripe that takes one of them; −1: nothing is held
    };

    ptrdiff_t columns_;
    std::deque<Block> blocks_;
    std::vector<int> order_;     ///< nodes as they are needed
    std::vector<int> last_;      ///< stripe that takes a node
    std::vector<Low*> rows_;     ///< of each node
    std::vector<size_t> until_;  ///< for each stripe: how many of order_
    size_t done_ = 0;            ///< of order_
};

}  // namespace gkern::detail
