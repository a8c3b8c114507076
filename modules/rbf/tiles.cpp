// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "gkern/rbf_implicit.hpp"
#include "rbf/matrix.hpp"
#include "rbf/problem.hpp"
#include "rbf/progress.hpp"
#include "rbf/validate.hpp"

namespace gkern {
namespace {

using detail::Problem;

/// Blocks of the problem that a rectangle covers, down and across.
cv::Size blocksOfRectangle(const Problem& problem, std::size_t memoryBudget, std::size_t elemSize) {
    const std::size_t entries = memoryBudget / elemSize, side = std::size_t(problem.side());
    // The last block of a row of blocks may be narrower.
    if (entries >= side * std::size_t(problem.cols()) || problem.colBlocks() == 1)
        return {problem.colBlocks(), int(std::clamp<std::size_t>(entries / std::size_t(problem.cols()) / side,
                                                                 1, std::size_t(problem.rowBlocks())))};
    return {int(std::clamp<std::size_t>(entries / side / side, 1, std::size_t(problem.colBlocks()))), 1};
}

}  // namespace

bool rbfTiles(cv::InputArray X, cv::InputArray Y, const RbfParams& params,
              const std::function<bool(const RbfTile&)>& callback, std::size_t memoryBudget) {
    const detail::KernelShape shape = detail::validateInput(X, Y, params);
    const std::size_t elemSize = shape.ktype == CV_32F ? sizeof(float) : sizeof(double);
    detail::validateCallback(bool(callback));
    detail::validateBudget(memoryBudget, elemSize * detail::kMaxTileSide * detail::kMaxTileSide);
    const Problem problem(X, Y, params, shape);
    const cv::Size blocks = blocksOfRectangle(problem, memoryBudget, elemSize);
    detail::Progress progress(params.progress, double(problem.rowBlocks()) * problem.colBlocks());
    cv::Mat memory(std::min(blocks.height * problem.side(), problem.rows()),
                   std::min(blocks.width * problem.side(), problem.cols()), shape.ktype);

    for (int top = 0; top < problem.rowBlocks(); top += blocks.height)
        for (int left = 0; left < problem.colBlocks(); left += blocks.width) {
            const int down = std::min(blocks.height, problem.rowBlocks() - top);
            const int across = std::min(blocks.width, problem.colBlocks() - left);
            RbfTile tile{top * problem.side(), left * problem.side(), {}};
            tile.K = memory(cv::Rect(0, 0, problem.colsOf(left + across - 1).end - tile.col,
                                     problem.rowsOf(top + down - 1).end - tile.row));
            const detail::MatrixWriter writer(tile.K, tile.row, tile.col);
            progress.forEach(down * across, problem.work(), [&](int t) {
                writer.write(problem, top + t / across, left + t % across);
                progress.step();
            });
            if (!callback(tile)) return false;
        }
    return true;
}

}  // namespace gkern
