// SPDX-License-Identifier: Apache-2.0
// The SIMD targets of the blur engines, for Highway's headers, before which this one comes: none without
// fused multiply-add or with vectors of unknown size. The baseline that Highway insists on never runs
// (directSupported()) and is left empty; EMU128 has the operations that the headers name, which its other
// baseline, of single lanes, lacks.
#pragma once

#define HWY_BROKEN_EMU128 0
#define HWY_DISABLED_TARGETS \
    (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
