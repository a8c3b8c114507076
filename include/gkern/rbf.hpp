// SPDX-License-Identifier: Apache-2.0
/// @file
/// Gaussian (RBF) kernel matrix of feature vectors that stand in the rows of a cv::Mat or cv::UMat.
///
///     K(i,j) = exp(−‖X_i − Y_j‖² / (2σ²)) = exp(−γ‖X_i − Y_j‖²),        γ = 1/(2σ²),  σ = 1/√(2γ)
///     K(i,j) = exp(−½ Σ_k ((X_ik − Y_jk)/ℓ_k)²)              with one length-scale ℓ_k per feature
///
/// The squared distance is divided by 2σ², not by σ or σ²; libraries that take `gamma` mean the γ
/// above. Equal length-scales ℓ_k = σ are the same as sigma = σ. Rasmussen and Williams, "Gaussian
/// Processes for Machine Learning", 2006, section 4.2.
///
/// Rules that hold for every function here:
///  - **X, Y**: n×d and m×d, 2-D, one channel, n, m and d ≥ 1; one row is one feature vector. Depth
///    CV_8U 8S 16U 16S 32S 16F 32F 64F, the same for both; ROIs and any row stride. A Mat of several
///    channels needs reshape(1, rows) first. Y = cv::noArray() means X with itself; an empty Mat is an
///    error.
///  - **K**: n×m, CV_32F or CV_64F. A K of that size and type is written in place and never
///    reallocated; a new one of 4 MiB or more lies on large pages where the system has them. K may be X or
///    Y or share memory with them: both are read before K is touched.
///  - **Accuracy**: |K − exact| ≤ 1e-7 for CV_32F and ≤ 1e-15·d + 4e-16 for CV_64F whatever the data.
///    Offsets, tiny spreads and far clusters do no harm: sums run in float64 over differences, or over
///    products about the centre of the data in tiles where a bound on their rounding allows it. Integers
///    of 8 and 16 bits are summed exactly. The exponential itself is within 0.75 ULP, for subnormal
///    results as well; tiny entries have a relative error in proportion to their exponent. Nothing in
///    between overflows or underflows for any positive σ, γ or ℓ_k. RbfAccuracy::Fast: see there.
///  - **Range and symmetry**: 0 ≤ K ≤ 1; equal vectors give 1. K(X, Y) is exactly the transpose of K(Y, X).
///    X with itself is bitwise symmetric with a diagonal of exactly 1, and bitwise equal to K(X, X). The
///    last digits depend on the SIMD target and on whether the processor has a matrix unit (AMX), and for
///    d > 4 (CV_32F) or 16 (CV_64F) on the other vectors of X and Y as well.
///  - **Positive semidefinite** in exact arithmetic. After rounding, the smallest eigenvalue of X with
///    itself is only known to be ≥ −n·ε, where ε is the accuracy above: before a Cholesky factorisation
///    add a jitter of that size to the diagonal.
///  - **NaN and infinity**: NaN in a row of X (Y) makes that whole row (column) of K NaN. An infinite
///    feature gives 0 against everything but the same infinity in the same feature, which gives NaN (∞
///    − ∞). So a row of X that holds NaN or ±Inf has NaN on the diagonal of X with itself.
///  - **Memory**: a float64 copy of X and of Y, a second one and one in float in the worst case; nothing of
///    the size of K besides K. A K of more than 24 MB is written past the caches.
///  - **Threads**: cv::parallel_for_ over tiles; the result is bit-identical for any number of threads.
///  - **Cancelling**: where params.progress returns false, RbfCancelled is raised; K then has its size
///    and type, and undefined values.
///  - **Errors**: cv::Exception, raised before K is touched or reallocated; the message names the
///    argument, its value and what is allowed:
///     - StsBadArg: X, Y or K is a list of matrices or vectors; K is noArray(); not exactly one of the
///       three scales is set; accuracy is not one of its values.
///     - StsBadSize: X or Y is empty or has more than 2 dimensions.
///     - BadNumChannels: X or Y has several channels.
///     - BadDepth: X or Y has a depth not listed above; ktype is not −1, CV_32F or CV_64F.
///     - StsUnmatchedSizes: X and Y have different columns; the number of lengthScales is not the
///       columns of X; K has another, fixed size, or is a std::vector and the result has several rows and
///       columns.
///     - StsUnmatchedFormats: X and Y have different depths; K has another, fixed type.
///     - StsOutOfRange: sigma, gamma or a length-scale is ≤ 0, NaN or infinite.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <opencv2/core.hpp>
#include <vector>

#include "gkern/export.hpp"

namespace gkern {

/// How exact the entries of a kernel matrix are; see the head of this file.
enum class RbfAccuracy {
    Accurate,  ///< |K − exact| ≤ 1e-7 (CV_32F) or 1e-15·d + 4e-16 (CV_64F)
    Fast       ///< |K − exact| ≤ 5e-5 in float arithmetic where that can be proved; CV_64F: as Accurate
};

/// Everything that defines an RBF kernel matrix. Exactly one of sigma, gamma and lengthScales must be set.
struct RbfParams {
    double sigma = 0;                  ///< σ in the units of the features, > 0 and finite; 0: not set.
    double gamma = 0;                  ///< γ = 1/(2σ²), > 0 and finite; 0: not set.
    std::vector<double> lengthScales;  ///< ℓ_k, one per column of X, each > 0 and finite; empty: not set.
    int ktype = -1;                    ///< CV_32F or CV_64F; −1: CV_64F if X is CV_64F, else CV_32F.
    RbfAccuracy accuracy = RbfAccuracy::Accurate;
    /// Called with the share that is done, in (0, 1] and rising, up to a hundred times, one call at a
    /// time, on any of the threads that work; false ends the work with RbfCancelled. May be empty.
    std::function<bool(double)> progress;
};

/// Raised when RbfParams::progress returned false.
class GKERN_EXPORT RbfCancelled : public std::exception {
  public:
    ~RbfCancelled() override;
    const char* what() const noexcept override;
};

/// Gaussian kernel matrix K(i,j) = exp(−‖X_i − Y_j‖² / (2σ²)).
///
/// @param X n×d, rows are feature vectors; see the head of this file.
/// @param Y m×d, same depth as X; cv::noArray(): X with itself.
/// @param K result, n×m (n×n for X with itself), CV_64F if X is CV_64F, else CV_32F.
/// @param sigma standard deviation σ in the units of the features, > 0 and finite.
/// @throws cv::Exception see the head of this file.
GKERN_EXPORT void rbfKernel(cv::InputArray X, cv::InputArray Y, cv::OutputArray K, double sigma);

/// Gaussian kernel matrix by sigma, by gamma or by one length-scale per feature, of a chosen type.
///
/// @param X n×d, rows are feature vectors; see the head of this file.
/// @param Y m×d, same depth as X; cv::noArray(): X with itself.
/// @param K result, n×m (n×n for X with itself), of type params.ktype.
/// @param params see RbfParams.
/// @throws cv::Exception see the head of this file.
GKERN_EXPORT void rbfKernel(cv::InputArray X, cv::InputArray Y, cv::OutputArray K, const RbfParams& params);

/// Kernel of pairs: out(i) = K(X_i, Y_i), the diagonal of the kernel matrix of X with Y.
///
/// @param X n×d. @param Y n×d, same depth as X.
/// @param out n×1, of type params.ktype. By differences whatever params.accuracy says; params.progress is
///   not called.
/// @throws cv::Exception see the head of this file; StsUnmatchedSizes if X and Y differ in rows.
GKERN_EXPORT void rbfDiagonal(cv::InputArray X, cv::InputArray Y, cv::OutputArray out,
                              const RbfParams& params);

/// The median heuristic: σ = median distance/√2 between vectors of X, for which half of the kernel
/// matrix of X with itself is below exp(−1).
///
/// The distances are those between `sample` rows drawn without replacement, or all rows if there are no
/// more. Distances that are 0, below 1e-160 of the largest coordinate, or not finite do not count. The same
/// arguments give the same σ everywhere.
///
/// @param X n×d, n ≥ 2; see the head of this file.
/// @param sample 2 to 20000; takes sample²/2 distances and 4·sample² bytes.
/// @param seed of the draw.
/// @return σ > 0 in the units of the features; infinity if it is above the largest double.
/// @throws cv::Exception see the head of this file; StsBadSize if X has one row; StsOutOfRange for
///   `sample`; StsBadArg if no distance counts.
GKERN_EXPORT double medianSigma(cv::InputArray X, int sample = 1000, std::uint64_t seed = 0);

}  // namespace gkern
