// SPDX-License-Identifier: Apache-2.0
/// @file
/// What is wanted of an RBF kernel matrix without the matrix: products with it, sums of its rows, its
/// largest entries, those above a threshold, or all of it in tiles.
///
/// X, Y, RbfParams, NaN and infinity, threads and errors are as in gkern/rbf.hpp: Y = cv::noArray()
/// means X with itself, params.ktype is the accuracy and the type of the results, and every result is
/// bit-identical for any number of threads. Outputs of the right size and type are written in place, and
/// they may share memory with the inputs.
///
///  - **Entries** are those of rbfKernel(X, Y, K, params), bit for bit, in rbfTopK, rbfSparse and rbfTiles.
///  - **Memory** is that of rbfKernel without K, plus the result.
///  - **Cancelling**: where params.progress returns false, RbfCancelled is raised and no output has been
///    touched.
///  - Blocks of X and Y whose boxes are so far apart that no entry can matter are not computed.
///
/// In addition to the errors of gkern/rbf.hpp, and like them raised before anything is written:
///  - StsBadArg: V or an output is a list of matrices or vectors; an output is noArray(); the callback of
///  rbfTiles is empty.
///  - StsBadSize: V is empty or has more than 2 dimensions.
///  - BadNumChannels: V has several channels.
///  - BadDepth: V is neither CV_32F nor CV_64F.
///  - StsUnmatchedSizes: V has not one row per column of the kernel matrix; an output has another, fixed
///    size.
///  - StsUnmatchedFormats: an output has another, fixed type.
///  - StsOutOfRange: k is not in [1, m]; epsilon is ≤ 0, NaN or infinite; memoryBudget is below one tile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <opencv2/core.hpp>
#include <vector>

#include "gkern/export.hpp"
#include "gkern/rbf.hpp"

namespace gkern {

/// Product out = K·V of the n×m kernel matrix with p vectors.
///
/// @param V m×p, CV_32F or CV_64F, one channel.
/// @param out n×p, CV_32F or CV_64F as params.ktype says. Each entry of K is as exact as there, and sums
///   run in float64: |out − exact| ≤ Σ_j |V_j|·(ε + 2m·1.1e-16), ε the accuracy of K, before out is
///   rounded to its type.
/// @throws cv::Exception, RbfCancelled see the head of this file.
GKERN_EXPORT void rbfMatVec(cv::InputArray X, cv::InputArray Y, cv::InputArray V, cv::OutputArray out,
                            const RbfParams& params);

/// Sums of the rows of the kernel matrix: the degrees of a similarity graph, or 1/m of a kernel density.
///
/// @param out n×1, as rbfMatVec with V = 1.
/// @throws cv::Exception, RbfCancelled see the head of this file.
GKERN_EXPORT void rbfRowSums(cv::InputArray X, cv::InputArray Y, cv::OutputArray out,
                             const RbfParams& params);

/// The k largest entries of every row and where they are: the nearest neighbours, with their weights.
///
/// @param k 1 to m. X with itself finds each vector itself, too.
/// @param values n×k, falling along a row. NaN comes last.
/// @param indices n×k, CV_32S, columns of K. Of equal values the one of lower index comes first, and is
///   kept where not all of them fit.
/// @throws cv::Exception, RbfCancelled see the head of this file.
GKERN_EXPORT void rbfTopK(cv::InputArray X, cv::InputArray Y, int k, cv::OutputArray values,
                          cv::OutputArray indices, const RbfParams& params);

/// Compressed sparse rows: row i has entries rowStart[i] to rowStart[i + 1] − 1, their columns rising.
struct RbfSparse {
    int rows = 0, cols = 0;              ///< of the kernel matrix
    std::vector<std::int64_t> rowStart;  ///< rows + 1
    std::vector<int> columns;
    /// As many rows as columns has entries, 1 column, CV_32F or CV_64F; empty if there are none.
    cv::Mat values;
};

/// The entries ≥ epsilon of the kernel matrix, and those that are NaN. None of these is left out.
///
/// @param epsilon > 0 and finite.
/// @throws cv::Exception, RbfCancelled see the head of this file; StsNoMem for 2³¹ entries or more.
GKERN_EXPORT RbfSparse rbfSparse(cv::InputArray X, cv::InputArray Y, double epsilon, const RbfParams& params);

/// A rectangle of the kernel matrix.
struct RbfTile {
    int row, col;  ///< place of its first entry in the kernel matrix
    cv::Mat K;     ///< valid, and free to be changed, until the callback returns
};

/// The kernel matrix in rectangles, for matrices that do not fit into memory.
///
/// Rectangles come one after the other on the calling thread, from left to right and from top to bottom.
/// They are as wide as the matrix if the budget holds 192 of its rows, and no larger than the budget.
///
/// @param callback false ends the work.
/// @param memoryBudget bytes for the rectangle; at least 192·192 entries, 295 kB for CV_64F.
/// @return whether the callback has seen all of it.
/// @throws cv::Exception, RbfCancelled see the head of this file; what the callback throws passes through.
GKERN_EXPORT bool rbfTiles(cv::InputArray X, cv::InputArray Y, const RbfParams& params,
                           const std::function<bool(const RbfTile&)>& callback, std::size_t memoryBudget);

}  // namespace gkern
