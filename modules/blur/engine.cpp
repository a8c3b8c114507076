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
    // What the multirate engine takes for a unit of its cost next to a tap of the direct one, whose sums are
    // in float as well where the nodes are, or in integers for 8 bits (docs/multirate.md: the engines cross
    // near σ = 4.0 for 8U and 16U, 4.5 for 32F; 64F takes a window wherever there is one, from σ = 5 on).
    double work = 1;
    if (plan.integerRows)
        work = 0.9;
    else if (plan.nodeDepth == CV_32F)
        work = 1.5;
    else if (plan.outDepth == CV_32F)
        work = 1.8;
    return plan.cost * work < plan.directCost ? Engine::Multirate : Engine::Direct;
}

void run(Engine engine, const Plan& plan, Source source, cv::Mat& dst) {
    if (overlap(source.whole, dst)) {
        const cv::Rect reach = pixelsInReach(source, plan);
        if (overlap(source.whole(reach), dst))
            source = {source.whole(reach).clone(), source.roi - reach.tl()};
    }

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
