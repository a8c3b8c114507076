// SPDX-License-Identifier: Apache-2.0
#include "table.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace {

std::string errorText(double error, int depth) {
    return isInteger(depth) ? cv::format("%.3f", error) : cv::format("%.1e", error);
}

std::string sigmaText(double sigma) {
    return cv::format("%g", sigma);
}

/// Characters, not bytes: σ takes two bytes and one column.
size_t width(const std::string& text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, size_t columns) {
    return std::string(columns - width(text), ' ') + text;
}

}  // namespace

std::string percent(double share) {
    if (share == 1) return "100 %";
    const double below = std::floor(share * 1e5) / 1e3;
    return cv::format(below > 99.9 ? "%.3f %%" : "%.1f %%", below);
}

Table errorTable(const std::vector<Case>& cases) {
    Table table{"Error against the exact result (8U, 16U: levels; 32F, 64F: share of full scale)",
                {"depth", "σ", "max cv", "max sampled", "max gkern", "rms cv", "rms sampled", "rms gkern",
                 "same cv", "same sampled", "same gkern", "cv, own kernel"},
                {}};
    for (const int depth : kDepths)
        for (const Case& c : cases) {
            if (c.depth != depth) continue;
            const Errors& e = c.errors;
            const auto error = [&](double value) { return errorText(value, depth); };
            table.rows.push_back({depthName(depth), sigmaText(c.sigma), error(e.opencv.max),
                                  error(e.sampled.max), error(e.gkern.max), error(e.opencv.rms),
                                  error(e.sampled.rms), error(e.gkern.rms), percent(e.opencv.identical),
                                  percent(e.sampled.identical), percent(e.gkern.identical),
                                  error(e.opencvOwnKernel)});
        }
    return table;
}

Table timeTable(const std::vector<Case>& cases) {
    Table table{"Time (medians; one-thread memcpy of the same picture = 1)",
                {"depth", "σ", "memcpy ms", "cv ms", "gkern ms", "cv / memcpy", "gkern / memcpy",
                 "gkern / cv", "rounds"},
                {}};
    for (const int depth : kDepths)
        for (const Case& c : cases) {
            if (c.depth != depth) continue;
            const Times& t = c.times;
            table.rows.push_back({depthName(depth), sigmaText(c.sigma), cv::format("%.2f", t.memcpy),
                                  cv::format("%.1f", t.opencv), cv::format("%.1f", t.gkern),
                                  cv::format("%.1f", t.opencv / t.memcpy),
                                  cv::format("%.1f", t.gkern / t.memcpy),
                                  cv::format("%.2f", t.gkern / t.opencv), std::to_string(t.rounds)});
        }
    return table;
}

Table kernelTable(const std::vector<KernelComparison>& comparisons) {
    Table table{"2-D kernels (kernlen, nsig) against gkern::gkern",
                {"kernlen", "nsig", "asked σ px", "kernel", "measured σ px", "σ error px", "σ error",
                 "max difference", "L1 difference"},
                {}};
    for (const KernelComparison& c : comparisons)
        for (const KernelFigures& k : c.kernels)
            table.rows.push_back({std::to_string(c.kernlen), cv::format("%g", c.nsig),
                                  cv::format("%.3f", c.nominalSigma), k.name, cv::format("%.4f", k.sigma),
                                  cv::format("%+.4f", k.sigmaError),
                                  cv::format("%+.1f %%", 100 * k.sigmaError / (k.sigma - k.sigmaError)),
                                  cv::format("%.2e", k.maxError), cv::format("%.2e", k.l1Error)});
    return table;
}

std::string asText(const Table& table) {
    std::vector<size_t> widths;
    for (size_t column = 0; column < table.header.size(); ++column) {
        size_t widest = width(table.header[column]);
        for (const auto& row : table.rows) widest = std::max(widest, width(row[column]));
        widths.push_back(widest);
    }
    std::ostringstream out;
    const auto line = [&](const std::vector<std::string>& cells) {
        for (size_t column = 0; column < cells.size(); ++column)
            out << (column ? "  " : "") << padded(cells[column], widths[column]);
        out << "\n";
    };
    out << table.title << "\n";
    line(table.header);
    for (size_t row = 0; row < table.rows.size(); ++row) {
        if (row && table.rows[row].front() != table.rows[row - 1].front()) out << "\n";
        line(table.rows[row]);
    }
    return out.str();
}

std::string asHtml(const Table& table) {
    std::ostringstream out;
    out << "<div class=\"scroll\"><table><caption>" << escaped(table.title) << "</caption><thead><tr>";
    for (const std::string& cell : table.header) out << "<th>" << escaped(cell) << "</th>";
    out << "</tr></thead><tbody>\n";
    for (size_t row = 0; row < table.rows.size(); ++row) {
        const bool newGroup = row && table.rows[row].front() != table.rows[row - 1].front();
        out << (newGroup ? "<tr class=\"group\">" : "<tr>");
        for (const std::string& cell : table.rows[row]) out << "<td>" << escaped(cell) << "</td>";
        out << "</tr>\n";
    }
    out << "</tbody></table></div>\n";
    return out.str();
}

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            default:
                result += c;
        }
    return result;
}
