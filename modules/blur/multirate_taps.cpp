// SPDX-License-Identifier: Apache-2.0
#include "blur/multirate_taps.hpp"

#include <algorithm>
#include <cmath>

namespace gkern::detail {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// Gauss–Legendre of five points on [−½, ½].
constexpr double kPoint[5] = {-0.45308992296933199640, -0.26923465505284154552, 0, 0.26923465505284154552,
                              0.45308992296933199640};
constexpr double kShare[5] = {0.11846344252809454376, 0.23931433524968323402, 0.28444444444444444444,
                              0.23931433524968323402, 0.11846344252809454376};

/// cos(first + i·angle) for i = 0, 1, … by turning; the difference form keeps the error of i turns below i
/// units.
class Cosines {
  public:
    explicit Cosines(double angle, double first = 0)
        : less_(-2 * std::sin(angle / 2) * std::sin(angle / 2)),
          sine_(std::sin(angle)),
          x_(std::cos(first)),
          y_(std::sin(first)) {}
    double next() {
        const double now = x_;
        x_ += x_ * less_ - y_ * sine_;
        y_ += y_ * less_ + now * sine_;
        return now;
    }

  private:
    double less_, sine_, x_, y_;
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

std::vector<double> Window::spectrum(double step, int first, int count) const {
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
                Cosines wave(step * t, first * step * t);
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

    // Least squares over the wave and its image; farther images are below the square of the error.
    const std::vector<double> waves = window.spectrum(step, 0, count + 1);
    const std::vector<double> images = window.spectrum(step, 2 * period - count, count + 1);
    std::vector<double> response(count + 1);
    for (int i = 0; i <= count; ++i) {
        const double power = waves[i] * waves[i], imagePower = images[count - i] * images[count - i];
        const double sum = power + imagePower;
        response[i] = (gaussianSpectrum(axis, i * step / spacing) * power +
                       gaussianSpectrum(axis, (2 * period - i) * step / spacing) * imagePower) /
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

}  // namespace gkern::detail
