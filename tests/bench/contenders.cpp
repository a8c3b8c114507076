// SPDX-License-Identifier: Apache-2.0
#include "contenders.hpp"

#include <algorithm>
#include <cstring>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "machine.hpp"

namespace bench {
namespace {

constexpr std::pair<const char*, gkern::Engine> kEngines[] = {{"auto", gkern::Engine::Auto},
                                                              {"reference", gkern::Engine::Reference},
                                                              {"sepfilter2d", gkern::Engine::SepFilter2D},
                                                              {"direct", gkern::Engine::Direct},
                                                              {"multirate", gkern::Engine::Multirate}};

gkern::BlurParams paramsOf(const Task& task, const std::string& engine) {
    gkern::BlurParams params;
    params.ksize = task.ksize;
    params.sigmaX = task.sigma;
    params.engine = engineOf(engine);
    return params;
}

cv::Mat noise(cv::Size size, int type) {
    cv::Mat picture(size, type);
    cv::RNG rng(1);
    if (picture.depth() == CV_16F) {
        cv::Mat wide(size, CV_MAKETYPE(CV_32F, picture.channels()));
        rng.fill(wide.reshape(1), cv::RNG::UNIFORM, 0, 1);
        wide.convertTo(picture, CV_16F);
        return picture;
    }
    constexpr double kHigh[] = {256, 128, 65536, 32768, 1e9, 1, 1};
    rng.fill(picture.reshape(1), cv::RNG::UNIFORM, 0, kHigh[picture.depth()]);
    return picture;
}

void copyRows(const cv::Mat& from, cv::Mat& to, int begin, int end) {
    std::memcpy(to.ptr(begin), from.ptr(begin), static_cast<size_t>(end - begin) * from.step);
}

void streamRows(const cv::Mat& from, cv::Mat& to, int begin, int end) {
    streamedCopy(from.ptr(begin), to.ptr(begin), static_cast<size_t>(end - begin) * from.step);
}

/// Whether OpenCV has this function for this type; it says so by throwing.
bool serves(const std::function<void()>& function) {
    const auto quiet = [](int, const char*, const char*, const char*, int, void*) { return 0; };
    cv::redirectError(quiet);
    bool served = true;
    try {
        function();
    } catch (const cv::Exception&) {
        served = false;
    }
    cv::redirectError(nullptr);
    return served;
}

}  // namespace

gkern::Engine engineOf(const std::string& name) {
    for (const auto& [known, engine] : kEngines)
        if (name == known) return engine;
    throw std::invalid_argument("engine is " + name +
                                "; allowed: auto, reference, sepfilter2d, direct or multirate");
}

const char* nameOf(gkern::Engine engine) {
    for (const auto& [name, known] : kEngines)
        if (engine == known) return name;
    return "?";
}

struct Contest::Data {
    Task task;
    cv::Mat src, dst, weightsX, weightsY;
};

Contest::Contest(const Task& task, const std::vector<std::string>& engines)
    : data_(std::make_shared<Data>()) {
    const std::shared_ptr<Data> d = data_;
    d->task = task;
    d->src = noise(task.size, task.type);
    d->dst = cv::Mat::zeros(task.size, task.type);

    add(kMemcpy, [d] { copyRows(d->src, d->dst, 0, d->src.rows); });
    const auto inBands = [d](void (*copy)(const cv::Mat&, cv::Mat&, int, int)) {
        cv::parallel_for_(
            cv::Range(0, d->src.rows), [&](const cv::Range& r) { copy(d->src, d->dst, r.start, r.end); },
            d->task.threads);
    };
    if (task.threads > 1) add(kMemcpyThreads, [inBands] { inBands(copyRows); });
    for (const std::string& engine : engines) {
        // What another column measures, where there is one, is not measured again.
        const bool again = task.peers && engine == "auto" &&
                           std::count(engines.begin(), engines.end(), nameOf(served(engine)));
        if (again || (!task.peers && engine != engines.front())) continue;
        add(engine,
            [d, filter = gkern::GaussianFilter(paramsOf(task, engine))] { filter.apply(d->src, d->dst); });
    }

    const gkern::GaussianFilter filter(paramsOf(task, "auto"));
    const int depth = CV_MAT_DEPTH(task.type), sumDepth = depth == CV_64F ? CV_64F : CV_32F;
    filter.weightsX(depth).convertTo(d->weightsX, sumDepth);
    filter.weightsY(depth).convertTo(d->weightsY, sumDepth);
    const std::function<void()> gaussian = [d] {
        cv::GaussianBlur(d->src, d->dst, d->task.ksize, d->task.sigma);
    };
    const std::function<void()> sep = [d] { cv::sepFilter2D(d->src, d->dst, -1, d->weightsX, d->weightsY); };
    if (task.peers && serves(gaussian)) add(kGaussianBlur, gaussian);
    if (task.peers && serves(sep)) add(kSepFilter2D, sep);
    streamedCopy_ = [inBands] { inBands(streamRows); };
}

void Contest::add(const std::string& name, std::function<void()> run) {
    contenders_.push_back({name, std::move(run)});
}

gkern::Engine Contest::served(const std::string& engine) const {
    return gkern::GaussianFilter(paramsOf(data_->task, engine)).engine(CV_MAT_DEPTH(data_->task.type));
}

cv::Size Contest::taps() const {
    return {data_->weightsX.rows, data_->weightsY.rows};
}

std::string typeName(int type) {
    return cv::typeToString(type).substr(3);
}

int typeOf(const std::string& name) {
    for (int depth = CV_8U; depth <= CV_16F; ++depth)
        for (int channels = 1; channels <= 16; ++channels)
            if (typeName(CV_MAKETYPE(depth, channels)) == name) return CV_MAKETYPE(depth, channels);
    throw std::invalid_argument("type is " + name + "; allowed: 8UC1 to 16FC16");
}

}  // namespace bench
