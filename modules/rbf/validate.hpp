// SPDX-License-Identifier: Apache-2.0
/// The one place where the arguments of an RBF kernel matrix are judged.
#pragma once

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

/// A sigma that was passed as an argument, where 0 is not "not set".
void validateSigma(double sigma);

}  // namespace gkern::detail
