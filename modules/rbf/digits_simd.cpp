// SPDX-License-Identifier: Apache-2.0
// Coordinates into digits. Compiled once per SIMD target.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rbf/digits_simd.cpp"
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "rbf/simd.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Digits of coordinates k … of a vector, as many as a vector of doubles holds.
HWY_INLINE void splitVector(const VectorToSplit& from, const double* row, int k, int8_t* planes,
                            size_t step) {
    const hn::ScalableTag<double> d;
    const hn::Rebind<int32_t, decltype(d)> di;
    const hn::Rebind<uint32_t, decltype(d)> du;
    const hn::Rebind<uint8_t, decltype(d)> db;
    auto v = hn::Mul(hn::LoadU(d, row), hn::LoadU(d, from.prescale + k));
    v = hn::Mul(hn::Sub(v, hn::LoadU(d, from.centre + k)), hn::LoadU(d, from.weight + k));
    const auto steps = hn::BitCast(du, hn::DemoteTo(di, hn::Round(v)));
    // With 128 added to every digit, digits are bytes.
    const auto bytes = hn::Add(steps, hn::Set(du, 0x80808080U >> (8 * (4 - from.digits))));
    for (int i = from.digits; i-- > 0; planes += step) {
        const auto digit = hn::And(hn::ShiftRightSame(bytes, 8 * i), hn::Set(du, 255));
        hn::StoreU(hn::U8FromU32(hn::Xor(digit, hn::Set(du, 128))), db,
                   reinterpret_cast<uint8_t*>(planes) + k);
    }
}

HWY_INLINE int32_t productOf(const int8_t* a, const int8_t* b, size_t count) {
    const hn::ScalableTag<int16_t> d;
    const hn::Rebind<int8_t, decltype(d)> db;
    const hn::RepartitionToWide<decltype(d)> ds;
    auto even = hn::Zero(ds), odd = hn::Zero(ds);
    for (size_t k = 0; k < count; k += hn::Lanes(d))
        even = hn::ReorderWidenMulAccumulate(ds, hn::PromoteTo(d, hn::LoadU(db, a + k)),
                                             hn::PromoteTo(d, hn::LoadU(db, b + k)), even, odd);
    return hn::GetLane(hn::SumOfLanes(ds, hn::Add(even, odd)));
}

void split(const VectorToSplit& from, int8_t* planes, size_t step, int32_t (*products)[kMostDigits]) {
    constexpr int N = static_cast<int>(hn::MaxLanes(hn::ScalableTag<double>()));
    int k = 0;
    for (; k + N <= from.features; k += N) splitVector(from, from.row + k, k, planes, step);
    if (k < from.features) {
        HWY_ALIGN double lanes[4][N] = {};
        const size_t count = size_t(from.features - k);
        std::copy_n(from.row + k, count, lanes[0]);
        std::copy_n(from.prescale + k, count, lanes[1]);
        std::copy_n(from.centre + k, count, lanes[2]);
        std::copy_n(from.weight + k, count, lanes[3]);
        VectorToSplit rest = from;
        rest.prescale = lanes[1];
        rest.centre = lanes[2];
        rest.weight = lanes[3];
        splitVector(rest, lanes[0], 0, planes + k, step);
        k += N;
    }
    for (int i = 0; i < from.digits; ++i) {
        std::memset(planes + size_t(i) * step + k, 0, step - size_t(k));
        for (int j = 0; j <= i; ++j)
            products[i][j] = products[j][i] =
                productOf(planes + size_t(i) * step, planes + size_t(j) * step, size_t(from.features));
    }
}

/// Targets without vectors of 512 bits have no matrix unit beside them.
bool digitsServeHere() {
    return HWY_TARGET <= HWY_AVX3;
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(split);
HWY_EXPORT(digitsServeHere);

void splitIntoDigits(const VectorToSplit& from, std::int8_t* planes, std::size_t step,
                     std::int32_t (*products)[kMostDigits]) {
    HWY_DYNAMIC_DISPATCH(split)(from, planes, step, products);
}
bool digitsServe() {
    return HWY_DYNAMIC_DISPATCH(digitsServeHere)();
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
