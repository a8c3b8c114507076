// SPDX-License-Identifier: Apache-2.0
/// Memory of a thread for one tile.
#pragma once

#include "rbf/panels.hpp"
#include "rbf/problem.hpp"

namespace gkern::detail {

/// Bytes from one row of a tile to the next, so that rows do not begin a power of two apart.
inline std::size_t scratchStep(const Problem& problem, std::size_t elemSize) {
    return (std::size_t(problem.side()) + 16) * elemSize;
}

/// `bytes` of memory that belong to this thread until it asks again.
inline void* threadScratch(std::size_t bytes) {
    thread_local AlignedArray<unsigned char> memory;
    thread_local std::size_t size = 0;
    if (size < bytes) {
        memory = AlignedArray<unsigned char>(bytes);
        size = bytes;
    }
    return memory.data();
}

/// A tile of the problem in memory of this thread.
inline const void* tileInScratch(const Problem& problem, int rowBlock, int colBlock, Entries entries,
                                 std::size_t step) {
    void* memory = threadScratch(step * std::size_t(problem.side()));
    problem.compute(rowBlock, colBlock, {entries, memory, step, false, nullptr});
    return memory;
}

/// Rows of blocks, each cut into a few runs of columns where there are too few of them to occupy
/// threads. The cut depends on the problem alone, as sums over runs do.
class Runs {
  public:
    explicit Runs(const Problem& problem)
        : colBlocks_(problem.colBlocks()),
          perRow_(std::min(colBlocks_, std::max(1, kTasks / problem.rowBlocks()))),
          count_(problem.rowBlocks() * perRow_) {}
    int count() const { return count_; }
    int perRow() const { return perRow_; }
    int rowBlock(int run) const { return run / perRow_; }
    cv::Range colBlocks(int run) const {
        const int64_t part = run % perRow_;
        return {int(part * colBlocks_ / perRow_), int((part + 1) * colBlocks_ / perRow_)};
    }

  private:
    static constexpr int kTasks = 64;
    int colBlocks_, perRow_, count_;
};

}  // namespace gkern::detail
