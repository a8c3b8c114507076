// SPDX-License-Identifier: Apache-2.0
// The windows that carry pixels to the nodes of the multirate engine and back.
#pragma once

namespace gkern::detail {

/// A window of `width` node spacings, stored as a polynomial per spacing in u = −½ … ½ from its middle,
/// constant first, for the first (width + 1)/2 spacings; the others mirror them.
struct WindowDesign {
    int width;       ///< nodes that a pixel reaches
    double scale;    ///< smallest σ in node spacings that it is meant for
    double spacing;  ///< smallest number of pixels from node to node that it is meant for
    double error;    ///< worst Σ|chain − Gaussian| of one axis over phases and spacings
    int degree;      ///< of the polynomials
    int offset;      ///< of its first coefficient in kWindowCoefficients
};

extern const WindowDesign kWindowDesigns[];
extern const int kWindowDesignCount;
extern const double kWindowCoefficients[];

}  // namespace gkern::detail
