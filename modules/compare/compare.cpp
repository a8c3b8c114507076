// SPDX-License-Identifier: Apache-2.0
#include "gkern/compare.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace gkern {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Values that are converted to double at once: two such buffers stay in the first-level cache.
constexpr int kChunk = 1024;

// The number of bands depends on the picture alone: sums taken band by band are equal for any number of
// threads.
constexpr int kMaxBands = 256;

double fullScale(int depth) {
    switch (depth) {
        case CV_8U:
        case CV_8S:
            return 255.0;
        case CV_16U:
        case CV_16S:
            return 65535.0;
        case CV_32S:
            return 4294967295.0;
        default:
            return 1.0;
    }
}

void requirePicture(const char* name, cv::InputArray picture) {
    if (picture.empty()) CV_Error_(cv::Error::StsBadSize, ("%s is empty; allowed: at least one pixel", name));
    if (picture.dims() > 2)
        CV_Error_(cv::Error::StsBadSize, ("%s has %d dimensions; allowed: 2", name, picture.dims()));
}

void requirePair(cv::InputArray a, cv::InputArray b) {
    requirePicture("a", a);
    requirePicture("b", b);
    const cv::Size sizeA = a.size(), sizeB = b.size();
    if (sizeA != sizeB)
        CV_Error_(cv::Error::StsUnmatchedSizes, ("the size of b is %d x %d; allowed: that of a, %d x %d",
                                                 sizeB.width, sizeB.height, sizeA.width, sizeA.height));
    if (a.type() != b.type())
        CV_Error_(cv::Error::StsUnmatchedFormats,
                  ("the type of b is %s; allowed: that of a, %s", cv::typeToString(b.type()).c_str(),
                   cv::typeToString(a.type()).c_str()));
}

double absDifference(double a, double b) {
    if (a == b) return 0;
    const double distance = std::abs(a - b);
    if (!std::isnan(distance)) return distance;
    return std::isnan(a) && std::isnan(b) ? 0 : kInfinity;
}

// |a − b| of up to kChunk values of a row at a time.
class RowDifference {
  public:
    RowDifference(const cv::Mat& a, const cv::Mat& b) : a_(a), b_(b) {}

    // The span stays valid until the next call.
    const double* read(int y, std::ptrdiff_t first, int count) {
        const double* a = load(a_, y, first, count, bufferA_);
        const double* b = load(b_, y, first, count, bufferB_);
        for (int i = 0; i < count; ++i) difference_[i] = absDifference(a[i], b[i]);
        return difference_.data();
    }

  private:
    using Buffer = std::array<double, kChunk>;

    const double* load(const cv::Mat& m, int y, std::ptrdiff_t first, int count, Buffer& buffer) {
        const uchar* row = m.ptr(y) + first * static_cast<std::ptrdiff_t>(m.elemSize1());
        // The header only reads; cv::Mat has no constructor for constant memory.
        const cv::Mat values(1, count, m.depth(), const_cast<uchar*>(row));
        cv::Mat doubles(1, count, CV_64F, buffer.data());
        if (m.depth() == CV_16F) {  // OpenCV 4.5 converts halves to floats alone
            cv::Mat floats(1, count, CV_32F, floats_.data());
            values.convertTo(floats, CV_32F);
            floats.convertTo(doubles, CV_64F);
        } else {
            values.convertTo(doubles, CV_64F);
        }
        return buffer.data();
    }

    cv::Mat a_, b_;
    Buffer bufferA_, bufferB_, difference_;
    std::array<float, kChunk> floats_;
};

// Runs body(RowDifference&, band, firstRow, endRow) over all bands.
template <class Body>
void forEachBand(const cv::Mat& a, const cv::Mat& b, const Body& body) {
    const int bands = std::min(a.rows, kMaxBands);
    cv::parallel_for_(cv::Range(0, bands), [&](const cv::Range& range) {
        RowDifference rows(a, b);
        for (int band = range.start; band < range.end; ++band) {
            const auto edge = [&](int i) {
                return static_cast<int>(static_cast<int64_t>(a.rows) * i / bands);
            };
            body(rows, band, edge(band), edge(band + 1));
        }
    });
}

struct Sums {
    double absolute = 0, squares = 0;  // of scale·|a − b|
    int64_t identical = 0;             // pixels
    double maxAbs = 0;
    cv::Point worst{0, 0};
    int worstChannel = 0;

    void add(const Sums& later) {
        absolute += later.absolute;
        squares += later.squares;
        identical += later.identical;
        if (later.maxAbs > maxAbs) {
            maxAbs = later.maxAbs;
            worst = later.worst;
            worstChannel = later.worstChannel;
        }
    }
};

Sums sumRow(RowDifference& rows, int y, int cols, int channels, double scale) {
    Sums sums;
    const std::ptrdiff_t values = static_cast<std::ptrdiff_t>(cols) * channels;
    int channel = 0;
    std::ptrdiff_t x = 0;
    bool equal = true;
    for (std::ptrdiff_t first = 0; first < values; first += kChunk) {
        const int count = static_cast<int>(std::min<std::ptrdiff_t>(kChunk, values - first));
        const double* distance = rows.read(y, first, count);
        for (int i = 0; i < count; ++i) {
            const double d = distance[i], scaled = scale * d;
            sums.absolute += scaled;
            sums.squares += scaled * scaled;
            equal = equal && d == 0;
            if (d > sums.maxAbs) {
                sums.maxAbs = d;
                sums.worst = cv::Point(static_cast<int>(x), y);
                sums.worstChannel = channel;
            }
            if (++channel == channels) {
                sums.identical += equal;
                equal = true;
                channel = 0;
                ++x;
            }
        }
    }
    return sums;
}

Sums sumPicture(const cv::Mat& a, const cv::Mat& b, double scale) {
    std::vector<Sums> bands(static_cast<std::size_t>(std::min(a.rows, kMaxBands)));
    forEachBand(a, b, [&](RowDifference& rows, int band, int first, int end) {
        for (int y = first; y < end; ++y)
            bands[static_cast<std::size_t>(band)].add(sumRow(rows, y, a.cols, a.channels(), scale));
    });
    Sums sums;
    for (const Sums& band : bands) sums.add(band);
    return sums;
}

// Power of two that keeps the squares of differences up to maxAbs, and sums of them, inside the range of
// double.
double safeScale(double maxAbs) {
    if (maxAbs > 0x1p+400 && maxAbs < kInfinity) return 0x1p-600;
    if (maxAbs > 0 && maxAbs < 0x1p-400) return 0x1p+800;
    return 1;
}

// Colour of each step in BGR; step 256 is for infinite differences.
std::array<cv::Vec3b, 257> heatColours() {
    cv::Mat ramp(1, 256, CV_8U), colours;
    for (int i = 0; i < 256; ++i) ramp.at<uchar>(i) = static_cast<uchar>(i);
    cv::applyColorMap(ramp, colours, cv::COLORMAP_INFERNO);
    std::array<cv::Vec3b, 257> table;
    std::copy_n(colours.ptr<cv::Vec3b>(), 256, table.begin());
    table[0] = cv::Vec3b(0, 0, 0);
    table[256] = cv::Vec3b(255, 0, 255);
    return table;
}

std::size_t heatStep(double distance, double factor) {
    if (distance == 0) return 0;
    if (distance == kInfinity) return 256;
    return static_cast<std::size_t>(std::max(1.0, std::round(std::min(255.0, distance * factor))));
}

bool mayOverlap(const cv::Mat& a, const cv::Mat& b) {
    return a.datastart < b.dataend && b.datastart < a.dataend;
}

void drawRow(RowDifference& rows, int y, int cols, int channels, double factor,
             const std::array<cv::Vec3b, 257>& colours, cv::Vec3b* out) {
    const std::ptrdiff_t values = static_cast<std::ptrdiff_t>(cols) * channels;
    int channel = 0;
    double worst = 0;
    for (std::ptrdiff_t first = 0; first < values; first += kChunk) {
        const int count = static_cast<int>(std::min<std::ptrdiff_t>(kChunk, values - first));
        const double* distance = rows.read(y, first, count);
        for (int i = 0; i < count; ++i) {
            worst = std::max(worst, distance[i]);
            if (++channel == channels) {
                *out++ = colours[heatStep(worst, factor)];
                channel = 0;
                worst = 0;
            }
        }
    }
}

}  // namespace

Difference difference(cv::InputArray a, cv::InputArray b, double peak) {
    requirePair(a, b);
    if (!(peak >= 0 && peak < kInfinity))
        CV_Error_(cv::Error::StsOutOfRange,
                  ("peak is %g; allowed: finite and > 0, or 0 for the full scale of the depth", peak));
    const cv::Mat first = a.getMat(), second = b.getMat();

    double scale = 1;
    Sums sums = sumPicture(first, second, scale);
    if (const double needed = safeScale(sums.maxAbs); needed != scale) {
        scale = needed;
        sums = sumPicture(first, second, scale);
    }

    const double pixels = static_cast<double>(first.rows) * first.cols, values = pixels * first.channels();
    Difference result;
    result.maxAbs = sums.maxAbs;
    result.meanAbs = sums.absolute / values / scale;
    result.rms = std::sqrt(sums.squares / values) / scale;
    result.psnr = 20 * (std::log10(peak > 0 ? peak : fullScale(first.depth())) - std::log10(result.rms));
    result.identical = static_cast<double>(sums.identical) / pixels;
    result.worst = sums.worst;
    result.worstChannel = sums.worstChannel;
    return result;
}

void heatmap(cv::InputArray a, cv::InputArray b, cv::OutputArray dst, double gain) {
    requirePair(a, b);
    if (!(gain > 0 && gain < kInfinity))
        CV_Error_(cv::Error::StsOutOfRange, ("gain is %g; allowed: finite and > 0", gain));
    const cv::Mat first = a.getMat(), second = b.getMat();
    dst.create(first.size(), CV_8UC3);
    const cv::Mat target = dst.getMat();
    const bool shared = mayOverlap(target, first) || mayOverlap(target, second);
    cv::Mat out = shared ? cv::Mat(target.size(), target.type()) : target;

    const std::array<cv::Vec3b, 257> colours = heatColours();
    const double factor = 255.0 * gain / fullScale(first.depth());
    forEachBand(first, second, [&](RowDifference& rows, int, int begin, int end) {
        for (int y = begin; y < end; ++y)
            drawRow(rows, y, first.cols, first.channels(), factor, colours, out.ptr<cv::Vec3b>(y));
    });
    if (shared) out.copyTo(target);
}

}  // namespace gkern
