// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "gkern/rbf_implicit.hpp"
#include "rbf/problem.hpp"
#include "rbf/progress.hpp"
#include "rbf/scratch.hpp"
#include "rbf/validate.hpp"

namespace gkern {
namespace {

using detail::Problem;
using detail::Progress;
using detail::Runs;

struct Candidate {
    double value;
    int column;

    double rank() const { return std::isnan(value) ? -1 : value; }
    /// A total order, so that the best k do not depend on the order in which entries come.
    friend bool operator<(const Candidate& a, const Candidate& b) {
        const double rankA = a.rank(), rankB = b.rank();
        return rankA != rankB ? rankA > rankB : a.column < b.column;
    }
};

/// The best k so far, the worst of them on top of a heap.
class Best {
  public:
    /// What an entry further to the right must exceed.
    double threshold(std::size_t k) const {
        return heap_.size() < k ? -std::numeric_limits<double>::infinity() : heap_.front().rank();
    }
    void offer(const Candidate& candidate, std::size_t k) {
        if (heap_.size() == k) {
            if (!(candidate < heap_.front())) return;
            std::pop_heap(heap_.begin(), heap_.end());
            heap_.back() = candidate;
        } else {
            heap_.push_back(candidate);
        }
        std::push_heap(heap_.begin(), heap_.end());
    }
    template <class T>
    void offerRow(const T* entries, int count, int firstColumn, std::size_t k) {
        constexpr int kAtOnce = 32;
        for (int j = 0; j < count; j += kAtOnce) {
            const int end = std::min(j + kAtOnce, count);
            const double limit = threshold(k);
            bool any = limit < 0;  // NaN, which exceeds nothing, is wanted then
            for (int i = j; i < end; ++i) any |= entries[i] > static_cast<T>(limit);
            if (!any) continue;
            for (int i = j; i < end; ++i)
                if (!(entries[i] <= threshold(k))) offer({double(entries[i]), firstColumn + i}, k);
        }
    }
    std::vector<Candidate>& candidates() { return heap_; }

  private:
    std::vector<Candidate> heap_;
};

void searchRun(const Problem& problem, int rowBlock, const cv::Range& colBlocks, std::size_t k,
               Progress& progress, Best* best) {
    const int rows = problem.rowsOf(rowBlock).size();
    const bool floats = problem.entries() == detail::Entries::Float;
    const std::size_t step = detail::scratchStep(problem, floats ? sizeof(float) : sizeof(double));
    for (int col = colBlocks.start; col < colBlocks.end && !progress.stopped(); ++col, progress.step()) {
        double least = std::numeric_limits<double>::infinity();
        for (int i = 0; i < rows; ++i) least = std::min(least, best[i].threshold(k));
        if (problem.largestEntry(rowBlock, col) <= least) continue;
        const cv::Range cols = problem.colsOf(col);
        const auto* tile = static_cast<const unsigned char*>(
            detail::tileInScratch(problem, rowBlock, col, problem.entries(), step));
        for (int i = 0; i < rows; ++i) {
            const unsigned char* row = tile + std::size_t(i) * step;
            if (floats)
                best[i].offerRow(reinterpret_cast<const float*>(row), cols.size(), cols.start, k);
            else
                best[i].offerRow(reinterpret_cast<const double*>(row), cols.size(), cols.start, k);
        }
    }
}

/// Merges what the runs of a row have found into `all`, in order.
void merge(std::vector<Best>& best, int row, int rows, int runs, std::vector<Candidate>& all) {
    all.clear();
    for (int run = 0; run < runs; ++run) {
        std::vector<Candidate>& part =
            best[std::size_t(run) * std::size_t(rows) + std::size_t(row)].candidates();
        all.insert(all.end(), part.begin(), part.end());
    }
    std::sort(all.begin(), all.end());
}

}  // namespace

void rbfTopK(cv::InputArray X, cv::InputArray Y, int k, cv::OutputArray values, cv::OutputArray indices,
             const RbfParams& params) {
    const detail::KernelShape shape = detail::validateInput(X, Y, params);
    detail::validateCount(k, shape.cols);
    detail::validateOutput(values, "values", shape.rows, k, shape.ktype);
    detail::validateOutput(indices, "indices", shape.rows, k, CV_32S);
    const Problem problem(X, Y, params, shape);
    const Runs runs(problem);
    std::vector<Best> best(std::size_t(runs.perRow()) * std::size_t(shape.rows));
    Progress progress(params.progress, double(problem.rowBlocks()) * problem.colBlocks());
    progress.forEach(runs.count(), problem.work(), [&](int run) {
        const int rowBlock = runs.rowBlock(run), part = run % runs.perRow();
        searchRun(
            problem, rowBlock, runs.colBlocks(run), std::size_t(k), progress,
            &best[std::size_t(part) * std::size_t(shape.rows) + std::size_t(problem.rowsOf(rowBlock).start)]);
    });

    cv::Mat found(shape.rows, k, CV_64F), columns(shape.rows, k, CV_32S);
    std::vector<Candidate> all;
    for (int i = 0; i < shape.rows; ++i) {
        merge(best, i, shape.rows, runs.perRow(), all);
        for (int c = 0; c < k; ++c) {
            found.at<double>(i, c) = all[std::size_t(c)].value;
            columns.at<int>(i, c) = all[std::size_t(c)].column;
        }
    }
    found.convertTo(values, shape.ktype);
    columns.copyTo(indices);
}

}  // namespace gkern
