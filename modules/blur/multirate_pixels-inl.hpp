// SPDX-License-Identifier: Apache-2.0
// Pixels of the multirate engine as sums, and back: those of CV_16U count from mid-scale (middleOf()).
// Included once per SIMD target.

#if defined(GKERN_BLUR_MULTIRATE_PIXELS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_BLUR_MULTIRATE_PIXELS_INL
#undef GKERN_BLUR_MULTIRATE_PIXELS_INL
#else
#define GKERN_BLUR_MULTIRATE_PIXELS_INL
#endif

#include <hwy/highway.h>

#include "blur/multirate.hpp"
#include "blur/pixels-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// A vector of pixels of type T as sums.
template <class D, class T>
HWY_INLINE hn::Vec<D> loadLevels(D d, const T* p) {
    if constexpr (std::is_same_v<T, uint16_t>) {
        const hn::Rebind<uint16_t, D> du;
        const hn::Rebind<int16_t, D> di;
        const hn::Rebind<int32_t, D> wide;
        const auto signedLevels = hn::BitCast(di, hn::Xor(hn::LoadU(du, p), hn::Set(du, 0x8000)));
        if constexpr (std::is_same_v<hn::TFromD<D>, double>)
            return hn::PromoteTo(d, hn::PromoteTo(wide, signedLevels));
        else
            return hn::ConvertTo(d, hn::PromoteTo(wide, signedLevels));
    } else {
        return loadPixels(d, p);
    }
}

/// A vector of float or double sums as pixels: rounded to nearest even and saturated.
template <class D, class T>
HWY_INLINE void storeLevels(D d, hn::Vec<D> v, T* p) {
    if constexpr (std::is_same_v<T, uint16_t>) {
        const hn::Rebind<uint16_t, D> du;
        const hn::Rebind<int32_t, D> wide;
        hn::StoreU(hn::DemoteTo(du, hn::Add(nearest(d, v), hn::Set(wide, 0x8000))), du, p);
    } else {
        storePixels(d, v, p);
    }
}

/// Pixels of 8 and 16 bits, which two vectors of float sums share a vector of.
template <class T, class Sum>
constexpr bool kPairs = std::is_same_v<Sum, float>&& std::is_integral_v<T> && sizeof(T) <= 2;

/// Two vectors of sums as pixels that follow each other, as storeLevels() stores each of them.
template <class D, class T>
HWY_INLINE void storePair(D d, hn::Vec<D> first, hn::Vec<D> second, T* p) {
    static_assert(kPairs<T, hn::TFromD<D>>);
    using Short = std::conditional_t<std::is_same_v<T, uint16_t>, uint16_t, int16_t>;
    const hn::Repartition<int16_t, D> d16;
    const hn::Repartition<uint32_t, D> du;
    auto packed = hn::ReorderDemote2To(d16, nearest(d, first), nearest(d, second));
    if constexpr (std::is_same_v<T, uint16_t>) packed = hn::Xor(packed, hn::Set(d16, int16_t(-0x8000)));
    // Each block of 128 bits holds half a block of the first and half a block of the second.
    constexpr size_t kLanes = hn::MaxLanes(D());
    if constexpr (kLanes > 4) {
        alignas(64) static constexpr uint32_t kOrder[16] = {0, 1, 4, 5, 8,  9,  12, 13,
                                                            2, 3, 6, 7, 10, 11, 14, 15};
        alignas(32) static constexpr uint32_t kShortOrder[8] = {0, 1, 4, 5, 2, 3, 6, 7};
        const auto order = hn::SetTableIndices(du, kLanes == 16 ? kOrder : kShortOrder);
        packed = hn::BitCast(d16, hn::TableLookupLanes(hn::BitCast(du, packed), order));
    }
    if constexpr (sizeof(T) == 2) {
        const hn::Repartition<Short, D> out;
        hn::StoreU(hn::BitCast(out, packed), out, reinterpret_cast<Short*>(p));
    } else {
        const hn::Rebind<T, decltype(d16)> out;
        hn::StoreU(hn::DemoteTo(out, packed), out, p);
    }
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // GKERN_BLUR_MULTIRATE_PIXELS_INL
