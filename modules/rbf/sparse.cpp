// SPDX-License-Identifier: Apache-2.0
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

/// What a run of tiles has found in one row.
template <class T>
struct Found {
    std::vector<int> columns;
    std::vector<T> values;
};

template <class T>
void collectRun(const Problem& problem, int rowBlock, const cv::Range& colBlocks, double epsilon,
                Progress& progress, Found<T>* found) {
    const std::size_t step = detail::scratchStep(problem, sizeof(T));
    const int rows = problem.rowsOf(rowBlock).size();
    for (int col = colBlocks.start; col < colBlocks.end && !progress.stopped(); ++col, progress.step()) {
        if (problem.largestEntry(rowBlock, col) < epsilon) continue;
        const cv::Range cols = problem.colsOf(col);
        const T* tile =
            static_cast<const T*>(detail::tileInScratch(problem, rowBlock, col, problem.entries(), step));
        for (int i = 0; i < rows; ++i) {
            const T* row = tile + std::size_t(i) * (step / sizeof(T));
            for (int j = 0; j < cols.size(); ++j)
                if (!(row[j] < epsilon)) {
                    found[i].columns.push_back(cols.start + j);
                    found[i].values.push_back(row[j]);
                }
        }
    }
}

template <class T>
RbfSparse collect(const Problem& problem, double epsilon, const RbfParams& params, int type) {
    const Runs runs(problem);
    const std::size_t rows = std::size_t(problem.rows());
    std::vector<Found<T>> found(std::size_t(runs.perRow()) * rows);
    Progress progress(params.progress, double(problem.rowBlocks()) * problem.colBlocks());
    progress.forEach(runs.count(), problem.work(), [&](int run) {
        const int rowBlock = runs.rowBlock(run), part = run % runs.perRow();
        collectRun(problem, rowBlock, runs.colBlocks(run), epsilon, progress,
                   &found[std::size_t(part) * rows + std::size_t(problem.rowsOf(rowBlock).start)]);
    });

    RbfSparse sparse;
    sparse.rows = problem.rows();
    sparse.cols = problem.cols();
    sparse.rowStart.assign(rows + 1, 0);
    for (std::size_t i = 0; i < rows; ++i) {
        sparse.rowStart[i + 1] = sparse.rowStart[i];
        for (int run = 0; run < runs.perRow(); ++run)
            sparse.rowStart[i + 1] += int64_t(found[std::size_t(run) * rows + i].columns.size());
    }
    const int64_t count = sparse.rowStart.back();
    if (count > std::numeric_limits<int>::max())
        CV_Error_(cv::Error::StsNoMem, ("epsilon is %g and leaves %lld entries; fewer than 2^31 are allowed",
                                        epsilon, static_cast<long long>(count)));
    sparse.columns.reserve(std::size_t(count));
    if (count > 0) sparse.values.create(int(count), 1, type);
    int next = 0;
    for (std::size_t i = 0; i < rows; ++i)
        for (int run = 0; run < runs.perRow(); ++run) {
            Found<T>& part = found[std::size_t(run) * rows + i];
            sparse.columns.insert(sparse.columns.end(), part.columns.begin(), part.columns.end());
            for (const T value : part.values) sparse.values.at<T>(next++) = value;
            part = {};
        }
    return sparse;
}

}  // namespace

RbfSparse rbfSparse(cv::InputArray X, cv::InputArray Y, double epsilon, const RbfParams& params) {
    const detail::KernelShape shape = detail::validateInput(X, Y, params);
    detail::validateEpsilon(epsilon);
    const Problem problem(X, Y, params, shape);
    return shape.ktype == CV_32F ? collect<float>(problem, epsilon, params, CV_32F)
                                 : collect<double>(problem, epsilon, params, CV_64F);
}

}  // namespace gkern
