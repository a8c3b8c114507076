// SPDX-License-Identifier: Apache-2.0
// Two formulas for a 2-D Gaussian kernel that are in circulation and wrong, beside gkern::gkern.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

/// The recipe with a square root: edges spread by (2·nsig + 1)/kernlen, and the root of the outer product.
/// The root halves the exponent, which doubles the variance; the interval is not the width of a cell.
cv::Mat squareRootKernel(int kernlen, double nsig);

/// The density at each cell's midpoint in place of the cell's mass.
cv::Mat midpointKernel(int kernlen, double nsig);

/// One kernel and how far it is from gkern::gkern of the same arguments.
struct KernelFigures {
    std::string name;
    cv::Mat kernel;            ///< CV_64F, sum 1
    double sigma;              ///< measured: root of the second moment along x, pixels
    double sigmaError;         ///< `sigma` minus that of gkern::gkern, pixels
    double maxError, l1Error;  ///< largest and summed |difference| of the weights
};

struct KernelComparison {
    int kernlen;
    double nsig;
    double nominalSigma;                 ///< kernlen/(2·nsig), pixels: what the arguments ask for
    std::vector<KernelFigures> kernels;  ///< gkern::gkern first
};

KernelComparison compareKernels(int kernlen, double nsig);
