// SPDX-License-Identifier: Apache-2.0
// Both passes on an OpenCL device. cv::sepFilter2D holds its sums in float there, which is too coarse for 16
// bits and more and for constants that stay constant; so this is a program of its own, with the sums of the
// plan and its borders.
#include <limits>
#include <opencv2/core/ocl.hpp>

#include "blur/engine.hpp"

namespace gkern::detail {
namespace {

const char* const kProgram = R"CLC(
#ifdef USE_DOUBLE
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif

#if SRC_HALF
#define LOAD(p, i) vload_half(i, (__global const half*)(p))
#else
#define LOAD(p, i) ((__global const SRC_T*)(p))[i]
#endif

// sums[y, x] = sum over i of weights[i] * src[y, columns[x + i]]; the last row of sums is of border values.
__kernel void blur_x(__global const uchar* src, int src_step, int src_offset, __global uchar* sums, int sums_step,
                     int sums_offset, int sums_rows, int sums_cols, __global const SUM_T* weights, int taps,
                     __global const int* columns, __global const SUM_T* border) {
    const int e = get_global_id(0), y = get_global_id(1);
    if (e >= sums_cols * CN || y >= sums_rows) return;
    const int x = e / CN, c = e % CN;
    __global const uchar* row = src + src_offset + (long)y * src_step;
    SUM_T sum = 0;
    for (int i = 0; i < taps; ++i) {
        const int from = columns[x + i];
        const SUM_T pixel = from >= 0 && y + 1 < sums_rows ? (SUM_T)LOAD(row, from * CN + c) : border[c];
        sum += weights[i] * pixel;
    }
    ((__global SUM_T*)(sums + sums_offset + (long)y * sums_step))[e] = sum;
}

// dst[y, x] = sum over i of weights[i] * sums[rows[y + i], x], limited to the range of the pixels and rounded.
__kernel void blur_y(__global const uchar* sums, int sums_step, int sums_offset, __global uchar* dst, int dst_step,
                     int dst_offset, int dst_rows, int dst_cols, __global const SUM_T* weights, int taps,
                     __global const int* rows, __global const SUM_T* smallest, __global const SUM_T* largest) {
    const int e = get_global_id(0), y = get_global_id(1);
    if (e >= dst_cols * CN || y >= dst_rows) return;
    SUM_T sum = 0;
    for (int i = 0; i < taps; ++i)
        sum += weights[i] * ((__global const SUM_T*)(sums + sums_offset + (long)rows[y + i] * sums_step))[e];
    if (sum < smallest[e % CN]) sum = smallest[e % CN];
    if (sum > largest[e % CN]) sum = largest[e % CN];
    __global uchar* row = dst + dst_offset + (long)y * dst_step;
#if SRC_HALF
    vstore_half_rte(sum, e, (__global half*)row);
#else
    ((__global SRC_T*)row)[e] = CONVERT(sum);
#endif
}
)CLC";

/// A row of numbers in the device's memory.
template <class T>
cv::UMat upload(const std::vector<T>& values, int depth) {
    cv::UMat device;
    cv::Mat(values, false).convertTo(device, depth);
    return device;
}

std::string buildOptions(int depth, int channels, bool wide) {
    static const char* const kTypes[] = {"uchar", "char",  "ushort", "short",
                                         "int",   "float", "double", "half"};
    std::string options = "-D SRC_T=" + std::string(kTypes[depth]) +
                          " -D SUM_T=" + (wide ? "double" : "float") + " -D CN=" + std::to_string(channels) +
                          " -D SRC_HALF=" + (depth == CV_16F ? "1" : "0");
    const std::string rounding = depth < CV_32F ? "_sat_rte" : "";
    options += " -D CONVERT=convert_" + std::string(kTypes[depth]) + rounding;
    if (wide) options += " -D USE_DOUBLE";
    return options;
}

}  // namespace

bool blurOpenCl(const Plan& plan, const cv::UMat& src, bool isolated, cv::OutputArray dst) {
    const bool wide = plan.sumDepth == CV_64F;
    if (!cv::ocl::useOpenCL() || (wide && cv::ocl::Device::getDefault().doubleFPConfig() == 0)) return false;

    // The picture and its parent, as for a cv::Mat.
    const int type = src.type(), depth = CV_MAT_DEPTH(type), channels = CV_MAT_CN(type);
    cv::Size whole = src.size();
    cv::Point offset(0, 0);
    cv::UMat pixels = src;
    if (!isolated) {
        src.locateROI(whole, offset);
        pixels.adjustROI(offset.y, whole.height - offset.y - src.rows, offset.x,
                         whole.width - offset.x - src.cols);
    }
    const AxisKernel kx = folded(plan.x, whole.width, plan.borderType);
    const AxisKernel ky = folded(plan.y, whole.height, plan.borderType);
    const int border = plan.borderType;

    const std::string options = buildOptions(depth, channels, wide);
    const cv::ocl::ProgramSource source("gkern", "blur", kProgram, "");
    cv::ocl::Kernel alongX("blur_x", source, options), alongY("blur_y", source, options);
    if (alongX.empty() || alongY.empty()) return false;

    std::vector<int> rows =
        borderIndices(offset.y - ky.before(), src.rows + ky.size() - 1, whole.height, border);
    for (int& row : rows)
        if (row < 0) row = whole.height;  // the row of border values
    const cv::UMat columnIndices =
        upload(borderIndices(offset.x - kx.before(), src.cols + kx.size() - 1, whole.width, border), CV_32S);
    const cv::UMat rowIndices = upload(rows, CV_32S);
    const cv::UMat weightsX = upload(kx.weights, plan.sumDepth), weightsY = upload(ky.weights, plan.sumDepth);
    cv::UMat borderValues;
    borderPixel(plan.borderValue, type).reshape(1).convertTo(borderValues, plan.sumDepth);
    constexpr double inf = std::numeric_limits<double>::infinity();
    ValueRange range{std::vector<double>(channels, -inf), std::vector<double>(channels, inf)};
    if (depth == CV_64F) range = valueRange(pixels.getMat(cv::ACCESS_READ), plan);
    const cv::UMat smallest = upload(range.smallest, plan.sumDepth),
                   largest = upload(range.largest, plan.sumDepth);

    const cv::UMat keep = src;  // dst may be the same object
    cv::UMat sums(whole.height + 1, keep.cols, CV_MAKETYPE(plan.sumDepth, channels));
    const auto readOnly = [](const cv::UMat& m) { return cv::ocl::KernelArg::PtrReadOnly(m); };
    alongX.args(readOnly(pixels), static_cast<int>(pixels.step), static_cast<int>(pixels.offset),
                cv::ocl::KernelArg::WriteOnly(sums), readOnly(weightsX), kx.size(), readOnly(columnIndices),
                readOnly(borderValues));
    size_t globalX[] = {static_cast<size_t>(sums.cols) * channels, static_cast<size_t>(sums.rows)};
    if (!alongX.run(2, globalX, nullptr, false)) return false;

    dst.create(keep.size(), type);
    cv::UMat result = dst.getUMat();
    alongY.args(cv::ocl::KernelArg::ReadOnlyNoSize(sums), cv::ocl::KernelArg::WriteOnly(result),
                readOnly(weightsY), ky.size(), readOnly(rowIndices), readOnly(smallest), readOnly(largest));
    size_t globalY[] = {static_cast<size_t>(result.cols) * channels, static_cast<size_t>(result.rows)};
    return alongY.run(2, globalY, nullptr, false);
}

}  // namespace gkern::detail
