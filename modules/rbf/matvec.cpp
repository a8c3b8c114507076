// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "gkern/rbf_implicit.hpp"
#include "rbf/problem.hpp"
#include "rbf/progress.hpp"
#include "rbf/scratch.hpp"
#include "rbf/simd.hpp"
#include "rbf/validate.hpp"

namespace gkern {
namespace {

using detail::AlignedArray;
using detail::kReadBeyond;
using detail::kSumLanes;
using detail::Problem;
using detail::Progress;
using detail::Runs;

/// The vectors one after the other in float64, zeros after each.
class Factor {
  public:
    Factor(int rows, int count)
        : rows_(rows),
          count_(count),
          step_(std::size_t(rows) + kMaxPanel + kReadBeyond),
          values_(step_ * count) {
        std::fill_n(values_.data(), step_ * std::size_t(count), 0.0);
    }
    /// @param V CV_64F
    explicit Factor(const cv::Mat& V) : Factor(V.rows, V.cols) {
        for (int i = 0; i < rows_; ++i)
            for (int q = 0; q < count_; ++q) {
                const double v = V.at<double>(i, q);
                values_.data()[std::size_t(q) * step_ + std::size_t(i)] = v;
                finite_ = finite_ && std::isfinite(v);
            }
    }
    static Factor ones(int rows) {
        Factor factor(rows, 1);
        std::fill_n(factor.values_.data(), rows, 1.0);
        return factor;
    }
    int count() const { return count_; }
    std::size_t step() const { return step_; }
    bool finite() const { return finite_; }
    const double* at(int row) const { return values_.data() + row; }

  private:
    static constexpr int kMaxPanel = 64;
    int rows_, count_;
    std::size_t step_;
    AlignedArray<double> values_;
    bool finite_ = true;
};

/// Rows of a block times some columns of V, over a run of tiles.
void multiplyRun(const Problem& problem, const Factor& V, int rowBlock, const cv::Range& colBlocks,
                 Progress& progress, double* sums) {
    const int rows = problem.rowsOf(rowBlock).size(), p = V.count();
    const std::size_t step = detail::scratchStep(problem, sizeof(double));
    alignas(64) double lanes[detail::kMaxTileSide * kSumLanes];
    std::fill_n(lanes, rows * kSumLanes, 0.0);
    for (int col = colBlocks.start; col < colBlocks.end && !progress.stopped(); ++col, progress.step()) {
        // 0·∞ is not nothing.
        if (V.finite() && problem.largestEntry(rowBlock, col) == 0) continue;
        const cv::Range cols = problem.colsOf(col);
        if (p == 1) {
            problem.compute(
                rowBlock, col,
                {problem.dotEntries(), lanes, kSumLanes * sizeof(double), false, V.at(cols.start)});
        } else {
            const void* tile = detail::tileInScratch(problem, rowBlock, col, problem.doubleEntries(), step);
            detail::multiplyTile(static_cast<const double*>(tile), step / sizeof(double), rows, cols.size(),
                                 V.at(cols.start), V.step(), p, sums);
        }
    }
    if (p == 1)
        for (int i = 0; i < rows; ++i)
            for (int lane = 0; lane < kSumLanes; ++lane) sums[i] += lanes[i * kSumLanes + lane];
}

void multiply(const Problem& problem, const Factor& V, const RbfParams& params, int type,
              cv::OutputArray out) {
    const Runs runs(problem);
    const int p = V.count();
    cv::Mat partial = cv::Mat::zeros(runs.perRow() * problem.rows(), p, CV_64F);
    Progress progress(params.progress, double(problem.rowBlocks()) * problem.colBlocks());
    progress.forEach(
        runs.count(), problem.work() + double(problem.rows()) * problem.cols() * p, [&](int run) {
            const int rowBlock = runs.rowBlock(run), part = run % runs.perRow();
            multiplyRun(problem, V, rowBlock, runs.colBlocks(run), progress,
                        partial.ptr<double>(part * problem.rows() + problem.rowsOf(rowBlock).start));
        });
    cv::Mat sum = partial.rowRange(0, problem.rows());
    for (int part = 1; part < runs.perRow(); ++part)
        sum += partial.rowRange(part * problem.rows(), (part + 1) * problem.rows());
    sum.convertTo(out, type);
}

}  // namespace

void rbfMatVec(cv::InputArray X, cv::InputArray Y, cv::InputArray V, cv::OutputArray out,
               const RbfParams& params) {
    const detail::KernelShape shape = detail::validateInput(X, Y, params);
    detail::validateFactor(V, shape.cols);
    detail::validateOutput(out, "out", shape.rows, V.cols(), shape.ktype);
    cv::Mat factor;
    V.getMat().convertTo(factor, CV_64F);
    multiply(Problem(X, Y, params, shape), Factor(factor), params, shape.ktype, out);
}

void rbfRowSums(cv::InputArray X, cv::InputArray Y, cv::OutputArray out, const RbfParams& params) {
    const detail::KernelShape shape = detail::validateInput(X, Y, params);
    detail::validateOutput(out, "out", shape.rows, 1, shape.ktype);
    multiply(Problem(X, Y, params, shape), Factor::ones(shape.cols), params, shape.ktype, out);
}

}  // namespace gkern
