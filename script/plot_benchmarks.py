#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the figure and renews the tables of docs/benchmarks.md from what blur_table has written."""
import argparse
import json
import math
import re

# Name in the JSON, colour, stroke width. The engine that is judged stands for gkern.
SERIES = [("gkern", "#c8323c", 2.6), ("direct", "#e08a1e", 1.8), ("cv::GaussianBlur", "#2b6ca3", 1.8), ("cv::sepFilter2D", "#8a93a0", 1.8)]
TICKS = [0.5, 1, 2, 5, 10, 20, 50, 100, 200]
PANEL, GAP, LEFT, TOP = (250, 190), (58, 62), 62, 84


def seconds(row, name):
    times = row["seconds"]
    if name != "gkern":
        return times.get(name)
    if row["judged"] not in times and row["served_by"] not in times:
        return None
    return times.get(row["judged"], times.get(row["served_by"]))


def multiple(row, name):
    time = seconds(row, name)
    return None if time is None else time / row["seconds"]["memcpy"]


def text(x, y, content, size=12, anchor="middle", colour="#333", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
            f'font-weight="{weight}">{content}</text>')


def panel(rows, x0, y0, low, high, first):
    width, height = PANEL
    rows = sorted(rows, key=lambda r: r["sigma"])
    left, right = min(r["sigma"] for r in rows) / 1.3, max(r["sigma"] for r in rows) * 1.08
    logarithmic = right > 20 * left
    def px(sigma):
        return x0 + width * (math.log(sigma / left) / math.log(1.15 * right / left) if logarithmic else sigma / right)
    def py(value): return y0 + height * (1 - math.log(value / low) / math.log(high / low))
    out = [text(x0, y0 - 9, rows[0]["type"], 14, "start", "#111", "bold")]
    for tick in (t for t in TICKS if low <= t <= high):
        memcpy = tick == 1
        colour, dash = ("#444", ' stroke-dasharray="5 3"') if memcpy else ("#e3e6ea", "")
        out.append(f'<line x1="{x0}" x2="{x0 + width}" y1="{py(tick):.1f}" y2="{py(tick):.1f}" stroke="{colour}"{dash}/>')
        out.append(text(x0 - 7, py(tick) + 4, f"{tick:g}", 11, "end"))
    if first:
        out.append(text(x0 + width - 3, py(1) + 13, "memcpy, one thread", 10.5, "end", "#444"))
    out.append(f'<line x1="{x0}" x2="{x0 + width}" y1="{y0 + height}" y2="{y0 + height}" stroke="#777"/>')
    for row in rows:
        out.append(text(px(row["sigma"]), y0 + height + 16, f'{row["sigma"]:g}', 11))
    for name, colour, stroke in reversed(SERIES):
        points = [(px(r["sigma"]), py(multiple(r, name))) for r in rows if multiple(r, name)]
        if not points:
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{stroke}" '
                   'stroke-linejoin="round"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{stroke + 1.1:.1f}" fill="{colour}" stroke="#fff"/>'
                for x, y in points]
    return out


def figure(result):
    threads = max(r["threads"] for r in result["rows"])
    rows = [r for r in result["rows"] if r["threads"] == threads and r["ksize"] == 0]
    types = list(dict.fromkeys(r["type"] for r in rows))
    columns = min(3, len(types))
    lines = -(-len(types) // columns)
    width = LEFT + columns * PANEL[0] + (columns - 1) * GAP[0] + 24
    height = TOP + lines * PANEL[1] + (lines - 1) * GAP[1] + 58
    series = [s for s in SERIES if any(s[0] in r["seconds"] for r in rows) or s[0] == "gkern"]
    values = [v for r in rows for name, _, _ in SERIES for v in [multiple(r, name)] if v]
    low, high = min(0.5, min(values) * 0.85), max(values) * 1.15
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
           'font-family="Helvetica, Arial, sans-serif">',
           f'<rect width="{width}" height="{height}" fill="#fff"/>',
           text(LEFT, 28, f'Gaussian blur of {rows[0]["width"]}×{rows[0]["height"]} pixels, {threads} threads', 17,
                "start", "#111", "bold"),
           text(LEFT, 48, "time as a multiple of memcpy of the same picture on one thread; lower is better", 12.5, "start",
                "#555")]
    x = width - 24
    for name, colour, stroke in reversed(series):
        out.append(text(x, 28, name, 13, "end", colour, "bold").replace("<text ", f'<text textLength="{7.6 * len(name):.0f}" '))
        x -= 7.6 * len(name) + 8
        out.append(f'<line x1="{x - 22}" x2="{x}" y1="24" y2="24" stroke="{colour}" stroke-width="{stroke}"/>')
        x -= 40
    for i, kind in enumerate(types):
        x0, y0 = LEFT + (i % columns) * (PANEL[0] + GAP[0]), TOP + (i // columns) * (PANEL[1] + GAP[1])
        out += panel([r for r in rows if r["type"] == kind], x0, y0, low, high, i == 0)
    out.append(text(LEFT + (width - LEFT - 24) / 2, height - 14, "sigma (pixels); ksize (0, 0)", 12.5))
    return "\n".join(out + ["</svg>", ""])


def number(value):
    return "–" if value is None else f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def percent(value):
    return "–" if value is None else f"{100 * value:.0f} %"


def kernel(row):
    return f'σ = {row["sigma"]:g}' if row["ksize"] == 0 else f'ksize {row["ksize"]}'


def table(result):
    lines = ["| type | pixels | kernel | taps | threads | memcpy, µs | gkern | cv::GaussianBlur | cv::sepFilter2D | gkern / "
             "fastest OpenCV | bar | reached | arithmetic | memory |",
             "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"]
    for r in result["rows"]:
        peers = [t for t in (seconds(r, "cv::GaussianBlur"), seconds(r, "cv::sepFilter2D")) if t]
        cells = [r["type"], f'{r["width"]}×{r["height"]}', kernel(r), "{}+{}".format(*r["taps"]), r["threads"],
                 number(1e6 * r["seconds"]["memcpy"])]
        cells += [number(multiple(r, name)) for name, _, _ in SERIES if name != "direct"]
        cells += [number(seconds(r, "gkern") / min(peers) if peers else None), number(r["bar"]),
                  "yes" if r["reached"] else "**no**", percent(r["arithmetic_share"]), percent(r["memory_share"])]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return lines


def document(results):
    m = results[0]["machine"]
    lines = [f'{m["cpu"]}, {m["cores"]} cores; OpenCV {m["opencv"]}; gkern {m["gkern"]}, SIMD target {m["simd"]}. One core: '
             f'{2e-9 * m["float_fma_per_second"]:.0f} GFLOP/s float, {2e-9 * m["double_fma_per_second"]:.0f} GFLOP/s double. '
             f'Two threads run {m["two_thread_speedup"]:.2f} times as fast as one.']
    for result in results:
        lines += [""] + table(result)
        if "planning" in result:
            p = result["planning"]
            lines += ["", f'`gkern::gaussianBlur` of 64×64 8UC1, σ = 1, plan included: {1e6 * p["blur_64x64_seconds"]:.1f} µs; '
                      f'a `GaussianFilter` and its plan alone: {1e6 * p["plan_seconds"]:.1f} µs.']
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", nargs="+", help="JSON of blur_table; the figure shows the first")
    parser.add_argument("--figure", help="SVG to write")
    parser.add_argument("--document", help="Markdown file whose part between the two markers is replaced")
    arguments = parser.parse_args()
    results = []
    for path in arguments.results:
        with open(path, encoding="utf-8") as file:
            results.append(json.load(file))
    if arguments.figure:
        with open(arguments.figure, "w", encoding="utf-8") as file:
            file.write(figure(results[0]))
    if arguments.document:
        with open(arguments.document, encoding="utf-8") as file:
            page = file.read()
        markers = r"(<!-- tables: begin[^\n]*-->\n).*?(\n<!-- tables: end -->)"
        page, found = re.subn(markers, lambda m: m.group(1) + document(results) + m.group(2), page, flags=re.S)
        if found != 1:
            raise SystemExit(f"{arguments.document}: no pair of markers for the tables")
        with open(arguments.document, "w", encoding="utf-8") as file:
            file.write(page)


if __name__ == "__main__":
    main()
