// SPDX-License-Identifier: Apache-2.0
// The two passes of the direct engine over 8-bit pixels, in integers: sums of two 16-bit numbers, products of
// them with their weights, two of which add up in 32 bits. Sums over x and of outer weights are rounded, in
// integers as well, so that every SIMD target gets the same bits. Compiled once per target, chosen at run
// time.
//
// A line is a vector of numbers that follow each other two by two. In the vertical pass these are sums of two
// rows, in the horizontal one of one channel two pixels; of several channels, neighbours are brought together
// when they have been added up.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blur/direct_integer_simd.cpp"
#define HWY_WANT_AVX3_DL
#include "blur/targets.hpp"  // must come before Highway's

#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "blur/direct_integer.hpp"
#include "blur/integer_sums-inl.hpp"
#include "simd/unroll-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if !HWY_NATIVE_FMA  // directSupported()

void lineOfSums(const IntegerLine&) {
    HWY_ABORT("the direct engine has no code for processors without fused multiply-add");
}
void rowsOfLevels(const IntegerBlock&) {
    HWY_ABORT("the direct engine has no code for processors without fused multiply-add");
}

#else

/// Two rows of sums as the elements from e on of a line.
HWY_INLINE void storeLine(Number upper, Number lower, ptrdiff_t e, int16_t* HWY_RESTRICT out) {
    const Numbers d;
    hn::Store(hn::InterleaveLower(d, upper, lower), d, out + 2 * e);
    hn::Store(hn::InterleaveUpper(d, upper, lower), d, out + 2 * e + numbersOfVector());
}

template <int kReach>
HWY_INLINE void lineOfOneChannel(const IntegerLine& wanted) {
    const IntegerLine line = wanted;
    const IntegerWeights<kReach == 0 ? 0 : kReach + 1> weights(wanted.taps->line);
    const Numbers d;
    const Sums d32;
    const Bytes bytes;
    const ptrdiff_t N = numbersOfVector(), first = line.margin - wanted.taps->reachX;
    const Sum start = hn::Set(d32, wanted.taps->startX), shift = hn::Set(d32, wanted.taps->shiftX),
              shiftUp = hn::Set(d32, 16 - wanted.taps->shiftX);
    // Several vectors of both rows share the weights where these are loaded.
    constexpr int kVectors = kReach == 0 ? 2 : 1;
    const auto step = [&](auto vectors, ptrdiff_t e) GKERN_BODY {
        const auto load = [&](auto v, ptrdiff_t tap) GKERN_BODY {
            return hn::PromoteTo(d, hn::LoadU(bytes, line.rows[v % 2] + first + e + v / 2 * N + tap));
        };
        Sum sums[4 * vectors];
        sumNeighbours<kReach, 2 * vectors>(weights, start, load, sums);
        unrolled<vectors>([&](auto v) GKERN_BODY {
            Number result[2];
            unrolled<2>([&](auto r) GKERN_BODY {
                const Sum even = sums[4 * v + 2 * r], odd = sums[4 * v + 2 * r + 1];
                result[r] =
                    hn::OddEven(hn::BitCast(d, hn::Shl(odd, shiftUp)), hn::BitCast(d, hn::Shr(even, shift)));
                hwy::Prefetch(line.next[r] + e + v * N);
            });
            storeLine(result[0], result[1], e + v * N, line.out);
        });
    };
    ptrdiff_t e = 0;
    for (; e + (kVectors - 1) * N < line.width; e += kVectors * N)
        step(std::integral_constant<int, kVectors>(), e);
    if (kVectors > 1 && e < line.width) step(std::integral_constant<int, 1>(), e);
}

template <int kReach>
HWY_INLINE void lineOfChannels(const IntegerLine& wanted) {
    const IntegerLine line = wanted;
    const IntegerWeights<kPairsUpTo<kReach>> weights(wanted.taps->x);
    const Numbers d;
    const Sums d32;
    const Bytes bytes;
    const ptrdiff_t N = numbersOfVector(), first = line.margin * line.channels;
    const Sum start = hn::Set(d32, wanted.taps->startX), shift = hn::Set(d32, wanted.taps->shiftX);
    for (ptrdiff_t e = 0; e < line.width; e += N) {
        const auto load = [&](auto r, ptrdiff_t m) GKERN_BODY {
            return hn::PromoteTo(d, hn::LoadU(bytes, line.rows[r] + first + e + m * line.channels));
        };
        Sum sums[4];
        sumChannels<kReach, 2>(weights, start, load, sums);
        Number result[2];
        unrolled<2>([&](auto r) GKERN_BODY {
            hwy::Prefetch(line.next[r] + e);
            result[r] = hn::ReorderDemote2To(d, hn::Shr(sums[2 * r], shift), hn::Shr(sums[2 * r + 1], shift));
        });
        storeLine(result[0], result[1], e, line.out);
    }
}

void lineOfSums(const IntegerLine& line) {
    const IntegerTaps& taps = *line.taps;
    if (line.channels == 1)
        withReach(taps.reachX, taps.line, [&](auto reach) { lineOfOneChannel<reach>(line); });
    else
        withReach(taps.reachX, taps.x, [&](auto reach) { lineOfChannels<reach>(line); });
}

template <int kReach>
HWY_INLINE void rowsOfLevelsWith(const IntegerBlock& wanted) {
    const IntegerBlock block = wanted;
    const IntegerWeights<kPairsUpTo<kReach>> weights(wanted.taps->y);
    const Numbers d;
    const Sums d32;
    const hn::RebindToUnsigned<Sums> bits;
    const Bytes bytes;
    const ptrdiff_t N = numbersOfVector();
    const int16_t* const* centre = block.lines + wanted.taps->y.count();
    const Sum start = hn::BitCast(d32, hn::Set(bits, wanted.taps->startY));
    const auto shift = hn::Set(bits, static_cast<uint32_t>(wanted.taps->shiftY));
    const auto flips = hn::Set(bytes, block.flip);
    static_assert(kBlockRows == 4, "the centres of two lines");
    for (ptrdiff_t e = 0; e < block.width; e += N) {
        unrolled<kBlockRows>([&](auto r) GKERN_BODY { hwy::Prefetch(block.next[r] + e); });
        // A half of the elements after the other, or both side by side.
        constexpr int kTogether = kRegisters >= 32 ? 2 : 1;
        Sum levels[2 * kBlockRows];
        unrolled<2 / kTogether>([&](auto part) GKERN_BODY {
            const auto load = [&](auto v, ptrdiff_t m) GKERN_BODY {
                return hn::Load(d, centre[m] + 2 * e + (part * kTogether + v) * N);
            };
            Sum sums[kTogether * kBlockRows];
            sumRows<kReach, kTogether>(weights, start, load, sums);
            unrolled<kTogether * kBlockRows>([&](auto i) GKERN_BODY {
                levels[part * kBlockRows + i] = hn::BitCast(d32, hn::Shr(hn::BitCast(bits, sums[i]), shift));
            });
        });
        unrolled<kBlockRows>([&](auto r) GKERN_BODY {
            const Number numbers = hn::ReorderDemote2To(d, levels[r], levels[kBlockRows + r]);
            const auto result = hn::Xor(hn::DemoteTo(bytes, numbers), flips);
            if (e + N <= block.width) {
                hn::StoreU(result, bytes, block.dst[r] + e);
            } else {
                alignas(kVectorBytes) uint8_t last[kIntegerLanes];
                hn::StoreU(result, bytes, last);
                std::memcpy(block.dst[r] + e, last, static_cast<size_t>(block.width - e));
            }
        });
    }
}

void rowsOfLevels(const IntegerBlock& block) {
    withReach(block.taps->reachY, block.taps->y, [&](auto reach) { rowsOfLevelsWith<reach>(block); });
}

#endif  // HWY_TARGET

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(lineOfSums);
HWY_EXPORT(rowsOfLevels);

void integerHorizontal(const IntegerLine& line) {
    HWY_DYNAMIC_DISPATCH(lineOfSums)(line);
}

void integerVertical(const IntegerBlock& block) {
    HWY_DYNAMIC_DISPATCH(rowsOfLevels)(block);
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
