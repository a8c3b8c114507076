// SPDX-License-Identifier: Apache-2.0
#include "rbf/validate.hpp"

#include <cmath>
#include <string>

namespace gkern::detail {
namespace {

using cv::Error::Code;

void requireMatrix(const cv::_InputArray& array, const char* name) {
    if (array.isMatVector() || array.isUMatVector())
        CV_Error_(Code::StsBadArg, ("%s is a list of matrices; a single matrix is allowed", name));
}

void requireFeatureRows(cv::InputArray array, const char* name) {
    requireMatrix(array, name);
    if (array.dims() > 2)
        CV_Error_(Code::StsBadSize,
                  ("%s has %d dimensions; 2 are allowed (rows of features)", name, array.dims()));
    if (array.empty())
        CV_Error_(Code::StsBadSize, ("%s is empty (%d x %d); at least one row and one feature are needed",
                                     name, array.rows(), array.cols()));
    if (array.channels() != 1)
        CV_Error_(Code::BadNumChannels,
                  ("%s has %d channels; 1 is allowed (reshape(1, rows) makes channels features)", name,
                   array.channels()));
    // Newer versions of OpenCV have depths beyond this one.
    if (array.depth() > CV_16F)
        CV_Error_(Code::BadDepth, ("%s has depth %d; CV_8U, 8S, 16U, 16S, 32S, 16F, 32F and 64F are allowed",
                                   name, array.depth()));
}

void requirePair(cv::InputArray X, cv::InputArray Y) {
    if (Y.cols() != X.cols())
        CV_Error_(Code::StsUnmatchedSizes,
                  ("Y has %d columns; %d are allowed, the features of X", Y.cols(), X.cols()));
    if (Y.depth() != X.depth())
        CV_Error_(Code::StsUnmatchedFormats,
                  ("Y has depth %s; %s is allowed, the depth of X", cv::typeToString(Y.type()).c_str(),
                   cv::typeToString(X.type()).c_str()));
}

bool isPositive(double value) {
    return value > 0 && std::isfinite(value);
}

void requirePositive(double value, const char* name) {
    if (!isPositive(value))
        CV_Error_(Code::StsOutOfRange, ("%s is %g; a finite value > 0 is allowed", name, value));
}

void requireOneScale(const RbfParams& params, int features) {
    // NaN counts as set, so that it is reported as the bad value it is.
    const bool hasSigma = params.sigma != 0, hasGamma = params.gamma != 0;
    const bool hasLengthScales = !params.lengthScales.empty();
    if (int(hasSigma) + int(hasGamma) + int(hasLengthScales) != 1)
        CV_Error_(Code::StsBadArg,
                  ("sigma is %g, gamma is %g and lengthScales has %zu entries; exactly one of the "
                   "three may be set (not 0, not empty)",
                   params.sigma, params.gamma, params.lengthScales.size()));
    if (hasSigma) requirePositive(params.sigma, "sigma");
    if (hasGamma) requirePositive(params.gamma, "gamma");
    if (!hasLengthScales) return;
    if (params.lengthScales.size() != size_t(features))
        CV_Error_(Code::StsUnmatchedSizes,
                  ("lengthScales has %zu entries; %d are allowed, one per column of X",
                   params.lengthScales.size(), features));
    for (size_t k = 0; k < params.lengthScales.size(); ++k)
        if (!isPositive(params.lengthScales[k]))
            requirePositive(params.lengthScales[k], ("lengthScales[" + std::to_string(k) + "]").c_str());
}

int resolveType(int ktype, int inputDepth) {
    if (ktype == -1) return inputDepth == CV_64F ? CV_64F : CV_32F;
    if (ktype != CV_32F && ktype != CV_64F)
        CV_Error_(Code::BadDepth,
                  ("ktype is %d; -1, CV_32F (%d) and CV_64F (%d) are allowed", ktype, CV_32F, CV_64F));
    return ktype;
}

void requireDestination(cv::OutputArray K, const KernelShape& shape) {
    if (!K.needed()) CV_Error(Code::StsBadArg, "K is noArray(); a matrix for the result is needed");
    requireMatrix(K, "K");
    if (K.fixedType() && K.type() != shape.ktype)
        CV_Error_(Code::StsUnmatchedFormats,
                  ("K has the fixed type %s; %s is allowed, the type that ktype and X ask for",
                   cv::typeToString(K.type()).c_str(), cv::typeToString(shape.ktype).c_str()));
    if (K.fixedSize() && (K.dims() > 2 || K.rows() != shape.rows || K.cols() != shape.cols))
        CV_Error_(Code::StsUnmatchedSizes,
                  ("K has a fixed size other than the %d x %d (rows of X, rows of Y) allowed", shape.rows,
                   shape.cols));
}

}  // namespace

KernelShape validate(cv::InputArray X, cv::InputArray Y, cv::OutputArray K, const RbfParams& params) {
    const bool selfKernel = Y.kind() == cv::_InputArray::NONE;
    requireFeatureRows(X, "X");
    if (!selfKernel) {
        requireFeatureRows(Y, "Y");
        requirePair(X, Y);
    }
    requireOneScale(params, X.cols());
    const KernelShape shape{X.rows(), selfKernel ? X.rows() : Y.rows(), X.cols(), selfKernel,
                            resolveType(params.ktype, X.depth())};
    requireDestination(K, shape);
    return shape;
}

void validateSigma(double sigma) {
    requirePositive(sigma, "sigma");
}

}  // namespace gkern::detail
