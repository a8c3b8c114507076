// SPDX-License-Identifier: Apache-2.0
// The schedule of the direct engine. Bands of rows and tiles of columns go to the threads. A tile is walked
// in blocks of rows: the source rows under the kernel, with their border, go through the horizontal pass four
// at a time, each once, into a ring of rows of sums that stays in the caches; the vertical pass takes a block
// of output rows from the ring into dst, which is written once.
#include "blur/direct.hpp"

#include <hwy/cache_control.h>

#include <algorithm>
#include <cstring>

#include "blur/direct_integer.hpp"
#include "blur/direct_rows.hpp"
#include "blur/engine.hpp"

namespace gkern::detail {

template <class Sum>
DirectTaps<Sum>::DirectTaps(const AxisKernel& kernel, bool takesSteps, double first)
    : weights(kernel.weights.begin(), kernel.weights.end()),
      start(static_cast<Sum>(first)),
      anchor(kernel.anchor),
      symmetric(kernel.before() == kernel.after() &&
                std::equal(kernel.weights.begin(), kernel.weights.end(), kernel.weights.rbegin())) {
    if (takesSteps && symmetric) steps = stepWeights<Sum>(kernel);
}

namespace {

/// Whether rows are summed as they stand in the picture: kernels of few pairs on pictures that need no
/// conversion. docs/benchmarks.md: it is faster for them, and slower for all others.
template <class Sum>
bool isPlain(const Job<Sum>& job) {
    return job.ofSums && job.x.anchor <= directPlainPairs(sizeof(Sum)) && !job.x.steps.empty();
}

/// Whether the horizontal pass takes pixels as they are, so that it can read them in the picture.
template <class Sum>
bool readsPicture(const Job<Sum>& job) {
    const int depth = job.dst.depth();
    return job.ofSums ||
           (std::is_same_v<Sum, float> && (depth == CV_8U || depth == CV_16U || depth == CV_16S));
}

/// How the elements of a tile's rows stand in vectors.
template <class Sum>
DirectSegments tileSegments(const Job<Sum>& job, ptrdiff_t elements) {
    DirectSegments segments = {};
    segments.plain = isPlain(job);
    segments.count = segments.plain ? 1 : directBlocks();
    const ptrdiff_t unit = static_cast<ptrdiff_t>(
        segments.plain ? kVectorBytes / sizeof(Sum) : std::max<size_t>(4, 16 / job.dst.elemSize1()));
    segments.length = roundedUp((elements + segments.count - 1) / segments.count, unit);
    const ptrdiff_t spread = std::max<ptrdiff_t>(0, elements - segments.length);
    for (int b = 1; b < segments.count; ++b) segments.start[b] = spread * b / (segments.count - 1);
    return segments;
}

template <class Sum>
void blurTile(const Job<Sum>& job, const cv::Range& band, const cv::Range& tile) {
    const int channels = job.dst.channels(), depth = job.dst.depth();
    const size_t elementBytes = job.dst.elemSize1();
    const ptrdiff_t pixelBytes = static_cast<ptrdiff_t>(job.dst.elemSize());
    const ptrdiff_t elements = static_cast<ptrdiff_t>(tile.size()) * channels;
    const DirectSegments segments = tileSegments(job, elements);
    RowPadder padder(job.border, job.columns.data() + tile.start,
                     job.source.roi.x + tile.start - job.kernelX.before(),
                     tile.size() + job.kernelX.size() - 1, job.source.whole);
    const Ring<Sum> ring(job, band);
    const ptrdiff_t padded = static_cast<ptrdiff_t>(padder.pixels()) * channels;
    const bool narrow = !job.inPlace && segments.length > elements;  // than a segment

    // A stride of an odd number of cache lines spreads the rows over the sets of the caches.
    const size_t rowBytes =
        roundedUp(static_cast<size_t>(segments.length * segments.count) * sizeof(Sum), kVectorBytes) |
        kVectorBytes;
    const size_t paddedBytes = roundedUp((padded + directSlack(channels)) * elementBytes, kVectorBytes);
    const size_t scratchBytes = roundedUp(
        directScratch<Sum>(padded, static_cast<ptrdiff_t>(job.x.weights.size()), channels) * sizeof(Sum),
        kVectorBytes);
    const size_t spareBytes = roundedUp(std::max(elements, segments.length) * elementBytes, kVectorBytes);
    const size_t narrowedBytes = roundedUp(kBlockRows * directNarrowed(elements) * sizeof(Sum), kVectorBytes);
    Scratch scratch(ring.places() * rowBytes + kBlockRows * paddedBytes + kTallRows * spareBytes +
                    scratchBytes + narrowedBytes);
    // The ring stands before the copies: vectors that begin before a copy are read, for the lanes behind.
    uint8_t* sums = scratch.take<uint8_t>(ring.places() * rowBytes);
    uint8_t* pixels = scratch.take<uint8_t>(kBlockRows * paddedBytes);
    uint8_t* spare = scratch.take<uint8_t>(kTallRows * spareBytes);
    const auto rowOfSums = [&](int place) { return reinterpret_cast<Sum*>(sums + place * rowBytes); };

    DirectQuad<Sum> quad;
    quad.x = &job.x;
    quad.channels = channels;
    quad.segments = &segments;
    quad.count = padded;
    quad.large = exceedsCoreCaches(job.source.whole);
    quad.scratch = scratch.take<Sum>(scratchBytes);
    quad.directBegin = quad.directEnd = 0;
    const int margin =
        static_cast<int>(directMargin(job.kernelX.size(), channels, segments.plain) / channels) + 1;
    if (readsPicture(job) && padder.insideEnd() - padder.inside() > 2 * margin) {
        quad.directBegin = static_cast<ptrdiff_t>(padder.inside()) * channels;
        quad.directEnd = static_cast<ptrdiff_t>(padder.insideEnd()) * channels;
        padder.leaveOut(padder.inside() + margin, padder.insideEnd() - margin);
    }
    std::vector<const Sum*> pointers(ring.window());
    DirectBlock<Sum> block;
    block.height = job.blockRows;
    block.y = &job.y;
    block.segments = &segments;
    block.width = elements;
    block.rows = pointers.data();
    block.scratch = scratch.take<Sum>(narrowedBytes);
    block.stream = job.stream;

    const int firstColumn = std::max(0, job.source.roi.x + tile.start - job.kernelX.before());
    const int places = ring.places();  // a multiple of kBlockRows
    int filled = 0, place = -kBlockRows;
    for (int y = 0; y < band.size(); y += job.blockRows) {
        for (; filled < std::min(y + ring.window(), ring.count()); filled += kBlockRows) {
            place = place + kBlockRows == places ? 0 : place + kBlockRows;
            int from[kBlockRows];
            if (!ring.quad(filled, from)) continue;
            for (int r = 0; r < kBlockRows; ++r) {
                uint8_t* row = pixels + r * paddedBytes;
                const uint8_t* source = from[r] < 0 ? nullptr : job.source.whole.ptr(from[r]);
                padder.pad(source, row);
                quad.rows[r] = row;  // a row of border values is complete in its copy
                quad.direct[r] = source == nullptr ? row + padder.inside() * pixelBytes
                                                   : source + padder.insideColumn() * pixelBytes;
                quad.next[r] = job.source.whole.ptr(
                    std::max(0, std::min(from[r] + kBlockRows, job.source.whole.rows - 1)), firstColumn);
                quad.out[r] = rowOfSums(place + r);
            }
            directHorizontal(depth, quad);
        }
        for (int i = 0; i < ring.window(); ++i) pointers[i] = rowOfSums(ring.place(y + i));
        const int height = std::min(job.blockRows, band.size() - y);
        for (int r = 0; r < job.blockRows; ++r)
            block.dst[r] =
                r < height && !narrow ? job.dst.ptr(band.start + y + r, tile.start) : spare + r * spareBytes;
        for (int r = 0; r < job.blockRows; ++r)
            block.next[r] =
                job.dst.ptr(std::min(band.start + y + r + job.blockRows, job.dst.rows - 1), tile.start);
        directVertical(depth, block);
        if (!narrow) continue;
        for (int r = 0; r < height; ++r)
            std::memcpy(job.dst.ptr(band.start + y + r, tile.start), block.dst[r], elements * elementBytes);
    }
    if (job.stream) hwy::FlushStream();
}

/// Pixels of a tile, so that the ring fits. Long rows suit the memory better than short ones, and
/// neighbouring tiles both fetch the pixels between them.
template <class Sum>
int tileColumns(const Job<Sum>& job) {
    const int pixelBytes = static_cast<int>(sizeof(Sum)) * job.dst.channels();
    const int fitting = static_cast<int>(ringBytes()) / pixelBytes / (job.kernelY.size() + job.blockRows - 1);
    return std::min(job.dst.cols, std::max({fitting, 2 * job.kernelX.size(), 256}));
}

template <class Sum>
void blurWith(const Plan& plan, const Source& source, cv::Mat& dst) {
    const Job<Sum> job(plan, source, dst);
    const double work =
        static_cast<double>(dst.total()) * dst.channels() * (job.kernelX.size() + job.kernelY.size());
    forEachPart(dst, job.blockRows, tileColumns(job), work,
                [&](const cv::Range& band, const cv::Range& tile) { blurTile(job, band, tile); });
}

}  // namespace

void blurDirect(const Plan& plan, const Source& source, cv::Mat& dst) {
    if (plan.integers.inUse()) return blurIntegers(plan, source, dst);
    plan.directSumDepth == CV_64F ? blurWith<double>(plan, source, dst) : blurWith<float>(plan, source, dst);
}

}  // namespace gkern::detail
