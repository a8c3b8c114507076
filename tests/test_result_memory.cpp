// SPDX-License-Identifier: Apache-2.0
// Results that the library allocates: large ones on large pages where the system has them, none where the
// caller's memory serves.
#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

#include "gkern/blur.hpp"
#include "gkern/rbf.hpp"

namespace {

/// Whether the system backs the mapping that holds `address` by large pages where it can; no answer where it
/// does not tell of mappings.
bool isOnLargePages(const void* address, bool* told) {
    std::ifstream maps("/proc/self/smaps");
    bool within = false;
    for (std::string line; std::getline(maps, line);) {
        uintptr_t begin = 0, end = 0;
        char dash = 0;
        std::istringstream range(line);
        if (range >> std::hex >> begin >> dash >> end && dash == '-')
            within =
                begin <= reinterpret_cast<uintptr_t>(address) && reinterpret_cast<uintptr_t>(address) < end;
        if (within && line.rfind("VmFlags:", 0) == 0) {
            *told = true;
            return line.find(" hg") != std::string::npos;
        }
    }
    *told = false;
    return false;
}

bool systemHasLargePages() {
    std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
    std::string modes;
    return std::getline(file, modes) && modes.find("[never]") == std::string::npos;
}

void checkLargePages(const cv::Mat& result, bool expected) {
    bool told = false;
    const bool large = isOnLargePages(result.ptr(result.rows / 2), &told);
    if (told && systemHasLargePages()) CHECK_EQ(large, expected);
}

}  // namespace

TEST_CASE("a large result that is allocated lies on large pages, one that was there stays as it is") {
    // Beyond what malloc ever takes from its heap.
    const cv::Mat picture(4200, 4100, CV_32F, cv::Scalar(3)), vectors(4100, 2, CV_32F, cv::Scalar(1));
    cv::Mat blurred, kernel;
    gkern::gaussianBlur(picture, blurred, {0, 0}, 1);
    gkern::rbfKernel(vectors, cv::noArray(), kernel, 1.0);
    checkLargePages(blurred, true);
    checkLargePages(kernel, true);
    CHECK_EQ(cv::countNonZero(blurred != 3), 0);
    CHECK_EQ(cv::countNonZero(kernel != 1), 0);

    cv::Mat ready = cv::Mat::zeros(picture.size(), picture.type());
    const uchar* data = ready.data;
    gkern::gaussianBlur(picture, ready, {0, 0}, 1);
    CHECK_EQ(ready.data, data);
    checkLargePages(ready, false);
}
