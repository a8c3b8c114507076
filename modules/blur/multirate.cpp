// SPDX-License-Identifier: Apache-2.0
// The schedule of the multirate engine. First the source is walked once and becomes nodes: rows are weighed
// onto rows of nodes, those transposed, weighed onto the nodes along them, filtered there, and kept. Then the
// nodes are filtered down the columns, expanded along the rows, and the rows expanded into dst, which is
// written once. A picture whose nodes would take too much memory is done in stripes.
#include "blur/multirate.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "blur/engine.hpp"
#include "blur/multirate_analysis.hpp"
#include "blur/multirate_node_rows.hpp"
#include "blur/multirate_synthesis.hpp"

namespace gkern::detail {
namespace {

int threadsFor(double work) {
    // Waking a thread costs some ten microseconds; a picture that takes no longer is left to one.
    constexpr double kSmallWork = 1e6;
    return work < kSmallWork ? 1 : std::max(1, cv::getNumThreads());
}

/// Calls task(i, worker) for i = 0 … tasks − 1; what makeWorker(scratch) returns serves several tasks in
/// turn, and works in one of `scratch`, of which there are as many as threads.
template <class MakeWorker, class Task>
void inParallel(int tasks, std::vector<Scratch>& scratch, MakeWorker makeWorker, Task task) {
    std::atomic<int> next{0};  // whoever is ready takes the next one
    const auto run = [&](const cv::Range& range) {
        int i = next.fetch_add(1);
        if (i >= tasks) return;
        Scratch& own = scratch[range.start];
        own.reset();
        auto worker = makeWorker(own);
        for (; i < tasks; i = next.fetch_add(1)) task(i, worker);
    };
    const int threads = std::min(tasks, static_cast<int>(scratch.size()));
    if (threads == 1) return run({0, 1});
    cv::parallel_for_(cv::Range(0, threads), run, threads);
}

template <class Low, class Out>
class Blur {
  public:
    Blur(const MultiratePlan& plan, const MultirateTables& tables, const Source& source, cv::Mat& dst)
        : frame_(plan, tables, source, dst), expansion_(converted<Out>(tables.y.synthesis)) {
        // Beyond the last-level cache, rows that are written past it need not be read first.
        constexpr size_t kCached = size_t(8) << 20;
        stream_ = dst.step % 64 == 0 && dst.total() * dst.elemSize() >= kCached;
        threads_ = threadsFor(20.0 * dst.total() * dst.channels());
        scratch_.resize(threads_);
    }

    /// @param overlapping dst shares memory with the source: all of that is read before dst is written.
    void run(bool overlapping) {
        int stripes = 1;
        const size_t limit = std::max(frame_.dst.total() * frame_.dst.elemSize() / 24, size_t(200) << 10);
        while (!overlapping && stripes < frame_.dst.rows / 64 &&
               neededNodes(stripe(0, stripes)).size() * lowStride() * sizeof(Low) > limit)
            ++stripes;
        std::vector<std::vector<int>> needed;
        for (int s = 0; s < stripes; ++s) needed.push_back(neededNodes(stripe(s, stripes)));
        NodeRows<Low> rows(needed, frame_.y.nodes.size(), frame_.x.filteredCount * frame_.channels, threads_);
        for (int s = 0; s < stripes; ++s) {
            if (!rows.fresh(s).empty()) analyse(rows.fresh(s), rows);
            synthesise(stripe(s, stripes), rows);
        }
    }

  private:
    cv::Range stripe(int number, int stripes) const {
        const auto start = [&](int s) {
            return static_cast<int>(static_cast<int64_t>(frame_.dst.rows) * s / stripes);
        };
        return {start(number), start(number + 1)};
    }

    size_t lowStride() const {
        return (static_cast<size_t>(frame_.x.filteredCount) * frame_.channels + kLanes<Low> - 1) /
               kLanes<Low> * kLanes<Low>;
    }

    /// Whether each thread may hold the columns of two parts: a sixteenth of the picture for all of them. Of
    /// close nodes there are too many for the L2 cache.
    bool pairsFit() const {
        if (frame_.nodesX.size() > frame_.columns.size() / 3) return false;
        const size_t column = 2 * kLanes<Low> * sizeof(Low) * threads_;
        return column <= static_cast<size_t>(frame_.dst.rows) * frame_.dst.elemSize1() / 16;
    }

    std::vector<int> neededNodes(const cv::Range& rows) const {
        const cv::Range filtered = frame_.filteredRows(rows);
        std::vector<int> nodes(frame_.y.filtered.begin() + filtered.start,
                               frame_.y.filtered.begin() + filtered.end + frame_.y.taps.size() - 1);
        std::sort(nodes.begin(), nodes.end());
        nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
        if (!nodes.empty() && nodes.front() < 0) nodes.erase(nodes.begin());
        return nodes;
    }

    /// The rows of nodes that are missing.
    void analyse(const std::vector<int>& nodes, NodeRows<Low>& rows) {
        const int parts = (static_cast<int>(nodes.size()) + kLanes<Low> - 1) / kLanes<Low>;
        // Two parts to a group, but for the last groups, so that threads end together.
        const int pairs = pairsFit() ? std::max(0, parts - (threads_ == 1 ? 0 : threads_)) / 2 : 0;
        inParallel(
            parts - pairs, scratch_,
            [&](Scratch& scratch) { return MultirateAnalysis<Low>(frame_, pairs > 0 ? 2 : 1, scratch); },
            [&](int group, MultirateAnalysis<Low>& analysis) {
                const ptrdiff_t first = static_cast<ptrdiff_t>(group + std::min(group, pairs)) * kLanes<Low>;
                const ptrdiff_t most = (group < pairs ? 2 : 1) * kLanes<Low>;
                const int count = static_cast<int>(std::min<ptrdiff_t>(most, nodes.size() - first));
                Low* low[MultirateAnalysis<Low>::kMostParts] = {};
                for (int part = 0; part * kLanes<Low> < count; ++part)
                    low[part] = rows.row(nodes[first + static_cast<ptrdiff_t>(part) * kLanes<Low>]);
                analysis.run(nodes.data() + first, count, low, rows.stride());
            });
    }

    void synthesise(const cv::Range& rows, NodeRows<Low>& nodes) {
        Scratch memory;
        Buffer<Low> border(memory, 1, frame_.x.filteredCount * frame_.channels);
        for (ptrdiff_t e = 0; e < frame_.x.filteredCount * frame_.channels; ++e)
            border.row(0)[e] = frame_.borderLow[e % frame_.channels];
        std::vector<const Low*> filtered(frame_.y.filtered.size());
        const cv::Range taken = frame_.filteredRows(rows);
        for (int i = taken.start; i < taken.end + frame_.y.taps.size() - 1; ++i)
            filtered[i] = frame_.y.filtered[i] < 0 ? border.row(0) : nodes.row(frame_.y.filtered[i]);

        // Strips of columns share next to nothing; bands of rows are for pictures too narrow for them.
        constexpr size_t kLeastBytes = 1024;
        const int wanted = threads_ == 1 ? 1 : 2 * threads_;
        const int most = static_cast<int>(frame_.dst.cols * frame_.dst.elemSize() / kLeastBytes);
        const int fewest = MultirateSynthesis<Low, Out>::fewestStrips(frame_);
        const int strips = std::max(fewest, std::min((fewest + wanted - 1) / wanted * wanted, most));
        const int bands = std::min(rows.size(), (wanted + strips - 1) / strips);
        const auto start = [&](int band) {
            return rows.start + static_cast<int>(static_cast<int64_t>(rows.size()) * band / bands);
        };
        inParallel(
            bands * strips, scratch_,
            [&](Scratch& scratch) {
                return MultirateSynthesis<Low, Out>(frame_, expansion_, strips, stream_, scratch);
            },
            [&](int task, MultirateSynthesis<Low, Out>& synthesis) {
                const int band = task / strips;
                synthesis.run({start(band), start(band + 1)}, task % strips, filtered);
            });
    }

    MultirateFrame<Low> frame_;
    std::vector<Out> expansion_;
    bool stream_;
    int threads_;
    std::vector<Scratch> scratch_;
};

/// Whether all pixels are the same, those of the parent of a ROI too, and the border. Ends at the first that
/// is not.
bool isConstant(const Source& source, const MultiratePlan& plan) {
    const cv::Mat& whole = source.whole;
    const size_t pixel = whole.elemSize();
    const uchar* first = whole.ptr();
    if (plan.borderType == cv::BORDER_CONSTANT) {
        const double* values = whole.ptr<double>();
        for (int c = 0; c < whole.channels(); ++c)
            if (values[c] != plan.borderValue[whole.channels() <= 4 ? c : 0]) return false;
    }
    for (int y = 0; y < whole.rows; ++y) {
        const uchar* row = whole.ptr(y);
        if (std::memcmp(row, first, pixel) != 0) return false;
        if (std::memcmp(row, row + pixel, (whole.cols - 1) * pixel) != 0) return false;
    }
    return true;
}

}  // namespace

void blurMultirate(const MultiratePlan& plan, const MultirateTables& tables, const Source& source,
                   cv::Mat& dst) {
    // Nodes in double come back to a constant but for the last bit; in all other depths that is rounded away.
    if (dst.depth() == CV_64F && isConstant(source, plan)) {
        source.whole(source.roi).copyTo(dst);
        return;
    }
    const bool overlapping = overlap(source.whole, dst);
    if (plan.nodeDepth == CV_32F)
        Blur<float, float>(plan, tables, source, dst).run(overlapping);
    else if (plan.outDepth == CV_32F)
        Blur<double, float>(plan, tables, source, dst).run(overlapping);
    else
        Blur<double, double>(plan, tables, source, dst).run(overlapping);
}

}  // namespace gkern::detail
