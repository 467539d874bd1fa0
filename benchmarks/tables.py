"""The figures as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["markdown", "put_between", "update"]

BEGIN, END = "<!-- benchmarks: made by `python -m benchmarks --write` -->", "<!-- end of benchmarks -->"
ROWS = {
    "ms_a_step": "ms a step, one after the other",
    "ms_six_at_once": "six independent steps at once, 50 ms a model call, ms (ideal: 100)",
    "s_sessions": "{sessions} sessions of six steps at the same time, s",
    "peak_mb_sessions": "… peak memory of that process, MB",
    "ms_reopen": "open the store and read a paused plan, ms",
    "kb_a_plan": "kB stored a plan",
}


def markdown(figures: dict[str, Any]) -> str:
    """Two tables: beside the others, and as things grow. Medians, ranges in brackets."""
    names = list(figures["ms_a_step"])
    lines = [
        f"Measured on {figures['machine']}{', quick run' if figures['quick'] else ''}; medians, ranges in brackets.",
        "",
        f"| model of zero latency, every approval durable | {' | '.join(names)} |",
        f"|---|{'---|' * len(names)}",
    ]
    for key, title in ROWS.items():
        cells = [said(figures[key][name]) for name in names]
        lines.append(f"| {title.format(**figures)} | {' | '.join(cells)} |")
    lines += [
        "",
        f"A step costs {said(figures['ratio_to_floor'])} times the floor with the same commits.",
        "",
    ]
    lines += ["| ms a step as it grows | from | | to | growth |", "|---|---|---|---|---|"]
    for direction, found in figures["growth_ms_a_step"].items():
        sizes = list(found)
        middle = f"{sizes[1]:,}: {found[sizes[1]]:.2f}" if len(sizes) > 2 else ""
        first, last = sizes[0], sizes[-1]
        ratio = found[last] / found[first]
        lines.append(
            f"| {direction} | {first:,}: {found[first]:.2f} | {middle} | {last:,}: {found[last]:.2f} | {ratio:.2f} times |"
        )
    return "\n".join(lines)


def said(figure: dict[str, float]) -> str:
    """A median with its range."""
    digits = 0 if figure["median"] >= 20 else 2
    low, high = f"{figure['low']:.{digits}f}", f"{figure['high']:.{digits}f}"
    middle = f"{figure['median']:.{digits}f}"
    return middle if low == high else f"{middle} ({low}–{high})"


def update(file: Path, figures: dict[str, Any]) -> None:
    """Replace the table in a file; files without its marks are left alone."""
    put_between(file, BEGIN, END, markdown(figures))


def put_between(file: Path, begin: str, end: str, table: str) -> None:
    """Replace what stands between two marks in a file; files without the marks are left alone."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if begin not in text:
        return
    before, rest = text.split(begin, 1)
    after = rest.split(end, 1)[1]
    file.write_text(f"{before}{begin}\n\n{table}\n\n{end}{after}", encoding="utf-8")
