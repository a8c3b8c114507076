// SPDX-License-Identifier: Apache-2.0
// The fuzzer's comparison of all engines, over random bytes: what every compiler and every run can check of
// it.
#include <doctest/doctest.h>

#include <array>
#include <random>
#include <vector>

#include "fuzz/differential.hpp"

TEST_CASE("all engines agree on blurs derived from random bytes") {
    std::mt19937 random(2024);
    std::uniform_int_distribution<int> byte(0, 255);
    std::array<uint8_t, 64> bytes;
    for (int trial = 0; trial < 1000; ++trial) {
        for (uint8_t& b : bytes) b = static_cast<uint8_t>(byte(random));
        const std::string wrong = fuzz::differentialBlur(bytes.data(), bytes.size());
        REQUIRE_MESSAGE(wrong.empty(), wrong);
    }
}

TEST_CASE("all engines agree on blurs that the fuzzer once found wrong") {
    // Multirate, discrete weights, sigma 3.5, 16U: 0.6 levels and more.
    const std::vector<uint8_t> found[] = {{10,  27,  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
                                           255, 255, 255, 255, 255, 255, 62,  62,  62,  62,  62,  62,  62,
                                           62,  62,  62,  62,  62,  62,  62,  62,  62,  255, 255, 255, 67,
                                           206, 206, 206, 206, 206, 206, 206, 6,   61,  47,  10}};
    for (const std::vector<uint8_t>& bytes : found) {
        const std::string wrong = fuzz::differentialBlur(bytes.data(), bytes.size());
        CHECK_MESSAGE(wrong.empty(), wrong);
    }
}
