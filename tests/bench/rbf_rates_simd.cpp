// SPDX-License-Identifier: Apache-2.0
#include "rbf_rates.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rbf_rates_simd.cpp"
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "rbf/exp-inl.hpp"
#include "rbf/registers-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace bench::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace rbf = gkern::detail::HWY_NAMESPACE;

constexpr int kCount = 768;

/// One pass over an array: the library's exponential with nothing before it.
template <class T, class F>
HWY_INLINE double passes(long rounds, F exponential) {
    const hn::ScalableTag<T> d;
    using V = hn::Vec<decltype(d)>;
    constexpr int N = static_cast<int>(hn::MaxLanes(d)), kGroup = rbf::kManyRegisters ? 4 : 2;
    HWY_ALIGN T values[kCount], results[kCount];
    for (int i = 0; i < kCount; ++i) values[i] = static_cast<T>(-i) / 256;
    for (long round = 0; round < rounds; ++round) {
        for (int j = 0; j < kCount; j += kGroup * N) {
            V v[kGroup];
            rbf::unrolled<kGroup>([&](auto i) GKERN_BODY { v[i] = hn::Load(d, values + j + i * N); });
            exponential(d, v);
            rbf::unrolled<kGroup>([&](auto i) GKERN_BODY { hn::Store(v[i], d, results + j + i * N); });
        }
        volatile T used = results[round % kCount];
        values[round % kCount] = used;
    }
    return static_cast<double>(kCount) * static_cast<double>(rounds);
}

double exponentialsAccurate32(long rounds) {
    return passes<double>(rounds, [](auto d, auto& v) GKERN_BODY { rbf::exp2FloatGrade<true>(d, v); });
}
double exponentialsFast32(long rounds) {
    return passes<float>(rounds, [](auto d, auto& v) GKERN_BODY { rbf::exp2Fast(d, v); });
}
double exponentialsAccurate64(long rounds) {
    return passes<double>(rounds, [](auto d, auto& v) GKERN_BODY { rbf::exp2Double<true>(d, v); });
}

void streamZerosTo(void* to, std::size_t bytes) {
    const hn::ScalableTag<float> d;
    const std::size_t N = hn::Lanes(d);
    auto* out = static_cast<float*>(to);
    for (std::size_t i = 0; i + N <= bytes / sizeof(float); i += N) hn::Stream(hn::Zero(d), d, out + i);
}

}  // namespace bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bench {

HWY_EXPORT(exponentialsAccurate32);
HWY_EXPORT(exponentialsFast32);
HWY_EXPORT(exponentialsAccurate64);
HWY_EXPORT(streamZerosTo);

double exponentials(RbfMode mode, long rounds) {
    switch (mode) {
        case RbfMode::Accurate32:
            return HWY_DYNAMIC_DISPATCH(exponentialsAccurate32)(rounds);
        case RbfMode::Fast32:
            return HWY_DYNAMIC_DISPATCH(exponentialsFast32)(rounds);
        default:
            return HWY_DYNAMIC_DISPATCH(exponentialsAccurate64)(rounds);
    }
}
void streamZeros(void* to, std::size_t bytes) {
    HWY_DYNAMIC_DISPATCH(streamZerosTo)(to, bytes);
    hwy::FlushStream();
}

}  // namespace bench
#endif  // HWY_ONCE
