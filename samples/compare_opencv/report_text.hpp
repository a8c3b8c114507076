// SPDX-License-Identifier: Apache-2.0
// The words and the looks of the report.
#pragma once

const char* const kStyle = R"(
body{margin:0 auto;max-width:1180px;padding:24px 20px 60px;font:16px/1.55 system-ui,sans-serif;color:#222;background:#fff}
h1{font-size:1.9rem;line-height:1.2;margin:.4em 0 .2em}h2{font-size:1.35rem;margin:2em 0 .4em;border-top:1px solid #ddd;padding-top:1em}
h3{font-size:1.08rem;margin:1.6em 0 .3em}p{max-width:72ch;margin:.4em 0 1em}code{background:#f3f4f6;padding:0 .25em;border-radius:3px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1.2em;margin:1em 0}dt{color:#666}dd{margin:0}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:18px}
.maps{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:12px;margin:0 0 16px}
.kernels{display:flex;flex-wrap:wrap;gap:18px}figure{margin:0}figure img{width:100%;display:block;border-radius:4px}
.maps img,.kernels img{image-rendering:pixelated}.kernels img{width:168px}figcaption{font-size:.86rem;color:#444;padding-top:.35em;line-height:1.4}
svg{width:100%;height:auto;display:block;border:1px solid #e4e4e7;border-radius:8px;background:#fff}
svg text{font:12.5px system-ui,sans-serif;fill:#333}svg .title{font-size:15px;font-weight:600;fill:#111}svg .note{paint-order:stroke;stroke:#fff;stroke-width:4px;font-size:11.5px;fill:#666}
line.grid{stroke:#e7e7ea}line.axis{stroke:#888}line.reference{stroke:#777;stroke-dasharray:3 4}
.scroll{overflow-x:auto;margin:1em 0}table{border-collapse:collapse;font-size:.84rem;font-variant-numeric:tabular-nums;white-space:nowrap}
caption{text-align:left;color:#555;padding:.2em 0 .5em}th,td{padding:.22em .7em;text-align:right}th{border-bottom:2px solid #bbb;font-weight:600;white-space:normal;vertical-align:bottom}
tr:nth-child(even) td{background:#fafafa}tr.group td{border-top:1px solid #ccc}
.swatch{display:inline-block;width:22px;height:13px;margin:0 .3em 0 .9em;border:1px solid #999;vertical-align:-1px}
@media(max-width:640px){.maps{grid-template-columns:1fr}}
)";

const char* const kIntroduction =
    R"(<p>“Exact” is the blur of a picture of square pixels by a continuous Gaussian:
integrated weights, the whole Gaussian, sums in double precision. cv::GaussianBlur weighs with the density sampled at
pixel centres instead. “Sampled, double” shows that choice alone, with the whole Gaussian in double precision, to tell
the choice of weights from the arithmetic.</p>
)";

const char* const kHeatMapText = R"(<h3>Where the pixels differ</h3>
<p>8-bit pixels in the middle of the picture: the exact result, and where each blur differs from it after correct
rounding. Black is identical. The figures below the maps are of all pixels compared, shown here or not.</p>
)";

const char* const kErrorText = R"(<h3>How far from exact</h3>
<p>Lower is better. The green curve is what choosing sampled weights costs, even with perfect arithmetic: much at small
σ, where the Gaussian changes within a pixel, and less and less as σ grows. The orange curve adds what
cv::GaussianBlur's arithmetic and its early cut cost. The blue curve is gkern: little more than the rounding of the
pixel format is left.</p>
)";

const char* const kErrorNotes =
    R"(<p>“max” and “rms” are distances from the unrounded exact result, so a perfect 8- or
16-bit result shows up to 0.5 levels. “same” is the share of pixels equal to the correctly rounded exact result; it says
little in 64F, where the exact result itself is rounded in its last digit. “cv, own kernel” measures cv::GaussianBlur
against the whole sampled Gaussian instead, both rounded:
its arithmetic and its cut, without the choice of weights.</p>
)";

const char* const kTimeText = R"(<h3>How long it takes</h3>
<p>First plot: below the dashed line gkern is faster than cv::GaussianBlur, above it slower. Second plot: both as
multiples of copying the picture once. The two do different work: gkern sums the whole Gaussian down to the resolution of
the format, cv::GaussianBlur stops at 3σ (8U) or 4σ (the others).</p>
)";

const char* const kKernelText = R"(<h2>Two wrong 2-D kernels</h2>
<p><b>Square root.</b> A recipe in circulation takes <code>interval = (2·nsig + 1)/kernlen</code>, cell edges
<code>linspace(−nsig − interval/2, nsig + interval/2, kernlen + 1)</code>, the masses between them, and then the
<em>square root</em> of their outer product. The root of a Gaussian is a Gaussian of twice the variance, and the interval
is not the width of the cells: the kernel is too wide, by as much as its ends leave room for.</p>
<p><b>Midpoint density.</b> The density at the middle of a cell in place of the mass of the cell is a little too narrow:
it leaves out the width of the pixel itself.</p>
<p>gkern::gkern is the reference here. Its own σ is below the asked one because a kernel that ends at ±nsig standard
deviations has no tails.</p>
)";
