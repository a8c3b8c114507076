// SPDX-License-Identifier: Apache-2.0
/// Tiles over threads, with a caller's progress callback that can stop them.
#pragma once

#include <atomic>
#include <exception>
#include <mutex>

#include "gkern/rbf.hpp"
#include "rbf/panels.hpp"

namespace gkern::detail {

class Progress {
  public:
    /// @param callback may be empty
    /// @param steps calls of step() that make the whole
    Progress(const std::function<bool(double)>& callback, double steps)
        : callback_(callback), steps_(steps) {}

    bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

    /// Notes that `count` steps are done; at every hundredth of the whole it tells the callback.
    void step(double count = 1) {
        if (!callback_) return;
        const std::lock_guard<std::mutex> lock(mutex_);
        done_ += count;
        if (stopped() || done_ < next_ * steps_ / 100) return;
        next_ = static_cast<int>(100 * done_ / steps_) + 1;
        try {
            if (!callback_(done_ / steps_)) stopped_ = true;
        } catch (...) {
            thrown_ = std::current_exception();  // threads of parallel_for_ cannot be relied on to pass it on
            stopped_ = true;
        }
    }

    /// Raises what the callback threw, or RbfCancelled if it said no.
    void finish() const {
        if (thrown_) std::rethrow_exception(thrown_);
        if (stopped()) throw RbfCancelled();
    }

    /// f(0), …, f(count − 1) over threads, then finish().
    template <class F>
    void forEach(int count, double work, const F& f) {
        forBlocks(count, work, [&](int i) {
            if (!stopped()) f(i);
        });
        finish();
    }

  private:
    const std::function<bool(double)>& callback_;
    const double steps_;
    double done_ = 0;
    int next_ = 1;
    std::atomic<bool> stopped_{false};
    std::mutex mutex_;
    std::exception_ptr thrown_;
};

}  // namespace gkern::detail
