// SPDX-License-Identifier: Apache-2.0
// What a kernel matrix cannot be faster than: multiply-adds, exponentials and stores of this machine,
// measured.
#pragma once

#include <cstddef>
#include <opencv2/core.hpp>

namespace bench {

enum class RbfMode { Accurate32, Fast32, Accurate64 };

/// Entries a second by as many threads as were asked for.
struct RbfRates {
    double floatFma = 0, doubleFma = 0;  ///< multiply-adds
    double exponential[3] = {};          ///< by RbfMode, from and to the L1 cache
    double store = 0;                    ///< bytes, past the caches

    /// Seconds that n×m entries of d features take at least: the larger of arithmetic and stores.
    double floor(RbfMode mode, double n, double m, double d, bool self) const;
};

/// @param destination memory for the stores, as large as the matrix that they stand for
RbfRates measureRbfRates(int threads, cv::Mat& destination);

/// Computes `rounds` times the exponentials of an array in the L1 cache; returns how many entries that
/// were.
double exponentials(RbfMode mode, long rounds);
/// Streams zeros over `bytes` bytes at `to`, which is aligned to 64.
void streamZeros(void* to, std::size_t bytes);

}  // namespace bench
