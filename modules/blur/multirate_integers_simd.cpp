// SPDX-License-Identifier: Apache-2.0
// Rows of 8-bit pixels of the multirate engine in integers: weighed onto rows of nodes, and back from rows of
// 16 bits. Compiled once per SIMD target, chosen at run time. All sums are exact, so every target gets the
// same bits.
//
// A group is what one vector of bytes becomes in 32 bits, kGroupVectors vectors. Bytes are unpacked, and
// packed, within blocks of 128 bits: of block b of vector v the elements are 16b + 4v … 16b + 4v + 3 of the
// group. Rows of integers stay in that order until they are transposed.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blur/multirate_integers_simd.cpp"
#define HWY_WANT_AVX3_DL
#include "blur/targets.hpp"  // must come before Highway's

#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <opencv2/core/hal/interface.h>

#include <algorithm>
#include <cstring>

#include "blur/multirate.hpp"
#include "simd/blocks-inl.hpp"
#include "simd/products-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace gkern::detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if !HWY_NATIVE_FMA  // directSupported()

[[noreturn]] void missing() {
    HWY_ABORT("the multirate engine has no code for processors without fused multiply-add");
}
void accumulateBytes(int, const Accumulation<int32_t>&) {
    missing();
}
void transposeSums(const int32_t*, ptrdiff_t, ptrdiff_t, int32_t, float*) {
    missing();
}
void transposePairs(const RowPair*, ptrdiff_t, RowPair*, ptrdiff_t) {
    missing();
}
void expandPairs(int, const Expansion<RowPair>&) {
    missing();
}

#else

using Bytes = hn::ScalableTag<uint8_t>;
using Byte = hn::Vec<Bytes>;

HWY_INLINE ptrdiff_t groupSize() {
    return static_cast<ptrdiff_t>(hn::Lanes(Bytes()));
}

HWY_INLINE Number weightsOf(const RowPair& pair) {
    int32_t bits;
    std::memcpy(&bits, &pair, sizeof(bits));
    return weightPair(bits);
}

/// What makes bytes of `depth` levels above the least, and levels from the middle such bytes.
HWY_INLINE Byte flipsOf(bool flip) {
    return hn::Set(Bytes(), flip ? 0x80 : 0);
}

/// A group of kRows rows onto nodes, whose sums are read and written once for all of them.
template <int kRows>
HWY_INLINE void accumulateGroup(const Accumulation<int32_t>& job, const uint8_t* const* lines, Byte flips,
                                ptrdiff_t e) {
    constexpr int kPairs = kRows / 2;
    // As many vectors at a time as leave the registers room.
    constexpr int kVectors = kPairs * kGroupVectors + kGroupVectors + 4 <= kRegisters ? kGroupVectors : 2;
    const Bytes bytes;
    const Sums d;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d));
    unrolled<kGroupVectors / kVectors>([&](auto part) GKERN_BODY {
        Number pixels[kPairs * kVectors];
        unrolled<kPairs>([&](auto p) GKERN_BODY {
            const Byte upper = hn::Xor(hn::LoadU(bytes, lines[2 * p] + e), flips);
            const Byte lower = hn::Xor(hn::LoadU(bytes, lines[2 * p + 1] + e), flips);
            unrolled<kVectors / 2>([&](auto half) GKERN_BODY {
                constexpr bool kUpperHalf = part * kVectors / 2 + half == 1;
                const Byte both = kUpperHalf ? hn::InterleaveUpper(bytes, upper, lower)
                                             : hn::InterleaveLower(bytes, upper, lower);
                Number* out = pixels + p * kVectors + 2 * half;
                out[0] = hn::BitCast(Numbers(), hn::InterleaveLower(bytes, both, hn::Zero(bytes)));
                out[1] = hn::BitCast(Numbers(), hn::InterleaveUpper(bytes, both, hn::Zero(bytes)));
            });
        });
        const RowPair* weights = job.weights;
        for (int q = 0; q < job.nodes; ++q, weights += kPairs) {
            int32_t* sums = job.sums[q] + e + part * kVectors * N;
            ProductSums<kVectors> products;
            if (q < job.begun)
                unrolled<kVectors>([&](auto v) GKERN_BODY { products.begin(v, hn::LoadU(d, sums + v * N)); });
            else
                products.beginAll(hn::Zero(d));
            unrolled<kPairs>([&](auto p) GKERN_BODY {
                const Number weight = weightsOf(weights[p]);
                unrolled<kVectors>([&](auto v)
                                       GKERN_BODY { products.add(v, pixels[p * kVectors + v], weight); });
            });
            unrolled<kVectors>([&](auto v) GKERN_BODY { hn::StoreU(products.total(v), d, sums + v * N); });
        }
    });
}

template <int kRows>
HWY_INLINE void accumulateRows(const Accumulation<int32_t>& job, Byte flips) {
    const ptrdiff_t size = groupSize();
    const uint8_t *lines[kRows], *next[kRows];
    for (int r = 0; r < kRows; ++r) {
        lines[r] = static_cast<const uint8_t*>(job.lines[r]) + job.begin;
        next[r] = static_cast<const uint8_t*>(job.lines[kRows + r]) + job.begin;
    }
    ptrdiff_t e = 0;
    for (; e + size <= job.elements; e += size) {
        // The rows lie on pages of their own, which no hardware follows that far ahead.
        unrolled<kRows>([&](auto r) GKERN_BODY { hwy::Prefetch(next[r] + e); });
        accumulateGroup<kRows>(job, lines, flips, e);
    }
    if (e == job.elements) return;
    alignas(64) uint8_t last[kRows][64] = {};
    const uint8_t* ends[kRows];
    for (int r = 0; r < kRows; ++r) {
        std::memcpy(last[r], lines[r] + e, static_cast<size_t>(job.elements - e));
        ends[r] = last[r] - e;
    }
    accumulateGroup<kRows>(job, ends, flips, e);
}

void accumulateBytes(int depth, const Accumulation<int32_t>& job) {
    const Byte flips = flipsOf(depth == CV_8S);
    if (job.rows == 2 * kRowBlock)
        accumulateRows<2 * kRowBlock>(job, flips);
    else
        accumulateRows<kRowBlock>(job, flips);
}

/// Sums of kLanes<float> rows to as many levels in each of `columns` lines.
void transposeSums(const int32_t* from, ptrdiff_t fromStride, ptrdiff_t columns, int32_t gain, float* to) {
    const Sums d;
    const hn::ScalableTag<float> df;
    using V = hn::Vec<decltype(df)>;
    constexpr int kBlocks = kBlocksOf<Sums>, kSquare = 4, kRows = kLanes<float>;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d)), size = groupSize();
    const Sum middle = hn::Set(d, 128 * gain);
    const V unit = hn::Set(df, 1 / static_cast<float>(gain));
    for (ptrdiff_t group = 0; group < columns; group += size)
        for (int v = 0; v < kGroupVectors; ++v)
            for (int block = 0; block < kBlocks; ++block) {
                const ptrdiff_t column = group + kSquare * (kGroupVectors * block + v);
                if (column >= columns) continue;
                const int32_t* first = from + group + v * N + kSquare * block;
                for (ptrdiff_t r = 0; r < kRows; r += N) {
                    V lines[kSquare];
                    unrolled<kSquare>([&](auto i) GKERN_BODY {
                        const Sum sums = loadBlocks(
                            d, [&](int b) GKERN_BODY { return first + (r + i + b * kSquare) * fromStride; });
                        lines[i] = hn::Mul(unit, hn::ConvertTo(df, hn::Sub(sums, middle)));
                    });
                    transpose(df, lines);
                    unrolled<kSquare>(
                        [&](auto i) GKERN_BODY { hn::StoreU(lines[i], df, to + (column + i) * kRows + r); });
                }
            }
}

/// Lines of kLanes<float> / 2 pairs to rows of whole groups; lines behind the last are read, and may hold
/// anything.
void transposePairs(const RowPair* from, ptrdiff_t elements, RowPair* to, ptrdiff_t toStride) {
    const Sums d;
    constexpr int kSquare = 4, kPairs = kLanes<float> / 2;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d)), size = groupSize();
    const auto* cells = reinterpret_cast<const int32_t*>(from);
    auto* out = reinterpret_cast<int32_t*>(to);
    for (ptrdiff_t group = 0; group < elements; group += size)
        for (int v = 0; v < kGroupVectors; ++v)
            for (int pair = 0; pair < kPairs; pair += kSquare) {
                const int32_t* first = cells + (group + kSquare * v) * kPairs + pair;
                Sum lines[kSquare];
                unrolled<kSquare>([&](auto i) GKERN_BODY {
                    lines[i] = loadBlocks(d, [&](int b) GKERN_BODY {
                        return first + (i + b * kSquare * kGroupVectors) * kPairs;
                    });
                });
                transpose(d, lines);
                unrolled<kSquare>([&](auto i) GKERN_BODY {
                    hn::StoreU(lines[i], d, out + (pair + i) * toStride + group + v * N);
                });
            }
}

/// Two vectors of 16 bits as bytes, block by block.
HWY_INLINE Byte packed(Number lower, Number upper) {
#if HWY_TARGET == HWY_AVX2
    return Byte{_mm256_packs_epi16(lower.raw, upper.raw)};
#elif HWY_ARCH_X86
    return Byte{_mm512_packs_epi16(lower.raw, upper.raw)};
#else
    const hn::Half<hn::ScalableTag<int8_t>> half;
    return hn::BitCast(Bytes(), hn::Combine(hn::ScalableTag<int8_t>(), hn::DemoteTo(half, upper),
                                            hn::DemoteTo(half, lower)));
#endif
}

template <int kPairs>
HWY_INLINE void expandGroups(const Expansion<RowPair>& job, Byte flips) {
    const Bytes bytes;
    const Sums d;
    const Numbers numbers;
    const ptrdiff_t N = static_cast<ptrdiff_t>(hn::Lanes(d)), size = groupSize();
    const Sum half = hn::Set(d, 1 << (kLevelBits - 1));
    for (ptrdiff_t e = 0; e < job.elements; e += size) {
        // Rows stay in registers where these are enough.
        constexpr bool kHeld = (kPairs + 1) * kGroupVectors + 4 <= kRegisters;
        const auto load = [&](int p, int v) GKERN_BODY {
            const auto* row = reinterpret_cast<const int32_t*>(job.rows[p]);
            return hn::BitCast(numbers, hn::LoadU(d, row + e + v * N));
        };
        Number rows[kHeld ? kPairs * kGroupVectors : 1];
        if constexpr (kHeld)
            unrolled<kPairs * kGroupVectors>(
                [&](auto i) GKERN_BODY { rows[i] = kept(load(i / kGroupVectors, i % kGroupVectors)); });
        uint8_t* dst = job.dst + e;
        const RowPair* weights = job.weights;
        for (int n = 0; n < job.count; ++n, dst += job.step, weights += kPairs) {
            ProductSums<kGroupVectors> sums;
            sums.beginAll(half);
            unrolled<kPairs>([&](auto p) GKERN_BODY {
                const Number weight = weightsOf(weights[p]);
                unrolled<kGroupVectors>([&](auto v) GKERN_BODY {
                    if constexpr (kHeld)
                        sums.add(v, rows[p * kGroupVectors + v], weight);
                    else
                        sums.add(v, load(p, v), weight);
                });
            });
            Number levels[2];
            unrolled<2>([&](auto i) GKERN_BODY {
                levels[i] = hn::ReorderDemote2To(numbers, hn::ShiftRight<kLevelBits>(sums.total(2 * i)),
                                                 hn::ShiftRight<kLevelBits>(sums.total(2 * i + 1)));
            });
            const Byte pixels = hn::Xor(packed(levels[0], levels[1]), flips);
            if (e + size <= job.elements) {
                hn::StoreU(pixels, bytes, dst);
            } else {
                alignas(64) uint8_t last[64];
                hn::Store(pixels, bytes, last);
                std::memcpy(dst, last, static_cast<size_t>(job.elements - e));
            }
        }
    }
}

void expandPairs(int depth, const Expansion<RowPair>& job) {
    const Byte flips = flipsOf(depth == CV_8U);
    switch (job.width) {
        case 2:
            return expandGroups<2>(job, flips);
        case 3:
            return expandGroups<3>(job, flips);
        case 4:
            return expandGroups<4>(job, flips);
        default:
            return expandGroups<5>(job, flips);
    }
}

#endif  // HWY_NATIVE_FMA

}  // namespace gkern::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gkern::detail {

HWY_EXPORT(accumulateBytes);
HWY_EXPORT(transposeSums);
HWY_EXPORT(transposePairs);
HWY_EXPORT(expandPairs);

void accumulate(int depth, const Accumulation<int32_t>& job) {
    HWY_DYNAMIC_DISPATCH(accumulateBytes)(depth, job);
}
void transposed(const int32_t* from, ptrdiff_t fromStride, ptrdiff_t columns, int32_t gain, float* to) {
    HWY_DYNAMIC_DISPATCH(transposeSums)(from, fromStride, columns, gain, to);
}
void transposed(const RowPair* from, ptrdiff_t elements, RowPair* to, ptrdiff_t toStride) {
    HWY_DYNAMIC_DISPATCH(transposePairs)(from, elements, to, toStride);
}
void expand(int depth, const Expansion<RowPair>& job) {
    HWY_DYNAMIC_DISPATCH(expandPairs)(depth, job);
}

}  // namespace gkern::detail
#endif  // HWY_ONCE
