// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the multirate engine, compiled once per SIMD target and chosen at run time. Each function
// weighs whole lines; every element sees the same operations in the same order wherever it stands in a
// vector, tile or band, so that results depend on neither threads nor ROI.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blur/multirate_simd.cpp"
#include "blur/targets.hpp"  // must come before Highway's

#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "blur/multirate.hpp"
#include "blur/multirate_columns-inl.hpp"
#include "blur/multirate_nodes-inl.hpp"
#include "blur/multirate_rows-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
void accumulateFloat(int depth, const Accumulation<float>& job) {
    withPixelType<float>(depth, [&](auto pixel) { accumulateTyped<decltype(pixel)>(job); });
}
void accumulateDouble(int depth, const Accumulation<double>& job) {
    withPixelType<double>(depth, [&](auto pixel) { accumulateTyped<decltype(pixel)>(job); });
}
void expandFloat(int depth, const Expansion<float>& job) {
    withPixelType<float>(depth, [&](auto pixel) { expandTyped<float, decltype(pixel)>(job); });
}
void expandDouble(int depth, const Expansion<double>& job) {
    depth == CV_64F ? expandTyped<double, double>(job) : expandTyped<double, int32_t>(job);
}
void decimateFloat(const Decimation<float>& job) {
    decimateTyped(job);
}
void decimateDouble(const Decimation<double>& job) {
    decimateTyped(job);
}
void interpolateFloat(const Interpolation<float, float>& job) {
    interpolateTyped(job);
}
void interpolatePairs(const Interpolation<float, RowPair>& job) {
    interpolateTyped(job);
}
void interpolateMixed(const Interpolation<double, float>& job) {
    interpolateTyped(job);
}
void interpolateDouble(const Interpolation<double, double>& job) {
    interpolateTyped(job);
}
void filterFloat(const NodeFilter<float>& job) {
    filterTyped(job);
}
void filterDouble(const NodeFilter<double>& job) {
    filterTyped(job);
}
void transposeFloat(const float* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, float* to,
                    ptrdiff_t toStride) {
    transposeTyped(from, fromStride, rows, columns, to, toStride);
}
void transposeDouble(const double* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, double* to,
                     ptrdiff_t toStride) {
    transposeTyped(from, fromStride, rows, columns, to, toStride);
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(accumulateFloat);
HWY_EXPORT(accumulateDouble);
HWY_EXPORT(decimateFloat);
HWY_EXPORT(decimateDouble);
HWY_EXPORT(filterFloat);
HWY_EXPORT(filterDouble);
HWY_EXPORT(interpolateFloat);
HWY_EXPORT(interpolatePairs);
HWY_EXPORT(interpolateMixed);
HWY_EXPORT(interpolateDouble);
HWY_EXPORT(expandFloat);
HWY_EXPORT(expandDouble);
HWY_EXPORT(transposeFloat);
HWY_EXPORT(transposeDouble);

void accumulate(int depth, const Accumulation<float>& job) {
    HWY_DYNAMIC_DISPATCH(accumulateFloat)(depth, job);
}
void accumulate(int depth, const Accumulation<double>& job) {
    HWY_DYNAMIC_DISPATCH(accumulateDouble)(depth, job);
}
void decimate(const Decimation<float>& job) {
    HWY_DYNAMIC_DISPATCH(decimateFloat)(job);
}
void decimate(const Decimation<double>& job) {
    HWY_DYNAMIC_DISPATCH(decimateDouble)(job);
}
void filterNodes(const NodeFilter<float>& job) {
    HWY_DYNAMIC_DISPATCH(filterFloat)(job);
}
void filterNodes(const NodeFilter<double>& job) {
    HWY_DYNAMIC_DISPATCH(filterDouble)(job);
}
void interpolate(const Interpolation<float, float>& job) {
    HWY_DYNAMIC_DISPATCH(interpolateFloat)(job);
}
void interpolate(const Interpolation<float, RowPair>& job) {
    HWY_DYNAMIC_DISPATCH(interpolatePairs)(job);
}
void interpolate(const Interpolation<double, float>& job) {
    HWY_DYNAMIC_DISPATCH(interpolateMixed)(job);
}
void interpolate(const Interpolation<double, double>& job) {
    HWY_DYNAMIC_DISPATCH(interpolateDouble)(job);
}
void expand(int depth, const Expansion<float>& job) {
    HWY_DYNAMIC_DISPATCH(expandFloat)(depth, job);
}
void expand(int depth, const Expansion<double>& job) {
    HWY_DYNAMIC_DISPATCH(expandDouble)(depth, job);
}
void transposed(const float* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, float* to,
                ptrdiff_t toStride) {
    HWY_DYNAMIC_DISPATCH(transposeFloat)(from, fromStride, rows, columns, to, toStride);
}
void transposed(const double* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, double* to,
                ptrdiff_t toStride) {
    HWY_DYNAMIC_DISPATCH(transposeDouble)(from, fromStride, rows, columns, to, toStride);
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
