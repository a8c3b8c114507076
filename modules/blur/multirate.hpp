// SPDX-License-Identifier: Apache-2.0
// The seam between the multirate engine's schedule (multirate.cpp) and its arithmetic (multirate_simd.cpp,
// compiled once per SIMD target). A line is what one tap weighs: a row of pixels in the vertical passes; in
// the horizontal ones a column of kLanes rows that were transposed, so that rows lie side by side in vectors.
#pragma once

#include <opencv2/core/hal/interface.h>

#include <cstddef>
#include <cstdint>

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

/// Rows of nodes from rows of pixels, a block of them after the other:
/// sums[q] += Σ_r weights[q·rows + r] · lines[r].
template <class Low>
struct Accumulation {
    const void* const* lines;  ///< `rows` of this block, and as many of the next one
    int rows;                  ///< kRowBlock; of doubles twice that as well
    ptrdiff_t begin;           ///< of the first element of a line
    ptrdiff_t elements;        ///< from there on
    const Low* weights;
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
/// Out.
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
    const Out* const* rows;  ///< `width` of them, with room for a vector behind
    const Out* weights;      ///< width for each row of dst
    int width;
    int count;  ///< rows of dst
    ptrdiff_t elements;
    uint8_t* dst;
    size_t step;
    bool stream;  ///< past the caches, where dst is aligned to vectors and has the type of the rows
};

// Low is what nodes are held in, Out what they are expanded from.
/// From source rows of `depth`.
void accumulate(int depth, const Accumulation<float>& job);
void accumulate(int depth, const Accumulation<double>& job);
void decimate(const Decimation<float>& job);
void decimate(const Decimation<double>& job);
void filterNodes(const NodeFilter<float>& job);
void filterNodes(const NodeFilter<double>& job);
void interpolate(const Interpolation<float, float>& job);
void interpolate(const Interpolation<double, float>& job);
void interpolate(const Interpolation<double, double>& job);
/// To rows of `depth`: CV_32S and CV_64F from double, all others from float.
void expand(int depth, const Expansion<float>& job);
void expand(int depth, const Expansion<double>& job);

/// A matrix of `rows` × `columns`, one of them 8 or kLanes<Low> and the other a multiple of four, transposed.
void transposed(const float* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, float* to,
                ptrdiff_t toStride);
void transposed(const double* from, ptrdiff_t fromStride, ptrdiff_t rows, ptrdiff_t columns, double* to,
                ptrdiff_t toStride);

}  // namespace gkern::detail
