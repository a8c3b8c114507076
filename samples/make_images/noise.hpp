// SPDX-License-Identifier: Apache-2.0
/// @file
/// Gradient noise and the arithmetic that the pictures are drawn with.
#pragma once

#include <cmath>
#include <cstdint>

namespace pictures {

inline double clamp01(double v) {
    return v < 0 ? 0 : v > 1 ? 1 : v;
}
inline double mix(double a, double b, double t) {
    return a + (b - a) * t;
}

inline double smoothstep(double low, double high, double v) {
    const double t = clamp01((v - low) / (high - low));
    return t * t * (3 - 2 * t);
}

/// Bits that look random but depend on the arguments alone (the finaliser of MurmurHash3).
inline uint32_t hash(int x, int y, uint32_t seed) {
    uint32_t h =
        seed * 0x9E3779B9u ^ static_cast<uint32_t>(x) * 0x85EBCA6Bu ^ static_cast<uint32_t>(y) * 0xC2B2AE35u;
    h = (h ^ h >> 16) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    return h ^ h >> 16;
}

/// Uniform in [0, 1).
inline double uniform(int x, int y, uint32_t seed) {
    return hash(x, y, seed) * 0x1p-32;
}

/// cos(2π·turns) within 2e-8. The polynomial replaces std::cos, whose last bits differ between C libraries.
inline double cosTurns(double turns) {
    double t = turns - std::floor(turns);  // [0, 1)
    t = t > 0.5 ? 1 - t : t;               // even about half a turn
    const double sign = t > 0.25 ? -1 : 1;
    t = t > 0.25 ? 0.5 - t : t;  // odd about a quarter
    const double v = 6.283185307179586 * t, q = v * v;
    return sign * (1 - q / 2 * (1 - q / 12 * (1 - q / 30 * (1 - q / 56 * (1 - q / 90)))));
}

/// Perlin's gradient noise, about −0.7 … 0.7, one feature per unit.
inline double noise(double x, double y, uint32_t seed) {
    const double fx = std::floor(x), fy = std::floor(y);
    const int ix = static_cast<int>(fx), iy = static_cast<int>(fy);
    const double u = x - fx, v = y - fy;
    const auto corner = [&](int dx, int dy) {
        const uint32_t h = hash(ix + dx, iy + dy, seed);
        const double gx = static_cast<double>(h & 0xFFFF) / 32767.5 - 1,
                     gy = static_cast<double>(h >> 16) / 32767.5 - 1;
        return gx * (u - dx) + gy * (v - dy);
    };
    const double su = u * u * u * (u * (6 * u - 15) + 10), sv = v * v * v * (v * (6 * v - 15) + 10);
    return mix(mix(corner(0, 0), corner(1, 0), su), mix(corner(0, 1), corner(1, 1), su), sv);
}

/// Sum of octaves whose amplitude falls as 1/f.
inline double fractal(double x, double y, int octaves, uint32_t seed) {
    double sum = 0, amplitude = 1;
    for (int i = 0; i < octaves; ++i, amplitude /= 2) {
        sum += amplitude * noise(x, y, seed + static_cast<uint32_t>(i));
        // The turn of about 37° (3:4:5) keeps the grids of the octaves from showing through.
        const double rx = 1.6 * x - 1.2 * y, ry = 1.2 * x + 1.6 * y;
        x = rx + 17.3;
        y = ry - 9.1;
    }
    return sum;
}

/// As fractal(), with sharp crests at 1 and round valleys below.
inline double ridged(double x, double y, int octaves, uint32_t seed) {
    double sum = 0, amplitude = 0.5, weight = 1;
    for (int i = 0; i < octaves; ++i, amplitude /= 2) {
        const double crest = 1 - std::fabs(1.5 * noise(x, y, seed + static_cast<uint32_t>(i)));
        const double value = crest * crest * weight;
        weight = clamp01(1.6 * value);
        sum += amplitude * value;
        const double rx = 1.6 * x - 1.2 * y, ry = 1.2 * x + 1.6 * y;
        x = rx + 5.7;
        y = ry + 3.9;
    }
    return sum;
}

}  // namespace pictures
