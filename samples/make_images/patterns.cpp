// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "noise.hpp"
#include "pictures.hpp"

namespace pictures {
namespace {

uchar level(double share) {
    return static_cast<uchar>(std::floor(255 * clamp01(share) + 0.5));
}

// Calls value(x, y) with pixel indices; grey in 0 … 1.
template <class Value>
cv::Mat drawGrey(cv::Size size, const Value& value) {
    cv::Mat m(size, CV_8U);
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) m.at<uchar>(y, x) = level(value(x, y));
    return m;
}

void label(cv::Mat& m, const std::string& words, cv::Point at, double scale, const cv::Scalar& colour,
           int thick = 1) {
    cv::putText(m, words, at, cv::FONT_HERSHEY_DUPLEX, scale, colour, thick, cv::LINE_AA);
}

}  // namespace

cv::Mat zonePlate(int side) {
    const double centre = (side - 1) / 2.0;
    return drawGrey({side, side}, [&](int x, int y) {
        const double r2 = (x - centre) * (x - centre) + (y - centre) * (y - centre);
        return 0.5 + 0.5 * cosTurns(r2 / (2.0 * side));
    });
}

cv::Mat siemensStar(int side) {
    const double centre = (side - 1) / 2.0, rim = 0.48 * side;
    const auto spoke = [&](double x, double y) {
        const double r = std::sqrt(x * x + y * y);
        if (r > rim || r == 0) return 0.5;
        // Re (x + iy)^36 has the sign of cos 36φ: squares give the powers 32 and 4 without an arc tangent.
        double re = x / r, im = y / r, re4 = 1, im4 = 0;
        for (int power = 1; power < 32; power *= 2) {
            if (power == 4) {
                re4 = re;
                im4 = im;
            }
            const double square = re * re - im * im;
            im = 2 * re * im;
            re = square;
        }
        return re * re4 - im * im4 > 0 ? 1.0 : 0.0;
    };
    constexpr int kSub = 6;  // samples per pixel and axis
    return drawGrey({side, side}, [&](int x, int y) {
        double sum = 0;
        for (int j = 0; j < kSub; ++j)
            for (int i = 0; i < kSub; ++i)
                sum += spoke(x - centre + (i + 0.5) / kSub - 0.5, y - centre + (j + 0.5) / kSub - 0.5);
        return sum / (kSub * kSub);
    });
}

cv::Mat impulseGrid(cv::Size size) {
    return drawGrey(size, [](int x, int y) { return x % 64 == 32 && y % 64 == 32 ? 1.0 : 0.0; });
}

cv::Mat stepEdges(cv::Size size) {
    static const std::array<cv::Vec3b, 6> colours{cv::Vec3b(40, 40, 210),  cv::Vec3b(60, 170, 60),
                                                  cv::Vec3b(200, 90, 30),  cv::Vec3b(30, 190, 235),
                                                  cv::Vec3b(170, 60, 150), cv::Vec3b(190, 180, 40)};
    cv::Mat m(size, CV_8UC3);
    const int half = size.height / 2, third = size.width / 3;
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            cv::Vec3b c;
            if (y < half && x < third) {  // vertical edge between black and white
                c = x < third / 2 ? cv::Vec3b(0, 0, 0) : cv::Vec3b(255, 255, 255);
            } else if (y < half && x < 2 * third) {  // edge with a slope of 1 : 8, as camera tests use
                c = 8 * (x - third - third / 2) < y - half / 2 ? cv::Vec3b(64, 64, 64)
                                                               : cv::Vec3b(192, 192, 192);
            } else if (y < half) {  // disc
                const int dx = x - 2 * third - third / 2, dy = y - half / 2;
                c = dx * dx + dy * dy < half * half / 9 ? cv::Vec3b(255, 255, 255) : cv::Vec3b(40, 30, 20);
            } else if (y < half + half / 2) {  // bars of 1, 2, 4 … 64 pixels
                int width = 1, start = 0;
                while (x >= start + 12 * width && width < 64) {
                    start += 12 * width;
                    width *= 2;
                }
                c = (x - start) / width % 2 == 0 ? cv::Vec3b(255, 255, 255) : cv::Vec3b(0, 0, 0);
            } else {  // edges between colours
                c = colours[static_cast<std::size_t>(x * 6 / size.width)];
            }
            m.at<cv::Vec3b>(y, x) = c;
        }
    return m;
}

cv::Mat text(cv::Size size) {
    cv::Mat m(size, CV_8UC3, cv::Scalar(226, 240, 246));
    const cv::Scalar ink(48, 36, 30), red(40, 40, 170);
    label(m, "exp(-x*x / 2s*s)", {40, 110}, 2.6, red, 4);
    double y = 170;
    int line = 0;
    static const std::array<const char*, 4> words{
        "The weight of a pixel is the mass of the Gaussian over it.",
        "A blur of small letters: which line can still be read?",
        "0123456789  +-*/=  (sphinx of black quartz, judge my vow)",
        "Integrated weights add up to one, and a flat wall stays flat.",
    };
    for (double scale = 1.25; y < size.height - 12; scale *= 0.93) {
        label(m, words[static_cast<std::size_t>(line++ % 4)], {40, static_cast<int>(y)}, scale, ink,
              scale > 0.8 ? 2 : 1);
        y += 12 + 34 * scale;
    }
    return m;
}

cv::Mat gradient16(cv::Size size) {
    cv::Mat m(size, CV_16U);
    const double cx = size.width / 2.0, cy = size.height / 2.0, r = size.height / 3.0;
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            const double ramp = 65471.0 * (x + y) / (size.width + size.height - 2);
            const bool inside = (x - cx) * (x - cx) + (y - cy) * (y - cy) < r * r;
            m.at<ushort>(y, x) = static_cast<ushort>(std::floor(ramp + (inside ? 64.5 : 0.5)));
        }
    return m;
}

cv::Mat transparency(int side) {
    struct Disc {
        double x, y;
        cv::Vec3d colour;  // blue, green, red
    };
    static const std::array<Disc, 3> discs{{{0.38, 0.38, {0.15, 0.25, 0.95}},
                                            {0.62, 0.38, {0.20, 0.85, 0.30}},
                                            {0.50, 0.60, {0.95, 0.45, 0.15}}}};
    cv::Mat m(side, side, CV_8UC4);
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x) {
            cv::Vec3d colour(0, 0, 0);
            double clear = 1, weight = 0;
            for (const Disc& d : discs) {
                const double dx = (x + 0.5) / side - d.x, dy = (y + 0.5) / side - d.y;
                const double rim = std::sqrt(dx * dx + dy * dy) / 0.30;
                const double alpha = rim < 1 ? 0.85 * (1 - 0.9 * rim * rim) : 0;
                colour += alpha * d.colour;
                weight += alpha;
                clear *= 1 - alpha;
            }
            if (weight > 0) colour *= 1 / weight;
            m.at<cv::Vec4b>(y, x) =
                cv::Vec4b(level(colour[0]), level(colour[1]), level(colour[2]), level(1 - clear));
        }
    return m;
}

std::vector<Named> all() {
    return {{"scene.png", landscape({1920, 1080})},      {"zone_plate.png", zonePlate(768)},
            {"siemens_star.png", siemensStar(768)},      {"impulse_grid.png", impulseGrid({512, 512})},
            {"step_edges.png", stepEdges({1536, 768})},  {"text.png", text({1280, 800})},
            {"gradient16.png", gradient16({1024, 576})}, {"transparency.png", transparency(512)}};
}

}  // namespace pictures
