// SPDX-License-Identifier: Apache-2.0
// One blur, derived from bytes, through every engine: for the fuzzer and for a test of random bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace fuzz {

/// What is wrong with the blur that `data` describes; empty if nothing is. Missing bytes count as 0.
std::string differentialBlur(const uint8_t* data, size_t size);

}  // namespace fuzz
