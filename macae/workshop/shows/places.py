"""What is remembered where, drawn: what was done, what was said, what is known. SVG in the theme's colours."""

from __future__ import annotations

from macae.ui.text import esc
from macae.workshop.card import Card

__all__ = ["places_picture"]

KINDS = (
    ("What was done", "plans, steps, approvals, events", ("the store", "one SQLite file,", "or Azure Cosmos DB"), "info"),
    ("What was said", "each agent's conversation", ("the store", "all of it; the newest", "messages are sent"), "ok"),
    ("What is known", "facts, policies, price lists", ("an index", "words (BM25) and", "vectors (Chroma)"), "ask"),
)  # fmt: skip
"""What, for example, where, and its colour."""
WAYS = ("by id, session, kind", "the last 100, and a note", "the nearest few")
"""How each is found again."""


def places_picture() -> Card:
    """Three kinds of memory, where each is kept, and how each reaches an agent."""
    shapes = []
    for place, (what, example, (where, *more), tone) in enumerate(KINDS):
        x = 8 + place * 232
        middle = x + 106
        shapes.append(box(x, 8, 212, 58, tone, 16))
        shapes.append(words(middle, 32, what, 14, 600) + words(middle, 52, example, 11.5, soft=True))
        shapes.append(f'<path d="M{middle} 66 V96" stroke="var(--x-quiet)" stroke-width="2" fill="none"/>')
        shapes.append(words(middle + 8, 86, "kept in", 10.5, soft=True, anchor="start"))
        shapes.append(box(x, 96, 212, 70, tone, 5))
        shapes.append(words(middle, 118, where, 13, 600))
        shapes += [words(middle, 136 + 16 * line, text, 11.5, soft=True) for line, text in enumerate(more)]
        shapes.append(f'<path d="M{middle} 166 V204" stroke="var(--x-quiet)" stroke-width="2" fill="none"/>')
        shapes.append(words(middle + 8, 189, WAYS[place], 10.5, soft=True, anchor="start"))
    shapes.append(box(8, 204, 676, 42, "quiet", 6))
    shapes.append(words(346, 230, "an agent: what its model is sent, this time", 13, 600))
    says = "; ".join(f"{what} ({example}): {' '.join(where)}" for what, example, where, _ in KINDS)
    picture = f'<svg viewBox="0 0 692 254" role="img" aria-label="{esc(says)}">{"".join(shapes)}</svg>'
    return Card(f"<h4>What is remembered where</h4>{picture}", says.replace("; ", "\n"), "info")


def box(x: int, y: int, width: int, height: int, tone: str, share: int) -> str:
    """A box in a colour of the theme."""
    fill = f"color-mix(in srgb, var(--x-{tone}) {share}%, var(--x-bg))"
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="7" style="fill: {fill}" stroke="var(--x-{tone})" stroke-width="1.5"/>'


def words(
    x: float, y: float, text: str, size: float, weight: int = 400, soft: bool = False, anchor: str = "middle"
) -> str:
    """A line of text."""
    style = ' style="fill: var(--x-soft)"' if soft else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"{style}>{esc(text)}</text>'
