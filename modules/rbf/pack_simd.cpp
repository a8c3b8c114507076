// SPDX-License-Identifier: Apache-2.0
// Feature vectors interleaved into panels. Compiled once per SIMD target.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rbf/pack_simd.cpp"
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <type_traits>

#include "rbf/simd.hpp"
#include "simd/blocks-inl.hpp"
#include "simd/unroll-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Features that are interleaved at once, so that the part of the panel being written stays in the L1
/// cache.
constexpr int kFeaturesAtOnce = 64;

/// Feature k of some lanes, from the coordinates that they have there.
template <class D, class T>
HWY_INLINE void packVector(D d, const RowsToPack& from, hn::Vec<D> v, int k, T* to) {
    v = hn::Sub(hn::Mul(v, hn::Set(d, from.prescale[k])), hn::Set(d, from.centre[k]));
    v = hn::Mul(v, hn::Set(d, from.weight[k]));
    if constexpr (std::is_same_v<T, float>)
        hn::StoreU(hn::DemoteTo(hn::Rebind<float, D>(), v), hn::Rebind<float, D>(), to);
    else
        hn::StoreU(v, d, to);
}

/// Features [start, end) of as many lanes as a vector of doubles has, from lane `first` on.
template <class T>
HWY_INLINE void packLanes(const RowsToPack& from, int first, int start, int end, T* panel) {
    const hn::ScalableTag<double> d;
    constexpr int N = static_cast<int>(hn::MaxLanes(d));
    const double* rows[N];
    for (int i = 0; i < N; ++i) rows[i] = from.rows + size_t(std::min(first + i, from.count - 1)) * from.step;
    T* out = panel + first;
    const size_t width = size_t(from.width);
    int k = start;
#if HWY_TARGET != HWY_SCALAR  // which has no blocks
    constexpr int kLanes = kBlockLanes<double>;
    for (; k + kLanes <= end; k += kLanes) {
        // Block b of vector i holds features k and k + 1 of row b·kLanes + i.
        hn::Vec<decltype(d)> v[kLanes];
        unrolled<kLanes>([&](auto i) GKERN_BODY {
            v[i] = loadBlocks(d, [&](int b) GKERN_BODY { return rows[b * kLanes + i] + k; });
        });
        transpose(d, v);
        unrolled<kLanes>([&](auto i)
                             GKERN_BODY { packVector(d, from, v[i], k + i, out + size_t(k + i) * width); });
    }
#endif
    for (; k < end; ++k) {
        HWY_ALIGN double lanes[N];
        for (int i = 0; i < N; ++i) lanes[i] = rows[i][k];
        packVector(d, from, hn::Load(d, lanes), k, out + size_t(k) * width);
    }
}

template <class T>
HWY_INLINE void packAny(const RowsToPack& from, T* panel) {
    constexpr int N = static_cast<int>(hn::MaxLanes(hn::ScalableTag<double>()));
    for (int start = 0; start < from.features; start += kFeaturesAtOnce) {
        const int end = std::min(start + kFeaturesAtOnce, from.features);
        for (int lane = 0; lane < from.width; lane += N) packLanes(from, lane, start, end, panel);
    }
}

void packFloat(const RowsToPack& from, float* panel) {
    packAny(from, panel);
}
void packDouble(const RowsToPack& from, double* panel) {
    packAny(from, panel);
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(packFloat);
HWY_EXPORT(packDouble);

void packPanel(const RowsToPack& from, float* panel) {
    HWY_DYNAMIC_DISPATCH(packFloat)(from, panel);
}
void packPanel(const RowsToPack& from, double* panel) {
    HWY_DYNAMIC_DISPATCH(packDouble)(from, panel);
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
