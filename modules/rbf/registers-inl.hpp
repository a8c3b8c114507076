// SPDX-License-Identifier: Apache-2.0
// How many registers a block of sums may fill. Included once per SIMD target.
#if defined(GKERN_RBF_REGISTERS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef GKERN_RBF_REGISTERS_INL_HPP
#undef GKERN_RBF_REGISTERS_INL_HPP
#else
#define GKERN_RBF_REGISTERS_INL_HPP
#endif

#include <hwy/highway.h>

#include "simd/unroll-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Registers of a vector: 32 or 16.
#if HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON  // AVX-512 and what extends it
constexpr bool kManyRegisters = true;
#else
constexpr bool kManyRegisters = false;
#endif

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
