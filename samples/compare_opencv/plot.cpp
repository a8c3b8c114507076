// SPDX-License-Identifier: Apache-2.0
#include "plot.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "table.hpp"

namespace {

constexpr double kWidth = 560, kHeight = 380;
constexpr double kLeft = 74, kRight = 14, kTop = 62, kBottom = 50;

/// One direction of the plot: values to places on the paper.
struct Axis {
    bool log;
    double low, high;   ///< shown values
    double begin, end;  ///< their places

    bool shows(double value) const { return std::isfinite(value) && (!log || value > 0); }
    double place(double value) const {
        const auto scale = [this](double v) { return log ? std::log10(v) : v; };
        return begin + (end - begin) * (scale(value) - scale(low)) / (scale(high) - scale(low));
    }
};

std::pair<double, double> rangeOfY(const Plot& plot) {
    double low = INFINITY, high = -INFINITY;
    const auto include = [&](double y) {
        if (!std::isfinite(y) || (plot.logY && y <= 0)) return;
        low = std::min(low, y);
        high = std::max(high, y);
    };
    for (const Curve& curve : plot.curves)
        for (const cv::Point2d& point : curve.points) include(point.y);
    include(plot.line);
    if (low > high) return {plot.logY ? 0.1 : 0, 1};
    if (!plot.logY) return {std::min(low, 0.0), 1.05 * high};
    // Whole decades where there are several, else 1-2-5 steps that a small range can fill.
    if (high / low > 30)
        return {std::pow(10, std::floor(std::log10(low))), std::pow(10, std::ceil(std::log10(high)))};
    return {low / 1.3, high * 1.3};
}

std::vector<double> yTicks(const Axis& y) {
    std::vector<double> ticks;
    if (!y.log) {
        const double raw = (y.high - y.low) / 5, decade = std::pow(10, std::floor(std::log10(raw)));
        const double step = decade * (raw / decade > 5   ? 10
                                      : raw / decade > 2 ? 5
                                      : raw / decade > 1 ? 2
                                                         : 1);
        for (double t = std::ceil(y.low / step) * step; t <= y.high; t += step) ticks.push_back(t);
        return ticks;
    }
    const int from = static_cast<int>(std::floor(std::log10(y.low) + 1e-9));
    const int to = static_cast<int>(std::ceil(std::log10(y.high) - 1e-9));
    const int step = std::max(1, (to - from) / 6);
    for (int decade = from; decade <= to; decade += step)
        for (const double mantissa : {1.0, 2.0, 5.0}) {
            const double tick = mantissa * std::pow(10, decade);
            const bool wanted = mantissa == 1 || to - from <= 3;
            if (wanted && tick >= y.low * 0.999 && tick <= y.high * 1.001) ticks.push_back(tick);
        }
    return ticks;
}

/// Powers of ten that would fill the margin with zeros get an exponent.
std::string number(double value) {
    static const char* const superscripts[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    const double size = std::abs(value);
    if (value == 0 || (size > 9e-4 && size < 9e3)) return cv::format("%g", std::round(value * 1e6) / 1e6);
    const int exponent = static_cast<int>(std::floor(std::log10(size) + 1e-9));
    const int mantissa = static_cast<int>(std::lround(value / std::pow(10, exponent)));
    std::string text = (mantissa == 1 ? "" : std::to_string(mantissa) + "·") + std::string("10");
    if (exponent < 0) text += "⁻";
    for (const char digit : std::to_string(std::abs(exponent))) text += superscripts[digit - '0'];
    return text;
}

void text(std::ostream& out, double x, double y, const char* anchor, const std::string& content,
          const std::string& attributes = "") {
    out << cv::format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" ", x, y, anchor) << attributes << ">"
        << escaped(content) << "</text>\n";
}

void segment(std::ostream& out, cv::Point2d a, cv::Point2d b, const char* css) {
    out << cv::format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", a.x, a.y, b.x,
                      b.y, css);
}

void drawAxes(std::ostream& out, const Plot& plot, const Axis& x, const Axis& y) {
    for (const double tick : plot.xTicks) {
        segment(out, {x.place(tick), y.begin}, {x.place(tick), y.end}, "grid");
        text(out, x.place(tick), y.begin + 17, "middle", number(tick));
    }
    for (const double tick : yTicks(y)) {
        segment(out, {x.begin, y.place(tick)}, {x.end, y.place(tick)}, "grid");
        text(out, x.begin - 7, y.place(tick) + 4, "end", number(tick));
    }
    segment(out, {x.begin, y.begin}, {x.end, y.begin}, "axis");
    segment(out, {x.begin, y.begin}, {x.begin, y.end}, "axis");
    text(out, (x.begin + x.end) / 2, kHeight - 10, "middle", plot.xLabel);
    const double centre = (y.begin + y.end) / 2;
    text(out, 0, 0, "middle", plot.yLabel,
         cv::format("transform=\"translate(16 %.1f) rotate(-90)\"", centre));
}

void drawCurve(std::ostream& out, const Curve& curve, const Axis& x, const Axis& y) {
    std::ostringstream line, dots;
    for (const cv::Point2d& point : curve.points) {
        if (!x.shows(point.x) || !y.shows(point.y)) continue;
        line << cv::format("%.1f,%.1f ", x.place(point.x), y.place(point.y));
        dots << cv::format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"><title>", x.place(point.x),
                           y.place(point.y), curve.colour.c_str())
             << escaped(curve.name) << cv::format(": %.4g at %g</title></circle>\n", point.y, point.x);
    }
    out << "<polyline points=\"" << line.str() << "\" fill=\"none\" stroke-width=\"2.2\" stroke=\""
        << curve.colour << "\"" << (curve.dashed ? " stroke-dasharray=\"7 5\"" : "") << "/>\n"
        << dots.str();
}

void drawLegend(std::ostream& out, const Plot& plot, double x, double y) {
    for (const Curve& curve : plot.curves) {
        out << cv::format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke-width=\"2.6\" ", x,
                          y - 4, x + 24, y - 4)
            << "stroke=\"" << curve.colour << "\"" << (curve.dashed ? " stroke-dasharray=\"7 5\"" : "")
            << "/>\n";
        text(out, x + 30, y, "start", curve.name);
        x += 48 + 7.2 * static_cast<double>(curve.name.size());
    }
}

}  // namespace

std::string asSvg(const Plot& plot) {
    const auto [left, right] = std::minmax_element(plot.xTicks.begin(), plot.xTicks.end());
    const auto [low, high] = rangeOfY(plot);
    const double margin = plot.logX ? 1.15 : 1;
    const Axis x{plot.logX, *left / margin, *right * margin, kLeft, kWidth - kRight};
    const Axis y{plot.logY, low, high, kHeight - kBottom, kTop};
    std::ostringstream out;
    out << cv::format("<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"", kWidth, kHeight)
        << escaped(plot.title) << "\">\n";
    text(out, kLeft, 20, "start", plot.title, "class=\"title\"");
    drawLegend(out, plot, kLeft, 44);
    drawAxes(out, plot, x, y);
    if (y.shows(plot.line))
        segment(out, {x.begin, y.place(plot.line)}, {x.end, y.place(plot.line)}, "reference");
    for (const Curve& curve : plot.curves) drawCurve(out, curve, x, y);
    if (y.shows(plot.line))
        text(out, x.end - 4, y.place(plot.line) + 14, "end", plot.lineLabel, "class=\"note\"");
    out << "</svg>\n";
    return out.str();
}
