// SPDX-License-Identifier: Apache-2.0
// Vectors of pixels of any depth as sums in float or double, and back. Included by every file that is
// compiled once per SIMD target, within its HWY_NAMESPACE.

#if defined(GKERN_BLUR_PIXELS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_PIXELS_INL_HPP
#undef GKERN_BLUR_PIXELS_INL_HPP
#else
#define GKERN_BLUR_PIXELS_INL_HPP
#endif

#include <hwy/highway.h>

#include <opencv2/core.hpp>

#include "simd/unroll-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// A vector of pixels of type T as sums.
template <class D, class T>
HWY_INLINE hn::Vec<D> loadPixels(D d, const T* p) {
    using Sum = hn::TFromD<D>;
    const hn::Rebind<T, D> dt;
    const hn::Rebind<int32_t, D> di;
    const hn::Rebind<float, D> df;
    if constexpr (std::is_same_v<T, Sum>) {
        return hn::LoadU(d, p);
    } else if constexpr (std::is_same_v<T, hwy::float16_t> && std::is_same_v<Sum, double>) {
        return hn::PromoteTo(d, hn::PromoteTo(df, hn::LoadU(dt, p)));
    } else if constexpr (std::is_same_v<T, hwy::float16_t> || std::is_same_v<T, float>) {
        return hn::PromoteTo(d, hn::LoadU(dt, p));
    } else if constexpr (std::is_same_v<T, int32_t>) {
        return hn::PromoteTo(d, hn::LoadU(dt, p));
    } else if constexpr (std::is_same_v<Sum, double>) {
        return hn::PromoteTo(d, hn::PromoteTo(di, hn::LoadU(dt, p)));
    } else {
        return hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(dt, p)));
    }
}

/// What makes units the last bits of floats of less than half of it: 1.5 · 2^23.
constexpr float kUnits = 12582912;

/// Floats below 2^22 rounded to nearest even, as sums of 8- and 16-bit pixels are. hn::NearestInt() takes
/// three operations more on x86, for numbers that no 32 bits hold.
template <class D>
HWY_INLINE hn::Vec<hn::Rebind<int32_t, D>> nearest(D d, hn::Vec<D> v) {
    const hn::Rebind<int32_t, D> di;
    const auto units = hn::Set(d, kUnits);
    return hn::Sub(hn::BitCast(di, hn::Add(v, units)), hn::BitCast(di, units));
}

/// A vector of sums as pixels: rounded to nearest even and saturated, as cv::saturate_cast does.
template <class D, class T>
HWY_INLINE void storePixels([[maybe_unused]] D d, hn::Vec<D> v, T* p) {
    using Sum = hn::TFromD<D>;
    const hn::Rebind<T, D> dt;
    if constexpr (std::is_same_v<T, Sum>) {
        hn::StoreU(v, d, p);
    } else if constexpr (std::is_same_v<T, float>) {
        hn::StoreU(hn::DemoteTo(dt, v), dt, p);
    } else if constexpr (std::is_same_v<T, hwy::float16_t>) {
        const hn::Rebind<float, D> df;
        if constexpr (std::is_same_v<Sum, double>)
            hn::StoreU(hn::DemoteTo(dt, hn::DemoteTo(df, v)), dt, p);
        else
            hn::StoreU(hn::DemoteTo(dt, v), dt, p);
    } else if constexpr (std::is_same_v<Sum, float>) {
        hn::StoreU(hn::DemoteTo(dt, nearest(d, v)), dt, p);
    } else {
        const hn::Rebind<int32_t, D> di;
        const auto rounded = hn::DemoteTo(di, hn::Round(v));
        if constexpr (std::is_same_v<T, int32_t>)
            hn::StoreU(rounded, di, p);
        else
            hn::StoreU(hn::DemoteTo(dt, rounded), dt, p);
    }
}

/// Calls f with a value of the pixel type of `depth`; float sums serve no CV_32S and CV_64F.
template <class Sum, class F>
HWY_INLINE void withPixelType(int depth, F f) {
    if constexpr (std::is_same_v<Sum, double>) {
        if (depth == CV_32S) return f(int32_t());
        if (depth == CV_64F) return f(double());
    }
    switch (depth) {
        case CV_8U:
            return f(uint8_t());
        case CV_8S:
            return f(int8_t());
        case CV_16U:
            return f(uint16_t());
        case CV_16S:
            return f(int16_t());
        case CV_16F:
            return f(hwy::float16_t());
        default:
            return f(float());
    }
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
