// SPDX-License-Identifier: Apache-2.0
// Loops over constants, and the block of registers they fill. Included once per SIMD target.
#if defined(GKERN_RBF_UNROLL_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_RBF_UNROLL_INL_HPP
#undef GKERN_RBF_UNROLL_INL_HPP
#else
#define GKERN_RBF_UNROLL_INL_HPP
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
HWY_INLINE void unrolledOver(F f, std::integer_sequence<int, i...>) {
    (f(std::integral_constant<int, i>()), ...);
}

/// f(0), …, f(kCount − 1), each with its constant.
template <int kCount, class F>
HWY_INLINE void unrolled(F f) {
    unrolledOver(f, std::make_integer_sequence<int, kCount>());
}

// Registers of a vector: 32 or 16.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
constexpr bool kManyRegisters = true;
#else
constexpr bool kManyRegisters = false;
#endif

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
