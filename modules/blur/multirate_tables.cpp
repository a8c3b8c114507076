// SPDX-License-Identifier: Apache-2.0
#include "blur/multirate_tables.hpp"

#include <algorithm>

namespace gkern::detail {
namespace {

std::vector<float> floatsOf(const std::vector<double>& values) {
    return {values.begin(), values.end()};
}

}  // namespace

MultirateTables::MultirateTables(const MultiratePlan& plan, const cv::Size& size, const cv::Rect& part)
    : whole(size),
      roi(part),
      x(chainOf(plan.x, plan.kernelX, size.width, part.x, part.x + part.width, plan.borderType)),
      y(chainOf(plan.y, plan.kernelY, size.height, part.y, part.y + part.height, plan.borderType)) {
    for (LineChain* line : {&x, &y}) {
        const std::vector<double>& taps = line->taps.weights;
        line->symmetric = std::equal(taps.begin(), taps.end(), taps.rbegin());
        if (plan.nodeDepth == CV_32F)
            line->floats = {floatsOf(line->analysis), floatsOf(line->synthesis), floatsOf(taps)};
    }
    if (plan.outDepth == CV_32F) y.floats.synthesis = floatsOf(y.synthesis);
    if (plan.integerRows) integers = IntegerRows(plan.y, x, y);
    if (plan.nodeDepth == CV_32F)  // what is weighed is in floats or integers
        for (LineChain* line : {&x, &y}) line->analysis = line->synthesis = std::vector<double>();
}

}  // namespace gkern::detail
