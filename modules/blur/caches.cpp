// SPDX-License-Identifier: Apache-2.0
#include "blur/caches.hpp"

#include <algorithm>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

namespace gkern::detail {
namespace {

constexpr size_t kMiB = size_t(1) << 20;

/// Bytes of the caches of second and third level; 0 where the system does not tell.
size_t coreCache() {
#ifdef _SC_LEVEL2_CACHE_SIZE
    return static_cast<size_t>(std::max(0L, sysconf(_SC_LEVEL2_CACHE_SIZE)));
#else
    return 0;
#endif
}
size_t lastLevelCache() {
#ifdef _SC_LEVEL3_CACHE_SIZE
    return static_cast<size_t>(std::max(0L, sysconf(_SC_LEVEL3_CACHE_SIZE)));
#else
    return 0;
#endif
}

}  // namespace

size_t ringBytes() {
    static const size_t bytes = std::clamp(coreCache() / 2, kMiB / 2, kMiB);
    return bytes;
}

bool exceedsCoreCaches(const cv::Mat& picture) {
    return picture.total() * picture.elemSize() >= 8 * kMiB;
}

bool exceedsCaches(const cv::Mat& picture) {
    // A last-level cache serves other cores and programs as well: a quarter of it is counted on, no less than
    // a small one has and no more than a few cores get of a large one.
    static const size_t cached = std::clamp(lastLevelCache() / 4, 16 * kMiB, 128 * kMiB);
    return 2 * picture.total() * picture.elemSize() >= cached;
}

}  // namespace gkern::detail
