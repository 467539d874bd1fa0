"""How the report writes: everything escaped, cut where it is too long, and passed through the reader's own filter first."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from macae.monitoring.texts import clip, one_line, visible
from macae.monitoring.words import duration

__all__ = ["Heading", "Pen", "Row", "at", "cell", "contents", "ends", "section", "table"]

LONGEST = 6_000
"""Characters of one text that are shown; the store keeps all of it."""
Item = TypeVar("Item")
Row = Sequence[str | tuple[str, str]]
"""A table's row: each cell as HTML, or as HTML with its CSS class."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A table's row that heads the rows below it."""

    content: str
    """HTML."""


class Pen:
    """Turns any text into HTML that shows exactly that text. `clean` goes over it first, to take out what is not to be seen."""

    def __init__(self, clean: Callable[[str], str] | None = None) -> None:
        self._clean = clean

    def plain(self, text: object) -> str:
        """The text after `clean`, unseen characters written out; not yet HTML."""
        raw = text if isinstance(text, str) else "" if text is None else str(text)
        return visible(self._clean(raw) if self._clean is not None and raw else raw)

    def line(self, text: object, longest: int = 300) -> str:
        """The text as one line of HTML."""
        return html.escape(one_line(self.plain(text), longest), quote=True)

    def block(self, text: object, longest: int = LONGEST) -> str:
        """The text as HTML with its line breaks; its end cut where it is too long, and said so."""
        return html.escape(clip(self.plain(text), longest, counted=True), quote=True)

    def json(self, value: Any, longest: int = LONGEST) -> str:
        """A value as indented JSON."""
        try:
            text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
        except (TypeError, ValueError, RecursionError):
            text = str(type(value).__name__)
        return self.block(text, longest)

    def call(self, name: str, arguments: dict[str, Any], longest: int = 160) -> str:
        """A call as a line: order_hardware(item='laptop')."""
        inside = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        return self.line(f"{name}({inside})", longest)


def contents(sections: Sequence[tuple[str, str]]) -> str:
    """Links to the parts of the report, each given by its name and heading; nothing for a report that has hardly any."""
    if len(sections) < 3:
        return ""
    links = [f'<a href="#{name}">{html.escape(heading)}</a>' for name, heading in sections]
    return f"<nav>{' '.join(links)}</nav>"


def section(title: str, body: str, name: str, note: str = "") -> str:
    """A part of the report with its heading; nothing where there is nothing in it."""
    if not body:
        return ""
    said = f'<p class="note">{html.escape(note)}</p>' if note else ""
    return f'<section id="{name}"><h2>{html.escape(title)}</h2>{said}{body}</section>'


def at(seconds: float | None) -> str:
    """A moment of the session."""
    return "" if seconds is None else f"+{duration(seconds)}" if seconds >= 0.0005 else "+0 s"


def cell(content: str, kind: str = "") -> tuple[str, str]:
    """A table's cell: HTML, and its CSS class (`number` is aligned to the right)."""
    return content, kind


def table(heads: Sequence[str], rows: Iterable[Row | Heading], name: str = "") -> str:
    """A table; on a narrow screen each row becomes a card whose lines carry the head's words."""
    body = []
    for row in rows:
        if isinstance(row, Heading):
            body.append(
                f'<tr class="heading"><th colspan="{len(heads)}" scope="rowgroup">{row.content}</th></tr>'
            )
            continue
        cells = []
        for head, value in zip(heads, row, strict=True):
            content, kind = value if isinstance(value, tuple) else (value, "")
            of = f' class="{kind}"' if kind else ""
            cells.append(f'<td{of} data-head="{html.escape(head, quote=True)}">{content}</td>')
        body.append(f"<tr>{''.join(cells)}</tr>")
    if not body:
        return ""
    columns = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
    of = f' class="{name}"' if name else ""
    return f'<div class="wide"><table{of}><thead><tr>{columns}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'


def ends(items: Sequence[Item], most: int) -> tuple[list[Item], int, list[Item]]:
    """The first and the last ones, at most so many together, and how many between them are left out."""
    if len(items) <= most:
        return list(items), 0, []
    half = most // 2
    return list(items[:half]), len(items) - 2 * half, list(items[len(items) - half :])
