// SPDX-License-Identifier: Apache-2.0
#include "rbf/matrix_unit.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

// Compilers since GCC 11 and Clang 12 have the header.
#if defined(__x86_64__) && defined(__linux__) && __has_include(<amxint8intrin.h>)
#define GKERN_MATRIX_UNIT 1
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#else
#define GKERN_MATRIX_UNIT 0
#endif

namespace gkern::detail {

#if GKERN_MATRIX_UNIT

#define GKERN_TILES __attribute__((target("amx-tile,amx-int8"))) inline

namespace {

/// What LDTILECFG reads: eight tiles of 16 rows of 64 bytes.
struct alignas(64) TileConfig {
    std::uint8_t palette = 1, startRow = 0, reserved[14] = {};
    std::uint16_t rowBytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

bool askForMatrixUnit() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    constexpr unsigned kTiles = 1U << 24, kBytes = 1U << 25;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & kTiles) == 0 || (d & kBytes) == 0) return false;
    // The state of tiles is large, so Linux gives it to those who ask (ARCH_REQ_XCOMP_PERM, feature 18).
    return syscall(SYS_arch_prctl, 0x1023, 18) == 0;
}

// Instructions name their tiles, so the compiler must know them.
#define GKERN_FOR_TILE(instruction)           \
    if constexpr (kTile == 0) instruction(0); \
    if constexpr (kTile == 1) instruction(1); \
    if constexpr (kTile == 2) instruction(2); \
    if constexpr (kTile == 3) instruction(3); \
    if constexpr (kTile == 4) instruction(4)
#define GKERN_STORE(tile) _tile_stored(tile, sums, rowBytes)
#define GKERN_MULTIPLY_6(tile) _tile_dpbssd(tile, 5, 6)
#define GKERN_MULTIPLY_7(tile) _tile_dpbssd(tile, 5, 7)

template <int kTile>
GKERN_TILES void zero() {
    GKERN_FOR_TILE(_tile_zero);
}
template <int kTile>
GKERN_TILES void store(std::int32_t* sums, std::size_t rowBytes) {
    GKERN_FOR_TILE(GKERN_STORE);
}
/// Adds the products of the rows in tile 5 and of the columns at y.
template <int kTile>
GKERN_TILES void multiply(const std::int8_t* y) {
    if constexpr (kTile % 2 == 0) {
        _tile_loadd(6, y, 64);
        GKERN_FOR_TILE(GKERN_MULTIPLY_6);
    } else {
        _tile_loadd(7, y, 64);
        GKERN_FOR_TILE(GKERN_MULTIPLY_7);
    }
}

/// Sums that share their rows, in tiles 0 to kSums − 1, so that a product need not wait for the one before.
struct SumsOfRows {
    const int* chunks;           ///< of 64 bytes that each of them runs over, in ascending order
    std::ptrdiff_t yStep;        ///< from the columns of one to those of the next
    std::size_t step, rowBytes;  ///< from one to the next, and from a row to the next, where they are stored
};

template <int kSum, int kSums>
GKERN_TILES void begin() {
    zero<kSum>();
    if constexpr (kSum + 1 < kSums) begin<kSum + 1, kSums>();
}

/// One chunk of sums kSum to kSums − 1; y belongs to the first of them.
template <int kSum, int kSums>
GKERN_TILES void addChunk(const std::int8_t* y, std::ptrdiff_t yStep) {
    multiply<kSum>(y);
    if constexpr (kSum + 1 < kSums) addChunk<kSum + 1, kSums>(y + yStep, yStep);
}

template <int kSum, int kSums>
GKERN_TILES void sumFrom(const std::int8_t* x, const std::int8_t* y, int chunk, const SumsOfRows& way,
                         std::int32_t* sums) {
    for (; chunk < way.chunks[kSum]; ++chunk, x += 1024, y += 1024) {
        _tile_loadd(5, x, 64);
        addChunk<kSum, kSums>(y, way.yStep);
    }
    store<kSum>(sums, way.rowBytes);
    if constexpr (kSum + 1 < kSums) sumFrom<kSum + 1, kSums>(x, y + way.yStep, chunk, way, sums + way.step);
}

template <int kSums>
GKERN_TILES void sum(const std::int8_t* x, const std::int8_t* y, const SumsOfRows& way, std::int32_t* sums) {
    begin<0, kSums>();
    sumFrom<0, kSums>(x, y, 0, way, sums);
}

/// With some number from 1 to kMostOrders known to the compiler.
void sumSome(int count, const std::int8_t* x, const std::int8_t* y, const SumsOfRows& way,
             std::int32_t* sums) {
    switch (count) {
        case 1:
            return sum<1>(x, y, way, sums);
        case 2:
            return sum<2>(x, y, way, sums);
        case 3:
            return sum<3>(x, y, way, sums);
        case 4:
            return sum<4>(x, y, way, sums);
        default:
            return sum<5>(x, y, way, sums);
    }
}

GKERN_TILES void configure() {
    static constexpr TileConfig config;
    _tile_loadconfig(&config);
}
GKERN_TILES void release() {
    _tile_release();
}

}  // namespace

MatrixUnitUse matrixUnitUse() {
    static const MatrixUnitUse use = [] {
        const char* wish = std::getenv("GKERN_MATRIX_UNIT");
        if ((wish != nullptr && std::strcmp(wish, "never") == 0) || !askForMatrixUnit())
            return MatrixUnitUse::Never;
        return wish != nullptr && std::strcmp(wish, "always") == 0 ? MatrixUnitUse::Always
                                                                   : MatrixUnitUse::WherePays;
    }();
    return use;
}

MatrixUnit::MatrixUnit() {
    configure();
}
MatrixUnit::~MatrixUnit() {
    release();
}

void MatrixUnit::sumOrders(const std::int8_t* x, const std::int8_t* y, int panels, const DigitForm& form,
                           std::int32_t* sums) const {
    static_assert(kMostOrders == 5, "sumSome");
    const std::size_t digitBytes = std::size_t(form.features) * kDigitPanel, panelBytes = form.yPanelBytes();
    const std::size_t width = std::size_t(panels) * kDigitPanel;
    int chunks[kMostOrders];
    if (form.orders == 1) {
        std::fill_n(chunks, kMostOrders, (form.features + 63) / 64);
        const SumsOfRows way{chunks, std::ptrdiff_t(panelBytes), kDigitPanel, width * sizeof(*sums)};
        for (int p = 0; p < panels; p += kMostOrders)
            sumSome(std::min(kMostOrders, panels - p), x, y + std::size_t(p) * panelBytes, way,
                    sums + p * kDigitPanel);
        return;
    }
    for (int o = 0; o < form.orders; ++o)
        chunks[o] = (std::min(o + 1, form.digits) * form.features + 63) / 64;
    const SumsOfRows way{chunks, -std::ptrdiff_t(digitBytes), kDigitPanel * width, width * sizeof(*sums)};
    y += std::size_t(form.digits + form.zeros - 1) * digitBytes;
    for (int p = 0; p < panels; ++p, y += panelBytes, sums += kDigitPanel)
        sumSome(form.orders, x, y, way, sums);
}

#else

MatrixUnitUse matrixUnitUse() {
    return MatrixUnitUse::Never;
}

MatrixUnit::MatrixUnit() = default;
MatrixUnit::~MatrixUnit() = default;
void MatrixUnit::sumOrders(const std::int8_t*, const std::int8_t*, int, const DigitForm&,
                           std::int32_t*) const {}

#endif

}  // namespace gkern::detail
