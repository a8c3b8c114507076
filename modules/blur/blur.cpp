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
#include "memory/create.hpp"

namespace gkern {

/// The resolved parameters, and per depth plans that are made when they are first asked for.
struct GaussianFilter::Impl {
    explicit Impl(const BlurParams& p) : params(detail::resolved(p)) {}

    const detail::Plan& plan(int depth) const {
        std::call_once(made[checked(depth)].taps, [&] { taps[depth] = detail::makePlan(params, depth); });
        return taps[depth];
    }

    const detail::MultiratePlan& multirate(int depth) const {
        std::call_once(made[checked(depth)].chain,
                       [&] { chains[depth] = detail::makeMultiratePlan(params, depth); });
        return chains[depth];
    }

    /// Those of the last call if the size is the same, as in a video.
    std::shared_ptr<const detail::MultirateTables> tables(int depth, const detail::Source& source) const {
        const cv::Size size = source.whole.size();
        {
            const std::lock_guard<std::mutex> lock(lastMutex);
            const auto& known = last[depth];
            if (known && known->whole == size && known->roi == source.roi) return known;
        }
        const auto fresh = std::make_shared<detail::MultirateTables>(multirate(depth), size, source.roi);
        const std::lock_guard<std::mutex> lock(lastMutex);
        return last[depth] = fresh;
    }

    double multirateBound(int depth) const {
        std::call_once(made[checked(depth)].bound,
                       [&] { bounds[depth] = multirate(depth).errorBound(depth); });
        return bounds[depth];
    }

    bool isolated() const { return (params.borderType & cv::BORDER_ISOLATED) != 0; }

    Engine engineFor(int depth) const { return detail::chooseEngine(params.engine, multirate(depth)); }

    BlurParams params;

  private:
    static constexpr int kDepths = CV_16F + 1;
    struct Made {
        std::once_flag taps, chain, bound;
    };

    static int checked(int depth) {
        if (depth < 0 || depth >= kDepths)
            CV_Error_(cv::Error::BadDepth, ("depth is %d; allowed: CV_8U (0) to CV_16F (7)", depth));
        return depth;
    }

    mutable std::array<Made, kDepths> made;
    mutable std::array<detail::Plan, kDepths> taps;
    mutable std::array<detail::MultiratePlan, kDepths> chains;
    mutable std::array<double, kDepths> bounds{};
    mutable std::mutex lastMutex;
    mutable std::array<std::shared_ptr<const detail::MultirateTables>, kDepths> last;
};

GaussianFilter::GaussianFilter(const BlurParams& params) : impl_(std::make_shared<Impl>(params)) {}

void GaussianFilter::apply(cv::InputArray src, cv::OutputArray dst) const {
    detail::checkSource(src, impl_->params);
    const int depth = src.depth();
    const bool anyEngine =
        impl_->params.engine == Engine::Auto || impl_->params.engine == Engine::SepFilter2D;
    if (src.isUMat() && dst.isUMat() && anyEngine &&
        detail::blurOpenCl(impl_->plan(depth), src.getUMat(), impl_->isolated(), dst))
        return;

    const Engine engine = impl_->engineFor(depth);
    const cv::Mat pixels = src.getMat();  // keeps them alive where dst is the same object
    detail::createResult(dst, pixels.size(), pixels.type());
    cv::Mat result = dst.getMat();
    const detail::Source source = detail::makeSource(pixels, impl_->isolated());
    if (engine == Engine::Multirate)
        detail::blurMultirate(impl_->multirate(depth), *impl_->tables(depth, source), source, result);
    else
        detail::run(engine, impl_->plan(depth), source, result);
}

const BlurParams& GaussianFilter::params() const {
    return impl_->params;
}

cv::Mat GaussianFilter::weightsX(int depth) const {
    const detail::Plan& plan = impl_->plan(depth);
    return detail::toColumn(impl_->engineFor(depth) == Engine::Direct ? plan.directX : plan.x);
}

cv::Mat GaussianFilter::weightsY(int depth) const {
    const detail::Plan& plan = impl_->plan(depth);
    return detail::toColumn(impl_->engineFor(depth) == Engine::Direct ? plan.directY : plan.y);
}

double GaussianFilter::errorBound(int depth) const {
    const Engine engine = impl_->engineFor(depth);
    if (engine == Engine::Multirate) return impl_->multirateBound(depth);
    const detail::Plan& plan = impl_->plan(depth);
    if (engine == Engine::Direct) return plan.directTruncationBound + plan.directRoundingBound();
    return plan.truncationBound + plan.roundingBound();
}

Engine GaussianFilter::engine(int depth) const {
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
