// SPDX-License-Identifier: Apache-2.0
// Loops over constants, for code that is compiled once per SIMD target.
#if defined(GKERN_SIMD_UNROLL_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_SIMD_UNROLL_INL_HPP
#undef GKERN_SIMD_UNROLL_INL_HPP
#else
#define GKERN_SIMD_UNROLL_INL_HPP
#endif

#include <hwy/highway.h>

#include <utility>

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A lambda that is always inlined, as a loop body over constants: only so do compilers keep small arrays
// of vectors in registers (GCC 12 leaves them in memory when it unrolls the loop itself).
#undef GKERN_BODY
#define GKERN_BODY HWY_ATTR __attribute__((always_inline))

template <class F, int... i>
HWY_INLINE void unrolledOver([[maybe_unused]] F f, std::integer_sequence<int, i...>) {
    (f(std::integral_constant<int, i>()), ...);
}

/// f(0), …, f(kCount − 1), each with its constant.
template <int kCount, class F>
HWY_INLINE void unrolled(F f) {
    unrolledOver(f, std::make_integer_sequence<int, kCount>());
}

/// v, in a register from here on. GCC takes a vector that was loaded for as cheap as its memory, and loads it
/// again for every operation that it is part of: where there are several, more than a processor can load.
template <class V>
HWY_INLINE V kept(V v) {
#if HWY_COMPILER_GCC && !HWY_COMPILER_CLANG && HWY_ARCH_X86
    asm("" : "+v"(v.raw));
#endif
    return v;
}

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
