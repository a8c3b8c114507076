// SPDX-License-Identifier: Apache-2.0
// Lets a test run the library as on a processor with other SIMD instructions.
#pragma once

// The library has code for AVX3_DL in one place (modules/blur/direct_integer_simd.cpp).
#define HWY_WANT_AVX3_DL
#include <hwy/highway.h>

#include <cstdint>
#include <string>
#include <vector>

namespace support {

/// While it lives, Highway's dispatch sees `target` alone. Needs the shared libhwy, so that test and library
/// ask the same one.
class OnlyTarget {
  public:
    explicit OnlyTarget(int64_t target) { set(target); }
    ~OnlyTarget() { set(0); }
    OnlyTarget(const OnlyTarget&) = delete;
    OnlyTarget& operator=(const OnlyTarget&) = delete;

  private:
    static void set(int64_t target) {
        // All code but that of one place is compiled for AVX3 in its stead.
        hwy::SetSupportedTargetsForTest(target == HWY_AVX3_DL ? HWY_AVX3_DL | HWY_AVX3 : target);
        hwy::GetChosenTarget().DeInit();  // or the functions chosen before would stay in use
    }
};

/// Every target of this processor that has fused multiply-add and that Highway generates by default: those
/// that the direct engine runs on.
inline std::vector<int64_t> targetsWithFma() {
    std::vector<int64_t> targets;
    for (const int64_t target : {HWY_AVX3, HWY_AVX2, HWY_NEON})
        if (hwy::SupportedTargets() & HWY_TARGETS & target) targets.push_back(target);
    return targets;
}

/// The same with AVX3_DL, for code that is compiled for it.
inline std::vector<int64_t> targetsWithDotProducts() {
    std::vector<int64_t> targets = targetsWithFma();
    if (hwy::SupportedTargets() & HWY_TARGETS & HWY_AVX3_DL) targets.insert(targets.begin(), HWY_AVX3_DL);
    return targets;
}

inline std::string name(int64_t target) {
    return target == 0 ? "best" : hwy::TargetName(target);
}

}  // namespace support
