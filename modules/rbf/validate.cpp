// SPDX-License-Identifier: Apache-2.0
#include "rbf/validate.hpp"

#include <cmath>
#include <string>

namespace gkern::detail {
namespace {

using cv::Error::Code;

void requireMatrix(const cv::_InputArray& array, const char* name) {
    switch (array.kind()) {
        case cv::_InputArray::STD_VECTOR_MAT:
        case cv::_InputArray::STD_VECTOR_UMAT:
        case cv::_InputArray::STD_ARRAY_MAT:
        case cv::_InputArray::STD_VECTOR_VECTOR:
            CV_Error_(Code::StsBadArg,
                      ("%s is a list of matrices or vectors; a single matrix is allowed", name));
        default:
            break;
    }
}

void requireFeatureRows(cv::InputArray array, const char* name) {
    requireMatrix(array, name);
    if (array.dims() > 2)
        CV_Error_(Code::StsBadSize,
                  ("%s has %d dimensions; 2 are allowed (rows of features)", name, array.dims()));
    if (array.empty())
        CV_Error_(Code::StsBadSize, ("%s is empty (%d x %d); one row and one feature or more are allowed",
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

void requireAccuracy(RbfAccuracy accuracy) {
    if (accuracy != RbfAccuracy::Accurate && accuracy != RbfAccuracy::Fast)
        CV_Error_(Code::StsBadArg,
                  ("accuracy is %d; RbfAccuracy::Accurate and Fast are allowed", static_cast<int>(accuracy)));
}

}  // namespace

KernelShape validateInput(cv::InputArray X, cv::InputArray Y, const RbfParams& params) {
    const bool selfKernel = Y.kind() == cv::_InputArray::NONE;
    requireFeatureRows(X, "X");
    if (!selfKernel) {
        requireFeatureRows(Y, "Y");
        requirePair(X, Y);
    }
    requireOneScale(params, X.cols());
    requireAccuracy(params.accuracy);
    return {X.rows(), selfKernel ? X.rows() : Y.rows(), X.cols(), selfKernel,
            resolveType(params.ktype, X.depth())};
}

KernelShape validate(cv::InputArray X, cv::InputArray Y, cv::OutputArray K, const RbfParams& params) {
    const KernelShape shape = validateInput(X, Y, params);
    validateOutput(K, "K", shape.rows, shape.cols, shape.ktype);
    return shape;
}

void validatePairs(cv::InputArray X, cv::InputArray Y) {
    requireFeatureRows(X, "X");
    requireFeatureRows(Y, "Y");
    if (Y.rows() != X.rows())
        CV_Error_(Code::StsUnmatchedSizes,
                  ("Y has %d rows; %d are allowed, the rows of X", Y.rows(), X.rows()));
}

void validateOutput(cv::OutputArray output, const char* name, int rows, int cols, int type) {
    if (!output.needed())
        CV_Error_(Code::StsBadArg, ("%s is noArray(); a matrix for the result is allowed", name));
    requireMatrix(output, name);
    if (output.fixedType() && output.type() != type)
        CV_Error_(Code::StsUnmatchedFormats,
                  ("%s has the fixed type %s; %s is allowed", name, cv::typeToString(output.type()).c_str(),
                   cv::typeToString(type).c_str()));
    if (output.fixedSize() && (output.dims() > 2 || output.rows() != rows || output.cols() != cols))
        CV_Error_(Code::StsUnmatchedSizes, ("%s has the fixed size %d x %d; %d x %d is allowed", name,
                                            output.rows(), output.cols(), rows, cols));
    if (output.kind() == cv::_InputArray::STD_VECTOR && rows > 1 && cols > 1)
        CV_Error_(Code::StsUnmatchedSizes,
                  ("%s is a std::vector; a matrix is allowed, of %d x %d", name, rows, cols));
}

void validateFactor(cv::InputArray V, int rows) {
    requireMatrix(V, "V");
    if (V.dims() > 2) CV_Error_(Code::StsBadSize, ("V has %d dimensions; 2 are allowed", V.dims()));
    if (V.empty())
        CV_Error_(Code::StsBadSize, ("V is empty (%d x %d); %d rows and one column or more are allowed",
                                     V.rows(), V.cols(), rows));
    if (V.channels() != 1) CV_Error_(Code::BadNumChannels, ("V has %d channels; 1 is allowed", V.channels()));
    if (V.depth() != CV_32F && V.depth() != CV_64F)
        CV_Error_(Code::BadDepth,
                  ("V has type %s; CV_32F and CV_64F are allowed", cv::typeToString(V.type()).c_str()));
    if (V.rows() != rows)
        CV_Error_(Code::StsUnmatchedSizes,
                  ("V has %d rows; %d are allowed, the columns of the kernel matrix", V.rows(), rows));
}

void validateCount(int k, int cols) {
    if (k < 1 || k > cols)
        CV_Error_(Code::StsOutOfRange,
                  ("k is %d; 1 to %d are allowed, the columns of the kernel matrix", k, cols));
}

void validateEpsilon(double epsilon) {
    requirePositive(epsilon, "epsilon");
}

void validateBudget(std::size_t memoryBudget, std::size_t least) {
    if (memoryBudget < least)
        CV_Error_(Code::StsOutOfRange,
                  ("memoryBudget is %zu bytes; %zu or more are allowed, one tile", memoryBudget, least));
}

void validateCallback(bool given) {
    if (!given) CV_Error(Code::StsBadArg, "callback is empty; a function that takes the tiles is allowed");
}

void validateDistances(std::size_t count) {
    if (count == 0)
        CV_Error(Code::StsBadArg, "X has no two finite vectors that differ; some distance > 0 is allowed");
}

void validateMedian(cv::InputArray X, int sample) {
    requireFeatureRows(X, "X");
    if (X.rows() < 2) CV_Error_(Code::StsBadSize, ("X has %d row; 2 or more are allowed", X.rows()));
    if (sample < 2 || sample > 20000)
        CV_Error_(Code::StsOutOfRange, ("sample is %d; 2 to 20000 are allowed", sample));
}

void validateSigma(double sigma) {
    requirePositive(sigma, "sigma");
}

}  // namespace gkern::detail
