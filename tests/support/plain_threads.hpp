// SPDX-License-Identifier: Apache-2.0
// A backend of cv::parallel_for_ that starts a std::thread per stripe: slow, and open to ThreadSanitizer.
#pragma once

#include <algorithm>
#include <opencv2/core/parallel/parallel_backend.hpp>
#include <thread>
#include <vector>

namespace support {

constexpr bool underThreadSanitizer() {
#if defined(__SANITIZE_THREAD__)
    return true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
    return true;
#else
    return false;
#endif
#else
    return false;
#endif
}

class PlainThreads final : public cv::parallel::ParallelForAPI {
  public:
    void parallel_for(int tasks, FN_parallel_for_body_cb_t body, void* data) override {
        const int count = std::min(tasks, threads_);
        if (count <= 1 || inside_) return body(0, tasks, data);
        std::vector<std::thread> threads;
        for (int t = 0; t < count; ++t)
            threads.emplace_back([=] {
                inside_ = true;
                number_ = t;
                body(static_cast<int>(int64_t{tasks} * t / count),
                     static_cast<int>(int64_t{tasks} * (t + 1) / count), data);
            });
        for (std::thread& thread : threads) thread.join();
    }
    int getThreadNum() const override { return number_; }
    int getNumThreads() const override { return threads_; }
    int setNumThreads(int threads) override {
        const int before = threads_;
        threads_ = threads > 0 ? threads : 4;
        return before;
    }
    const char* getName() const override { return "plain threads"; }

  private:
    static inline thread_local bool inside_ = false;
    static inline thread_local int number_ = 0;
    int threads_ = 4;
};

inline void usePlainThreads() {
    cv::parallel::setParallelForBackend(std::make_shared<PlainThreads>());
}

}  // namespace support
