// SPDX-License-Identifier: Apache-2.0
// The schedule of the multirate engine. First the source is walked once and becomes nodes: rows are weighed
// onto rows of nodes, those transposed, weighed onto the nodes along them, filtered there, and kept. Then the
// nodes are filtered down the columns, expanded along the rows, and the rows expanded into dst, which is
// written once. A picture whose nodes would take too much memory is done in stripes.
#include "blur/multirate.hpp"

#include <hwy/cache_control.h>
#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>

#include "blur/direct.hpp"
#include "blur/engine.hpp"
#include "blur/multirate_axis.hpp"

namespace gkern::detail {
namespace {

template <class T>
std::vector<T> converted(const std::vector<double>& values) {
    return {values.begin(), values.end()};
}

/// Rows of numbers, each at a multiple of 64 bytes and with a whole number of vectors.
template <class T>
class Buffer {
  public:
    Buffer(ptrdiff_t rows, ptrdiff_t columns)
        : stride_((columns + kLanes<T> - 1) / kLanes<T> * kLanes<T>),
          // Vectors may begin anywhere in a row: there is one more behind the last.
          memory_(new T[static_cast<size_t>(rows * stride_) + 2 * kLanes<T>]) {
        const auto address = reinterpret_cast<uintptr_t>(memory_.get());
        first_ = memory_.get() + (64 - address % 64) % 64 / sizeof(T);
    }
    T* row(ptrdiff_t i) { return first_ + i * stride_; }
    const T* row(ptrdiff_t i) const { return first_ + i * stride_; }
    ptrdiff_t stride() const { return stride_; }

  private:
    ptrdiff_t stride_;
    std::unique_ptr<T[]> memory_;
    T* first_;
};

/// One axis with its weights in the type of the nodes.
template <class Low>
struct Chain : LineChain {
    explicit Chain(const LineChain& chain)
        : LineChain(chain),
          analysisLow(converted<Low>(analysis)),
          synthesisLow(converted<Low>(synthesis)),
          tapsLow(converted<Low>(taps.weights)),
          symmetric(std::equal(taps.weights.begin(), taps.weights.end(), taps.weights.rbegin())) {
        analysis = {};  // stand in the tables
        synthesis = {};
    }

    std::vector<Low> analysisLow, synthesisLow, tapsLow;
    bool symmetric;

    /// Block q of node numbers for Decimation.
    void put(Decimation<Low>& job, int q, int node) const {
        job.first[q] = nodes[node].first;
        job.count[q] = nodes[node].count;
        job.weights[q] = analysisLow.data() + nodes[node].offset;
    }
    void put(NodeFilter<Low>& job) const {
        job.weights = tapsLow.data();
        job.size = taps.size();
        job.symmetric = symmetric;
    }
};

cv::Range rangeOf(const std::vector<int>& indices) {
    int first = INT_MAX, last = -1;
    for (const int i : indices)
        if (i >= 0) {
            first = std::min(first, i);
            last = std::max(last, i);
        }
    return first > last ? cv::Range(0, 0) : cv::Range(first, last + 1);
}

int threadsFor(double work) {
    // Waking a thread costs some ten microseconds; a picture that takes no longer is left to one.
    constexpr double kSmallWork = 1e6;
    return work < kSmallWork ? 1 : std::max(1, cv::getNumThreads());
}

/// Calls task(i, scratch) for i = 0 … tasks − 1; what makeScratch() returns serves several tasks in turn.
template <class MakeScratch, class Task>
void inParallel(int tasks, int threads, MakeScratch makeScratch, Task task) {
    const auto run = [&](const cv::Range& range) {
        auto scratch = makeScratch();
        for (int i = range.start; i < range.end; ++i) task(i, scratch);
    };
    if (threads == 1 || tasks == 1) return run({0, tasks});
    cv::parallel_for_(cv::Range(0, tasks), run, 4 * threads);
}

template <class Low, class Out>
class Blur {
  public:
    Blur(const MultiratePlan& plan, const MultirateTables& tables, const Source& source, cv::Mat& dst)
        : source_(source),
          dst_(dst),
          depth_(dst.depth()),
          channels_(dst.channels()),
          x_(tables.x),
          y_(tables.y),
          expansion_(converted<Out>(tables.y.synthesis)),
          nodesX_(rangeOf(x_.filtered)) {
        cv::Mat border = borderPixel(plan.borderValue, dst.type());
        std::vector<int> used;
        for (int node = nodesX_.start; node < nodesX_.end; ++node)
            for (int i = 0; i < x_.nodes[node].count; ++i)
                used.push_back(x_.pixels[x_.nodes[node].first + i]);
        columns_ = rangeOf(used);
        borderRow_ = cv::repeat(border, 1, std::max(1, columns_.size()));
        border.convertTo(border, CV_64F);
        borderLow_.assign(border.ptr<double>(), border.ptr<double>() + channels_);
        // Beyond the last-level cache, rows that are written past it need not be read first.
        constexpr size_t kCached = size_t(8) << 20;
        stream_ = dst.step % 64 == 0 && dst.total() * dst.elemSize() >= kCached;
        threads_ = threadsFor(20.0 * dst.total() * channels_);
    }

    /// @param stripes 1 where dst shares memory with the source: all of that is read before dst is written.
    void run(bool overlapping) {
        int stripes = 1;
        const size_t limit = dst_.total() * dst_.elemSize() / 12 + (size_t(1) << 18);
        while (!overlapping && stripes < dst_.rows / 64 &&
               neededNodes(stripe(0, stripes)).size() * lowStride() * sizeof(Low) > limit)
            ++stripes;
        for (int s = 0; s < stripes; ++s) runStripe(stripe(s, stripes));
    }

  private:
    static constexpr int kSide = kLanes<Low>;
    /// Elements that are weighed onto rows of nodes at a time: their sums stay in the L1 cache.
    static constexpr ptrdiff_t kRowTile = 2048 / sizeof(Low);
    static constexpr int kColumnTile = 128;  ///< pixels that are expanded along rows at a time

    /// What one task of the analysis works in.
    struct Analysis {
        explicit Analysis(const Blur& b)
            : rows(kSide, kRowTile),
              columns((b.columns_.size() + 1) * b.channels_ + 4, kSide),
              along(b.x_.identity ? 0 : b.nodesX_.size(), b.lineElements()),
              filtered(b.x_.filteredCount + 4, b.lineElements()) {
            const auto column = [&](int pixel) -> const Low* {
                if (pixel < 0) return columns.row(static_cast<ptrdiff_t>(b.columns_.size()) * b.channels_);
                if (pixel < b.columns_.start || pixel >= b.columns_.end) return nullptr;  // no node takes it
                return columns.row(static_cast<ptrdiff_t>(pixel - b.columns_.start) * b.channels_);
            };
            for (const int pixel : b.x_.pixels) columnLines.push_back(column(pixel));
            for (const int node : b.x_.filtered)
                filterLines.push_back(b.x_.identity ? column(node) : along.row(node - b.nodesX_.start));
        }
        Buffer<Low> rows;      ///< of nodes, one tile
        Buffer<Low> columns;   ///< the same rows transposed: column by column, and one of the border behind
        Buffer<Low> along;     ///< columns of nodes
        Buffer<Low> filtered;  ///< columns of nodes
        std::vector<const Low*> columnLines, filterLines;
        std::vector<const void*> rowLines;
        std::vector<Low> weights;
    };

    /// What one task of the synthesis works in.
    struct Synthesis {
        Synthesis(const Blur& b, int ringRows, int stripColumns)
            : nodeRows(kSide, b.x_.filteredCount * b.channels_),
              nodeColumns(static_cast<ptrdiff_t>(b.x_.filteredCount) * b.channels_ + 4, kSide),
              ring(ringRows, static_cast<ptrdiff_t>(stripColumns) * b.channels_),
              tile(kColumnTile + 4, b.lineElements()),
              start(kColumnTile),
              filterLines(kSide + b.y_.taps.size() - 1),
              taken(b.y_.width) {}
        Buffer<Low> nodeRows, nodeColumns;
        Buffer<Out> ring;  ///< rows of pixels from rows of nodes
        Buffer<Out> tile;  ///< columns of pixels
        std::vector<int> start;
        std::vector<const Low*> filterLines;
        std::vector<const Out*> taken;
    };

    /// Elements of a column of all rows that are transposed together.
    ptrdiff_t lineElements() const { return static_cast<ptrdiff_t>(channels_) * kSide; }

    cv::Range stripe(int number, int stripes) const {
        const auto start = [&](int s) {
            return static_cast<int>(static_cast<int64_t>(dst_.rows) * s / stripes);
        };
        return {start(number), start(number + 1)};
    }

    size_t lowStride() const {
        return (static_cast<size_t>(x_.filteredCount) * channels_ + kSide - 1) / kSide * kSide;
    }

    /// Filtered node rows that output rows [rows.start, rows.end) take.
    cv::Range filteredRows(const cv::Range& rows) const {
        return {y_.start[rows.start], y_.start[rows.end - 1] + y_.width};
    }

    std::vector<int> neededNodes(const cv::Range& rows) const {
        const cv::Range filtered = filteredRows(rows);
        std::vector<int> nodes(y_.filtered.begin() + filtered.start,
                               y_.filtered.begin() + filtered.end + y_.taps.size() - 1);
        std::sort(nodes.begin(), nodes.end());
        nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
        if (!nodes.empty() && nodes.front() < 0) nodes.erase(nodes.begin());
        return nodes;
    }

    void runStripe(const cv::Range& rows) {
        const std::vector<int> nodes = neededNodes(rows);
        const int groups = (static_cast<int>(nodes.size()) + kSide - 1) / kSide;
        // One row more holds the border value.
        Buffer<Low> low(static_cast<ptrdiff_t>(groups) * kSide + 1, x_.filteredCount * channels_);
        std::vector<int> slots(y_.nodes.size());
        for (size_t i = 0; i < nodes.size(); ++i) slots[nodes[i]] = static_cast<int>(i);
        for (ptrdiff_t e = 0; e < x_.filteredCount * channels_; ++e)
            low.row(static_cast<ptrdiff_t>(groups) * kSide)[e] = borderLow_[e % channels_];

        inParallel(
            groups, threads_, [&] { return Analysis(*this); },
            [&](int group, Analysis& scratch) {
                const size_t first = static_cast<size_t>(group) * kSide;
                const int count = static_cast<int>(std::min<size_t>(kSide, nodes.size() - first));
                weighRows(nodes.data() + first, count, scratch);
                weighColumns(scratch);
                filterColumns(scratch, low.row(static_cast<ptrdiff_t>(first)), low.stride());
            });

        std::vector<const Low*> filtered(y_.filtered.size());
        for (size_t i = 0; i < filtered.size(); ++i)
            filtered[i] =
                low.row(y_.filtered[i] < 0 ? static_cast<ptrdiff_t>(groups) * kSide : slots[y_.filtered[i]]);
        const int bands = std::min(rows.size(), threads_ == 1 ? 1 : 2 * threads_);
        // The ring of a strip of columns stays in the L2 cache.
        const int ringRows = (kSide + y_.width - 1 + kSide - 1) / kSide * kSide;
        const ptrdiff_t fitting = (256 << 10) / (ringRows * channels_ * static_cast<ptrdiff_t>(sizeof(Out)));
        const int strips = std::max(1, dst_.cols / static_cast<int>(std::max<ptrdiff_t>(64, fitting)));
        const auto at = [](const cv::Range& range, int i, int parts) {
            return range.start + static_cast<int>(static_cast<int64_t>(range.size()) * i / parts);
        };
        const auto makeScratch = [&] { return Synthesis(*this, ringRows, dst_.cols / strips + 65); };
        inParallel(bands, threads_, makeScratch, [&](int band, Synthesis& scratch) {
            for (int s = 0; s < strips; ++s) {
                const cv::Range all(0, dst_.cols);
                const auto column = [&](int i) {
                    return i == strips ? dst_.cols : at(all, i, strips) / 64 * 64;
                };
                synthesise({at(rows, band, bands), at(rows, band + 1, bands)}, {column(s), column(s + 1)},
                           filtered, ringRows, scratch);
            }
        });
    }

    const void* rowLine(int line) const {
        const int pixel = y_.pixels[std::min(line, static_cast<int>(y_.pixels.size()) - 1)];
        return pixel < 0 ? borderRow_.data : source_.whole.ptr(pixel, columns_.start);
    }

    /// Rows of the source onto `count` rows of nodes, transposed.
    void weighRows(const int* nodes, int count, Analysis& scratch) const {
        // Blocks of rows begin at multiples of their size: a node is the same sum whoever computes it.
        struct Block {
            int line, from, to;  ///< the nodes that it weighs on
            int begun;           ///< nodes before this one had earlier blocks
            size_t weights;
        };
        std::vector<Block> blocks;
        scratch.weights.clear();
        int line = y_.nodes[nodes[0]].first / kRowBlock * kRowBlock, from = 0, to = 0;
        while (true) {
            while (from < to && y_.nodes[nodes[from]].end() <= line) ++from;
            if (from == to) {
                if (to == count) break;
                line = y_.nodes[nodes[to]].first / kRowBlock * kRowBlock;
            }
            Block block{line, from, to, to, scratch.weights.size()};
            while (to < count && y_.nodes[nodes[to]].first < line + kRowBlock) ++to;
            block.to = to;
            for (int n = from; n < to; ++n)
                for (int l = line; l < line + kRowBlock; ++l) {
                    const LineChain::Node& node = y_.nodes[nodes[n]];
                    const bool taken = l >= node.first && l < node.end();
                    scratch.weights.push_back(taken ? y_.analysisLow[node.offset + l - node.first] : Low(0));
                }
            blocks.push_back(block);
            line += kRowBlock;
        }
        scratch.rowLines.clear();
        for (size_t b = 0; b <= blocks.size(); ++b)  // one more, for what is fetched ahead
            for (int r = 0; r < kRowBlock; ++r)
                scratch.rowLines.push_back(rowLine(blocks[std::min(b, blocks.size() - 1)].line + r));

        const ptrdiff_t elements = static_cast<ptrdiff_t>(columns_.size()) * channels_;
        Low* sums[kSide];
        for (int i = 0; i < kSide; ++i) sums[i] = scratch.rows.row(i);
        Accumulation<Low> job;
        for (job.begin = 0; job.begin < elements; job.begin += kRowTile) {
            job.elements = std::min(kRowTile, elements - job.begin);
            for (size_t b = 0; b < blocks.size(); ++b) {
                job.lines = scratch.rowLines.data() + b * kRowBlock;
                job.weights = scratch.weights.data() + blocks[b].weights;
                job.sums = sums + blocks[b].from;
                job.nodes = blocks[b].to - blocks[b].from;
                job.begun = blocks[b].begun - blocks[b].from;
                accumulate(depth_, job);
            }
            transposed(scratch.rows.row(0), scratch.rows.stride(), kSide, (job.elements + 3) / 4 * 4,
                       scratch.columns.row(job.begin), kSide);
        }
        Low* border = scratch.columns.row(elements);
        for (ptrdiff_t e = 0; e < lineElements(); ++e) border[e] = borderLow_[e / kSide];
    }

    /// Columns of pixels onto columns of nodes.
    void weighColumns(Analysis& scratch) const {
        if (x_.identity) return;
        Decimation<Low> job;
        job.lines = scratch.columnLines.data();
        job.elements = lineElements();
        for (int node = nodesX_.start; node < nodesX_.end; node += kNodeBlock) {
            job.nodes = std::min(kNodeBlock, nodesX_.end - node);
            for (int q = 0; q < job.nodes; ++q) {
                x_.put(job, q, node + q);
                job.out[q] = scratch.along.row(node + q - nodesX_.start);
            }
            decimate(job);
        }
    }

    /// Columns of nodes, filtered along the rows and transposed, into kSide rows of `low`.
    void filterColumns(Analysis& scratch, Low* low, ptrdiff_t stride) const {
        NodeFilter<Low> filter;
        x_.put(filter);
        filter.lines = scratch.filterLines.data();
        filter.rows = x_.filteredCount;
        filter.elements = lineElements();
        filter.out = scratch.filtered.row(0);
        filter.stride = lineElements();
        filterNodes(filter);
        transposed(filter.out, kSide, (static_cast<ptrdiff_t>(x_.filteredCount) * channels_ + 3) / 4 * 4,
                   kSide, low, stride);
    }

    /// Output pixels of a band of rows and a strip of columns, from filtered rows of nodes.
    void synthesise(const cv::Range& rows, const cv::Range& columns, const std::vector<const Low*>& low,
                    int ringRows, Synthesis& scratch) const {
        const cv::Range filtered = filteredRows(rows);
        // Nodes along x that the strip takes.
        const cv::Range along(x_.start[columns.start], x_.start[columns.end - 1] + x_.width);
        Expansion<Out> job;
        job.rows = scratch.taken.data();
        job.width = y_.width;
        job.elements = static_cast<ptrdiff_t>(columns.size()) * channels_;
        job.step = dst_.step;

        int y = rows.start;
        for (int o = filtered.start; o < filtered.end; o += kSide) {
            const int count = std::min(kSide, filtered.end - o);
            for (int i = 0; i < count + y_.taps.size() - 1; ++i)
                scratch.filterLines[i] = low[o + i] + static_cast<ptrdiff_t>(along.start) * channels_;
            NodeFilter<Low> filter;
            y_.put(filter);
            filter.lines = scratch.filterLines.data();
            filter.rows = count;
            filter.elements = static_cast<ptrdiff_t>(along.size()) * channels_;
            filter.out = scratch.nodeRows.row(0);
            filter.stride = scratch.nodeRows.stride();
            filterNodes(filter);
            expandColumns(columns, along, (o - filtered.start) % ringRows, scratch);

            while (y < rows.end && y_.start[y] + y_.width <= o + count) {
                int next = y + 1;
                while (next < rows.end && y_.start[next] == y_.start[y]) ++next;
                for (int i = 0; i < y_.width; ++i)
                    scratch.taken[i] = scratch.ring.row((y_.start[y] + i - filtered.start) % ringRows);
                job.weights = expansion_.data() + static_cast<ptrdiff_t>(y) * y_.width;
                job.count = next - y;
                job.dst = dst_.ptr(y, columns.start);
                job.stream = stream_ && reinterpret_cast<uintptr_t>(job.dst) % 64 == 0;
                expand(depth_, job);
                y = next;
            }
        }
        if (stream_) hwy::FlushStream();
    }

    /// kSide filtered rows of nodes into rows of pixels of the ring, from row `slot` on.
    void expandColumns(const cv::Range& columns, const cv::Range& along, int slot, Synthesis& scratch) const {
        const ptrdiff_t elements = static_cast<ptrdiff_t>(along.size()) * channels_;
        if (x_.identity) {
            for (int r = 0; r < kSide; ++r)
                std::copy_n(scratch.nodeRows.row(r), elements, scratch.ring.row(slot + r));
            return;
        }
        transposed(scratch.nodeRows.row(0), scratch.nodeRows.stride(), kSide, (elements + 3) / 4 * 4,
                   scratch.nodeColumns.row(0), kSide);
        Interpolation<Low, Out> job;
        job.lines = scratch.nodeColumns.row(0);
        job.stride = lineElements();
        job.start = scratch.start.data();
        job.width = x_.width;
        job.out = scratch.tile.row(0);
        for (int begin = columns.start; begin < columns.end; begin += kColumnTile) {
            job.count = std::min(kColumnTile, columns.end - begin);
            for (int i = 0; i < job.count; ++i) scratch.start[i] = x_.start[begin + i] - along.start;
            job.weights = x_.synthesisLow.data() + static_cast<ptrdiff_t>(begin) * x_.width;
            interpolate(job);
            transposed(job.out, kSide, (static_cast<ptrdiff_t>(job.count) * channels_ + 3) / 4 * 4, kSide,
                       scratch.ring.row(slot) + static_cast<ptrdiff_t>(begin - columns.start) * channels_,
                       scratch.ring.stride());
        }
    }

    const Source& source_;
    cv::Mat& dst_;
    int depth_, channels_, threads_;
    bool stream_;
    Chain<Low> x_, y_;
    std::vector<Out> expansion_;
    cv::Range nodesX_;   ///< nodes along x that are taken
    cv::Range columns_;  ///< of the picture that they take
    cv::Mat borderRow_;
    std::vector<Low> borderLow_;
};

/// Whether all pixels in reach are the same, and the border as well. Ends at the first that is not.
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
