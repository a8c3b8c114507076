// SPDX-License-Identifier: Apache-2.0
// What the direct engine's schedule (direct.cpp) keeps about the rows of a tile: its memory, the pixels with
// their border, and which rows of sums stand where.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>

#include "blur/caches.hpp"
#include "blur/direct.hpp"
#include "blur/source.hpp"

namespace gkern::detail {

template <class T>
constexpr T roundedUp(T value, T unit) {
    return (value + unit - 1) / unit * unit;
}

/// One piece of memory, aligned for every vector and not initialised, handed out in parts.
class Scratch {
  public:
    explicit Scratch(size_t bytes) : memory_(new uint8_t[bytes + kVectorBytes]) {
        next_ = memory_.get() + kVectorBytes - reinterpret_cast<uintptr_t>(memory_.get()) % kVectorBytes;
    }

    template <class T>
    T* take(size_t bytes) {
        uint8_t* part = next_;
        next_ += bytes;
        return reinterpret_cast<T*>(part);
    }

  private:
    std::unique_ptr<uint8_t[]> memory_;
    uint8_t* next_;
};

/// Calls blur(band, tile) for bands of rows and tiles of columns that make up dst, in threads where `work`,
/// about the multiply-adds, is worth waking them: that costs some ten microseconds. Two bands sum the rows
/// between them twice: there is one for each thread.
/// @param blockRows rows that go through a pass together; bands are multiples of them.
template <class F>
void forEachPart(const cv::Mat& dst, int blockRows, int tileColumns, double work, const F& blur) {
    constexpr double kSmallWork = 1e6;
    const int tiles = (dst.cols + tileColumns - 1) / tileColumns;
    const int threads = work < kSmallWork ? 1 : std::max(1, cv::getNumThreads());
    const int blocks = (dst.rows + blockRows - 1) / blockRows;
    const int bands = threads == 1 ? 1 : std::min(blocks, threads);
    const auto part = [](int length, int parts, int i) {
        return static_cast<int>(static_cast<int64_t>(length) * i / parts);
    };
    const auto row = [&](int b) { return std::min(dst.rows, part(blocks, bands, b) * blockRows); };
    const auto column = [&](int t) {
        constexpr int kUnit = kVectorBytes;  // pixels that fill vectors in every depth
        return std::min(dst.cols, part((dst.cols + kUnit - 1) / kUnit, tiles, t) * kUnit);
    };
    const auto blurPart = [&](int i) {
        const int band = i % bands, tile = i / bands;
        blur(cv::Range(row(band), row(band + 1)), cv::Range(column(tile), column(tile + 1)));
    };
    if (threads == 1) {
        for (int i = 0; i < bands * tiles; ++i) blurPart(i);
        return;
    }
    cv::parallel_for_(cv::Range(0, bands * tiles), [&](const cv::Range& range) {
        for (int i = range.start; i < range.end; ++i) blurPart(i);
    });
}

/// The middle of the range of pixels, as sums count them: float ones of 16 bits from there.
template <class Sum>
double directMiddle(int depth) {
    if (depth == CV_8U) return 127.5;
    return depth == CV_16U && std::is_same_v<Sum, double> ? 32767.5 : 0;
}

/// Whether rows of `dst` go past the caches: there are many, and they consist of whole vectors.
inline bool suitsStreaming(const cv::Mat& dst) {
    return exceedsCaches(dst) && dst.cols * dst.elemSize() % kVectorBytes == 0 &&
           dst.step % kVectorBytes == 0 && reinterpret_cast<uintptr_t>(dst.data) % kVectorBytes == 0;
}

/// A pixel of the values around the picture; empty where there are none.
inline cv::Mat borderValues(const Plan& plan, int type) {
    return plan.borderType == cv::BORDER_CONSTANT ? borderPixel(plan.borderValue, type) : cv::Mat();
}

/// What all tiles share.
template <class Sum>
struct Job {
    Job(const Plan& plan, const Source& s, cv::Mat& d)
        : source(s),
          dst(d),
          inPlace(plan.directSumDepth == CV_64F || plan.depth == CV_32F || plan.depth == CV_16F),
          ofSums(d.depth() == cv::DataType<Sum>::depth),
          stream(ofSums && suitsStreaming(d)),
          kernelX(folded(plan.directX, s.whole.cols, plan.borderType)),
          kernelY(folded(plan.directY, s.whole.rows, plan.borderType)),
          x(kernelX, plan.stepsX, 0),
          y(kernelY, plan.stepsY, plan.shortfall() * directMiddle<Sum>(plan.depth)),
          blockRows(isTall() ? kTallRows : kBlockRows),
          border(borderValues(plan, s.whole.type())),
          columns(borderIndices(s.roi.x - kernelX.before(), s.roi.width + kernelX.size() - 1, s.whole.cols,
                                plan.borderType)),
          rows(borderIndices(s.roi.y - kernelY.before(), s.roi.height + kernelY.size() - 1, s.whole.rows,
                             plan.borderType)) {}

    /// Whether output rows are many at a time. Those of 16 bits need the registers of vectors of 512 bits.
    bool isTall() const {
        const int depth = dst.depth();
        if (ofSums) return !y.steps.empty() && y.anchor > kPlainPairs<Sum>;
        return std::is_same_v<Sum, float> && (depth == CV_16U || depth == CV_16S) && y.symmetric &&
               y.anchor > kFewPairs && directBlocks() == kMostSegments;
    }

    const Source& source;
    cv::Mat& dst;
    bool inPlace;  ///< rows of sums have the order of the picture
    bool ofSums;   ///< pixels have the type of the sums
    bool stream;   ///< rows of dst go past the caches
    AxisKernel kernelX, kernelY;
    DirectTaps<Sum> x, y;
    int blockRows;  ///< output rows that are summed together
    cv::Mat border;
    std::vector<int> columns,
        rows;  ///< of the picture, from the first tap of the first pixel on; −1: the border value
};

/// Copies rows of the picture with their border, a tile wide.
class RowPadder {
  public:
    /// @param border a pixel of border values; may be empty where none is read.
    /// @param columns of the picture, for each pixel of a copy; −1: the border value.
    /// @param first where the first one would be without a border.
    /// @param count pixels of a copy.
    RowPadder(const cv::Mat& border, const int* columns, int first, int count, const cv::Mat& whole)
        : border_(border.data),
          pixelBytes_(whole.elemSize()),
          columns_(columns),
          count_(count),
          inside_(std::max(0, -first)),
          insideEnd_(std::min(count, whole.cols - first)) {}

    int pixels() const { return count_; }

    /// The part of the pixels that lies in the picture, and the column of the first of them.
    int inside() const { return inside_; }
    int insideEnd() const { return insideEnd_; }
    int insideColumn() const { return columns_[inside_]; }

    /// Leaves out pixels begin … end − 1 of rows of the picture; all of them lie in it.
    void leaveOut(int begin, int end) {
        gap_ = begin;
        gapEnd_ = end;
    }

    /// @param source the row at column 0 of the picture; null for a row of border values.
    void pad(const uint8_t* source, uint8_t* out) const {
        switch (pixelBytes_) {
            case 1:
                return padAs<1>(source, out);
            case 2:
                return padAs<2>(source, out);
            case 3:
                return padAs<3>(source, out);
            case 4:
                return padAs<4>(source, out);
            case 8:
                return padAs<8>(source, out);
            case 12:
                return padAs<12>(source, out);
            default:
                return padAs<0>(source, out);
        }
    }

  private:
    /// kBytes of a pixel, known to the compiler unless 0.
    template <size_t kBytes>
    void padAs(const uint8_t* source, uint8_t* out) const {
        const size_t bytes = kBytes == 0 ? pixelBytes_ : kBytes;
        const auto fetch = [&](int from, int to) {
            for (int x = from; x < to; ++x) {
                const int column = source == nullptr ? -1 : columns_[x];
                std::memcpy(out + x * bytes, column < 0 ? border_ : source + column * bytes, bytes);
            }
        };
        if (source == nullptr) return fetch(0, count_);
        const auto copy = [&](int from, int to) {
            std::memcpy(out + from * bytes, source + (columns_[inside_] + from - inside_) * bytes,
                        (to - from) * bytes);
        };
        fetch(0, inside_);
        if (gap_ < gapEnd_) {
            copy(inside_, gap_);
            copy(gapEnd_, insideEnd_);
        } else {
            copy(inside_, insideEnd_);
        }
        fetch(insideEnd_, count_);
    }

    const uint8_t* border_;
    size_t pixelBytes_;
    const int* columns_;              ///< of the picture, for each pixel; −1: the border value
    int count_, inside_, insideEnd_;  ///< pixels; those from inside_ on lie in the picture, up to insideEnd_
    int gap_ = 0, gapEnd_ = 0;        ///< pixels that nobody reads
};

/// The rows of sums of a tile, from the first tap of the first output row on. A block of output rows needs
/// `window` of them; their places come round again after as many.
template <class Sum>
class Ring {
  public:
    Ring(const Job<Sum>& job, const cv::Range& band)
        : blockRows_(job.blockRows),
          rows_(job.rows.data() + band.start),
          count_(band.size() + job.kernelY.size() - 1),
          window_(job.kernelY.size() + job.blockRows - 1),
          servedBy_(count_),
          place_(count_) {
        const int toPosition = job.kernelY.before() - job.source.roi.y - band.start;
        const int lastBlock = (band.size() - 1) / blockRows_ * blockRows_;
        int next = 0;
        for (int p = 0; p < count_; ++p) {
            servedBy_[p] = p;
            place_[p] = next;
            if (++next == places()) next = 0;
        }
        for (int p = 0; p < count_; ++p) {
            // A mirrored row is the row it mirrors, if all blocks that see the one see the other.
            const int twin = rows_[p] + toPosition;
            if (twin == p || rows_[p] < 0 || twin < 0 || twin >= count_ || rows_[twin] != rows_[p]) continue;
            const int firstUser = std::max(0, roundedUp(p - window_ + 1, blockRows_));
            const int lastUser = std::min(p / blockRows_ * blockRows_, lastBlock);
            if (twin < lastUser || twin >= firstUser + window_) continue;
            servedBy_[p] = twin;  // which serves itself
            place_[p] = place_[twin];
        }
    }

    int places() const { return roundedUp(window_, kBlockRows); }
    int window() const { return window_; }

    /// The rows of the picture that make rows first … first + kBlockRows − 1; −1: border values. False if
    /// none of them is needed.
    bool quad(int first, int (&pictureRows)[kBlockRows]) const {
        bool needed = false;
        for (int r = 0; r < kBlockRows; ++r) {
            const int p = std::min(first + r, count_ - 1);
            pictureRows[r] = rows_[p];
            needed |= servedBy_[p] == first + r;
        }
        return needed;
    }

    /// The place of row p; rows beyond the end repeat the last one.
    int place(int p) const { return place_[std::min(p, count_ - 1)]; }

    int count() const { return count_; }

  private:
    int blockRows_;
    const int* rows_;
    int count_, window_;
    std::vector<int> servedBy_;  ///< the row that is the same as row p, or p
    std::vector<int> place_;     ///< of servedBy_ in the ring
};

}  // namespace gkern::detail
