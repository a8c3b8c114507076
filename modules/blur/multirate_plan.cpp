// SPDX-License-Identifier: Apache-2.0
#include "blur/multirate_plan.hpp"

#include <algorithm>
#include <cmath>

namespace gkern::detail {
namespace {

/// The error of a window's design is that at a spacing of eight pixels; other spacings, and what
/// chainError() allows for, stay below this multiple of it.
constexpr double kDesignMargin = 1.6;

constexpr double kPi = 3.14159265358979323846;

/// Gauss–Legendre of five points on [−½, ½].
constexpr double kPoint[5] = {-0.45308992296933199640, -0.26923465505284154552, 0, 0.26923465505284154552,
                              0.45308992296933199640};
constexpr double kShare[5] = {0.11846344252809454376, 0.23931433524968323402, 0.28444444444444444444,
                              0.23931433524968323402, 0.11846344252809454376};

/// cos(i·angle) for i = 0, 1, … by turning; the difference form keeps the error of i turns below i units.
class Cosines {
  public:
    explicit Cosines(double angle)
        : less_(-2 * std::sin(angle / 2) * std::sin(angle / 2)), sine_(std::sin(angle)) {}
    double next() {
        const double now = x_;
        x_ += x_ * less_ - y_ * sine_;
        y_ += y_ * less_ + now * sine_;
        return now;
    }

  private:
    double less_, sine_, x_ = 1, y_ = 0;
};

/// Fourier transform of the weights at ω radians per pixel, 0 ≤ ω. σ is large enough for the images of the
/// sampled Gaussian around 2π to be nothing.
double gaussianSpectrum(const MultirateAxis& axis, double omega) {
    if (omega > kPi) return 0;
    if (axis.weights == WeightModel::Discrete)
        return std::exp(-axis.sigma * axis.sigma * (1 - std::cos(omega)));
    const double density = std::exp(-axis.sigma * axis.sigma * omega * omega / 2);
    if (axis.weights == WeightModel::Sampled || omega == 0) return density;
    return density * std::sin(omega / 2) / (omega / 2);
}

/// The weights at 0, stride, 2·stride, … pixels from the centre, from their spectrum.
std::vector<double> gaussianAt(const MultirateAxis& axis, double stride, int count) {
    // As a cosine series whose period is far beyond the last weight that is not nothing.
    const double period = std::max(count * stride, 9 * axis.sigma) + 9 * axis.sigma, step = 2 * kPi / period;
    const int waves = static_cast<int>(std::min(kPi, 9 / axis.sigma) / step);
    std::vector<double> weights(count, 1 / period);
    for (int k = 1; k <= waves; ++k) {
        const double share = 2 / period * gaussianSpectrum(axis, k * step);
        Cosines wave(k * step * stride);
        for (double& weight : weights) weight += share * wave.next();
    }
    return weights;
}

}  // namespace

Window::Window(const WindowDesign& design)
    : width_(design.width),
      padded_((design.width + kLanes - 1) / kLanes * kLanes),
      degree_(design.degree),
      coefficients_(static_cast<size_t>(padded_) * (design.degree + 1), 0.0) {
    const double* stored = kWindowCoefficients + design.offset;
    for (int node = 0; node < width_; ++node) {
        // Node 0 is farthest to the left: the pixel lies in the last spacing of its window, the mirror of the
        // first one.
        const bool mirrored = node < width_ / 2;
        const int piece = mirrored ? node : width_ - 1 - node;
        for (int k = 0; k <= degree_; ++k) {
            const double c = stored[piece * (degree_ + 1) + k];
            coefficients_[static_cast<size_t>(degree_ - k) * padded_ + node] =
                mirrored && k % 2 == 1 ? -c : c;
        }
    }
}

void Window::at(double fraction, double* weights) const {
    const double u = fraction - 0.5;
    for (int first = 0; first < width_; first += kLanes) {
        const double* c = coefficients_.data() + first;
        double value[kLanes];
        for (int i = 0; i < kLanes; ++i) value[i] = c[i];
        for (int k = 1; k <= degree_; ++k) {
            c += padded_;
            for (int i = 0; i < kLanes; ++i) value[i] = value[i] * u + c[i];
        }
        std::copy_n(value, std::min(kLanes, width_ - first), weights + first);
    }
}

std::vector<double> Window::spectrum(double step, int count) const {
    std::vector<double> result(count, 0.0);
    std::vector<double> weights(width_);
    // Two rules of five points to a spacing: exact to double for waves up to 2π.
    for (int half = 0; half < 2; ++half) {
        for (int q = 0; q < 5; ++q) {
            const double fraction = 0.25 + 0.5 * half + kPoint[q] / 2;
            at(fraction, weights.data());
            for (int node = 0; node < width_; ++node) {
                const double t = fraction + width_ / 2.0 - 1 - node;
                const double share = weights[node] * kShare[q] / 2;
                Cosines wave(step * t);
                for (double& value : result) value += share * wave.next();
            }
        }
    }
    return result;
}

AxisKernel nodeTaps(const MultirateAxis& axis, const Window& window, double spacing) {
    const double tail = axis.tail;
    const double scale = axis.sigma / spacing;
    // The taps are the Gaussian sharpened by what both windows blur: they end where it does.
    const int reach = static_cast<int>(std::ceil(scale * std::sqrt(2 * std::log(10 / tail)))) + 2;
    const int period = reach + 8;  // as a cosine series of the taps; what folds over at its end is nothing
    const double step = kPi / period;
    const double last = std::sqrt(2 * std::log(1e3 / tail)) / scale;  // the spectrum ends here
    const int count = std::min(period, static_cast<int>(last / step) + 1);

    const std::vector<double> phi = window.spectrum(step, 2 * period + 1);
    const auto power = [&](int i) { return phi[i] * phi[i]; };
    std::vector<double> response(count + 1);
    for (int i = 0; i <= count; ++i) {
        // Least squares over the wave and its image; farther images are below the square of the error.
        const int image = 2 * period - i;
        const double sum = power(i) + power(image);
        response[i] = (gaussianSpectrum(axis, i * step / spacing) * power(i) +
                       gaussianSpectrum(axis, image * step / spacing) * power(image)) /
                      (sum * sum);
        if (i == 0 || i == period) response[i] /= 2;
    }

    std::vector<double> half(reach + 1, 0.0);
    for (int i = 0; i <= count; ++i) {
        Cosines wave(i * step);
        for (double& tap : half) tap += response[i] * wave.next();
    }

    double dropped = 0;
    int size = reach + 1;
    while (size > 1 && dropped + 2 * std::abs(half[size - 1]) / period <= tail)
        dropped += 2 * std::abs(half[--size]) / period;
    double sum = half[0];
    for (int k = 1; k < size; ++k) sum += 2 * half[k];
    AxisKernel taps;
    taps.anchor = size - 1;
    taps.weights.resize(2 * size - 1);
    for (int k = 0; k < size; ++k)
        taps.weights[taps.anchor - k] = taps.weights[taps.anchor + k] = half[k] / sum;
    return taps;
}

namespace {

/// Worst Σ|chain − Gaussian| over the phases of a pixel, at this spacing.
double chainErrorAt(const MultirateAxis& axis, const Window& window, double spacing) {
    const AxisKernel taps = nodeTaps(axis, window, spacing);
    // The error is smooth on the scale of the spacing: eight pixels to it are enough, and so are the phases
    // at every sixteenth of it; the tests hold the result against all pixels and many phases. What lies
    // between is what the last line allows for.
    constexpr int kPhases = 8;
    constexpr double kBetween = 1.25;
    const double stride = std::max(1.0, spacing / 8);
    const int width = window.width();
    const int pixels = static_cast<int>((taps.anchor + width + 1) * spacing / stride);
    const int firstNode = -taps.anchor - 2 * width - 2, nodes = 1 - 2 * firstNode;
    const std::vector<double> exact = gaussianAt(axis, stride, pixels + 1);

    std::vector<double> synthesis(width), response(nodes), mass(nodes);
    std::vector<double> analysis(static_cast<size_t>(2 * pixels + 1) * width);
    std::vector<int> start(2 * pixels + 1);
    double worst = 0;
    for (int phase = 0; phase <= kPhases; ++phase) {
        const double centre = phase / (2.0 * kPhases);  // of the output pixel, from node 0
        const auto nodesAround = [&](double position, double* weights) {
            const double left = position - width / 2.0, whole = std::floor(left);
            window.at(left - whole, weights);
            return static_cast<int>(whole) + 1;
        };
        std::fill(mass.begin(), mass.end(), 0.0);
        for (int i = 0; i < 2 * pixels + 1; ++i) {
            double* weights = &analysis[static_cast<size_t>(i) * width];
            start[i] = nodesAround(centre + (i - pixels) * (stride / spacing), weights) - firstNode;
            for (int k = 0; k < width; ++k) mass[start[i] + k] += weights[k] * stride;
        }
        std::fill(response.begin(), response.end(), 0.0);
        const int first = nodesAround(centre, synthesis.data()) - firstNode - taps.anchor;
        double sum = 0;
        for (const double weight : synthesis) sum += weight;
        for (int i = 0; i < width; ++i)
            for (int k = 0; k < taps.size(); ++k)
                response[first + i + k] += synthesis[i] / sum * taps.weights[k];
        for (int i = 0; i < nodes; ++i)
            if (mass[i] > 0) response[i] /= mass[i];

        double error = 0;
        for (int i = 0; i < 2 * pixels + 1; ++i) {
            double h = 0;
            for (int k = 0; k < width; ++k)
                h += analysis[static_cast<size_t>(i) * width + k] * response[start[i] + k];
            error += std::abs(h - exact[std::abs(i - pixels)]);
        }
        worst = std::max(worst, error * stride);
    }
    return worst * kBetween;
}

}  // namespace

double chainError(const MultirateAxis& axis) {
    // The spacing that divides a picture evenly is smaller than the planned one, by less the larger the
    // picture. Wide nodes do not care; close ones do, as pixels sample the window.
    const Window window(*axis.window);
    double worst = chainErrorAt(axis, window, axis.spacing);
    if (axis.spacing < 8)
        for (const double share : {0.97, 0.93, 0.87, 0.8})
            if (share * axis.spacing >= 1)
                worst = std::max(worst, chainErrorAt(axis, window, share * axis.spacing));
    return worst;
}

MultirateAxis planMultirate(double sigma, WeightModel weights, double tolerance, int widest) {
    MultirateAxis best;
    best.cost = HUGE_VAL;
    for (int i = 0; i < kWindowDesignCount; ++i) {
        const WindowDesign& design = kWindowDesigns[i];
        MultirateAxis axis;
        axis.window = &design;
        axis.sigma = sigma;
        axis.weights = weights;
        axis.spacing = sigma / design.scale;
        if (design.width > widest || axis.spacing < design.spacing ||
            design.error * kDesignMargin > tolerance)
            continue;
        // Multiply-adds per pixel: both windows on the way down an axis, where all pixels take part, and on
        // the way along the other, where the nodes do; the taps, in pairs, on the nodes of both.
        const double T = axis.spacing, tapPairs = 6 * design.scale;
        axis.cost = 2 * design.width * (1 + 1 / T) + 2 * tapPairs / (T * T);
        axis.tail = tolerance / 50;
        if (axis.cost < best.cost) best = axis;
    }
    if (best.window == nullptr) return {};
    return best;
}

namespace {

/// Error of both axes together for pictures of largest |pixel| 1, before what the arithmetic rounds.
double defaultTolerance(int depth) {
    switch (depth) {
        case CV_8U:
        case CV_8S:
            return 0.04 / (levelsOf(depth) / 2);  // half of full scale from the middle
        case CV_16U:
        case CV_16S:
            return 0.07 / (levelsOf(depth) / 2);
        case CV_32S:
            return 0.08 / levelsOf(depth);
        case CV_64F:
            return 3.5e-12;
        default:
            return 5e-7;
    }
}

/// Rows that are expanded in float round by some 1e-7; less from the window would only cost time.
constexpr double kFloatTolerance = 1e-8;

/// Roundings of the partial sums of pairs from the outside in, in units of the largest |pixel|: each is at
/// most its share of the mass. A kernel without pairs is summed from one end.
double partialSumRoundings(const AxisKernel& kernel) {
    const bool paired = kernel.before() == kernel.after();
    double partial = 0, roundings = 0;
    for (int i = 0; i < kernel.size(); ++i) {
        partial += (paired && i < kernel.anchor ? 2 : 1) * kernel.weights[i];
        roundings += partial;
        if (paired && i == kernel.anchor) break;
    }
    return roundings;
}

/// Roundings of the chain of one axis until the rows of pixels stand, in units of the largest |pixel|.
double chainRoundings(const MultirateAxis& axis, const AxisKernel& kernel) {
    if (axis.window == nullptr) return partialSumRoundings(kernel) + 1;
    // Both windows are summed in order of their lines: of n partial sums with bell-shaped weights the first
    // half is below one half. One rounding more for weights that were rounded themselves.
    const Window window(*axis.window);
    const double lines = std::ceil(window.width() * axis.spacing) + 1;
    return (0.75 * lines + 2) + (partialSumRoundings(nodeTaps(axis, window, axis.spacing)) + 2) +
           (0.75 * window.width() + 2);
}

/// Roundings of expanding rows: sums of integers in order of their nodes, or differences from the middle
/// node, up to twice the largest |pixel|.
double expansionRoundings(const MultirateAxis& axis, bool integers) {
    if (axis.window == nullptr) return 1;
    const int width = axis.window->width;
    return integers ? 0.75 * width + 2 : 1 + 2 * (0.25 * width + 2) + 1;
}

}  // namespace

double MultiratePlan::errorBound(int depth) const {
    const double ex = x.window == nullptr ? 0 : chainError(x), ey = y.window == nullptr ? 0 : chainError(y);
    const double l1 = (ex + ey + ex * ey) + kernelL1;
    const double nodes = chainRoundings(x, kernelX) + chainRoundings(y, kernelY);
    return l1 * largestContrast(depth) + nodes * unitRoundoff(nodeDepth) +
           expansionRoundings(y, integers) * unitRoundoff(outDepth);
}

MultiratePlan makeMultiratePlan(const BlurParams& params, int depth) {
    const bool whole = depth == CV_32S || depth == CV_64F;
    double tolerance = params.tolerance > 0 ? params.tolerance : defaultTolerance(depth);
    if (!whole) tolerance = std::max(tolerance, kFloatTolerance);
    const double perAxis = tolerance / (1 + std::sqrt(1 + tolerance));  // the e with e + e + e·e = tolerance
    MultiratePlan plan;
    plan.borderType = params.borderType & ~cv::BORDER_ISOLATED;
    plan.borderValue = params.borderValue;

    const auto axis = [&](int ksize, double sigma, AxisKernel& kernel) {
        const int taps = ksize > 0 ? ksize : kernelSizeFor(sigma, perAxis / 2, params.weights);
        plan.directCost += taps;
        MultirateAxis chain;
        if (ksize == 0) chain = planMultirate(sigma, params.weights, perAxis, whole ? 14 : 8);
        if (chain.window == nullptr || chain.cost >= taps) {
            const CutAxis cut = makeAxis(ksize, sigma, params.weights, perAxis / 2);
            kernel = cut.kernel;
            plan.kernelL1 += cut.l1;
            plan.cost += taps;
            return MultirateAxis();
        }
        plan.cost += chain.cost;
        return chain;
    };
    plan.x = axis(params.ksize.width, params.sigmaX, plan.kernelX);
    plan.y = axis(params.ksize.height, params.sigmaY, plan.kernelY);

    plan.integers = depth <= CV_32S;
    plan.outDepth = whole ? CV_64F : CV_32F;
    plan.nodeDepth = CV_64F;
    if (whole) return plan;
    double rounding = params.tolerance / 2;
    if (params.tolerance == 0 && depth <= CV_8S) rounding = 0.01 / levelsOf(depth);
    const double unit = unitRoundoff(CV_32F);
    double nodes = chainRoundings(plan.x, plan.kernelX) * unit;
    if (nodes > rounding) return plan;  // taps take longer to make than all the rest of a plan
    const bool same =
        plan.x.window != nullptr && plan.x.window == plan.y.window && plan.x.sigma == plan.y.sigma;
    nodes += same ? nodes : chainRoundings(plan.y, plan.kernelY) * unit;
    if (nodes <= rounding) plan.nodeDepth = CV_32F;
    return plan;
}

}  // namespace gkern::detail
