// SPDX-License-Identifier: Apache-2.0
// libFuzzer's entry: build/fuzz/tests/fuzz/fuzz_blur [corpus folder] [-max_total_time=seconds]
#include <cstdio>
#include <cstdlib>
#include <opencv2/core.hpp>

#include "fuzz/differential.hpp"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    cv::setNumThreads(1);  // coverage that depends on the timing of threads would lead the fuzzer astray
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string wrong = fuzz::differentialBlur(data, size);
    if (!wrong.empty()) {
        std::fprintf(stderr, "%s\n", wrong.c_str());
        std::abort();
    }
    return 0;
}
