// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "machine_simd.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace bench::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Twelve chains hide the latency of two units of up to six cycles, and fit sixteen registers.
template <class T>
HWY_INLINE double fmas(long rounds) {
    const hn::ScalableTag<T> d;
    // Values that neither grow nor become subnormal; opaque to the compiler, which may not compute the sums
    // beforehand.
    volatile T opaqueFactor = T(0.5), opaqueTerm = T(1);
    const auto a = hn::Set(d, opaqueFactor), b = hn::Set(d, opaqueTerm);
    // Each from a value of its own: equal chains would be computed once.
    auto s0 = hn::Iota(d, 0), s1 = hn::Iota(d, 1), s2 = hn::Iota(d, 2), s3 = hn::Iota(d, 3),
         s4 = hn::Iota(d, 4), s5 = hn::Iota(d, 5), s6 = hn::Iota(d, 6), s7 = hn::Iota(d, 7),
         s8 = hn::Iota(d, 8), s9 = hn::Iota(d, 9), s10 = hn::Iota(d, 10), s11 = hn::Iota(d, 11);
    for (long i = 0; i < rounds; ++i) {
        s0 = hn::MulAdd(s0, a, b);
        s1 = hn::MulAdd(s1, a, b);
        s2 = hn::MulAdd(s2, a, b);
        s3 = hn::MulAdd(s3, a, b);
        s4 = hn::MulAdd(s4, a, b);
        s5 = hn::MulAdd(s5, a, b);
        s6 = hn::MulAdd(s6, a, b);
        s7 = hn::MulAdd(s7, a, b);
        s8 = hn::MulAdd(s8, a, b);
        s9 = hn::MulAdd(s9, a, b);
        s10 = hn::MulAdd(s10, a, b);
        s11 = hn::MulAdd(s11, a, b);
    }
    auto sum = hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), hn::Add(hn::Add(s4, s5), hn::Add(s6, s7)));
    sum = hn::Add(sum, hn::Add(hn::Add(s8, s9), hn::Add(s10, s11)));
    volatile T used = hn::GetLane(sum);
    static_cast<void>(used);
    return 12.0 * static_cast<double>(hn::Lanes(d)) * static_cast<double>(rounds);
}

double fmasFloat(long rounds) {
    return fmas<float>(rounds);
}
double fmasDouble(long rounds) {
    return fmas<double>(rounds);
}
void streamed(const uint8_t* from, uint8_t* to, size_t bytes) {
    const hn::ScalableTag<uint8_t> d;
    const size_t N = hn::Lanes(d);
    size_t i = 0;
    if (N >= 16 && reinterpret_cast<uintptr_t>(to) % N == 0)
        for (; i + N <= bytes; i += N) hn::Stream(hn::LoadU(d, from + i), d, to + i);
    std::memcpy(to + i, from + i, bytes - i);
    hwy::FlushStream();
}
const char* nameOfTarget() {
    return hwy::TargetName(HWY_TARGET);
}

}  // namespace bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bench {

HWY_EXPORT(fmasFloat);
HWY_EXPORT(fmasDouble);
HWY_EXPORT(streamed);
HWY_EXPORT(nameOfTarget);

double floatFmas(long rounds) {
    return HWY_DYNAMIC_DISPATCH(fmasFloat)(rounds);
}
double doubleFmas(long rounds) {
    return HWY_DYNAMIC_DISPATCH(fmasDouble)(rounds);
}
void streamedCopy(const void* from, void* to, std::size_t bytes) {
    HWY_DYNAMIC_DISPATCH(streamed)(static_cast<const uint8_t*>(from), static_cast<uint8_t*>(to), bytes);
}
const char* simdTarget() {
    return HWY_DYNAMIC_DISPATCH(nameOfTarget)();
}

}  // namespace bench
#endif  // HWY_ONCE
