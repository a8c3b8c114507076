// SPDX-License-Identifier: Apache-2.0
// The schedule of the multirate engine. First the source is walked once and becomes nodes: rows are weighed
// onto rows of nodes, those transposed, weighed onto the nodes along them, filtered there, and kept. Then the
// nodes are filtered down the columns, expanded along the rows, and the rows expanded into dst, which is
// written once. A picture whose nodes would take too much memory is done in stripes.
#include "blur/multirate.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <optional>

#include "blur/caches.hpp"
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

/// Calls task(i, worker) for i = 0 … tasks − 1. There are as many workers as threads, each serves several
/// tasks in turn, and makeWorker(number) makes those that there are not yet.
template <class Worker, class MakeWorker, class Task>
void inParallel(int tasks, std::vector<std::optional<Worker>>& workers, MakeWorker makeWorker, Task task) {
    std::atomic<int> next{0};  // whoever is ready takes the next one
    const auto run = [&](const cv::Range& range) {
        int i = next.fetch_add(1);
        if (i >= tasks) return;
        std::optional<Worker>& worker = workers[range.start];
        if (!worker) worker.emplace(makeWorker(range.start));
        for (; i < tasks; i = next.fetch_add(1)) task(i, *worker);
    };
    const int threads = std::min(tasks, static_cast<int>(workers.size()));
    if (threads == 1) return run({0, 1});
    cv::parallel_for_(cv::Range(0, threads), run, threads);
}

template <class Low, class Out>
class Blur {
  public:
    Blur(const MultiratePlan& plan, const MultirateTables& tables, const Source& source, cv::Mat& dst)
        : frame_(plan, tables, source, dst), expansion_(expansionOf(tables)) {
        stream_ = dst.step % 64 == 0 && exceedsCaches(dst);
        threads_ = threadsFor(20.0 * dst.total() * dst.channels());
        parts_ = mostParts();
        // A band of rows for each thread, and strips of columns where there are not enough rows: threads
        // that write strips of the same rows hinder each other. Rings of more than a quarter of what
        // ringBytes() allows, an eighth of the L2 cache, are slower at σ = 5 (docs/multirate.md).
        constexpr int kLeastRows = 128, kLeastBytes = 1024;
        bands_ = std::clamp(dst.rows / kLeastRows, 1, threads_);
        const size_t picture = dst.total() * dst.elemSize();
        const size_t ring = std::clamp<size_t>(picture / (16 * threads_), 128 << 10, ringBytes() / 4);
        const int most = std::max(1, static_cast<int>(dst.cols * dst.elemSize()) / kLeastBytes);
        strips_ =
            std::max(Synthesis::fewestStrips(frame_, ring), std::min((threads_ + bands_ - 1) / bands_, most));
        threadBytes_ = std::max(Analysis::bytes(frame_, parts_), Synthesis::bytes(frame_, strips_));
    }

    /// @param overlapping dst shares memory with the source: all of that is read before dst is written.
    void run(bool overlapping) {
        int stripes = 1;
        const size_t most = mostNodeBytes();
        while (!overlapping && stripes < frame_.dst.rows / 64 &&
               neededNodes(stripe(0, stripes)).size() * lowStride() * sizeof(Low) > most)
            ++stripes;
        std::vector<std::vector<int>> needed;
        for (int s = 0; s < stripes; ++s) needed.push_back(neededNodes(stripe(s, stripes)));
        NodeRows<Low> rows(needed, frame_.y.nodes.size(), frame_.x.filteredCount * frame_.channels, threads_);
        hold(rows);
        for (int s = 0; s < stripes; ++s) {
            if (!rows.fresh(s).empty()) analyse(rows.fresh(s), rows.blockRows(s), rows);
            synthesise(stripe(s, stripes), rows);
        }
    }

  private:
    using Analysis = MultirateAnalysis<Low>;
    using Synthesis = MultirateSynthesis<Low, Out>;

    static ExpansionWeights<Out> expansionOf(const MultirateTables& tables) {
        if constexpr (std::is_same_v<Out, RowPair>)
            return {&tables.integers.synthesis[0], &tables.integers.synthesis[1]};
        else if constexpr (std::is_same_v<Out, double>)
            return {&tables.y.synthesis};
        else
            return {&tables.y.floats.synthesis};
    }

    cv::Range stripe(int number, int stripes) const {
        const auto start = [&](int s) {
            return static_cast<int>(static_cast<int64_t>(frame_.dst.rows) * s / stripes);
        };
        return {start(number), start(number + 1)};
    }

    /// What nodes may take: with all threads a quarter of the picture and a bit, but not so much that they
    /// leave the caches before they are read again. Threads wait for each other twice in every stripe.
    size_t mostNodeBytes() const {
        constexpr size_t kBit = 400 << 10, kLeast = 200 << 10, kCached = 2 << 20;
        const size_t picture = frame_.dst.total() * frame_.dst.elemSize(), threads = threads_ * threadBytes_;
        const size_t rest = std::max(picture / 4 + kBit, threads) - threads;
        const size_t most = std::max(picture / 12, std::min(picture / 6, kCached));
        return std::max({kLeast, picture / 24, std::min(most, rest)});
    }

    size_t lowStride() const {
        return (static_cast<size_t>(frame_.x.filteredCount) * frame_.channels + kLanes<Low> - 1) /
               kLanes<Low> * kLanes<Low>;
    }

    /// Parts to a group. Of close nodes there are too many for the L2 cache; of others as many serve as fit a
    /// sixteenth of the picture with all threads, and as the rows ask for that two groups read.
    int mostParts() const {
        if (frame_.nodesX.size() > frame_.columns.size() / 3) return 1;
        const size_t column = kLanes<Low> * sizeof(Low) * threads_;
        const size_t fit = static_cast<size_t>(frame_.dst.rows) * frame_.dst.elemSize1() / 16 / column;
        const size_t most = frame_.y.width > kLanes<Low> ? Analysis::kMostParts : Analysis::kMostParts / 2;
        return static_cast<int>(std::max<size_t>(1, std::min(fit, most)));
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

    /// Memory for `rows`, their border and all threads, which do one pass after the other in the same.
    void hold(NodeRows<Low>& rows) {
        const ptrdiff_t width = static_cast<ptrdiff_t>(frame_.x.filteredCount) * frame_.channels;
        const size_t nodes = rows.bytes(), border = Buffer<Low>::bytes(1, width);
        memory_.reset(new unsigned char[nodes + border + threads_ * threadBytes_ + 63]);
        unsigned char* first = memory_.get() + (64 - reinterpret_cast<uintptr_t>(memory_.get()) % 64) % 64;
        rows.hold({first, nodes});
        Scratch scratch(first + nodes, border);
        Low* values = Buffer<Low>(scratch, 1, width).row(0);
        for (ptrdiff_t e = 0; e < width; ++e) values[e] = frame_.borderLow[e % frame_.channels];
        border_ = values;
        threadMemory_ = first + nodes + border;
        analyses_.resize(threads_);
        syntheses_.resize(threads_);
    }

    Scratch scratchOf(int thread) const { return {threadMemory_ + thread * threadBytes_, threadBytes_}; }

    /// The rows of nodes that are missing, `partRows` of them to a part.
    void analyse(const std::vector<int>& nodes, int partRows, NodeRows<Low>& rows) {
        // Large groups first, and smaller ones at the end, so that threads end together.
        std::vector<int> begins{0};  // of the groups, in parts
        const int all = (static_cast<int>(nodes.size()) + partRows - 1) / partRows;
        while (begins.back() < all)
            begins.push_back(begins.back() +
                             std::min(parts_, (all - begins.back() + threads_ - 1) / threads_));
        inParallel(
            static_cast<int>(begins.size()) - 1, analyses_,
            [&](int thread) { return Analysis(frame_, parts_, scratchOf(thread)); },
            [&](int group, Analysis& analysis) {
                const int first = begins[group] * partRows;
                const int last = std::min(begins[group + 1] * partRows, static_cast<int>(nodes.size()));
                Low* low[Analysis::kMostParts] = {};
                for (int part = 0; first + part * partRows < last; ++part)
                    low[part] = rows.row(nodes[first + part * partRows]);
                analysis.run(nodes.data() + first, last - first, partRows, low, rows.stride());
            });
    }

    void synthesise(const cv::Range& rows, NodeRows<Low>& nodes) {
        std::vector<const Low*> filtered(frame_.y.filtered.size());
        const cv::Range taken = frame_.filteredRows(rows);
        for (int i = taken.start; i < taken.end + frame_.y.taps.size() - 1; ++i)
            filtered[i] = frame_.y.filtered[i] < 0 ? border_ : nodes.row(frame_.y.filtered[i]);

        const int bands = std::min(rows.size(), bands_);
        const auto start = [&](int band) {
            return rows.start + static_cast<int>(static_cast<int64_t>(rows.size()) * band / bands);
        };
        inParallel(
            bands * strips_, syntheses_,
            [&](int thread) { return Synthesis(frame_, expansion_, strips_, stream_, scratchOf(thread)); },
            [&](int task, Synthesis& synthesis) {
                const int band = task % bands;  // so that threads work far apart
                synthesis.run({start(band), start(band + 1)}, task / bands, filtered);
            });
    }

    MultirateFrame<Low> frame_;
    ExpansionWeights<Out> expansion_;
    bool stream_;
    int threads_, parts_, bands_, strips_;
    std::unique_ptr<unsigned char[]> memory_;
    const Low* border_ = nullptr;  ///< a row of nodes beyond the picture
    unsigned char* threadMemory_ = nullptr;
    size_t threadBytes_ = 0;
    std::vector<std::optional<Analysis>> analyses_;
    std::vector<std::optional<Synthesis>> syntheses_;
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
    if (tables.integers.inUse())
        Blur<float, RowPair>(plan, tables, source, dst).run(overlapping);
    else if (plan.nodeDepth == CV_32F)
        Blur<float, float>(plan, tables, source, dst).run(overlapping);
    else if (plan.outDepth == CV_32F)
        Blur<double, float>(plan, tables, source, dst).run(overlapping);
    else
        Blur<double, double>(plan, tables, source, dst).run(overlapping);
}

}  // namespace gkern::detail
