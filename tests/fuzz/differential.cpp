// SPDX-License-Identifier: Apache-2.0
#include "fuzz/differential.hpp"

#include <cmath>
#include <limits>
#include <sstream>

#include "gkern/blur.hpp"
#include "support/pictures.hpp"
#include "support/simd_targets.hpp"

namespace fuzz {
namespace {

using gkern::BlurParams;
using gkern::Engine;
using gkern::GaussianFilter;

class Bytes {
  public:
    Bytes(const uint8_t* data, size_t size) : data_(data), size_(size) {}

    /// 0 … count − 1; takes a byte.
    int below(int count) { return next() % count; }
    /// 0 … 1 in 65535 steps.
    double share() { return (next() * 256 + next()) / 65535.0; }
    int next() { return at_ < size_ ? data_[at_++] : 0; }

  private:
    const uint8_t* data_;
    size_t size_, at_ = 0;
};

/// cv::Mat::setTo for any number of channels.
void setAll(const cv::Mat& picture, double value) {
    cv::Mat elements(picture.rows, picture.cols * picture.channels(), picture.depth(), picture.data,
                     picture.step);
    elements.setTo(value);
}

/// A blur, and where its picture and its result lie in the memory around them.
struct Case {
    explicit Case(Bytes bytes);

    BlurParams params;
    cv::Size size;
    cv::Mat canvas;  ///< the parent of src; src(roi) is blurred
    cv::Rect roi;
    cv::Mat frame;  ///< the parent of dst
    cv::Point dstAt;
    enum { Apart, InPlace, Overlapping } placement;
    double scale;  ///< largest |pixel| there may be
    int64_t target;

    friend std::ostream& operator<<(std::ostream& out, const Case& c) {
        return out << cv::typeToString(c.canvas.type()) << " canvas " << c.canvas.size() << " roi " << c.roi
                   << " dst at " << c.dstAt << " placement " << c.placement << " ksize " << c.params.ksize
                   << " sigma " << c.params.sigmaX << ", " << c.params.sigmaY << " border "
                   << c.params.borderType << " weights " << static_cast<int>(c.params.weights)
                   << " tolerance " << c.params.tolerance << " scale " << c.scale << " target "
                   << support::name(c.target);
    }
};

double anySigma(Bytes& bytes) {
    const double fraction = bytes.share();
    switch (bytes.below(4)) {
        case 0:
            return 1e-3 + fraction;
        case 1:
            return 0.3 + 4 * fraction;
        case 2:
            return 0.3 + 12 * fraction;
        default:
            return 0.5 * (1 + bytes.below(8));
    }
}

int anyKsize(Bytes& bytes) {
    const int kind = bytes.below(4), size = bytes.below(255) + 1;
    return kind == 0 ? size : kind == 1 ? size % 12 + 1 : 0;
}

Case::Case(Bytes bytes) {
    const int depth = bytes.below(CV_16F + 1),
              channels = bytes.below(8) < 7 ? bytes.below(4) + 1 : 5 + bytes.below(6);
    const int type = CV_MAKETYPE(depth, channels);
    size = {bytes.below(64) + 1, bytes.below(64) + 1};
    if (bytes.below(8) == 0)
        size = {size.width + 8 * bytes.next(), size.height % 3 + 1};  // wider than a tile
    const cv::Point margin(bytes.below(12), bytes.below(12));
    canvas.create(size.height + margin.y + bytes.below(9), size.width + margin.x + bytes.below(9), type);
    roi = {margin, size};
    frame.create(size.height + 7, size.width + 9, type);
    dstAt = {bytes.below(10), bytes.below(8)};

    params.ksize = {anyKsize(bytes), anyKsize(bytes)};
    params.sigmaX = anySigma(bytes);
    if (bytes.below(2)) params.sigmaY = anySigma(bytes);
    constexpr int kBorders[] = {cv::BORDER_CONSTANT, cv::BORDER_REPLICATE, cv::BORDER_REFLECT,
                                cv::BORDER_REFLECT_101, cv::BORDER_WRAP};
    params.borderType =
        kBorders[bytes.below(5)] | (bytes.below(2) ? static_cast<int>(cv::BORDER_ISOLATED) : 0);
    params.weights = static_cast<gkern::WeightModel>(bytes.below(3));
    constexpr double kTolerances[] = {0, 0, 0, 1e-9, 1e-5, 1e-2};
    params.tolerance = kTolerances[bytes.below(6)];

    scale = depth >= CV_32F ? std::ldexp(1.0, bytes.below(25) - 14) : 1;
    const int picture = bytes.below(3), seed = bytes.next();
    canvas = picture == 0 ? support::noise(canvas.size(), type, seed)
                          : support::patches(canvas.size(), type, seed);
    if (depth >= CV_32F) canvas.convertTo(canvas, -1, scale);
    if (depth >= CV_32F && bytes.below(4) == 0) {
        constexpr double inf = std::numeric_limits<double>::infinity();
        constexpr double kBad[] = {std::numeric_limits<double>::quiet_NaN(), inf, -inf};
        const cv::Rect pixel(bytes.below(canvas.cols), bytes.below(canvas.rows), 1, 1);
        setAll(canvas(pixel), kBad[bytes.below(3)]);
    }
    // Every depth holds these, scaled by a power of two.
    params.borderValue = channels > 4 ? cv::Scalar::all(bytes.below(2)) : cv::Scalar(1, 0, bytes.below(2), 1);
    params.borderValue *= scale;

    placement = static_cast<decltype(placement)>(bytes.below(8) < 6 ? Apart
                                                 : bytes.below(2)   ? InPlace
                                                                    : Overlapping);
    if (placement == Overlapping)
        dstAt = {bytes.below(canvas.cols - size.width + 1), bytes.below(canvas.rows - size.height + 1)};
    if (placement == InPlace) dstAt = margin;
    std::vector<int64_t> targets = support::targetsWithFma();
    targets.push_back(0);  // the best one, as without any choice
    target = targets[bytes.below(static_cast<int>(targets.size()))];
}

cv::Mat wide(const cv::Mat& picture) {
    cv::Mat result;
    picture.convertTo(result, CV_64F);
    return result;
}

/// Blurs into a frame, which must stay as it is around the result; returns the result.
cv::Mat run(const Case& c, Engine engine, std::ostream& wrong) {
    BlurParams params = c.params;
    params.engine = engine;
    cv::Mat canvas = c.canvas.clone(), frame = canvas;
    if (c.placement == Case::Apart) {
        frame = c.frame.clone();
        setAll(frame, 77);
    }
    cv::Mat around = frame.clone();
    const cv::Rect place = cv::Rect(c.dstAt, c.size);
    cv::Mat dst = frame(place);
    const uchar* data = dst.data;
    GaussianFilter(params).apply(canvas(c.roi), dst);
    if (dst.data != data) wrong << "dst was reallocated; ";
    const cv::Mat result = dst.clone();
    around(place).copyTo(dst);
    if (!support::identical(frame, around)) wrong << "pixels around dst were changed; ";
    if (c.placement == Case::Apart && !support::identical(canvas, c.canvas)) wrong << "src was changed; ";
    return result;
}

/// Largest error that docs/promises.md allows, for a picture of this case.
double allowed(const Case& c, Engine engine) {
    const int depth = c.canvas.depth();
    constexpr double kFullScale[] = {255, 255, 65535, 65535, 4294967295.0, 1, 1, 1};
    const double cut = 1.5 * c.params.tolerance * kFullScale[depth] * c.scale;
    // Half an ULP of a half: of a subnormal one where pixels are that small.
    if (depth == CV_16F)
        return cut + support::promised(CV_32F, engine) * c.scale +
               std::max(std::ldexp(c.scale, -12), std::ldexp(1.0, -25));
    return cut + support::promised(depth, engine) * c.scale;
}

void compare(const cv::Mat& result, const cv::Mat& other, double bound, bool sameReach, std::ostream& wrong) {
    const cv::Mat a = wide(result), b = wide(other);
    for (int y = 0; y < a.rows; ++y)
        for (int e = 0; e < a.cols * a.channels(); ++e) {
            const double p = a.ptr<double>(y)[e], q = b.ptr<double>(y)[e];
            if (std::isfinite(p) && std::isfinite(q) ? std::abs(p - q) <= bound
                                                     : !sameReach || std::isfinite(p) == std::isfinite(q))
                continue;
            wrong << "row " << y << " element " << e << ": " << p << " against " << q << ", allowed " << bound
                  << "; ";
            return;
        }
}

}  // namespace

std::string differentialBlur(const uint8_t* data, size_t size) {
    const Case c(Bytes(data, size));
    std::ostringstream wrong;
    try {
        // Sums in double over the whole Gaussian, not rounded: next to the promises of the narrower depths,
        // exact.
        BlurParams params = c.params;
        params.engine = Engine::Reference;
        params.tolerance = 0;
        cv::Mat exact, canvas = wide(c.canvas);
        GaussianFilter(params).apply(canvas(c.roi), exact);

        const cv::Mat reference = run(c, Engine::Reference, wrong);
        for (const Engine engine :
             {Engine::Reference, Engine::SepFilter2D, Engine::Direct, Engine::Multirate}) {
            const support::OnlyTarget only(c.target);
            std::ostringstream differs;
            const cv::Mat result = run(c, engine, differs);
            compare(result, exact, allowed(c, engine), false, differs);
            // Windows reach farther than the kernel; test_multirate.cpp says how far.
            if (engine != Engine::Multirate)
                compare(result, reference, std::numeric_limits<double>::infinity(), true, differs);
            if (!differs.str().empty())
                wrong << "engine " << static_cast<int>(engine) << ": " << differs.str();
        }
    } catch (const cv::Exception& e) {
        wrong << "exception: " << e.what();
    }
    if (wrong.str().empty()) return {};
    std::ostringstream described;
    described << c << ": " << wrong.str();
    return described.str();
}

}  // namespace fuzz
