// SPDX-License-Identifier: Apache-2.0
// Rows of nodes between the two passes of the multirate engine, which does a picture in stripes.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "blur/multirate_frame.hpp"

namespace gkern::detail {

/// Rows of nodes that the stripes of a picture take, in blocks of up to kLanes<Low>; each is computed once,
/// and its block serves others when no stripe takes any of its rows any more.
template <class Low>
class NodeRows {
  public:
    /// @param needed for each stripe, the nodes that it takes.
    /// @param nodes all that there are.
    NodeRows(const std::vector<std::vector<int>>& needed, size_t nodes, ptrdiff_t columns, int threads)
        : columns_(columns), fresh_(needed.size()), blockRows_(needed.size()), row_(nodes) {
        const int stripes = static_cast<int>(needed.size());
        std::vector<int> order, last(nodes, -1);  // nodes as they are needed, and the last stripe that does
        std::vector<size_t> until;                // for each stripe: how many of them
        for (int s = 0; s < stripes; ++s) {
            for (const int node : needed[s]) {
                if (last[node] < 0) order.push_back(node);
                last[node] = s;
            }
            until.push_back(order.size());
        }
        std::vector<int> blocks;  // for each: the last stripe that takes one of its rows
        // With as many nodes of the next stripes as fill the blocks of all threads.
        const size_t unit = static_cast<size_t>(threads) * kLanes<Low>;
        size_t done = 0;
        for (int s = 0; s < stripes; ++s) {
            const size_t missing = until[s] > done ? until[s] - done : 0, begin = done;
            done = std::min(order.size(), begin + (missing + unit - 1) / unit * unit);
            std::vector<int>& fresh = fresh_[s];
            fresh.assign(order.begin() + begin, order.begin() + done);
            std::sort(fresh.begin(), fresh.end());  // BORDER_WRAP takes the last ones first
            blockRows_[s] = evenly(fresh.size(), threads);
            for (size_t i = 0; i < fresh.size(); i += blockRows_[s]) {
                const auto idle = std::find_if(blocks.begin(), blocks.end(), [&](int b) { return b < s; });
                const size_t block = idle - blocks.begin();
                if (idle == blocks.end()) blocks.push_back(s);
                for (size_t r = 0; r < blockRows_[s] && i + r < fresh.size(); ++r) {
                    row_[fresh[i + r]] = static_cast<ptrdiff_t>(block * kLanes<Low> + r);
                    blocks[block] = std::max({blocks[block], s, last[fresh[i + r]]});
                }
            }
        }
        rowCount_ = static_cast<ptrdiff_t>(blocks.size()) * kLanes<Low>;
    }

    /// Of scratch that hold() takes.
    size_t bytes() const { return Buffer<Low>::bytes(rowCount_, columns_); }

    /// From here on there are rows, in `scratch`.
    void hold(Scratch scratch) { rows_.emplace(scratch, rowCount_, columns_); }

    /// Those that `stripe` takes and no stripe before it did, in order.
    const std::vector<int>& fresh(int stripe) const { return fresh_[stripe]; }

    /// Of them that lie in a block, one after the other; the last block may have fewer.
    int blockRows(int stripe) const { return static_cast<int>(blockRows_[stripe]); }

    Low* row(int node) { return rows_->row(row_[node]); }
    ptrdiff_t stride() const { return rows_->stride(); }

  private:
    /// Rows of a block, so that every thread has as many: blocks for all, if that does not take twice as
    /// many.
    static size_t evenly(size_t rows, size_t threads) {
        const size_t blocks = (rows + kLanes<Low> - 1) / kLanes<Low>;
        const size_t even = std::min((blocks + threads - 1) / threads * threads, 2 * blocks);
        return even == 0 ? kLanes<Low> : (rows + even - 1) / even;
    }

    ptrdiff_t rowCount_, columns_;
    std::vector<std::vector<int>> fresh_;
    std::vector<size_t> blockRows_;  ///< of each stripe
    std::vector<ptrdiff_t> row_;     ///< of each node
    std::optional<Buffer<Low>> rows_;
};

}  // namespace gkern::detail
