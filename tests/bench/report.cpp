// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace bench {
namespace {

/// Multiples of memcpy on one thread that two threads may take for 3840×2160 pixels.
struct Bar {
    int depth;
    double multiples[10];
};
constexpr double kBarSigmas[] = {0.5, 1, 2, 3, 4, 5, 10, 20, 50, 300};
constexpr Bar kBars[] = {{CV_32F, {0.8, 0.9, 1.1, 1.4, 1.1, 1.0, 0.9, 0.85, 0.85, 0.85}},
                         {CV_8U, {1.1, 1.5, 2.2, 3.0, 2.2, 1.9, 1.5, 1.3, 1.2, 1.2}},
                         {CV_16U, {1.0, 1.2, 1.7, 2.3, 1.7, 1.5, 1.2, 1.1, 1.1, 1.1}},
                         {CV_64F, {0.9, 1.1, 1.7, 2.3, 2.3, 1.8, 1.3, 1.2, 1.1, 1.1}}};
constexpr double kThreeChannels = 1.3;  // of the row of the depth

std::string fixed(double value, int digits) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(digits) << value;
    return out.str();
}

/// Three significant digits.
std::string multipleText(double value) {
    return fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0);
}

std::string kernelText(const Row& row) {
    if (row.task.ksize == cv::Size()) return "sigma " + multipleText(row.task.sigma);
    return "ksize " + std::to_string(row.task.ksize.width);
}

std::string timeText(double seconds) {
    return seconds < 1e-3 ? fixed(seconds * 1e6, seconds < 1e-5 ? 2 : 1) + " us"
                          : fixed(seconds * 1e3, 2) + " ms";
}

void printAligned(std::ostream& out, const std::vector<std::vector<std::string>>& lines) {
    std::vector<size_t> widths(lines.front().size(), 0);
    for (const auto& line : lines)
        for (size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], line[c].size());
    for (const auto& line : lines) {
        for (size_t c = 0; c < line.size(); ++c)
            out << (c ? "  " : "") << std::setw(static_cast<int>(widths[c])) << line[c];
        out << '\n';
    }
}

}  // namespace

double Row::engineSeconds(const std::string& engine) const {
    const auto other = same.find(engine);
    return seconds.at(other == same.end() ? engine : other->second);
}

std::optional<double> Row::fastestOpenCv() const {
    std::optional<double> fastest;
    for (const char* name : {kGaussianBlur, kSepFilter2D})
        if (const auto found = seconds.find(name); found != seconds.end())
            fastest = std::min(found->second, fastest.value_or(found->second));
    return fastest;
}

std::optional<double> Row::bar() const {
    const int channels = CV_MAT_CN(task.type);
    if (task.size != cv::Size(3840, 2160) || task.threads != 2 || task.ksize != cv::Size()) return {};
    if (channels != 1 && channels != 3) return {};
    for (const Bar& b : kBars)
        for (int s = 0; s < 10; ++s)
            if (b.depth == CV_MAT_DEPTH(task.type) && kBarSigmas[s] == task.sigma)
                return b.multiples[s] * (channels == 3 ? kThreeChannels : 1);
    return {};
}

bool Row::reached() const {
    const double s = judgedSeconds();
    return s <= fastestOpenCv().value_or(s) && multiple(s) <= bar().value_or(multiple(s));
}

double Row::arithmeticShare(const Machine& machine) const {
    const double joint = std::max(1.0, machine.jointSpeedup * std::min(task.threads, machine.cores) / 2);
    const double cores = task.threads == 1 ? 1 : joint;
    double oneCore = chain.floats / machine.floatRate + chain.doubles / machine.doubleRate;
    if (served != gkern::Engine::Multirate) {
        const int depth = CV_MAT_DEPTH(task.type);
        const double multiplyAdds =
            static_cast<double>(task.size.area()) * CV_MAT_CN(task.type) * (taps.width + taps.height);
        oneCore =
            multiplyAdds / (depth == CV_64F || depth == CV_32S ? machine.doubleRate : machine.floatRate);
    }
    return oneCore / cores / judgedSeconds();
}

double Row::memoryShare() const {
    const double copy = seconds.at(task.threads > 1 ? kMemcpyThreads : kMemcpy);
    return std::min(copy, seconds.at(kStreamedCopy)) / judgedSeconds();
}

void printMachine(std::ostream& out, const Machine& m) {
    out << m.cpu << ", " << m.cores << " cores; OpenCV " << m.openCv << "; gkern " << m.gkern
        << ", SIMD target " << m.simd << "\none core: " << fixed(2e-9 * m.floatRate, 1) << " GFLOP/s float, "
        << fixed(2e-9 * m.doubleRate, 1) << " GFLOP/s double (fused multiply-add = 2); two threads run "
        << fixed(m.jointSpeedup, 2) << " times as fast as one\n";
}

void printTable(std::ostream& out, const Machine& machine, const std::vector<Row>& rows) {
    if (rows.empty()) return;
    std::vector<std::string> head = {"type", "size", "kernel", "taps", "threads", "memcpy"};
    for (const std::string& engine : rows.front().engines) head.push_back(engine);
    for (const char* title : {"cv::Gauss", "cv::sep", "vs OpenCV", "bar", "reached", "arithm.", "memory"})
        head.push_back(title);
    std::vector<std::vector<std::string>> lines = {head};
    for (const Row& row : rows) {
        const auto cv = [&](const char* name) {
            const auto found = row.seconds.find(name);
            return found == row.seconds.end() ? std::string("-") : multipleText(row.multiple(found->second));
        };
        std::vector<std::string> line = {
            typeName(row.task.type),
            std::to_string(row.task.size.width) + "x" + std::to_string(row.task.size.height),
            kernelText(row),
            std::to_string(row.taps.width) + "+" + std::to_string(row.taps.height),
            std::to_string(row.task.threads),
            timeText(row.seconds.at(kMemcpy))};
        for (const std::string& engine : row.engines) {
            const bool same = row.same.count(engine) > 0, measured = row.seconds.count(engine) > 0;
            line.push_back(same       ? "=" + row.same.at(engine)
                           : measured ? multipleText(row.multiple(row.seconds.at(engine)))
                                      : "-");
        }
        const std::optional<double> openCv = row.fastestOpenCv(), bar = row.bar();
        line.insert(
            line.end(),
            {cv(kGaussianBlur), cv(kSepFilter2D), openCv ? multipleText(row.judgedSeconds() / *openCv) : "-",
             bar ? multipleText(*bar) : "-", row.reached() ? "yes" : "NO",
             fixed(100 * row.arithmeticShare(machine), 0) + "%", fixed(100 * row.memoryShare(), 0) + "%"});
        lines.push_back(line);
    }
    printAligned(out, lines);
    out << "Engines and OpenCV's functions: multiples of memcpy on one thread. vs OpenCV: "
        << rows.front().engines.front()
        << " over the faster of OpenCV's.\narithm., memory: the share of the time of "
        << rows.front().engines.front()
        << " that its multiply-adds, or the faster copy by as many threads, would take.\n";
}

void printPlanning(std::ostream& out, const PlanningCost& cost) {
    out << "gaussianBlur of 64x64 8UC1, sigma 1, plan included: " << timeText(cost.blur)
        << "; GaussianFilter and its plan alone: " << timeText(cost.planning) << '\n';
}

void writeJson(std::ostream& out, const Machine& m, const std::vector<Row>& rows,
               const std::optional<PlanningCost>& planning) {
    out << std::setprecision(6) << "{\n  \"machine\": {\"cpu\": \"" << m.cpu << "\", \"cores\": " << m.cores
        << ", \"opencv\": \"" << m.openCv << "\", \"gkern\": \"" << m.gkern << "\", \"simd\": \"" << m.simd
        << "\",\n    \"float_fma_per_second\": " << m.floatRate
        << ", \"double_fma_per_second\": " << m.doubleRate << ", \"two_thread_speedup\": " << m.jointSpeedup
        << "},\n";
    if (planning)
        out << "  \"planning\": {\"blur_64x64_seconds\": " << planning->blur
            << ", \"plan_seconds\": " << planning->planning << "},\n";
    out << "  \"rows\": [";
    for (const Row& row : rows) {
        out << (&row == rows.data() ? "\n" : ",\n") << "    {\"type\": \"" << typeName(row.task.type)
            << "\", \"width\": " << row.task.size.width << ", \"height\": " << row.task.size.height
            << ", \"sigma\": " << row.task.sigma << ", \"ksize\": " << row.task.ksize.width << ", \"taps\": ["
            << row.taps.width << ", " << row.taps.height << "], \"threads\": " << row.task.threads
            << ", \"judged\": \"" << row.engines.front() << "\", \"served_by\": \""
            << (row.same.count(row.engines.front()) ? row.same.at(row.engines.front()) : row.engines.front())
            << "\",\n     \"seconds\": {";
        for (auto it = row.seconds.begin(); it != row.seconds.end(); ++it)
            out << (it == row.seconds.begin() ? "" : ", ") << '"' << it->first << "\": " << it->second;
        out << "}, \"bar\": ";
        const auto orNull = [&](std::optional<double> value) { value ? out << *value : out << "null"; };
        orNull(row.bar());
        out << ", \"reached\": " << (row.reached() ? "true" : "false") << ", \"arithmetic_share\": ";
        out << row.arithmeticShare(m) << ", \"memory_share\": " << row.memoryShare() << '}';
    }
    out << "\n  ]\n}\n";
}

}  // namespace bench
