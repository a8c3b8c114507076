// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <cmath>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <sstream>

#include "plot.hpp"
#include "table.hpp"

namespace {

const char* const kStyle = R"(
body{margin:0 auto;max-width:1180px;padding:24px 20px 60px;font:16px/1.55 system-ui,sans-serif;color:#222;background:#fff}
h1{font-size:1.9rem;line-height:1.2;margin:.4em 0 .2em}h2{font-size:1.35rem;margin:2em 0 .4em;border-top:1px solid #ddd;padding-top:1em}
h3{font-size:1.08rem;margin:1.6em 0 .3em}p{max-width:72ch;margin:.4em 0 1em}code{background:#f3f4f6;padding:0 .25em;border-radius:3px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1.2em;margin:1em 0}dt{color:#666}dd{margin:0}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:18px}
.maps{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:12px;margin:0 0 16px}
.kernels{display:flex;flex-wrap:wrap;gap:18px}figure{margin:0}figure img{width:100%;display:block;border-radius:4px}
.kernels img{width:168px;image-rendering:pixelated}figcaption{font-size:.86rem;color:#444;padding-top:.35em;line-height:1.4}
svg{width:100%;height:auto;display:block;border:1px solid #e4e4e7;border-radius:8px;background:#fff}
svg text{font:12.5px system-ui,sans-serif;fill:#333}svg .title{font-size:15px;font-weight:600;fill:#111}svg .note{font-size:11.5px;fill:#666}
line.grid{stroke:#e7e7ea}line.axis{stroke:#888}line.reference{stroke:#777;stroke-dasharray:3 4}
.scroll{overflow-x:auto;margin:1em 0}table{border-collapse:collapse;font-size:.84rem;font-variant-numeric:tabular-nums;white-space:nowrap}
caption{text-align:left;color:#555;padding:.2em 0 .5em}th,td{padding:.22em .7em;text-align:right}th{border-bottom:2px solid #bbb;font-weight:600;white-space:normal;vertical-align:bottom}
tr:nth-child(even) td{background:#fafafa}tr.group td{border-top:1px solid #ccc}
.swatch{display:inline-block;width:22px;height:13px;margin:0 .3em 0 .9em;border:1px solid #999;vertical-align:-1px}
@media(max-width:640px){.maps{grid-template-columns:1fr}}
)";

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
    out << "<h3>Where the pixels differ</h3><p>8-bit pixels in the middle of the picture: the exact result, "
           "and "
           "where each blur differs from it after correct rounding. Black is identical.</p><p>Levels of 255:";
    const std::vector<std::string> colours = levelColours();
    for (size_t level = 0; level < colours.size(); ++level)
        out << "<span class=\"swatch\" style=\"background:" << colours[level] << "\"></span>" << level
            << (level + 1 == colours.size() ? " or more" : "");
    out << "</p>\n";
    const auto caption = [](const char* name, const Error& e) {
        return name + (": " + percent(e.identical)) +
               cv::format(" identical, worst error %.2f levels", e.max);
    };
    for (const HeatMaps& maps : picture.heatMaps)
        out << "<div class=\"maps\">" << figure(maps.exact, cv::format("Exact, σ = %g", maps.sigma))
            << figure(maps.opencv, caption("cv::GaussianBlur", maps.opencvError))
            << figure(maps.gkern, caption("gkern", maps.gkernError)) << "</div>\n";
}

void writePicture(std::ostream& out, const PictureResult& picture) {
    out << "<h2>" << escaped(picture.name) << "</h2>\n<dl>"
        << fact("Picture", cv::format("%d × %d pixels, %d channel(s); timed whole", picture.size.width,
                                      picture.size.height, picture.channels))
        << fact("Errors from",
                cv::format("%d × %d pixels in its middle", picture.measured.width, picture.measured.height))
        << "</dl>\n";
    writeHeatMaps(out, picture);
    out << "<h3>How far from exact</h3><p>Lower is better. The green curve is what choosing sampled weights "
           "costs, "
           "even with perfect arithmetic: much at small σ, where the Gaussian changes within a pixel, and "
           "less "
           "and less as σ grows. The orange curve adds what cv::GaussianBlur's coarser weights and early cut "
           "cost. "
           "The blue curve, gkern, has only the rounding of the pixel format left.</p><div class=\"grid\">";
    for (const int depth : kDepths) out << asSvg(errorPlot(picture.cases, depth));
    out << "</div>\n"
        << asHtml(errorTable(picture.cases))
        << "<p>“max” and “rms” are distances from the unrounded exact result, so a perfect 8- or 16-bit "
           "result shows "
           "up to 0.5 levels. “same” is the share of pixels equal to the correctly rounded exact result. "
           "“cv, own "
           "kernel” measures cv::GaussianBlur against the whole sampled Gaussian instead: its arithmetic and "
           "its "
           "cut, without the choice of weights.</p>\n"
        << "<h3>How long it takes</h3><p>Left: below the dashed line gkern is faster than cv::GaussianBlur, "
           "above it "
           "slower. Right: both as multiples of copying the picture once. The two do different work: gkern "
           "sums "
           "the whole Gaussian down to the resolution of the format, cv::GaussianBlur stops at 3σ (8U) or "
           "4σ.</p>"
           "<div class=\"grid\">"
        << asSvg(timePlot(picture.cases)) << asSvg(memcpyPlot(picture.cases)) << "</div>\n"
        << asHtml(timeTable(picture.cases));
}

void writeKernels(std::ostream& out, const std::vector<KernelComparison>& comparisons) {
    out << "<h2>Two wrong 2-D kernels</h2><p><b>Square root.</b> A recipe in circulation takes "
           "<code>interval = (2·nsig + 1)/kernlen</code>, cell edges <code>linspace(−nsig − interval/2, nsig "
           "+ "
           "interval/2, kernlen + 1)</code>, the masses between them, and then the <em>square root</em> of "
           "their outer "
           "product. The root of a Gaussian is a Gaussian of twice the variance, and the interval is not the "
           "width "
           "of the cells: the kernel blurs far more than was asked for.</p><p><b>Midpoint density.</b> "
           "Taking the "
           "density at the middle of a cell for the mass of the cell is a little too narrow: it leaves out "
           "the "
           "width of the pixel itself.</p><p>gkern::gkern is the reference here. Its own σ is below the "
           "asked one "
           "because a kernel that ends at ±nsig standard deviations has no tails.</p>\n";
    for (const KernelComparison& comparison : comparisons) {
        double white = 0;
        for (const KernelFigures& k : comparison.kernels)
            white = std::max(white, cv::norm(k.kernel, cv::NORM_INF));
        out << cv::format("<h3>kernlen %d, nsig %g</h3>", comparison.kernlen, comparison.nsig)
            << "<div class=\"grid\"><div><p>The pictures share one scale of brightness. Measured σ in "
               "pixels:</p>"
               "<div class=\"kernels\">";
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
    out << "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
           "content=\"width=device-width,initial-scale=1\"><title>gkern and cv::GaussianBlur</title><style>"
        << kStyle << "</style></head><body>\n<h1>gkern and cv::GaussianBlur against the exact result</h1>\n"
        << "<p>“Exact” is the blur of a picture of square pixels by a continuous Gaussian: integrated "
           "weights, the "
           "whole Gaussian, sums in double precision. cv::GaussianBlur weighs with the density sampled at "
           "pixel "
           "centres instead; “sampled, double” shows that choice alone, with the whole Gaussian in double "
           "precision, to tell the choice of weights from the arithmetic.</p>\n<dl>"
        << fact("OpenCV", CV_VERSION) << fact("gkern", GKERN_VERSION)
        << fact("Threads", std::to_string(cv::getNumThreads())) << fact("CPU", cpuName()) << "</dl>\n";
    for (const PictureResult& picture : pictures) writePicture(out, picture);
    writeKernels(out, kernels);
    out << "</body></html>\n";
    return out.str();
}
