// SPDX-License-Identifier: Apache-2.0
// The direct engine for three taps an axis on 8U: all nine products at once, in integers. Sums of pixels are
// exact in 16 bits and the sum of their products in 32: but for the weights, which Plan::nine holds to 18
// bits, nothing is rounded before the level. Compiled once per SIMD target, chosen at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blur/direct_nine.cpp"
// As in direct_simd.cpp.
#define HWY_BROKEN_EMU128 0
#define HWY_DISABLED_TARGETS \
    (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "blur/direct.hpp"
#include "blur/direct_nine.hpp"
#include "blur/direct_rows.hpp"
#include "simd/unroll-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if !HWY_NATIVE_FMA  // directSupported()

void nineSpan(const NineSpan&) {
    HWY_ABORT("the direct engine has no code for processors without fused multiply-add");
}

#else

/// The pixels e … e + lanes − 1 of kBlockRows rows.
HWY_INLINE void nineStep(const NineSpan& span, ptrdiff_t e) {
    const hn::ScalableTag<int16_t> d;
    const hn::ScalableTag<int32_t> sums;
    const hn::Rebind<uint8_t, decltype(d)> pixels;
    using V = hn::Vec<decltype(d)>;
    const ptrdiff_t next = span.channels;
    constexpr int kRows = kBlockRows + 2;
    V centre[kRows], sides[kRows];
    unrolled<kRows>([&](auto i) GKERN_BODY {
        const uint8_t* row = span.rows[i] + e;
        centre[i] = hn::PromoteTo(d, hn::LoadU(pixels, row));
        sides[i] = hn::Add(hn::PromoteTo(d, hn::LoadU(pixels, row - next)),
                           hn::PromoteTo(d, hn::LoadU(pixels, row + next)));
    });
    const NineTaps& taps = *span.taps;
    const auto pairOf = [&](int even, int odd) GKERN_BODY {
        return hn::BitCast(d, hn::Set(sums, static_cast<int32_t>(static_cast<uint32_t>(odd) << 16 |
                                                                 static_cast<uint32_t>(even))));
    };
    const V nearWeights = pairOf(taps.vertical, taps.horizontal),
            farWeights = pairOf(taps.diagonal, 1 << (taps.shift - 4));
    unrolled<kBlockRows>([&](auto r) GKERN_BODY {
        // c + Σ w·(pixel − c): flat regions stay flat, and the weights need not sum to 1.
        const V c = centre[r + 1], twice = hn::Add(c, c);
        const V above = hn::Sub(hn::Add(centre[r], centre[r + 2]), twice);
        const V beside = hn::Sub(sides[r + 1], twice);
        const V corners = hn::Sub(hn::Add(sides[r], sides[r + 2]), hn::Add(twice, twice));
        // c and half a level, in sixteenths: with its weight the 2^shift-fold.
        const V rounded = hn::Add(hn::ShiftLeft<4>(c), hn::Set(d, 8));
        const auto sumOf = [&](V near, V far) GKERN_BODY {
            auto odd = hn::Zero(sums);
            auto sum = hn::ReorderWidenMulAccumulate(sums, near, nearWeights, hn::Zero(sums), odd);
            sum = hn::ReorderWidenMulAccumulate(sums, far, farWeights, sum, odd);
            return hn::ShiftRightSame(hn::RearrangeToOddPlusEven(sum, odd), taps.shift);
        };
        const auto lower =
            sumOf(hn::InterleaveLower(d, above, beside), hn::InterleaveLower(d, corners, rounded));
        const auto upper =
            sumOf(hn::InterleaveUpper(d, above, beside), hn::InterleaveUpper(d, corners, rounded));
        const V result = hn::ReorderDemote2To(d, lower, upper);
        hn::StoreU(hn::DemoteTo(pixels, result), pixels, span.dst[r] + e);
    });
}

void nineSpan(const NineSpan& wanted) {
    const NineSpan span = wanted;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(hn::ScalableTag<int16_t>()));
    static_assert(hn::MaxLanes(hn::ScalableTag<int16_t>()) <= kNineLanes, "least length of a span");
    for (ptrdiff_t e = span.begin; e + N < span.end; e += N) {
        unrolled<kBlockRows>([&](auto r) GKERN_BODY {
            hwy::Prefetch(span.nextRows[r] + e);
            hwy::Prefetch(span.nextDst[r] + e);
        });
        nineStep(span, e);
    }
    nineStep(span, span.end - N);  // overlaps the one before
}

#endif  // HWY_TARGET

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(nineSpan);

namespace {

constexpr int kRowsRead = kBlockRows + 2;

/// The blur of a picture, as bands of rows.
class Nine {
  public:
    Nine(const Plan& plan, const Source& source, cv::Mat& dst)
        : taps_(plan.nine),
          source_(source),
          dst_(dst),
          channels_(dst.channels()),
          elements_(static_cast<ptrdiff_t>(dst.cols) * dst.channels()),
          border_(borderPixel(plan.borderValue, source.whole.type())),
          columns_(borderIndices(source.roi.x - 1, source.roi.width + 2, source.whole.cols, plan.borderType)),
          rows_(borderIndices(source.roi.y - 1, source.roi.height + 2, source.whole.rows, plan.borderType)),
          wide_(channels_ <= kStrip - kNineLanes && elements_ >= 2 * kStrip),
          padded_(elements_ + 2 * channels_ + kNineLanes),
          borderRow_(static_cast<size_t>(padded_)) {
        for (ptrdiff_t e = 0; e < elements_ + 2 * channels_; ++e)
            borderRow_[static_cast<size_t>(e)] = border_.data[e % channels_];
    }

    void band(const cv::Range& band) const {
        std::vector<uint8_t> memory(
            static_cast<size_t>(wide_ ? 2 * kRowsRead * kStripBytes : (kRowsRead + kBlockRows) * padded_));
        std::vector<uint8_t> spare(static_cast<size_t>(elements_));  // rows beyond the end
        NineSpan span;
        span.taps = &taps_;
        span.channels = channels_;
        for (int y = band.start; y < band.end; y += kBlockRows) {
            const uint8_t* rows[kRowsRead];
            uint8_t* dst[kBlockRows];
            for (int i = 0; i < kRowsRead; ++i) {
                const int row = rows_[static_cast<size_t>(std::min(y + i, dst_.rows + 1))];
                rows[i] = row < 0 ? borderRow_.data() + channels_ : source_.whole.ptr(row, source_.roi.x);
            }
            for (int r = 0; r < kBlockRows; ++r) {
                const int later = std::min(y + r + kBlockRows, dst_.rows - 1);
                dst[r] = y + r < band.end ? dst_.ptr(y + r) : spare.data();
                span.nextDst[r] = dst_.ptr(later);
                const int sourceRow = std::min(source_.roi.y + later + 1, source_.whole.rows - 1);
                span.nextRows[r] = source_.whole.ptr(sourceRow, source_.roi.x);
            }
            if (wide_)
                blockOfWide(rows, dst, memory.data(), span);
            else
                blockOfNarrow(rows, dst, memory.data(), span);
        }
    }

  private:
    /// Bytes at either end of a row that are copied next to the border, and those with it.
    static constexpr ptrdiff_t kStrip = 64, kStripBytes = 2 * kStrip;

    /// The pixel before column 0 of dst or after its last one, of a row of the picture or of border values.
    const uint8_t* beyond(const uint8_t* row, bool after) const {
        const int column = columns_[after ? columns_.size() - 1 : 0];
        if (column < 0) return border_.data;
        return row + (static_cast<ptrdiff_t>(column) - source_.roi.x) * channels_;
    }

    void blockOfWide(const uint8_t* const (&rows)[kRowsRead], uint8_t* const (&dst)[kBlockRows],
                     uint8_t* memory, NineSpan& span) const {
        for (int i = 0; i < kRowsRead; ++i) span.rows[i] = rows[i];
        for (int r = 0; r < kBlockRows; ++r) span.dst[r] = dst[r];
        span.begin = kNineLanes;
        span.end = elements_ - kNineLanes;
        HWY_DYNAMIC_DISPATCH(nineSpan)(span);
        for (const bool after : {false, true}) {
            // Element 0 of a strip is that of the row, or its last one is.
            const ptrdiff_t shift = after ? elements_ - kStrip : 0;
            for (int i = 0; i < kRowsRead; ++i) {
                uint8_t* strip = memory + (after ? kRowsRead + i : i) * kStripBytes + kStrip / 2;
                std::memcpy(strip, rows[i] + shift, kStrip);
                const uint8_t* pixel = beyond(rows[i], after);
                for (int c = 0; c < channels_; ++c) strip[after ? kStrip + c : c - channels_] = pixel[c];
                span.rows[i] = strip;
            }
            for (int r = 0; r < kBlockRows; ++r) span.dst[r] = dst[r] + shift;
            span.begin = after ? kStrip - kNineLanes : 0;
            span.end = span.begin + kNineLanes;
            HWY_DYNAMIC_DISPATCH(nineSpan)(span);
        }
    }

    /// Rows that are short, or of many channels: through copies with their border.
    void blockOfNarrow(const uint8_t* const (&rows)[kRowsRead], uint8_t* const (&dst)[kBlockRows],
                       uint8_t* memory, NineSpan& span) const {
        for (int i = 0; i < kRowsRead; ++i) {
            uint8_t* row = memory + i * padded_;
            std::memcpy(row, beyond(rows[i], false), channels_);
            std::memcpy(row + channels_, rows[i], elements_);
            std::memcpy(row + channels_ + elements_, beyond(rows[i], true), channels_);
            span.rows[i] = row + channels_;
        }
        span.begin = 0;
        span.end = std::max(elements_, kNineLanes);
        for (int r = 0; r < kBlockRows; ++r) span.dst[r] = memory + (kRowsRead + r) * padded_;
        HWY_DYNAMIC_DISPATCH(nineSpan)(span);
        for (int r = 0; r < kBlockRows; ++r) std::memcpy(dst[r], span.dst[r], elements_);
    }

    const NineTaps& taps_;
    const Source& source_;
    cv::Mat& dst_;
    const int channels_;
    const ptrdiff_t elements_;
    const cv::Mat border_;
    const std::vector<int> columns_, rows_;  ///< of the picture, with a pixel before and after
    const bool wide_;
    const ptrdiff_t padded_;
    std::vector<uint8_t> borderRow_;
};

}  // namespace

void blurNine(const Plan& plan, const Source& source, cv::Mat& dst) {
    const Nine nine(plan, source, dst);
    constexpr double kSmall = 2e5;  // elements for which a second thread does not pay
    const int threads = static_cast<double>(dst.total()) * dst.channels() < kSmall ? 1 : cv::getNumThreads();
    const int blocks = (dst.rows + kBlockRows - 1) / kBlockRows;
    if (threads <= 1) return nine.band({0, dst.rows});
    const int bands = std::min(blocks, 2 * threads);
    cv::parallel_for_(cv::Range(0, bands), [&](const cv::Range& range) {
        const auto row = [&](int i) {
            return std::min<int64_t>(dst.rows, static_cast<int64_t>(blocks) * i / bands * kBlockRows);
        };
        for (int i = range.start; i < range.end; ++i)
            nine.band({static_cast<int>(row(i)), static_cast<int>(row(i + 1))});
    });
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
