// SPDX-License-Identifier: Apache-2.0
// The vertical pass of the direct engine. Compiled once per SIMD target, chosen at run time.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blur/direct_vertical_simd.cpp"
#include "blur/targets.hpp"  // must come before Highway's

#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "blur/direct.hpp"
#include "blur/direct_pixels-inl.hpp"
#include "blur/direct_vertical-inl.hpp"
#include "blur/pixels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if !HWY_NATIVE_FMA

[[noreturn]] inline void refuse() {
    HWY_ABORT("the direct engine has no code for processors without fused multiply-add");
}
void verticalFloat(int, const DirectBlock<float>&) {
    refuse();
}
void verticalDouble(int, const DirectBlock<double>&) {
    refuse();
}

#else

void verticalFloat(int depth, const DirectBlock<float>& block) {
    switch (depth) {
        case CV_8U:
        case CV_8S:
            return verticalPacked<uint8_t>(block, 0);
        case CV_16U:
            return verticalPacked<int16_t>(block, kMidScale);
        case CV_16S:
            return verticalPacked<int16_t>(block, 0);
        case CV_16F:
            return verticalNarrowed<true, hwy::float16_t>(block);
        default:
            return verticalOfSums(block);
    }
}

void verticalDouble(int depth, const DirectBlock<double>& block) {
    withPixelType<double>(depth, [&](auto pixel) {
        using T = decltype(pixel);
        if constexpr (std::is_same_v<T, double>)
            verticalOfSums(block);
        else
            verticalNarrowed<false, T>(block);
    });
}

#endif  // HWY_TARGET

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(verticalFloat);
HWY_EXPORT(verticalDouble);

void directVertical(int depth, const DirectBlock<float>& block) {
    HWY_DYNAMIC_DISPATCH(verticalFloat)(depth, block);
}
void directVertical(int depth, const DirectBlock<double>& block) {
    HWY_DYNAMIC_DISPATCH(verticalDouble)(depth, block);
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
