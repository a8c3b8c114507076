// SPDX-License-Identifier: Apache-2.0
#include "blur/multirate_axis.hpp"

#include <algorithm>
#include <cmath>

#include "blur/source.hpp"

namespace gkern::detail {
namespace {

/// Node j at origin + j·spacing, j = 0 … count − 1, and how the line of nodes goes on beyond them.
struct Grid {
    double origin, spacing;
    int count, borderType;
};

Grid gridOf(double spacing, int width, int length, int borderType) {
    const auto intervals = [&](int pixels) {
        return std::max(1, static_cast<int>(std::ceil(pixels / spacing)));
    };
    switch (borderType) {
        case cv::BORDER_REFLECT: {
            const int count = intervals(length);
            return {-0.5, static_cast<double>(length) / count, count + 1, cv::BORDER_REFLECT_101};
        }
        case cv::BORDER_REFLECT_101: {
            const int count = intervals(length - 1);
            return {0, (length - 1.0) / count, count + 1, cv::BORDER_REFLECT_101};
        }
        case cv::BORDER_WRAP: {
            const int count = intervals(length);
            return {0, static_cast<double>(length) / count, count, cv::BORDER_WRAP};
        }
        default: {
            // Wider windows would make the work grow with σ; so does a longer filter, but on few nodes.
            constexpr double kLeastSpacing = 16;
            spacing = std::min(spacing, std::max<double>(length, kLeastSpacing));
            const int count = static_cast<int>(std::ceil((length - 1 + width * spacing) / spacing)) + 2;
            return {(length - 1 - (count - 1) * spacing) / 2, spacing, count, cv::BORDER_REPLICATE};
        }
    }
}

/// The nodes around a pixel: the first of them, and the weights of all.
int nodesAround(const Grid& grid, const Window& window, int pixel, double* weights) {
    const double left = (pixel - grid.origin) / grid.spacing - window.width() / 2.0;
    const double whole = std::floor(left);
    window.at(left - whole, weights);
    return static_cast<int>(whole) + 1;
}

void analyse(LineChain& chain, const Grid& grid, const Window& window, int length, int borderType) {
    const double reach = window.width() * grid.spacing / 2;
    const auto begins = [&](int node) {
        return static_cast<int>(std::ceil(grid.origin + node * grid.spacing - reach));
    };
    const int first = begins(0);
    const int last = static_cast<int>(std::floor(grid.origin + (grid.count - 1) * grid.spacing + reach));
    chain.pixels = borderIndices(first, last - first + 1, length, borderType);

    size_t size = 0;
    for (int j = 0; j < grid.count; ++j) {
        const int ends = static_cast<int>(std::floor(grid.origin + j * grid.spacing + reach)) + 1;
        chain.nodes.push_back({begins(j) - first, ends - begins(j), size});
        size += chain.nodes.back().count;
    }
    chain.analysis.assign(size, 0.0);
    std::vector<double> weights(window.width());
    for (int pixel = first; pixel <= last; ++pixel) {
        const int node = nodesAround(grid, window, pixel, weights.data());
        for (int i = std::max(0, -node); i < window.width() && node + i < grid.count; ++i) {
            const LineChain::Node& n = chain.nodes[node + i];
            const int place = pixel - first - n.first;
            // A pixel just at the end of a window may fall to either side of it by rounding; it weighs
            // nothing.
            if (place >= 0 && place < n.count) chain.analysis[n.offset + place] = weights[i];
        }
    }
    for (const LineChain::Node& n : chain.nodes) {
        double sum = 0;
        for (int i = 0; i < n.count; ++i) sum += chain.analysis[n.offset + i];
        for (int i = 0; i < n.count; ++i) chain.analysis[n.offset + i] /= sum;
    }
}

LineChain identityChain(const AxisKernel& kernel, int length, int begin, int end, int borderType) {
    LineChain chain;
    chain.identity = true;
    chain.taps = folded(kernel, length, borderType);
    chain.pixels.resize(length);
    chain.nodes.resize(length);
    chain.analysis.assign(1, 1.0);
    for (int i = 0; i < length; ++i) {
        chain.pixels[i] = i;
        chain.nodes[i] = {i, 1, 0};
    }
    chain.filteredCount = end - begin;
    chain.filtered = borderIndices(begin - chain.taps.before(), chain.filteredCount + chain.taps.size() - 1,
                                   length, borderType);
    chain.start.resize(end - begin);
    for (int i = 0; i < end - begin; ++i) chain.start[i] = i;
    chain.synthesis.assign(end - begin, 1.0);
    return chain;
}

}  // namespace

LineChain chainOf(const MultirateAxis& axis, const AxisKernel& kernel, int length, int begin, int end,
                  int borderType) {
    if (axis.window == nullptr) return identityChain(kernel, length, begin, end, borderType);
    // One pixel that repeats for ever: there is nothing to blur, and no grid.
    if (length == 1 && borderType != cv::BORDER_CONSTANT)
        return identityChain({{1.0}, 0}, length, begin, end, borderType);

    const Window window(*axis.window);
    const Grid grid = gridOf(axis.spacing, window.width(), length, borderType);
    LineChain chain;
    analyse(chain, grid, window, length, borderType);

    chain.width = window.width();
    chain.start.resize(end - begin);
    chain.synthesis.resize(static_cast<size_t>(end - begin) * chain.width);
    for (int pixel = begin; pixel < end; ++pixel) {
        double* weights = &chain.synthesis[static_cast<size_t>(pixel - begin) * chain.width];
        chain.start[pixel - begin] = nodesAround(grid, window, pixel, weights);
        double sum = 0;
        for (int i = 0; i < chain.width; ++i) sum += weights[i];
        for (int i = 0; i < chain.width; ++i) weights[i] /= sum;
    }

    const int first = chain.start.front();
    chain.filteredCount = chain.start.back() + chain.width - first;
    for (int& node : chain.start) node -= first;
    chain.taps = folded(nodeTaps(axis, window, grid.spacing), grid.count, grid.borderType);
    chain.filtered = borderIndices(first - chain.taps.before(), chain.filteredCount + chain.taps.size() - 1,
                                   grid.count, grid.borderType);
    return chain;
}

}  // namespace gkern::detail
