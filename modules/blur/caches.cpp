// SPDX-License-Identifier: Apache-2.0
#include "blur/caches.hpp"

#include <algorithm>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

namespace gkern::detail {
namespace {

constexpr size_t kMiB = size_t(1) << 20;

/// Bytes of a cache by its name in sysconf(); 0 where the system does not tell.
#if defined(_SC_LEVEL2_CACHE_SIZE) && defined(_SC_LEVEL3_CACHE_SIZE)
constexpr int kCoreCache = _SC_LEVEL2_CACHE_SIZE, kLastCache = _SC_LEVEL3_CACHE_SIZE;
size_t cacheBytes(int name) {
    return static_cast<size_t>(std::max(0L, sysconf(name)));
}
#else
constexpr int kCoreCache = 0, kLastCache = 0;
size_t cacheBytes(int) {
    return 0;
}
#endif

}  // namespace

size_t ringBytes() {
    static const size_t bytes = std::clamp(cacheBytes(kCoreCache) / 2, kMiB / 2, kMiB);
    return bytes;
}

bool exceedsCoreCaches(const cv::Mat& picture) {
    return picture.total() * picture.elemSize() >= 8 * kMiB;
}

bool exceedsCaches(const cv::Mat& picture) {
    // A last-level cache serves other cores and programs as well: a quarter of it is counted on, no less than
    // a small one has and no more than a few cores get of a large one.
    static const size_t cached = std::clamp(cacheBytes(kLastCache) / 4, 16 * kMiB, 128 * kMiB);
    return 2 * picture.total() * picture.elemSize() >= cached;
}

}  // namespace gkern::detail
