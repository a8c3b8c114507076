// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/core.hpp>

#include "noise.hpp"
#include "pictures.hpp"

namespace pictures {
namespace {

// Coordinates: x from 0 to the aspect ratio, y from 0 (top) to 1 (bottom).
constexpr double kShore = 0.66;
constexpr double kSunX = 1.19, kSunY = 0.505;

using Colour = cv::Vec3d;  // red, green, blue in 0 … 1

Colour rgb(int hex) {
    return Colour((hex >> 16 & 255) / 255.0, (hex >> 8 & 255) / 255.0, (hex & 255) / 255.0);
}

Colour blend(const Colour& a, const Colour& b, double t) {
    return a + (b - a) * clamp01(t);
}

double sunDistance(double x, double y) {
    return std::sqrt((x - kSunX) * (x - kSunX) + (y - kSunY) * (y - kSunY));
}

Colour clearSky(double x, double y) {
    static const std::array<Colour, 5> stops{rgb(0x14234B), rgb(0x33497F), rgb(0x8C6F9B), rgb(0xEE9A78),
                                             rgb(0xFFD89A)};
    const double t = clamp01(y / 0.58) * 4;
    const int i = std::min(3, static_cast<int>(t));
    Colour c = blend(stops[static_cast<std::size_t>(i)], stops[static_cast<std::size_t>(i) + 1], t - i);
    const double d = sunDistance(x, y);
    c += 0.5 / (1 + 90 * d * d) * Colour(1, 0.72, 0.38);
    return blend(c, Colour(1, 0.97, 0.86), smoothstep(0.040, 0.036, d));
}

Colour sky(double x, double y) {
    Colour c = clearSky(x, y);
    const int gx = static_cast<int>(x * 540), gy = static_cast<int>(y * 540);
    if (uniform(gx, gy, 77) > 0.9965) c += smoothstep(0.26, 0, y) * uniform(gx, gy, 78) * Colour(0.9, 0.9, 1);

    // Two decks of cloud on planes above the camera: features shrink and flatten towards the horizon.
    const double height = 0.62 - y;
    if (height <= 0.02) return c;
    for (const int deck : {0, 1}) {
        const double px = (x - 0.9) / (height + 0.12) * (deck ? 1.1 : 0.7),
                     py = (deck ? 1.6 : 0.9) / (height + 0.12);
        const double warp = fractal(px + 3, py, 4, 11);
        const uint32_t seed = deck ? 31 : 21;
        const double density = fractal(px + 0.7 * warp, py + 0.4 * warp, 9, seed);
        const double toSun = fractal(px + 0.7 * warp + 0.05, py + 0.4 * warp + 0.12, 6, seed);
        const double cover = smoothstep(deck ? 0.02 : -0.02, deck ? 0.55 : 0.62, density);
        const double lit = clamp01(0.45 + 1.6 * (density - toSun) + 0.35 / (1 + 14 * sunDistance(x, y)));
        Colour cloud = blend(rgb(0x4A4A74), rgb(0xF7A98A), lit);
        cloud = blend(cloud, rgb(0xFFE2B0), lit * lit / (1 + 9 * sunDistance(x, y)));
        c = blend(c, cloud, cover * (deck ? 0.75 : 0.9) * smoothstep(0.02, 0.14, height));
    }
    return c;
}

struct Ridge {
    double base, height, scale,
        rough;        // y of the foot, how far it rises, features per unit, share of fine relief
    int dark, light;  // colours away from and towards the sun
    double haze, snow;
    uint32_t seed;
};

constexpr std::array<Ridge, 5> kRidges{{
    {0.600, 0.190, 1.1, 0.30, 0x6B6A94, 0xD7A6A0, 0.55, 0.9, 101},
    {0.625, 0.270, 1.7, 0.34, 0x3E4672, 0xC48E86, 0.34, 1.0, 202},
    {0.640, 0.160, 2.6, 0.30, 0x2F3C60, 0x9A7472, 0.24, 0.25, 303},
    {0.655, 0.105, 3.8, 0.26, 0x213049, 0x5F5457, 0.14, 0, 404},
    {0.662, 0.060, 6.0, 0.24, 0x16222F, 0x33383B, 0.05, 0, 505},
}};

double crestOf(const Ridge& r, double x) {
    const double broad = 0.5 + 0.9 * noise(x * r.scale, 0.37, r.seed);
    const double fine = ridged(x * r.scale * 2.1, 7.7, 9, r.seed + 40);
    return r.base - r.height * clamp01((1 - r.rough) * broad + r.rough * fine);
}

// Relief that the light strikes from the side of the sun.
Colour rock(const Ridge& r, double x, double y, double crest) {
    const double f = r.scale * 5, drop = y - crest;
    const auto relief = [&](double sx, double sy) {
        return ridged(sx * f, (sy + 0.35 * drop) * f * 0.8, 8, r.seed + 80);
    };
    const double step = 0.0016;
    const double slope = (relief(x + step, y - 0.4 * step) - relief(x, y)) / step / f;
    const double lit = clamp01(0.42 - 0.42 * slope + 0.5 * (relief(x, y) - 0.45));
    Colour c = blend(rgb(r.dark), rgb(r.light), lit);
    if (r.snow > 0) {
        const double line = drop - 0.085 * r.height / 0.2 + 0.05 * fractal(x * 14, y * 14, 5, r.seed + 5);
        const Colour snow = blend(rgb(0x8894C0), rgb(0xFFE9DC), smoothstep(0.2, 0.75, lit));
        c = blend(c, snow, r.snow * smoothstep(0.015, -0.015, line));
    }
    const Colour air = blend(rgb(0x8E86B4), rgb(0xFFC38E), 1 / (1 + 5 * sunDistance(x, y)));
    return blend(c, air, r.haze + 0.30 * smoothstep(0.0, 0.14, drop) * (r.haze > 0.1 ? 1 : 0.3));
}

// Firs of the far shore: a comb of triangles whose height follows a noise.
double treeLine(double x) {
    double top = 0;
    for (const int k : {0, 1, 2}) {
        const double pitch = 0.0075 + 0.0021 * k, cell = std::floor(x / pitch);
        for (int c = static_cast<int>(cell) - 1; c <= static_cast<int>(cell) + 1; ++c) {
            const double centre = (c + 0.2 + 0.6 * uniform(c, k, 9)) * pitch;
            const double tall =
                (0.010 + 0.020 * uniform(c, k, 10)) * smoothstep(-0.35, 0.3, noise(x * 2.2, k, 12));
            top = std::max(top, tall - 2.6 * std::fabs(x - centre));
        }
    }
    return top;
}

Colour land(double x, double y) {
    Colour c = sky(x, y);
    for (const Ridge& r : kRidges) {
        const double crest = crestOf(r, x);
        // A crest one pixel of 1080 rows soft is not jagged.
        if (y > crest - 0.0005) c = blend(c, rock(r, x, y, crest), smoothstep(-0.0005, 0.0005, y - crest));
    }
    const double trees = kShore - 0.004 - treeLine(x);
    return blend(c, rgb(0x0E1A22), smoothstep(-0.0006, 0.0006, y - trees));
}

Colour water(double x, double y) {
    const double depth = y - kShore;  // waves look longer and higher towards the viewer
    const double wx = x * 5 / (depth + 0.05), wy = 1.9 / (depth + 0.035);
    const double wave = fractal(wx * 0.5, wy * 3, 6, 61);
    const double sway = (0.004 + 0.10 * depth) * wave;
    const double mirrored = std::max(0.0, kShore - depth * 1.12 - 0.002 + sway);
    Colour c = land(x + 0.4 * sway, std::min(mirrored, kShore - 0.0005));
    c = blend(c, rgb(0x16284A), 0.22 + 0.5 * depth + 0.25 * clamp01(wave));
    const double path = std::fabs(x - kSunX) / (0.025 + 0.32 * depth);
    const double glitter = smoothstep(0.30, 0.75, wave + 0.42 - 0.55 * path);
    return c + glitter * 0.75 * Colour(1, 0.78, 0.50);
}

// Height of the dark bank in front, with grass.
double bank(double x) {
    const double soil = 0.955 - 0.10 * smoothstep(0.62, 0.0, x) - 0.055 * smoothstep(1.35, 1.78, x) +
                        0.012 * noise(x * 6, 3, 71);
    double blades = 0;
    for (const int k : {0, 1, 2, 3}) {
        const double pitch = 0.0042 + 0.0009 * k;
        const int cell = static_cast<int>(std::floor(x / pitch));
        const double centre = (cell + 0.5 + 0.4 * (uniform(cell, k, 15) - 0.5)) * pitch;
        blades =
            std::max(blades, 0.034 * uniform(cell, k, 14) * (1 - std::fabs(x - centre) / (0.45 * pitch)));
    }
    return soil - blades;
}

struct Fir {
    double x, foot, tall;
};

constexpr std::array<Fir, 7> kFirs{{{0.075, 0.91, 0.66},
                                    {0.195, 0.92, 0.47},
                                    {0.285, 0.93, 0.34},
                                    {0.020, 0.93, 0.40},
                                    {0.365, 0.95, 0.20},
                                    {1.700, 0.94, 0.52},
                                    {1.615, 0.95, 0.30}}};

// 1 inside a fir: a stem and tiers of hanging branches with a ragged rim.
double fir(const Fir& f, double x, double y) {
    const double t = (y - (f.foot - f.tall)) / f.tall;  // 0 at the tip, 1 at the foot
    if (t < 0 || t > 1.05) return 0;
    const double side = std::fabs(x - f.x) / f.tall;
    if (side < 0.0035 + 0.008 * t) return 1;
    if (t > 0.95) return 0;
    const int seed = static_cast<int>(f.x * 1000) + (x < f.x ? 500 : 0);
    const double tiers = 26 * std::sqrt(t) + 0.5 * uniform(seed, 1, 90);
    const double within = tiers - std::floor(tiers);
    const double reach = (0.012 + 0.17 * t) * (0.45 + 0.75 * within) *
                         (0.62 + 0.55 * uniform(seed, static_cast<int>(std::floor(tiers)), 91));
    const double rag = 0.014 * fractal(x * 160, y * 160, 3, 92);
    return smoothstep(0.0015, -0.0015, side - reach - rag);
}

Colour scene(double x, double y) {
    Colour c = y < kShore ? land(x, y) : water(x, y);
    if (y > kShore - 0.012) {  // mist over the shore
        const double mist =
            1 / (1 + 900 * (y - kShore) * (y - kShore)) * (0.28 + 0.4 * fractal(x * 3, y * 22, 5, 83));
        c = blend(c, rgb(0xFFC9A0), 0.55 * mist);
    }
    const Colour dark = blend(rgb(0x070D16), rgb(0x1A2028), clamp01(0.5 + fractal(x * 40, y * 40, 4, 95)));
    double shade = smoothstep(-0.0008, 0.0008, y - bank(x));
    for (const Fir& f : kFirs) shade = std::max(shade, fir(f, x, y));
    return blend(c, dark, shade);
}

}  // namespace

cv::Mat landscape(cv::Size size) {
    cv::Mat picture(size, CV_8UC3);
    cv::parallel_for_(cv::Range(0, size.height), [&](const cv::Range& range) {
        for (int y = range.start; y < range.end; ++y)
            for (int x = 0; x < size.width; ++x) {
                const Colour c = scene((x + 0.5) / size.height, (y + 0.5) / size.height);
                for (int k = 0; k < 3; ++k)
                    picture.at<cv::Vec3b>(y, x)[k] =
                        static_cast<uchar>(std::floor(255 * clamp01(c[2 - k]) + 0.5));
            }
    });
    return picture;
}

}  // namespace pictures
