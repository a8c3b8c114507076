// SPDX-License-Identifier: Apache-2.0
#include "multirate_work.hpp"

#include "blur/multirate_tables.hpp"

namespace bench {
namespace {

using gkern::detail::LineChain;

/// Per line: pixels onto nodes, and taps on those. Taps that mirror each other share a multiply-add.
double gathered(const LineChain& chain) {
    double weights = 0;
    for (const LineChain::Node& node : chain.nodes) weights += node.count;
    return chain.identity ? 0 : weights;
}
double filtered(const LineChain& chain) {
    return static_cast<double>(chain.filteredCount) * (chain.taps.size() / 2 + 1);
}

}  // namespace

MultirateWork multirateWork(const Task& task) {
    gkern::BlurParams params;
    params.ksize = task.ksize;
    params.sigmaX = params.sigmaY = task.sigma;
    const int depth = CV_MAT_DEPTH(task.type), channels = CV_MAT_CN(task.type);
    const gkern::detail::MultiratePlan plan = gkern::detail::makeMultiratePlan(params, depth);
    const gkern::detail::MultirateTables tables(plan, task.size, {{}, task.size});
    const LineChain &x = tables.x, &y = tables.y;

    // Rows onto rows of nodes, those along x and filtered there; nodes filtered down the columns and expanded
    // along x.
    const double nodes = gathered(y) * task.size.width +
                         static_cast<double>(y.nodes.size()) * (gathered(x) + filtered(x)) +
                         filtered(y) * x.filteredCount +
                         (x.identity ? 0.0 : static_cast<double>(x.start.size()) * x.width * y.filteredCount);
    // Rows of dst; those of float pixels are differences from one of their nodes.
    const int weights = y.width - (plan.integers ? 0 : 1);
    const double pixels = static_cast<double>(weights) * task.size.area();
    MultirateWork work;
    (plan.nodeDepth == CV_32F ? work.floats : work.doubles) += channels * nodes;
    (plan.outDepth == CV_32F ? work.floats : work.doubles) += channels * pixels;
    return work;
}

}  // namespace bench
