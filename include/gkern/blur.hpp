// SPDX-License-Identifier: Apache-2.0
/// @file
/// Gaussian blur of a cv::Mat or cv::UMat with exact (by default pixel-integrated) weights.
///
/// Rules that hold for every function here:
///  - **Pictures**: 2-D, at least one pixel; depth CV_8U 8S 16U 16S 32S 16F 32F 64F; 1 … CV_CN_MAX channels,
///    each filtered alone; ROIs and any row stride. `dst` gets the size and type of `src` and is not
///    reallocated if it has them already; a new one of 4 MiB or more lies on large pages where the system
///    has them. In place works; a `dst` that shares part of its memory with `src`
///    is detected and gives the same result.
///  - **Direction**: correlation with the anchor at ksize/2, as cv::sepFilter2D:
///    dst(x) = Σ_i w[i]·src(x + i − ksize/2).
///  - **Borders** (`borderType`; seen from the row abcdefgh):
///
///        BORDER_CONSTANT     vvvvvv|abcdefgh|vvvvvvv
///        BORDER_REPLICATE    aaaaaa|abcdefgh|hhhhhhh
///        BORDER_REFLECT      fedcba|abcdefgh|hgfedcb
///        BORDER_REFLECT_101  gfedcb|abcdefgh|gfedcba   (BORDER_DEFAULT)
///        BORDER_WRAP         cdefgh|abcdefgh|abcdefg
///
///    A ROI reads the real pixels of its parent first, and the border begins at the parent's edge; with
///    `| cv::BORDER_ISOLATED` the border begins at the ROI's own edge. The kernel may be larger than the
///    picture.
///  - **Accuracy**, against the exact sum in real arithmetic (over the whole Gaussian where ksize is 0 on an
///    axis): 8U and 8S within 0.5 + 0.01 levels, 16U and 16S within 0.5 + 0.02, 32S within 0.5 + 0.001,
///    32F within 5e-7 and 64F within 1e-13 of the largest |pixel| in reach, 16F the nearest half up to 5e-7
///    of the largest |pixel| more. Engine::Multirate, which Engine::Auto takes for large σ: 8U and 8S within
///    0.5 + 0.05 levels, 16U, 16S and 32S within 0.5 + 0.1, 32F within 1e-6 and 64F within 4e-12 of the
///    largest |pixel| of the picture, 16F the nearest half up to 1e-6 more. BlurParams::tolerance asks for
///    more or less, GaussianFilter::errorBound() answers. A constant picture stays exactly constant.
///  - **Non-finite pixels** spread to exactly the pixels whose kernel support holds them: NaN gives NaN, an
///    infinity gives an infinity or NaN. Weights below the smallest double count as no support.
///    Engine::Multirate spreads them to pixels up to 13σ + 8 away along each axis, and no farther.
///  - **Limits**: finite 32F and 64F pixels above a quarter of the largest number of their depth may give
///    infinities, as differences of pixels are added in pairs.
///  - **Threads**: cv::parallel_for_ over row bands; the result is bit-identical for any number of threads.
///  - **Errors**: cv::Exception, raised before `dst` is touched; docs/blur.md lists the codes.
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "gkern/export.hpp"
#include "gkern/weights.hpp"

namespace gkern {

/// Gaussian blur with integrated weights; same argument order, defaults and meaning as cv::GaussianBlur.
///
/// What differs from cv::GaussianBlur on purpose is listed in docs/blur.md.
///
/// @param src picture; see the head of this file.
/// @param dst result, same size and type as src.
/// @param ksize taps per axis, odd or even, 0 … kMaxKernelSize; 0 on an axis means the whole Gaussian of that
/// axis, cut
///        only below the resolution of the picture's depth.
/// @param sigmaX standard deviation along x in pixels, ≥ 0 and finite. 0 takes 0.15·ksize.width + 0.35
/// (OpenCV's rule),
///        which needs ksize.width > 0.
/// @param sigmaY standard deviation along y in pixels, ≥ 0 and finite. 0 takes sigmaX; if that is 0 as well,
///        0.15·ksize.height + 0.35.
/// @param borderType see the head of this file; the value of BORDER_CONSTANT is 0.
/// @throws cv::Exception see the head of this file.
GKERN_EXPORT void gaussianBlur(cv::InputArray src, cv::OutputArray dst, cv::Size ksize, double sigmaX,
                               double sigmaY = 0, int borderType = cv::BORDER_DEFAULT);

/// How a blur is computed. All engines give the same result within the accuracy above.
enum class Engine {
    Auto,  ///< the fastest engine that serves the call; on the OpenCL device, if there is one, for a cv::UMat
    Reference,    ///< plain loops in double precision; slow, readable, the oracle of the others
    SepFilter2D,  ///< cv::sepFilter2D in row bands
    Direct,       ///< both passes fused, in SIMD; SepFilter2D where the processor has no fused multiply-add
    Multirate,  ///< where ksize is 0, weighed onto a coarser grid, filtered there and weighed back, in SIMD:
                ///< any σ at the cost of a small one; docs/multirate.md. Direct where neither axis has a grid
                ///< that holds the accuracy, SepFilter2D as for Direct
};

/// Everything that defines a blur.
struct BlurParams {
    cv::Size ksize{0, 0};  ///< taps per axis; 0: the whole Gaussian. See gaussianBlur().
    double sigmaX = 0;     ///< pixels; see gaussianBlur().
    double sigmaY = 0;     ///< pixels; see gaussianBlur().
    WeightModel weights = WeightModel::Integrated;  ///< which Gaussian; see WeightModel.
    int borderType = cv::BORDER_DEFAULT;            ///< border, optionally | cv::BORDER_ISOLATED.
    cv::Scalar borderValue{};      ///< value of BORDER_CONSTANT per channel, finite; pictures of more than
                                   ///< four channels need four equal components.
    Engine engine = Engine::Auto;  ///< how to compute it.
    /// Error that cutting the Gaussian, or the grid of Engine::Multirate, may cause where ksize is 0, as a
    /// share of the full scale of an integer depth or of the largest |pixel| of a float depth: 0 for the
    /// depth's own resolution, or 1e-15 … 0.1. Sums of integer depths are held in float where that adds at
    /// most half as much again. For an integer depth it takes the place of the accuracy promised above,
    /// smaller values included.
    double tolerance = 0;
};

/// An immutable, reusable blur: arguments are judged and weights are computed once.
///
/// Cheap to copy (copies share the plan). One object may run in several threads at once.
class GKERN_EXPORT GaussianFilter {
  public:
    /// @throws cv::Exception for every bad argument that can be judged without a picture; see docs/blur.md.
    explicit GaussianFilter(const BlurParams& params);

    /// Blurs `src` into `dst`; see the head of this file.
    void apply(cv::InputArray src, cv::OutputArray dst) const;

    /// The parameters, with sigmaX and sigmaY resolved to the values in use.
    const BlurParams& params() const;

    /// Weights in use along x or y for pictures of this depth: a CV_64F column, without the taps at both ends
    /// that are below the smallest double. Where Engine::Direct cuts a whole Gaussian for an integer depth,
    /// they sum to less than 1, and the middle of the range of pixels stands for the rest.
    /// @throws cv::Exception BadDepth if depth is not CV_8U … CV_16F.
    cv::Mat weightsX(int depth) const;
    cv::Mat weightsY(int depth) const;

    /// Bound on |result − exact| before the final rounding to `depth`, as a share: of the largest |pixel| in
    /// reach for the float depths, of the largest |pixel| that `depth` can hold for the integer depths.
    /// Counts the cut of the Gaussian (2·tail per axis, half of that for 8U and 16U, whose pixels count from
    /// mid-scale) or, for Engine::Multirate, the worst response of its windows and taps over all phases of a
    /// pixel; and the rounding of the sums.
    /// @throws cv::Exception BadDepth if depth is not CV_8U … CV_16F.
    double errorBound(int depth) const;

    /// The engine that serves a cv::Mat of this depth; never Engine::Auto.
    /// @throws cv::Exception BadDepth if depth is not CV_8U … CV_16F.
    Engine engine(int depth) const;

  private:
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

}  // namespace gkern
