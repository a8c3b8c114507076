// SPDX-License-Identifier: Apache-2.0
#include "blur/engine.hpp"

#include "blur/direct.hpp"

namespace gkern::detail {

Engine chooseEngine(Engine wanted, const MultiratePlan& plan) {
    if (wanted == Engine::Reference || wanted == Engine::SepFilter2D) return wanted;
    // docs/benchmarks.md: one of the two SIMD engines is faster than the others for every depth and kernel.
    // Both need fused multiply-add.
    if (!directSupported()) return Engine::SepFilter2D;
    if (wanted == Engine::Direct || !plan.hasWindow()) return Engine::Direct;
    if (wanted == Engine::Multirate) return wanted;
    // What a multiply-add of the multirate engine takes next to a tap of the direct one, which sums 16 bits
    // in float up to σ = 5 (docs/multirate.md: the engines cross near σ = 4 for 8U, 5 for 16U and 32F, 6 for
    // 64F).
    const double work = plan.outDepth != plan.nodeDepth && plan.integers ? 2.2 : 1.7;
    return plan.cost * work < plan.directCost ? Engine::Multirate : Engine::Direct;
}

void run(Engine engine, const Plan& plan, Source source, cv::Mat& dst) {
    const cv::Rect reach = pixelsInReach(source, plan);
    if (overlap(source.whole(reach), dst)) source = {source.whole(reach).clone(), source.roi - reach.tl()};

    // Sums of doubles may leave the range of the pixels by their rounding; limiting them keeps a constant
    // picture constant to the last bit. In all other depths rounding to the depth does that; the direct
    // engine does it by itself.
    const bool clamp = dst.depth() == CV_64F && engine != Engine::Direct;
    ValueRange range;
    if (clamp) range = valueRange(source.whole(pixelsInReach(source, plan)), plan);

    switch (engine) {
        case Engine::Reference:
            blurReference(plan, source, dst);
            break;
        case Engine::Direct:
            blurDirect(plan, source, dst);
            break;
        default:
            blurSepFilter2D(plan, source, dst);
            break;
    }

    if (clamp) clampTo(range, dst);
}

}  // namespace gkern::detail
