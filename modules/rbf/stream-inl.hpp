// SPDX-License-Identifier: Apache-2.0
// Rows on their way to memory past the caches. Included once per SIMD target.
#if defined(GKERN_RBF_STREAM_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_RBF_STREAM_INL_HPP
#undef GKERN_RBF_STREAM_INL_HPP
#else
#define GKERN_RBF_STREAM_INL_HPP
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "simd/unroll-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Bytes of a line of the caches.
constexpr int kLineBytes = 64;

/// Elements before the first that begins a line. A line that is streamed in part, or partly by ordinary
/// stores, costs many times as much as others.
template <class T>
HWY_INLINE int beforeLine(const T* to) {
    return static_cast<int>((~reinterpret_cast<uintptr_t>(to) + 1) % kLineBytes / sizeof(T));
}

/// Copies less than a line, without a call: one would cost the registers in which callers keep constants.
template <class T>
HWY_INLINE void copyPart(const T* HWY_RESTRICT from, int count, T* HWY_RESTRICT to) {
    const auto* source = reinterpret_cast<const uint8_t*>(from);
    auto* target = reinterpret_cast<uint8_t*>(to);
    const size_t bytes = static_cast<size_t>(count) * sizeof(T);
    const auto copy = [&](auto size) GKERN_BODY {
        if ((bytes & size) == 0) return;
        std::memcpy(target, source, size);
        source += size;
        target += size;
    };
    copy(std::integral_constant<size_t, 32>());
    copy(std::integral_constant<size_t, 16>());
    copy(std::integral_constant<size_t, 8>());
    copy(std::integral_constant<size_t, 4>());
}

/// Fetches the lines at the ends of a row that is to be streamed, where they are not its own: stores to them
/// would wait for memory.
template <class T>
HWY_INLINE void fetchEnds(const T* to, int count) {
    if (beforeLine(to) != 0) hwy::Prefetch(to);
    if (beforeLine(to + count) != 0) hwy::Prefetch(to + count - 1);
}

/// Copies `count` elements, whole lines of `to` past the caches and the rest through them.
template <class T>
HWY_INLINE void streamRow(const T* HWY_RESTRICT from, int count, T* HWY_RESTRICT to) {
    const hn::ScalableTag<T> d;
    constexpr int N = static_cast<int>(hn::MaxLanes(d)), kLine = kLineBytes / sizeof(T);
    if constexpr (N * sizeof(T) < 16) {  // what a streamed store writes at least
        std::memcpy(to, from, static_cast<size_t>(count) * sizeof(T));
    } else {
        int j = std::min(count, beforeLine(to));
        copyPart(from, j, to);
        for (; j + kLine <= count; j += kLine)
            for (int i = j; i < j + kLine; i += N) hn::Stream(hn::LoadU(d, from + i), d, to + i);
        copyPart(from + j, count - j, to + j);
    }
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
