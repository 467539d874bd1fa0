"""What a search found and why, and how often searches find what they should."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from macae.ui.text import esc
from macae.workshop.card import Card
from macae.workshop.shows.figures import TONES, new_figure, themed

if TYPE_CHECKING:
    from macae.evals.ragreports import RagReport
    from macae.memory.retrieval import Hit

__all__ = ["hits_picture", "rates_picture", "rates_table"]

PARTS = {"words": "info", "vectors": "ok", "codes": "ask"}
"""What speaks for a hit, with the colour of its bar."""
BAR, NUMBER = 64, 30


MEANING = {
    "words": "1 is the best of this search",
    "vectors": "1 is the same text",
    "codes": "how many of the question's codes",
}
"""What a part's number says."""


def hits_picture(question: str, hits: Sequence[Hit], longest: int = 160, around: str = "") -> Card:
    """Each hit with its passage and a bar for each part of its score. `around`: words that are shown, and marked, wherever they stand."""
    names = [name for name in PARTS if any(name in hit.why for hit in hits)]
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = []
    for place, hit in enumerate(hits, 1):
        bars = "".join(f'<td style="width: 1%">{bar(hit.why.get(name), PARTS[name])}</td>' for name in names)
        passage = (
            f"<b>{esc(hit.chunk.where)}</b><br>{told(shortened(hit.chunk.text, longest, around), around)}"
        )
        rows.append(
            f'<tr><td class="macae-ex-num">{place}</td><td>{passage}</td>{bars}<td class="macae-ex-num">{hit.score:.2f}</td></tr>'
        )
    table = (
        f'<table><tr><th class="macae-ex-num"></th><th>Passage</th>{head}<th class="macae-ex-num">Score</th></tr>{"".join(rows)}</table>'
        if hits
        else "<p>Nothing was found.</p>"
    )
    text = "\n".join(f"{place}. {hit.score:.2f} {hit.chunk.where}" for place, hit in enumerate(hits, 1))
    key = "; ".join(f"{name}: {MEANING[name]}" for name in names)
    foot = f"<p>{key}; score: 1 is the most that this search can give</p>" if hits else ""
    return Card(f"<h4>{esc(question)} <span>{len(hits)} found</span></h4>{table}{foot}", f"{question}\n{text}", "info")  # fmt: skip


def shortened(text: str, longest: int, around: str = "") -> str:
    """As much of a passage as there is room for, on one line: from its beginning, or from where `around` stands in it."""
    words = " ".join(text.split())
    start = max(words.find(around), 0) if around else 0
    end = start + longest
    return ("…" if start else "") + (
        words[start:] if len(words) <= end else f"{words[start : end - 1].rstrip()}…"
    )


def told(words: str, around: str = "") -> str:
    """A passage as HTML: Markdown's **bold** is bold, what is looked for is marked, everything else is text."""
    html = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", esc(words)).replace("**", "")
    return html.replace(esc(around), f"<mark>{esc(around)}</mark>") if around else html


def bar(value: float | None, tone: str) -> str:
    """A number from 0 to 1 as a bar."""
    if value is None:
        return '<span style="color: var(--x-soft)">–</span>'
    width = BAR * min(max(value, 0.0), 1.0)
    return (
        f'<svg viewBox="0 0 {BAR + NUMBER} 16" style="width: {BAR + NUMBER}px; max-width: none" role="img" aria-label="{value:.2f}">'
        f'<rect x="0" y="3" width="{BAR}" height="10" rx="2" style="fill: var(--x-line)"/>'
        f'<rect x="0" y="3" width="{width:.1f}" height="10" rx="2" style="fill: var(--x-{tone})"/>'
        f'<text x="{BAR + 6}" y="12" font-size="11">{value:.2f}</text></svg>'
    )


MEASURES = {"recall_1": ("right document first", "info"), "recall_5": ("among the first five", "ok"), "right": ("answer right", "ask")}  # fmt: skip


def rates_picture(report: RagReport, title: str = "How often it finds what it should") -> Card:
    """Bars for each mode: the right document first, among five, and the answer right."""
    modes = report.modes
    height = 0.5 + 0.62 * len(modes)
    figure = new_figure(8.6, height)
    axes = figure.add_axes((0.2, 0.42 / height, 0.72, 1 - 0.47 / height))
    measures = [m for m in MEASURES if any(getattr(report.scores(mode), m) is not None for mode in modes)]
    for row, mode in enumerate(modes):
        scores = report.scores(mode)
        for place, measure in enumerate(measures):
            value = getattr(scores, measure)
            if value is None:
                continue
            y = row + (place - (len(measures) - 1) / 2) * 0.26
            label, tone = MEASURES[measure]
            axes.barh(y, value, height=0.22, color=TONES[tone], label=label if not row else None)
            axes.text(value + 0.01, y, f"{value:.0%}", va="center", fontsize=9, color=TONES["fg"])
    axes.set_yticks(range(len(modes)), modes, fontsize=10)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.08)
    axes.set_xticks([])
    axes.tick_params(length=0, labelcolor=TONES["fg"])
    for side in axes.spines.values():
        side.set_visible(False)
    axes.legend(
        frameon=False, fontsize=9, labelcolor=TONES["fg"], loc="upper center", bbox_to_anchor=(0.4, -0.02), ncols=3
    )  # fmt: skip
    text = rates_text(report)
    count = report.scores(modes[0]).questions if modes else 0
    held = sum(one.reciprocal is not None for one in report.results if modes and one.mode == modes[0])
    many = f"{count} questions; a document is looked for in the {held} that have one" if held < count else f"{count} questions"  # fmt: skip
    head = f"<h4>{esc(title)} <span>{many} · {esc(report.embedding)}</span></h4>"
    return Card(head + themed(figure, text), text, "info")


def rates_text(report: RagReport) -> str:
    """The same in words."""
    lines = []
    for mode in report.modes:
        scores = report.scores(mode)
        told = [f"{MEASURES[m][0]} {getattr(scores, m):.0%}" for m in MEASURES if getattr(scores, m) is not None]  # fmt: skip
        lines.append(f"{mode}: {', '.join(told)}, {scores.milliseconds:.0f} ms")
    return "\n".join(lines)


def rates_table(reports: Mapping[str, RagReport], questions: Iterable[Any]) -> Card:
    """Question by question: at which place each way of searching found the right document, and what was answered."""
    asked = {question.id: question.question for question in questions}
    columns = [(name, mode, report) for name, report in reports.items() for mode in report.modes]
    head = "".join(f"<th>{esc(name)}<br>{esc(mode)}</th>" for name, mode, _ in columns)
    rows = []
    for key, words in asked.items():
        cells = []
        for _, mode, report in columns:
            found = next((r for r in report.results if r.id == key and r.mode == mode), None)
            cells.append(f"<td>{verdict(found)}</td>")
        rows.append(f"<tr><td>{esc(words)}</td>{''.join(cells)}</tr>")
    body = f"<table><tr><th>Question</th>{head}</tr>{''.join(rows)}</table>"
    text = "\n".join(f"{name}, {mode}: {report.scores(mode).right}" for name, mode, report in columns)
    more = " <span>open a field to read the answer</span>" if "<details>" in body else ""
    return Card(f"<h4>Question by question{more}</h4>{body}", text, "info")


def verdict(found: Any) -> str:
    """One question in one mode: its place, and whether the answer was right."""
    if found is None:
        return "–"
    place = "" if found.reciprocal is None else f"place {1 / found.reciprocal:.0f}" if found.reciprocal else "not found"  # fmt: skip
    mark = "" if found.right is None else "✓ right" if found.right else "✗ wrong"
    says = " · ".join(part for part in (place, mark) if part) or "–"
    if not found.answer:
        return f"<span>{says}</span>"
    return f"<details><summary>{says}</summary>{told(shortened(found.answer, 300))}</details>"
