// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <sstream>

#include "plot.hpp"
#include "report_text.hpp"
#include "table.hpp"

namespace {

std::string base64(const std::vector<uchar>& bytes) {
    static const char* const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    for (size_t i = 0; i < bytes.size(); i += 3) {
        unsigned group = 0;
        for (size_t j = i; j < i + 3; ++j) group = group << 8 | (j < bytes.size() ? bytes[j] : 0u);
        for (size_t j = 0; j < 4; ++j)
            result += i + j > bytes.size() ? '=' : digits[group >> (18 - 6 * j) & 63];
    }
    return result;
}

std::string figure(const cv::Mat& picture, const std::string& caption) {
    std::vector<uchar> png;
    cv::imencode(".png", picture, png, {cv::IMWRITE_PNG_COMPRESSION, 9});
    return "<figure><img alt=\"" + caption + "\" src=\"data:image/png;base64," + base64(png) +
           "\"><figcaption>" + caption + "</figcaption></figure>\n";
}

std::string cpuName() {
    std::ifstream cpuinfo("/proc/cpuinfo");
    for (std::string line; std::getline(cpuinfo, line);)
        if (line.rfind("model name", 0) == 0 && line.find(": ") != std::string::npos)
            return line.substr(line.find(": ") + 2);
    return "unknown CPU";
}

std::string fact(const std::string& name, const std::string& value) {
    return "<dt>" + name + "</dt><dd>" + escaped(value) + "</dd>\n";
}

std::vector<double> sigmasOf(const std::vector<Case>& cases) {
    std::vector<double> sigmas;
    for (const Case& c : cases)
        if (c.depth == kDepths[0]) sigmas.push_back(c.sigma);
    return sigmas;
}

Plot errorPlot(const std::vector<Case>& cases, int depth) {
    Curve opencv{"cv::GaussianBlur", kOrange, false, {}}, sampled{"sampled, double", kGreen, true, {}},
        own{"gkern", kBlue, false, {}};
    for (const Case& c : cases) {
        if (c.depth != depth) continue;
        opencv.points.push_back({c.sigma, c.errors.opencv.max});
        sampled.points.push_back({c.sigma, c.errors.sampled.max});
        own.points.push_back({c.sigma, c.errors.gkern.max});
    }
    return {"Largest error, " + depthName(depth),
            "σ (pixels)",
            isInteger(depth) ? "max |error| (levels)" : "max |error| (share of full scale)",
            true,
            true,
            sigmasOf(cases),
            {opencv, sampled, own},
            isInteger(depth) ? 0.5 : NAN,
            "0.5: rounding alone"};
}

Plot timePlot(const std::vector<Case>& cases) {
    const char* const colours[] = {kBlue, kOrange, kGreen, kPurple};
    Plot plot{"Time of gkern / time of cv::GaussianBlur",
              "σ (pixels)",
              "ratio (below 1: gkern is faster)",
              true,
              true,
              sigmasOf(cases),
              {},
              1,
              "1: equally fast"};
    for (size_t i = 0; i < std::size(kDepths); ++i) {
        Curve curve{depthName(kDepths[i]), colours[i], false, {}};
        for (const Case& c : cases)
            if (c.depth == kDepths[i]) curve.points.push_back({c.sigma, c.times.gkern / c.times.opencv});
        plot.curves.push_back(curve);
    }
    return plot;
}

Plot memcpyPlot(const std::vector<Case>& cases) {
    Plot plot{"Time of an 8U blur in copies of the picture",
              "σ (pixels)",
              "multiples of a one-thread memcpy",
              true,
              true,
              sigmasOf(cases),
              {},
              NAN,
              ""};
    Curve opencv{"cv::GaussianBlur", kOrange, false, {}}, own{"gkern", kBlue, false, {}};
    for (const Case& c : cases) {
        if (c.depth != CV_8U) continue;
        opencv.points.push_back({c.sigma, c.times.opencv / c.times.memcpy});
        own.points.push_back({c.sigma, c.times.gkern / c.times.memcpy});
    }
    plot.curves = {opencv, own};
    return plot;
}

Plot profilePlot(const KernelComparison& comparison) {
    const char* const colours[] = {kBlue, kOrange, kGreen};
    Plot plot{
        cv::format("Profile through the centre, kernlen %d, nsig %g", comparison.kernlen, comparison.nsig),
        "distance from the centre (pixels)",
        "weight",
        false,
        false,
        {},
        {},
        NAN,
        ""};
    const int half = comparison.kernlen / 2;
    for (int tick = -half; tick <= half; tick += std::max(1, half / 5)) plot.xTicks.push_back(tick);
    for (size_t k = 0; k < comparison.kernels.size(); ++k) {
        const KernelFigures& figures = comparison.kernels[k];
        Curve curve{figures.name, colours[k], k == 2, {}};
        for (int x = 0; x < comparison.kernlen; ++x)
            curve.points.push_back({double(x - half), figures.kernel.at<double>(half, x)});
        plot.curves.push_back(curve);
    }
    return plot;
}

void writeHeatMaps(std::ostream& out, const PictureResult& picture) {
    out << kHeatMapText << "<p>Levels of 255:";
    const std::vector<std::string> colours = levelColours();
    for (size_t level = 0; level < colours.size(); ++level)
        out << "<span class=\"swatch\" style=\"background:" << colours[level] << "\"></span>" << level
            << (level + 1 == colours.size() ? " or more" : "");
    out << "</p>\n";
    const auto caption = [](const char* name, const Error& e) {
        return name + (": " + percent(e.identical)) + cv::format(" identical, worst %.2f levels", e.max);
    };
    for (const HeatMaps& maps : picture.heatMaps)
        out << "<div class=\"maps\">" << figure(maps.exact, cv::format("Exact, σ = %g", maps.sigma))
            << figure(maps.opencv, caption("cv::GaussianBlur", maps.opencvError))
            << figure(maps.gkern, caption("gkern", maps.gkernError)) << "</div>\n";
}

void writePicture(std::ostream& out, const PictureResult& picture) {
    const cv::Size whole = picture.size, part = picture.measured;
    const char* const plural = picture.channels == 1 ? "" : "s";
    out << "<h2>" << escaped(picture.name) << "</h2>\n<dl>"
        << fact("Timed", cv::format("%d × %d pixels, %d channel%s", whole.width, whole.height,
                                    picture.channels, plural))
        << fact("Compared", cv::format("%d × %d pixels in its middle", part.width, part.height)) << "</dl>\n";
    writeHeatMaps(out, picture);
    out << kErrorText << "<div class=\"grid\">";
    for (const int depth : kDepths) out << asSvg(errorPlot(picture.cases, depth));
    out << "</div>\n"
        << asHtml(errorTable(picture.cases)) << kErrorNotes << kTimeText << "<div class=\"grid\">";
    out << asSvg(timePlot(picture.cases)) << asSvg(memcpyPlot(picture.cases)) << "</div>\n";
    out << asHtml(timeTable(picture.cases));
}

void writeKernels(std::ostream& out, const std::vector<KernelComparison>& comparisons) {
    out << kKernelText;
    for (const KernelComparison& comparison : comparisons) {
        double white = 0;
        for (const KernelFigures& k : comparison.kernels)
            white = std::max(white, cv::norm(k.kernel, cv::NORM_INF));
        out << cv::format("<h3>kernlen %d, nsig %g: σ should be %.3f pixels, less its tails</h3>",
                          comparison.kernlen, comparison.nsig, comparison.nominalSigma)
            << "<div class=\"grid\"><div><p>One scale of brightness for all three; σ as measured, in "
               "pixels.</p>"
            << "<div class=\"kernels\">";
        for (const KernelFigures& k : comparison.kernels)
            out << figure(kernelPicture(k.kernel, white, 168), k.name + cv::format("<br>σ = %.4f", k.sigma));
        out << "</div></div>" << asSvg(profilePlot(comparison)) << "</div>\n";
    }
    out << asHtml(kernelTable(comparisons));
}

}  // namespace

std::string machineLine() {
    return cv::format("OpenCV %s, gkern %s, %d threads, %s", CV_VERSION, GKERN_VERSION, cv::getNumThreads(),
                      cpuName().c_str());
}

std::string reportHtml(const std::vector<PictureResult>& pictures,
                       const std::vector<KernelComparison>& kernels) {
    std::ostringstream out;
    out << "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        << "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        << "<title>gkern and cv::GaussianBlur</title><style>" << kStyle << "</style></head><body>\n"
        << "<h1>gkern and cv::GaussianBlur against the exact result</h1>\n"
        << kIntroduction << "<dl>" << fact("OpenCV", CV_VERSION) << fact("gkern", GKERN_VERSION)
        << fact("Threads", std::to_string(cv::getNumThreads())) << fact("CPU", cpuName()) << "</dl>\n";
    for (const PictureResult& picture : pictures) writePicture(out, picture);
    writeKernels(out, kernels);
    out << "</body></html>\n";
    return out.str();
}
