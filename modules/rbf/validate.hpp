// SPDX-License-Identifier: Apache-2.0
/// The one place where the arguments of an RBF kernel matrix are judged.
#pragma once

#include <cstddef>

#include "gkern/rbf.hpp"

namespace gkern::detail {

/// What valid arguments say about the computation.
struct KernelShape {
    int rows;         ///< n, rows of X
    int cols;         ///< m, rows of Y (of X for X with itself)
    int features;     ///< d
    bool selfKernel;  ///< X with itself
    int ktype;        ///< CV_32F or CV_64F
};

/// Raises cv::Exception as gkern/rbf.hpp lists it; reads neither pixels nor K's memory.
KernelShape validate(cv::InputArray X, cv::InputArray Y, cv::OutputArray K, const RbfParams& params);

/// The same without K: everything that X, Y and params say.
KernelShape validateInput(cv::InputArray X, cv::InputArray Y, const RbfParams& params);

/// Y is a matrix of as many rows as X.
void validatePairs(cv::InputArray X, cv::InputArray Y);

/// An output `name` of rows×cols of `type`.
void validateOutput(cv::OutputArray output, const char* name, int rows, int cols, int type);

/// V has `rows` rows, one channel, CV_32F or CV_64F.
void validateFactor(cv::InputArray V, int rows);

void validateCount(int k, int cols);
void validateEpsilon(double epsilon);
/// @param least bytes of the smallest tile
void validateBudget(std::size_t memoryBudget, std::size_t least);
void validateCallback(bool given);
/// X and sample of medianSigma(), and the number of distances that count.
void validateMedian(cv::InputArray X, int sample);
void validateDistances(std::size_t count);

/// A sigma that was passed as an argument, where 0 is not "not set".
void validateSigma(double sigma);

}  // namespace gkern::detail
