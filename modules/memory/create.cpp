// SPDX-License-Identifier: Apache-2.0
#include "memory/create.hpp"

#if defined(__linux__)
#include <sys/mman.h>

#include <cerrno>
#include <cstdint>
#endif

namespace gkern::detail {
namespace {

/// The large pages that lie in the matrix. Advice that the system does not take changes nothing.
void adviseLargePages([[maybe_unused]] const cv::Mat& matrix) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    constexpr uintptr_t kPage = uintptr_t(2) << 20;
    const auto data = reinterpret_cast<uintptr_t>(matrix.data);
    const uintptr_t begin = (data + kPage - 1) / kPage * kPage;
    const uintptr_t end = (data + matrix.total() * matrix.elemSize()) / kPage * kPage;
    if (begin >= end) return;
    const int before = errno;
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
    errno = before;
#endif
}

}  // namespace

void createResult(cv::OutputArray out, cv::Size size, int type) {
    if (!out.isMat()) return out.create(size, type);
    constexpr size_t kManyBytes = size_t(4) << 20;
    const cv::Mat& matrix = out.getMatRef();
    const bool isThere =
        matrix.data != nullptr && matrix.dims == 2 && matrix.size() == size && matrix.type() == type;
    out.create(size, type);
    if (!isThere && matrix.total() * matrix.elemSize() >= kManyBytes) adviseLargePages(matrix);
}

}  // namespace gkern::detail
