// SPDX-License-Identifier: Apache-2.0
#include "gkern/blur.hpp"

#include <array>
#include <deque>
#include <mutex>
#include <tuple>
#include <utility>

#include "blur/engine.hpp"
#include "blur/plan.hpp"
#include "blur/source.hpp"
#include "blur/validate.hpp"

namespace gkern {

/// The resolved parameters, and per depth a plan made when it is first asked for.
struct GaussianFilter::Impl {
    explicit Impl(const BlurParams& p) : params(detail::resolved(p)) {}

    const detail::Plan& plan(int depth) const {
        if (depth < CV_8U || depth > CV_16F)
            CV_Error_(cv::Error::BadDepth, ("depth is %d; allowed: CV_8U (0) to CV_16F (7)", depth));
        std::call_once(made[depth], [&] { plans[depth] = detail::makePlan(params, depth); });
        return plans[depth];
    }

    bool isolated() const { return (params.borderType & cv::BORDER_ISOLATED) != 0; }

    Engine engineFor(int depth) const { return detail::chooseEngine(params.engine, plan(depth), depth); }

    BlurParams params;
    mutable std::array<std::once_flag, CV_16F + 1> made;
    mutable std::array<detail::Plan, CV_16F + 1> plans;
};

GaussianFilter::GaussianFilter(const BlurParams& params) : impl_(std::make_shared<Impl>(params)) {}

void GaussianFilter::apply(cv::InputArray src, cv::OutputArray dst) const {
    detail::checkSource(src, impl_->params);
    const detail::Plan& plan = impl_->plan(src.depth());
    const bool anyEngine =
        impl_->params.engine == Engine::Auto || impl_->params.engine == Engine::SepFilter2D;
    if (src.isUMat() && dst.isUMat() && anyEngine &&
        detail::blurOpenCl(plan, src.getUMat(), impl_->isolated(), dst))
        return;

    const cv::Mat pixels = src.getMat();  // keeps them alive where dst is the same object
    dst.create(pixels.size(), pixels.type());
    cv::Mat result = dst.getMat();
    detail::run(impl_->engineFor(pixels.depth()), plan, detail::makeSource(pixels, impl_->isolated()),
                result);
}

const BlurParams& GaussianFilter::params() const {
    return impl_->params;
}

cv::Mat GaussianFilter::weightsX(int depth) const {
    return detail::toColumn(impl_->plan(depth).x);
}

cv::Mat GaussianFilter::weightsY(int depth) const {
    return detail::toColumn(impl_->plan(depth).y);
}

double GaussianFilter::errorBound(int depth) const {
    const detail::Plan& plan = impl_->plan(depth);
    const bool direct = impl_->engineFor(depth) == Engine::Direct;
    return plan.truncationBound + (direct ? plan.directRoundingBound() : plan.roundingBound());
}

Engine GaussianFilter::engine(int depth) const {
    impl_->plan(depth);
    return impl_->engineFor(depth);
}

namespace {

/// The filters that the free function used last: programs call it again and again with the same few
/// parameters, and planning takes longer than blurring a small picture.
class RecentFilters {
  public:
    GaussianFilter get(cv::Size ksize, double sigmaX, double sigmaY, int borderType) {
        const Key key(ksize.width, ksize.height, sigmaX, sigmaY, borderType);
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            for (const auto& [known, filter] : entries_)
                if (known == key) return filter;
        }
        BlurParams params;
        params.ksize = ksize;
        params.sigmaX = sigmaX;
        params.sigmaY = sigmaY;
        params.borderType = borderType;
        GaussianFilter filter(params);
        const std::lock_guard<std::mutex> lock(mutex_);
        entries_.emplace_front(key, filter);
        if (entries_.size() > kMostEntries) entries_.pop_back();
        return filter;
    }

  private:
    static constexpr size_t kMostEntries = 16;
    using Key = std::tuple<int, int, double, double, int>;
    std::mutex mutex_;
    std::deque<std::pair<Key, GaussianFilter>> entries_;
};

}  // namespace

void gaussianBlur(cv::InputArray src, cv::OutputArray dst, cv::Size ksize, double sigmaX, double sigmaY,
                  int borderType) {
    static RecentFilters recent;
    recent.get(ksize, sigmaX, sigmaY, borderType).apply(src, dst);
}

}  // namespace gkern
