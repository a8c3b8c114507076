// SPDX-License-Identifier: Apache-2.0
// The seam between the multirate engine's schedule (multirate.cpp) and its arithmetic (multirate_simd.cpp,
// compiled once per SIMD target). A line is what one tap weighs: a row of pixels in the vertical passes; in
// the horizontal ones a column of kLanes rows that were transposed, so that rows lie side by side in vectors.
#pragma once

#include <opencv2/core/hal/interface.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace gkern::detail {

/// Rows that are transposed together: what the longest vector of any target holds.
template <class Low>
inline constexpr int kLanes = 64 / static_cast<int>(sizeof(Low));

/// Rows of the source that are weighed onto nodes together. Columns are as well: the sum of every so many
/// lines is made by itself and then added to those before, so that most roundings are those of small sums.
inline constexpr int kRowBlock = 4;

/// What pixels count from: the sums of 16 bits are half as large for it, and so is their rounding.
constexpr double middleOf(int depth) {
    return depth == CV_16U ? 32768 : 0;
}

/// Two rows in 16-bit integers, element by element side by side, or the weights of two rows.
struct RowPair {
    int16_t upper, lower;
};

/// Rows that an element of a line of T holds.
template <class T>
inline constexpr int kRowsOf = std::is_same_v<T, RowPair> ? 2 : 1;

/// Sums of RowPairs are levels times 2^kLevelBits: what 32 bits hold of levels −256 … 255.
inline constexpr int kLevelBits = 23;

/// Pairs of rows that hold `width` of them, of which the first is the upper or, odd, the lower one of two.
constexpr int pairsOf(int width, int odd) {
    return (width + odd + 1) / 2;
}

/// Rows of nodes from rows of pixels, a block of them after the other:
/// sums[q] += Σ_r weights[q·rows + r] · lines[r]. Of integers there are rows / 2 weights for each q.
template <class Low>
struct Accumulation {
    using Weight = std::conditional_t<std::is_same_v<Low, int32_t>, RowPair, Low>;

    const void* const* lines;  ///< `rows` of this block, and as many of the next one
    int rows;                  ///< kRowBlock; of integers, and of doubles of 64F, twice that as well
    ptrdiff_t begin;           ///< of the first element of a line
    ptrdiff_t elements;        ///< from there on
    const Weight* weights;
    Low* const* sums;
    int nodes;
    int begun;  ///< of them; the others begin with this block
};

/// Nodes that are computed together and share what they load.
inline constexpr int kNodeBlock = 4;

/// Columns of nodes from columns of pixels: out[q] = Σ_i weights[q][i] · lines[first[q] + i], i < count[q],
/// in chunks that end with lines kRowBlock − 1, 2·kRowBlock − 1, ….
template <class Low>
struct Decimation {
    const Low* const* lines;
    const Low* weights[kNodeBlock];
    int first[kNodeBlock], count[kNodeBlock];
    int nodes;           ///< 1 … kNodeBlock
    ptrdiff_t elements;  ///< of a line; whole vectors of any target
    Low* out[kNodeBlock];
};

/// out[r] = Σ_i weights[i] · lines[r + i]: `rows` lines, in whole vectors: one that begins within a line is
/// read and written to its end.
template <class Low>
struct NodeFilter {
    const Low* const* lines;
    const Low* weights;
    int size;
    bool symmetric;
    int rows;
    ptrdiff_t elements;
    Low* out;
    ptrdiff_t stride;
};

/// Lines of pixels from lines of nodes: pixel n is Σ_i weights[n·width + i] · line start[n] + i, rounded to
/// Out. A line of RowPairs has half as many elements.
template <class Low, class Out>
struct Interpolation {
    const Low* lines;
    ptrdiff_t stride;  ///< of lines and of out; whole vectors
    const Low* weights;
    const int* start;
    int width;
    int count;  ///< pixels
    Out* out;
};

/// Rows of dst from rows of nodes, for consecutive rows that take the same nodes.
template <class Out>
struct Expansion {
    const Out* const* rows;  ///< `width` of them, with room for a vector behind; RowPairs in groups
    const Out* weights;      ///< width for each row of dst
    int width;               ///< of RowPairs: two rows each
    int count;               ///< rows of dst
    ptrdiff_t elements;
    uint8_t* dst;
    size_t step;
    bool stream;  ///< past the caches, where dst is aligned to vectors, and rows are of its type or RowPairs
};

// Low is what nodes are held in, Out what they are expanded from.
/// From source rows of `depth`.
void accumulate(int depth, const Accumulation<float>& job);
void accumulate(int depth, const Accumulation<double>& job);
/// From source rows of 8 bits, as levels above the least, to sums in groups.
void accumulate(int depth, const Accumulation<int32_t>& job);
void decimate(const Decimation<float>& job);
void decimate(const Decimation<double>& job);
void filterNodes(const NodeFilter<float>& job);
void filterNodes(const NodeFilter<double>& job);
void interpolate(const Interpolation<float, float>& job);
void interpolate(const Interpolation<double, float>& job);
void interpolate(const Interpolation<double, double>& job);
void interpolate(const Interpolation<float, RowPair>& job);
/// To rows of `depth`: CV_32S and CV_64F from double, all others from float.
void expand(int depth, const Expansion<float>& job);
void expand(int depth, const Expansion<double>& job);
/// To rows of 8 bits.
void expand(int depth, const Expansion<RowPair>& job);

/// A matrix of `rows` × `columns`, one of them 8 or kLanes<Low> and the other a multiple of four, transposed.
void transposed(const float* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, float* to,
                ptrdiff_t toStride);
void transposed(const double* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, double* to,
                ptrdiff_t toStride);

/// Rows of integers are in groups of kGroupVectors vectors, whose elements stand in an order of their own
/// (multirate_integers_simd.cpp).
inline constexpr int kGroupVectors = 4;

/// What a group has of elements on any target, or a multiple.
inline constexpr ptrdiff_t kGroupElements = kGroupVectors * kLanes<float>;

/// kLanes<float> rows of sums of integers that `columns` elements of the picture have: as levels from the
/// middle, 128, transposed.
/// @param gain what the sums hold for a level.
void transposed(const int32_t* from, ptrdiff_t fromStride, ptrdiff_t columns, int32_t gain, float* to);

/// `elements` lines of kLanes<float> / 2 RowPairs, transposed into as many rows.
void transposed(const RowPair* from, ptrdiff_t elements, RowPair* to, ptrdiff_t toStride);

}  // namespace gkern::detail
