#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Computes the windows of the multirate engine and writes modules/blur/multirate_windows.cpp.

The engine replaces a Gaussian by: weigh pixels onto nodes T pixels apart with a window phi, filter the nodes with
taps c, weigh nodes back onto pixels with the same phi. With t = pixels/T, s = sigma/T, phi^ the Fourier transform
of phi and g^ = exp(-s^2 w^2/2), a wave of frequency w comes out as

    C(w) phi^(w) sum_p phi^(w + 2 pi p) exp(i (w + 2 pi p) t),      C(w) = sum_k c_k exp(-i w k),

instead of g^(w) exp(i w t). The taps that are best in the mean square are

    C(w) = sum_p g^(w+2 pi p) phi^(w+2 pi p)^2 / (sum_p phi^(w+2 pi p)^2)^2,

and what then remains is, to first order, the sum over p != 0 of (g^(w) phi^(w+2 pi p) / phi^(w))^2. A window of w
nodes is sought as (1 - x^2)^2 sum_k a_k T_2k(x), x = 2t/w, whose a_k minimise the integral of that remainder: with
g^/phi^ of the last iterate as a weight it is the largest singular value of (passband, stopband), a generalised
prolate problem. Beyond ten nodes double precision does not resolve the minimum; there the window is that of Kaiser
and Bessel, I0(beta sqrt(1 - x^2)), with the best beta.

Pixels sample the window, which adds the waves w + 2 pi p T. Where T is not an integer they fall between the nulls
of phi^. A window for small T therefore keeps all waves beyond 1.8 * 2 pi small as well; for T >= 8 they are far out
in the tail, and a window that does not care for them is better.

Each window is stored as one polynomial per node spacing. Its error is that of the whole chain against the
integrated Gaussian, the worst over spacings and phases of sum_m |h(n, m) - g(n - m)|, as stored.

    script/multirate_windows.py                 write the file (three minutes)
    script/multirate_windows.py --check         recompute the errors of the file and compare
    script/multirate_windows.py --docs          print the table of docs/multirate.md, renew its figure
"""
import re
import sys
from pathlib import Path

import numpy as np
import scipy.linalg
from scipy.special import erf, erfc, i0

FILE = Path(__file__).resolve().parent.parent / "modules/blur/multirate_windows.cpp"
SCALES = [1.65, 1.75, 1.875, 2, 2.125, 2.25, 2.375, 2.5, 2.625, 2.75, 2.85, 3, 3.25, 3.5, 4, 4.5, 5, 6, 7, 8, 10, 12, 16]  # sigma in node spacings
# Pixels from node to node at which an error is the worst, for windows of any spacing and of wide ones.
SPACINGS = {1.75: (1.8, 2.2, 2.33, 2.5, 2.67, 3.33, 5.33, 8), 8: (8, 8.33, 8.5, 9.67)}
TERMS = 16
NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


def basis(x):
    """(1 - x^2)^2 T_2k(x) on |x| <= 1, one row per k."""
    inside = np.abs(x) <= 1
    angle = np.arccos(np.clip(x, -1, 1))
    return np.array([np.where(inside, np.maximum(1 - x * x, 0) ** 2 * np.cos(2 * k * angle), 0) for k in range(TERMS)])


def spectrum(width, values, frequency):
    """Fourier transform of a window given by its values (one row per window) at the quadrature nodes."""
    return np.cos(np.outer(frequency, NODES * width / 2)) @ (values * WEIGHTS * width / 2).T


def optimal_window(width, scale, between):
    """Values at x of the window that suits sigma = scale node spacings; `between` weighs waves off the nulls."""
    frequency = (np.arange(32) + 0.5) / 32 * min(np.pi, 8.5 / scale)
    rows = basis(NODES)
    passband = spectrum(width, rows, frequency)
    images = [spectrum(width, rows, frequency + 2 * np.pi * p) for p in range(-10, 11) if p]
    if between:
        images += [between * spectrum(width, rows, np.abs(frequency + 2 * np.pi * p))
                   for q in np.arange(1.8, 8, 0.2) for p in (q, -q)]
    start = i0(min(2.4, 1.95 + 0.1 * scale) * width * np.sqrt(1 - NODES**2))
    response = spectrum(width, start, frequency)
    response /= response[0]
    for step in range(6):
        weight = (np.exp(-((scale * frequency) ** 2) / 2) / np.abs(response))[:, None]
        stop = np.concatenate([weight * image for image in images])
        norm = np.linalg.norm(stop, axis=0)
        _, r, order = scipy.linalg.qr(stop / norm, mode="economic", pivoting=True)
        ratio = scipy.linalg.solve_triangular(r, (weight * passband / norm)[:, order].T, trans="T").T
        best = scipy.linalg.solve_triangular(r, np.linalg.svd(ratio, full_matrices=False)[2][0])
        terms = np.empty(TERMS)
        terms[order] = best
        terms /= norm
        found = passband @ terms
        terms /= found[0]
        response = np.sqrt(np.abs(response * found / found[0]))
    return lambda x: terms @ basis(x)


def kaiser_window(width, beta):
    return lambda x: i0(beta * np.sqrt(np.maximum(1 - x * x, 0))) * (np.abs(x) <= 1)


def pieces_of(width, window, degree):
    """Per node spacing the coefficients, constant first, in u = -1/2 ... 1/2 from its middle."""
    u = np.cos((np.arange(degree + 1) + 0.5) * np.pi / (degree + 1)) / 2
    peak = window(np.zeros(1))[0]
    rows = []
    for piece in range(width):
        values = window((piece + 0.5 + u - width / 2) * 2 / width) / peak
        rows.append(np.polynomial.polynomial.polyfit(u, values, degree))
    return np.array(rows)


def evaluate(pieces, t):
    """The stored window at t node spacings from its centre."""
    width = len(pieces)
    place = t + width / 2
    piece = np.clip(np.floor(place).astype(int), 0, width - 1)
    u = place - piece - 0.5
    value = np.zeros_like(u)
    for coefficient in pieces.T[::-1]:
        value = value * u + coefficient[piece]
    return np.where((place >= 0) & (place < width), value, 0)


def integrated(distance, sigma):
    a = np.abs(distance)
    inner = (erf((a + 0.5) / sigma / np.sqrt(2)) - erf((a - 0.5) / sigma / np.sqrt(2))) / 2
    outer = (erfc((a - 0.5) / sigma / np.sqrt(2)) - erfc((a + 0.5) / sigma / np.sqrt(2))) / 2
    return np.where(a < sigma, inner, outer)


def chain_error(pieces, scale, spacing):
    """Worst sum of |chain - Gaussian| over the phases of an output pixel."""
    width, sigma = len(pieces), scale * spacing
    frequency = (np.arange(512) + 0.5) * np.pi / 512
    numerator = denominator = 0
    values = evaluate(pieces, NODES * width / 2)
    for p in range(-3, 4):
        w = frequency + 2 * np.pi * p
        response = spectrum(width, values, w) ** 2
        numerator = numerator + np.exp(-((scale * w) ** 2) / 2) * np.sinc(w / spacing / 2 / np.pi) * response
        denominator = denominator + response
    reach = int(np.ceil(7 * scale)) + 4
    taps = np.cos(np.outer(np.arange(reach + 1), frequency)) @ (numerator / denominator**2)
    taps = np.concatenate([taps[:0:-1], taps])
    taps /= taps.sum()
    last = reach + width + 1
    nodes = np.arange(-last, last + 1)
    pixels = np.arange(-int((last + width) * spacing), int((last + width) * spacing) + 1)
    exact = integrated(pixels, sigma)
    worst = 0
    for phase in np.linspace(0, 0.5, 5):
        analysis = evaluate(pieces, phase + pixels[None, :] / spacing - nodes[:, None])
        synthesis = evaluate(pieces, phase - nodes)
        response = np.convolve(synthesis / synthesis.sum(), taps, "same") @ (analysis / analysis.sum(1)[:, None])
        worst = max(worst, np.abs(response - exact).sum())
    return worst


def worst_error(pieces, scale, smallest):
    return max(chain_error(pieces, scale, spacing) for spacing in SPACINGS[smallest])


def stored(width, window, scale, smallest):
    """Polynomials of the lowest degree that costs the window little, and its error."""
    exact = pieces_of(width, window, 20)
    target = chain_error(exact, scale, SPACINGS[smallest][0])
    for degree in range(5, 20):
        pieces = pieces_of(width, window, degree)
        pieces = (pieces + pieces[::-1] * (-1.0) ** np.arange(degree + 1)) / 2
        if chain_error(pieces, scale, SPACINGS[smallest][0]) <= 1.05 * target + 2e-15:
            break
    return pieces, worst_error(pieces, scale, smallest)


def best_kaiser(width, scale):
    def error(beta):
        return chain_error(pieces_of(width, kaiser_window(width, beta * width), 20), scale, 8)

    return kaiser_window(width, min(np.arange(2.2, 3, 0.05), key=error) * width)


def windows():
    """(width, scale, smallest spacing, error, pieces) of every window that is better than a cheaper one."""
    best = {}  # smallest error so far, per smallest spacing and scale
    for width in (3, 4, 5, 6, 7, 8, 10, 12, 14):
        for smallest in SPACINGS:
            last = np.inf  # of this width at the scales before
            for scale in SCALES:
                candidates = []
                if width <= 10:
                    candidates = [optimal_window(width, f * scale, 0.3 * (smallest < 8)) for f in (0.85, 1, 1.15)]
                if width >= 10 and 2.5 <= scale <= 6:
                    candidates.append(best_kaiser(width, scale))
                if not candidates or (smallest < 8 and scale > 8):
                    continue
                pieces, error = min((stored(width, c, scale, smallest) for c in candidates), key=lambda c: c[1])
                rivals = [last] + [best.get((spacing, scale), np.inf) for spacing in SPACINGS if spacing <= smallest]
                if error > 0.7 * min(rivals):
                    continue
                last = best[smallest, scale] = error
                yield width, scale, smallest, error, pieces


def write():
    entries, coefficients = [], []
    for width, scale, smallest, error, pieces in windows():
        degree = pieces.shape[1] - 1
        entries.append(f"    {{{width}, {scale:g}, {smallest:g}, {error:.3e}, {degree}, {sum(map(len, coefficients))}}},\n")
        coefficients.append(pieces[: (width + 1) // 2].ravel())
        print(width, scale, smallest, f"{error:.2e}", degree, flush=True)
    numbers = [f"{c:.17g}" for row in coefficients for c in row]
    lines = [", ".join(numbers[i : i + 5]) for i in range(0, len(numbers), 5)]
    FILE.write_text(
        "// SPDX-License-Identifier: Apache-2.0\n"
        "// Written by script/multirate_windows.py, which says how; do not edit.\n"
        '#include "blur/multirate_windows.hpp"\n\n'
        "namespace gkern::detail {\n\n// clang-format off\n"
        "const WindowDesign kWindowDesigns[] = {\n" + "".join(entries) + "};\n"
        "const int kWindowDesignCount = sizeof(kWindowDesigns) / sizeof(kWindowDesigns[0]);\n\n"
        "const double kWindowCoefficients[] = {\n    " + ",\n    ".join(lines) + "};\n// clang-format on\n\n"
        "}  // namespace gkern::detail\n"
    )


def designs():
    """(width, scale, smallest spacing, stated error, pieces) of every window of the file."""
    table, numbers = FILE.read_text().split("kWindowCoefficients[] = {")
    coefficients = np.array([float(n) for n in re.findall(r"[-+.\de]+", numbers.split("}")[0])])
    for row in re.findall(r"\{(\d+), ([\d.]+), ([\d.]+), ([\d.e+-]+), (\d+), (\d+)\}", table):
        width, degree, offset = int(row[0]), int(row[4]), int(row[5])
        half = coefficients[offset : offset + (width + 1) // 2 * (degree + 1)].reshape(-1, degree + 1)
        mirrored = half[::-1] * (-1.0) ** np.arange(degree + 1)
        yield width, float(row[1]), float(row[2]), float(row[3]), np.concatenate([half, mirrored[width % 2 :]])


def check():
    bad = 0
    for width, scale, smallest, stated, pieces in designs():
        error = worst_error(pieces, scale, smallest)
        if not abs(error - stated) <= 0.02 * stated + 5e-15:
            print(f"window of {width} nodes for sigma = {scale} spacings: error {error:.3e}, the file says {stated}")
            bad += 1
    sys.exit(bad > 0)


def docs():
    known = list(designs())
    widths = sorted({d[0] for d in known})
    print("| σ/T | " + " | ".join(f"w = {w}" for w in widths) + " |")
    print("|---|" + "---|" * len(widths))
    for scale in (1.75, 2, 2.5, 3, 4, 6, 8, 16):
        cells = []
        for width in widths:
            errors = [min([d[3] for d in known if d[0] <= width and d[1] <= scale and d[2] <= spacing], default=np.inf)
                      for spacing in SPACINGS]
            cells.append(f"{errors[0]:.0e} / {errors[1]:.0e}".replace("e-0", "e-"))
        print(f"| {scale:g} | " + " | ".join(cells) + " |")
    at_three = {d[0]: d for d in known if d[1] <= 3 and d[2] == 1.75}  # the last of each width
    figure([at_three[w] for w in sorted(at_three)])


def figure(chosen):
    """Left the windows, right their spectra; the passband of sigma = 3 spacings and its images are shaded."""
    colours = ["#c8323c", "#e08a1e", "#5a9a3c", "#2b6ca3", "#7a4fa3", "#8a6a4a", "#444", "#999", "#c050a0"]
    size, left, top, gap = (330, 230), 50, 34, 70
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * size[0] + gap + left + 20} {size[1] + top + 50}" '
             'font-family="sans-serif" font-size="12" fill="#333">'
             '<rect width="100%" height="100%" fill="white"/>']

    def panel(x0, title, xs, ys, xlabel, xticks, yticks, ylabel, curves, bands=()):
        px = lambda x: x0 + (x - xs[0]) / (xs[1] - xs[0]) * size[0]
        py = lambda y: top + (ys[1] - y) / (ys[1] - ys[0]) * size[1]
        for a, b in bands:
            parts.append(f'<rect x="{px(a):.1f}" y="{top}" width="{px(b) - px(a):.1f}" height="{size[1]}" fill="#e8eef5"/>')
        parts.append(f'<rect x="{x0}" y="{top}" width="{size[0]}" height="{size[1]}" fill="none" stroke="#bbb"/>')
        parts.append(f'<text x="{x0 + size[0] / 2}" y="{top - 12}" text-anchor="middle" font-size="14">{title}</text>')
        for x in xticks:
            parts.append(f'<text x="{px(x):.1f}" y="{top + size[1] + 16}" text-anchor="middle">{x:g}</text>')
        for y in yticks:
            parts.append(f'<line x1="{x0}" x2="{x0 + size[0]}" y1="{py(y):.1f}" y2="{py(y):.1f}" stroke="#e4e4e4"/>')
            parts.append(f'<text x="{x0 - 6}" y="{py(y) + 4:.1f}" text-anchor="end">{ylabel(y)}</text>')
        parts.append(f'<text x="{x0 + size[0] / 2}" y="{top + size[1] + 34}" text-anchor="middle">{xlabel}</text>')
        for (x, y), colour in zip(curves, colours):
            points = " ".join(f"{px(a):.1f},{py(max(b, ys[0])):.1f}" for a, b in zip(x, y))
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.4"/>')

    t = np.linspace(-7, 7, 561)
    panel(left, "windows for σ = 3 spacings", (-7, 7), (0, 1.05), "node spacings", range(-6, 7, 2), (0, 0.5, 1),
          lambda y: f"{y:g}", [(t, evaluate(d[4], t)) for d in chosen])
    omega = np.linspace(0, 4, 800)
    spectra = []
    for d in chosen:
        response = np.abs(spectrum(d[0], evaluate(d[4], NODES * d[0] / 2), 2 * np.pi * omega))
        spectra.append((omega, 20 * np.log10(response / response[0] + 1e-20)))
    band = 5.5 / 3 / (2 * np.pi)
    panel(left + size[0] + gap, "their spectra", (0, 4), (-320, 5), "cycles per node spacing", range(5), range(-300, 1, 60),
          lambda y: f"{y} dB", spectra, [(0, band)] + [(p - band, min(4, p + band)) for p in (1, 2, 3, 4)])
    for i, (d, colour) in enumerate(zip(chosen, colours)):
        parts.append(f'<text x="{left + 10}" y="{top + 18 + 15 * i}" fill="{colour}">w = {d[0]}</text>')
    parts.append("</svg>\n")
    (FILE.parent.parent.parent / "docs/figures/multirate_windows.svg").write_text("\n".join(parts))


if __name__ == "__main__":
    check() if "--check" in sys.argv else docs() if "--docs" in sys.argv else write()
