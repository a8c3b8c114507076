// SPDX-License-Identifier: Apache-2.0
// The horizontal pass of the direct engine. Compiled once per SIMD target, chosen at run time.
//
// Both passes walk lines of vectors in the same way and share their arithmetic (direct_sums-inl.hpp). In the
// horizontal pass a line is a column of as many rows as a block of 128 bits has sums, in the vertical one
// (direct_vertical_simd.cpp) a row of sums. No vector is loaded across cache lines, and each one that is
// loaded serves four results. Few taps of 32F and 64F go another way (direct_plain-inl.hpp).

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blur/direct_horizontal_simd.cpp"
#include "blur/targets.hpp"  // must come before Highway's

#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "blur/direct.hpp"
#include "blur/direct_horizontal-inl.hpp"
#include "blur/direct_pixels-inl.hpp"
#include "blur/pixels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if !HWY_NATIVE_FMA

bool supported() {
    return false;
}
[[noreturn]] inline void refuse() {
    HWY_ABORT("the direct engine has no code for processors without fused multiply-add");
}
void horizontalFloat(int, const DirectQuad<float>&) {
    refuse();
}
void horizontalDouble(int, const DirectQuad<double>&) {
    refuse();
}

#else

bool supported() {
    return true;
}

// Depths share code where their bits allow it: 8S goes through the columns as 16S, and leaves as 8U, as the
// lowest byte of a sum is the same either way. Float pictures are summed as contrasts, in sums that are no
// wider than they need. All others are rounded to their depth.

void horizontalFloat(int depth, const DirectQuad<float>& quad) {
    switch (depth) {
        case CV_8U:
            return horizontalQuad<false, uint8_t>(quad, quad.rows);
        case CV_8S:
            return horizontalWidened<false, int8_t, int16_t>(quad);
        case CV_16U:
            return horizontalQuad<false, int16_t>(quad, quad.rows, kMidScale);
        case CV_16S:
            return horizontalQuad<false, int16_t>(quad, quad.rows);
        case CV_16F:
            return horizontalWidened<true, hwy::float16_t, float>(quad);
        default:
            return horizontalOfSums(quad);
    }
}

void horizontalDouble(int depth, const DirectQuad<double>& quad) {
    withPixelType<double>(depth, [&](auto pixel) {
        using T = decltype(pixel);
        if constexpr (std::is_same_v<T, double>)
            horizontalOfSums(quad);
        else
            horizontalWidened<false, T, double>(quad);
    });
}

#endif  // HWY_TARGET

int blocks() {
    return kBlocks;
}

int plainPairs(size_t bytes) {
    return bytes == sizeof(float) ? kMostPlainPairs<float> : kMostPlainPairs<double>;
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(horizontalFloat);
HWY_EXPORT(horizontalDouble);
HWY_EXPORT(blocks);
HWY_EXPORT(plainPairs);
HWY_EXPORT(supported);

void directHorizontal(int depth, const DirectQuad<float>& quad) {
    HWY_DYNAMIC_DISPATCH(horizontalFloat)(depth, quad);
}
void directHorizontal(int depth, const DirectQuad<double>& quad) {
    HWY_DYNAMIC_DISPATCH(horizontalDouble)(depth, quad);
}
int directBlocks() {
    return HWY_DYNAMIC_DISPATCH(blocks)();
}

int directPlainPairs(size_t bytes) {
    return HWY_DYNAMIC_DISPATCH(plainPairs)(bytes);
}

bool directSupported() {
    return HWY_DYNAMIC_DISPATCH(supported)();
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
