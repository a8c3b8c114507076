// SPDX-License-Identifier: Apache-2.0
/// Sums of products of digits, by the processor's matrix unit (x86: AMX, 16·16·64 products of bytes in 16
/// cycles).
#pragma once

#include <cstddef>
#include <cstdint>

namespace gkern::detail {

/// Vectors in a panel of digits.
inline constexpr int kDigitPanel = 16;
inline constexpr int kMostOrders = 5;

/// How coordinates are held in digits.
///
/// A coordinate is Σ_i s_i·256^(digits−1−i) steps, −128 ≤ s_i ≤ 127. The product of two of them is
/// Σ_o 256^(2·digits−2−o)·Σ_{i+j=o} s_i·t_j; the inner sum, over all features as well, is the sum of order o.
///
/// A panel of rows holds the digits of a vector one after the other, s_0 of all features first, 64 bytes of
/// each of its vectors side by side. A panel of columns holds them the other way round, t_0 last, four bytes
/// of each of its vectors side by side: so the sum of order o is a plain sum of products of the first digits
/// of a row and the last ones of a column, those from 0 to o. For orders beyond digits − 1, a panel of
/// columns begins with digits that are 0.
struct DigitForm {
    int features;  ///< of each digit, a multiple of 4; beyond those of the vectors they are 0
    int digits;
    int zeros;              ///< digits that are 0 before those of a column
    int orders;             ///< that are summed: at most digits + zeros, and kMostOrders
    bool pairsFit = false;  ///< sums of two orders, weighed, are below 2^31

    std::size_t xPanelBytes() const { return (std::size_t(digits) * std::size_t(features) + 63) / 64 * 1024; }
    /// The last rows of 64 bytes are 0: the matrix unit reads 16 at a time.
    std::size_t yPanelBytes() const {
        return (std::size_t(digits + zeros) * std::size_t(features) / 4 + 15) * 64;
    }
};

/// When digits are used: where they pay, or as the environment variable GKERN_MATRIX_UNIT says, `never` or
/// `always`: with small matrices too.
enum class MatrixUnitUse { Never, WherePays, Always };

/// Never without a matrix unit that this process may use. Linux is asked for it once.
MatrixUnitUse matrixUnitUse();

/// Makes the matrix unit ready for this thread, as long as it lives.
class MatrixUnit {
  public:
    MatrixUnit();
    ~MatrixUnit();
    MatrixUnit(const MatrixUnit&) = delete;
    MatrixUnit& operator=(const MatrixUnit&) = delete;

    /// Sums of all orders of a panel of rows with `panels` panels of columns.
    /// @param sums for each order kDigitPanel rows, of kDigitPanel elements a panel
    void sumOrders(const std::int8_t* x, const std::int8_t* y, int panels, const DigitForm& form,
                   std::int32_t* sums) const;
};

}  // namespace gkern::detail
