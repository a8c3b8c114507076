// SPDX-License-Identifier: Apache-2.0
/// The arithmetic of a tile of the kernel matrix, compiled once per SIMD target and chosen at run time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rbf/matrix_unit.hpp"

namespace gkern::detail {

/// Features that one chain of multiply-adds runs over; longer sums are sums of such chains, so that
/// rounding grows with kChain + d/kChain and not with d.
inline constexpr int kChain = 64;

/// Longest side of a tile.
inline constexpr int kMaxTileSide = 192;

/// Elements beyond the last panel of columns that norms and vectors of a tile must have room for.
inline constexpr int kReadBeyond = 64;

/// Sums that a row of a product with the kernel matrix is spread over: a vector of the widest target.
inline constexpr int kSumLanes = 8;

/// Rows of X that a panel of rows interleaves, and rows of Y that a panel of columns does. Both divide
/// every side of a tile.
struct PanelWidths {
    int rows, cols;
};
PanelWidths panelWidthsOfFloat();
PanelWidths panelWidthsOfDouble();

/// What to do with the entries of a tile.
enum class Entries {
    Float,             ///< to memory as float, rounded once
    Double,            ///< to memory as double
    DoubleFloatGrade,  ///< to memory as double, exact to 2^-32 of their value
    DotFloatGrade,     ///< multiplied by a vector and summed up; themselves as DoubleFloatGrade
    DotDouble          ///< multiplied by a vector and summed up; themselves as Double
};

/// What the sums of a tile run over, and how exponents of 2 come from them. Each way is exactly the same
/// for (y, x), and exactly 0 for x = y.
enum class Terms {
    Exponents,  ///< x·y − (‖x‖²/2 + ‖y‖²/2) is the exponent; finite, and above −120 if T = float
    Differences,  ///< scale·Σ((x − y)·weight)²; T = double only
    Products      ///< scale·(‖x‖² + ‖y‖² − 2x·y), integers whose sums are exact
};

/// Panels of digits, from which a tile may take its sums instead; see DigitForm.
struct DigitTile {
    const DigitForm* form;  ///< null: there are none
    const std::int8_t *x, *y;
    const std::int32_t *xOrders, *yOrders;  ///< for T = float: sums of the orders of each vector with itself
    std::size_t xOrderStep, yOrderStep;
};

/// A tile whose sums run over features of type T. Panels hold feature 0 of the panel's rows, feature 1
/// of them, and so on; rows beyond the last repeat it.
template <class T>
struct Tile {
    const T* x;  ///< panels of rows
    const T* y;  ///< panels of columns
    DigitTile digits;
    Terms terms;
    const T* xNorms;         ///< for Exponents the halves; readable up to the end of the last panel
    const T* yNorms;         ///< as well; readable up to kReadBeyond after the last panel
    const double* weights;   ///< null: ones; only with differences
    int rows, cols;          ///< at most kMaxTileSide
    int firstRow, firstCol;  ///< of K
    int features;
    double scale;  ///< with digits also of Exponents: what the last order counts
    bool bounded;  ///< no exponent is below −1000, or with Exponents and T = float below −120

    Entries entries;
    bool stream;       ///< to memory past the caches
    void* out;         ///< entry (0, 0), or the kSumLanes sums of row 0
    std::size_t step;  ///< bytes from one row of `out` to the next
    void* mirror;  ///< null, or where entry (r, c) goes as well: row c, column r; for a multiple of 16 rows
    std::size_t mirrorStep;
    bool streamMirror;     ///< past the caches as well; its rows begin at lines of the caches
    const double* vector;  ///< Dot…: one value for each column, zeros up to kReadBeyond after the last
};

void computeTile(const Tile<float>& tile);
void computeTile(const Tile<double>& tile);

/// Rows of one panel. Feature k of a row is (x_k·prescale[k] − centre[k])·weight[k].
struct RowsToPack {
    const double* rows;
    std::size_t step;  ///< elements from one row to the next
    int count;         ///< at least 1; the others of the panel's `width` rows repeat the last
    int width, features;
    const double *prescale, *centre, *weight;
};
void packPanel(const RowsToPack& from, float* panel);
void packPanel(const RowsToPack& from, double* panel);

/// Whether the SIMD target takes panels of digits.
bool digitsServe();

inline constexpr int kMostDigits = 4;
/// Bytes of digits that are read at once.
inline constexpr int kDigitPad = 64;

/// A vector whose coordinates (x_k·prescale[k] − centre[k])·weight[k] are steps; see DigitForm.
struct VectorToSplit {
    const double* row;
    int features;
    const double *prescale, *centre, *weight;
    int digits;
};
/// Digit i of feature k to planes[i·step + k], the rest of `step` bytes to 0; and the sums over features of
/// all products of two digits.
/// @param step a multiple of kDigitPad, and that much above the number of features
void splitIntoDigits(const VectorToSplit& from, std::int8_t* planes, std::size_t step,
                     std::int32_t (*products)[kMostDigits]);

/// ‖x‖² of every row of `panels` panels, by the operations that a tile uses for x·y.
void normsOf(const float* values, int panels, int width, int features, float* norms);
void normsOf(const double* values, int panels, int width, int features, double* norms);

/// Rows of floats to memory past the caches; rows are `fromStep` and `toStep` bytes apart.
void streamRows(const void* from, std::size_t fromStep, int rows, std::size_t rowBytes, void* to,
                std::size_t toStep);

/// sums[r·p + q] += Σ_c entries[r·step + c]·v[q·vStep + c], one column after the other in a fixed order.
void multiplyTile(const double* entries, std::size_t step, int rows, int cols, const double* v,
                  std::size_t vStep, int p, double* sums);

/// Orders streamed stores before whatever tells others that they are there.
void finishStreaming();

}  // namespace gkern::detail
