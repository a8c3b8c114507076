// SPDX-License-Identifier: Apache-2.0
// What is measured: one blur of one picture, by gkern's engines and by OpenCV, next to a copy of the picture.
#pragma once

#include <functional>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "gkern/blur.hpp"

namespace bench {

struct Task {
    int type;
    cv::Size size;
    cv::Size ksize;  ///< (0, 0): by σ
    double sigma;
    int threads;
    bool peers = true;  ///< next to OpenCV and all engines; otherwise the first engine alone
};

/// One way to do a task. `run` does it once, on memory that has been touched.
struct Contender {
    std::string name;
    std::function<void()> run;
};

inline constexpr const char* kMemcpy = "memcpy";                  ///< one thread
inline constexpr const char* kMemcpyThreads = "memcpy, threads";  ///< as many threads as the task has
inline constexpr const char* kStreamedCopy = "streamed copy";     ///< past the caches, as many threads
inline constexpr const char* kGaussianBlur = "cv::GaussianBlur";
inline constexpr const char* kSepFilter2D = "cv::sepFilter2D";

/// "auto", "reference", "sepfilter2d", "direct" or "multirate"; throws std::invalid_argument for any other
/// name.
gkern::Engine engineOf(const std::string& name);
const char* nameOf(gkern::Engine engine);

/// Random picture, its result, and everything that can be planned before the clock starts.
class Contest {
  public:
    Contest(const Task& task, const std::vector<std::string>& engines);

    /// Copies, engines in the order asked for, then those of OpenCV's functions that serve the task. An
    /// engine that "auto" chooses and that is asked for as well stands here once, as itself.
    const std::vector<Contender>& contenders() const { return contenders_; }
    /// A copy past the caches. It leaves the result out of them, where all others find and leave it: to be
    /// measured by itself.
    const std::function<void()>& streamedCopy() const { return streamedCopy_; }
    /// The engine that serves for this name: the choice of "auto", otherwise the engine itself.
    gkern::Engine served(const std::string& engine) const;
    cv::Size taps() const;

  private:
    void add(const std::string& name, std::function<void()> run);

    struct Data;
    std::shared_ptr<Data> data_;
    std::vector<Contender> contenders_;
    std::function<void()> streamedCopy_;
};

/// "32FC1", as cv::typeToString without its prefix, and back; throws std::invalid_argument.
std::string typeName(int type);
int typeOf(const std::string& name);

}  // namespace bench
