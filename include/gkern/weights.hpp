// SPDX-License-Identifier: Apache-2.0
/// @file
/// Gaussian weights: 1-D columns for separable filters and whole 2-D kernels.
///
/// σ is the standard deviation in pixels everywhere. A kernel of ksize taps is centred at (ksize − 1)/2, so
/// an even ksize has its centre between two taps. All results are normalised to sum 1 and exactly symmetric.
///
/// Every function refuses bad arguments with cv::Exception before it allocates:
/// cv::Error::StsOutOfRange for a size or number outside its range, cv::Error::StsBadArg for an unknown
/// WeightModel, cv::Error::BadDepth for a ktype other than CV_32F or CV_64F.
#pragma once

#include <opencv2/core.hpp>

#include "gkern/export.hpp"

namespace gkern {

/// Largest ksize that any function of gkern accepts.
inline constexpr int kMaxKernelSize = (1 << 24) - 1;

/// What a tap at the distance n pixels from the centre weighs.
enum class WeightModel {
    /// Mass of the pixel cell, Φ((n + ½)/σ) − Φ((n − ½)/σ). Exact for a picture of square pixels of constant
    /// value
    /// that is blurred by a continuous Gaussian and sampled at pixel centres. Variance close to σ² + 1/12.
    Integrated,
    /// Density at the cell's midpoint, G(n) = exp(−n²/2σ²)/(σ√(2π)), as in cv::getGaussianKernel and SciPy.
    Sampled,
    /// Lindeberg's discrete Gaussian, e^(−σ²) I_|n|(σ²): variance exactly σ², and two such blurs of variances
    /// a and b
    /// are exactly one of variance a + b. Lindeberg, "Scale-space for discrete signals", PAMI 12(3), 1990.
    Discrete
};

/// Weight of a single tap before normalisation, within 4 ULP at integers and half-integers for σ in [0.01,
/// 1e5], far tails included.
///
/// @param offset distance from the centre in pixels, finite; an integer or a half-integer for
/// WeightModel::Discrete
///        (the half-integer orders serve kernels of even size).
/// @param sigma standard deviation in pixels, > 0 and finite; at most 1e5 for WeightModel::Discrete.
/// @param model which weight; see WeightModel.
/// @return the weight; 0 where it is below the smallest double.
/// @throws cv::Exception see the head of this file.
GKERN_EXPORT double gaussianWeight(double offset, double sigma, WeightModel model = WeightModel::Integrated);

/// Column of Gaussian weights for a separable filter; the counterpart of cv::getGaussianKernel.
///
/// The integrated weights are differences of erfc, which keep their accuracy in the tails; see
/// docs/weights.md for the formulas. The sum is 1 within 2⁻⁵³·√ksize (CV_64F). The weights never grow away
/// from the centre. For σ → 0 they become the identity, and taps far beyond σ become 0; neither gives NaN.
///
/// CV_32F weights of up to 4095 taps are multiples of 2⁻²⁴ whose sum is exactly 1 in float arithmetic, in
/// whatever order it is taken: each is rounded to nearest and the centre (for an even ksize the two centre
/// taps) absorbs the residue. Longer columns hold the nearest floats, and their sum is 1 within 2⁻²⁴.
///
/// @param ksize number of taps, 1 … kMaxKernelSize, odd or even.
/// @param sigma standard deviation in pixels, > 0 and finite; at most 1e5 for WeightModel::Discrete.
/// @param model which weights; see WeightModel.
/// @param ktype CV_64F or CV_32F.
/// @return ksize×1 matrix of type ktype.
/// @throws cv::Exception see the head of this file.
GKERN_EXPORT cv::Mat gaussianWeights(int ksize, double sigma, WeightModel model = WeightModel::Integrated,
                                     int ktype = CV_64F);

/// Smallest odd ksize whose dropped tail mass (both sides together) is at most `tail`.
///
/// A filter cut there and normalised again differs from the whole Gaussian by at most 2·tail·max|pixel| per
/// axis.
///
/// @param sigma standard deviation in pixels, > 0 and finite; at most 1e5 for WeightModel::Sampled and
/// Discrete.
/// @param tail mass that may be dropped, in (0, 1).
/// @param model which weights; see WeightModel.
/// @throws cv::Exception see the head of this file; StsOutOfRange as well where the answer exceeds
/// kMaxKernelSize.
GKERN_EXPORT int kernelSizeFor(double sigma, double tail, WeightModel model = WeightModel::Integrated);

/// 2-D kernel of the pixel masses of a Gaussian whose ±nsig standard deviations span the kernel.
///
/// The cell edges are linspace(−nsig, nsig, kernlen + 1) in standard deviations, so σ = kernlen/(2·nsig)
/// pixels. The kernel is the outer product of diff(Φ(edges)) with itself, divided by its sum.
///
/// @param kernlen side length in pixels, 1 … 16384, odd or even.
/// @param nsig half the span in standard deviations, > 0 and finite.
/// @param ktype CV_64F or CV_32F.
/// @return kernlen×kernlen matrix of type ktype with sum 1 (within 1e-15·kernlen for CV_64F, 1e-7·kernlen for
/// CV_32F).
/// @throws cv::Exception see the head of this file.
GKERN_EXPORT cv::Mat gkern(int kernlen = 21, double nsig = 3.0, int ktype = CV_64F);

/// 2-D kernel of point samples of a Gaussian of `sigma` pixels, centred at (side − 1)/2.
///
/// @param side side length in pixels, 1 … 16384, odd or even.
/// @param sigma standard deviation in pixels, > 0 and finite.
/// @param ktype CV_64F or CV_32F.
/// @return side×side matrix of type ktype with sum 1 (tolerances as for gkern()).
/// @throws cv::Exception see the head of this file.
GKERN_EXPORT cv::Mat gkernSampled(int side = 5, double sigma = 1.0, int ktype = CV_64F);

}  // namespace gkern
