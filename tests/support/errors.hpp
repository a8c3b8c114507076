// SPDX-License-Identifier: Apache-2.0
// Table-driven checks of bad calls.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace support {

/// A call that must raise cv::Exception with `code` and a message that holds `says` (the parameter and its
/// value).
struct BadCall {
    std::string name;
    std::function<void()> call;
    int code;
    std::string says;
};

inline void checkBadCalls(const std::vector<BadCall>& table) {
    // OpenCV prints every error it raises; a table of expected ones would bury the others.
    const auto quiet = [](int, const char*, const char*, const char*, int, void*) { return 0; };
    cv::redirectError(quiet);
    for (const BadCall& bad : table) {
        CAPTURE(bad.name);
        try {
            bad.call();
            FAIL_CHECK("no exception");
        } catch (const cv::Exception& e) {
            CHECK_EQ(e.code, bad.code);
            CHECK_MESSAGE(e.err.find(bad.says) != std::string::npos, e.err);
            CHECK_MESSAGE(e.err.find("allowed") != std::string::npos, e.err);
        }
    }
    cv::redirectError(nullptr);
}

}  // namespace support
