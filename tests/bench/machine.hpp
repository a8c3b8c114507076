// SPDX-License-Identifier: Apache-2.0
// The machine that a measurement belongs to, and the limits of its arithmetic, measured.
#pragma once

#include <cstddef>
#include <string>

namespace bench {

struct Machine {
    std::string cpu, openCv, gkern, simd;
    int cores = 0;
    double floatRate = 0;   ///< fused multiply-adds of float a second, one core
    double doubleRate = 0;  ///< the same of double
    double jointSpeedup =
        0;  ///< of two threads over one, in arithmetic alone; well below 2: the cores are shared
};

Machine probeMachine();

/// Runs `rounds` rounds of independent fused multiply-adds in the best SIMD target; returns how many it did.
double floatFmas(long rounds);
double doubleFmas(long rounds);
/// Copies with stores past the caches, which read no line before they write it; ordinary ones where `to` is
/// not aligned to vectors.
void streamedCopy(const void* from, void* to, std::size_t bytes);
/// Name of that target.
const char* simdTarget();

}  // namespace bench
