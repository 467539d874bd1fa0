"""The sentences, list items and table rows of given sources, each with what stands above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from macae.llm.offline.passages import Passage
from macae.llm.offline.words import stem, words
from macae.llm.offline.writing import sentences

__all__ = ["Unit", "units_of"]

_ROW = re.compile(r"^\s*\|.*\|\s*$")
_PAIRS = re.compile(r"^[^:;]{1,60}: [^;]+(?:; [^:;]{1,60}: [^;]+)+$")
_OLD = re.compile(r"\b(?:old edition|superseded|no longer in force|out of date|archived|obsolete)\b", re.IGNORECASE)  # fmt: skip
_ORDER = re.compile(
    r"\bignore (?:all |any |every |the |your )*(?:previous|earlier|prior|above|other|these|those|rules|instructions|orders)\b|\byou are now\b|^\s*(?:system|assistant|developer)\s*:"
    r"|\b(?:note|message|instruction)s? (?:to|for) (?:the |all |any )?(?:\w+ )?(?:assistants?|ai|models?|agents?|bots?)\b",
    re.IGNORECASE,
)
"""A paragraph that gives orders to its reader: nothing in it counts as something that a source says."""


@dataclass(frozen=True)
class Unit:
    """A sentence or a table's row, with the stems of its words and of what stands above it."""

    text: str
    number: int
    own: frozenset[str]
    above: frozenset[str] = field(default=frozenset())
    beside: frozenset[str] = field(default=frozenset())
    old: bool = False


def units_of(passages: Sequence[Passage]) -> list[Unit]:
    """All sentences and rows of the passages."""
    found: list[Unit] = []
    for passage in passages:
        old = bool(_OLD.search(f"{passage.title}\n{passage.text[:300]}"))
        title = _stems(passage.title)
        before: frozenset[str] = frozenset()
        for text, above in _pieces(passage.text):
            own = _stems(text)
            found.append(Unit(text, passage.number, own, title | _stems(above), before, old))
            before = own
    return found


def _pieces(text: str) -> list[tuple[str, str]]:
    """The sentences, list items and rows of a text, each with the heading above it."""
    found: list[tuple[str, str]] = []
    header: list[str] = []
    above = ""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if _ROW.match(line):
            cells = [cell.strip(" *`") for cell in line.strip().strip("|").split("|")]
            if _is_rule(line):
                continue
            if at + 1 < len(lines) and _is_rule(lines[at + 1]):
                header = cells
                continue
            found.append((_row(header, cells), f"{above} {' '.join(header)}"))
            continue
        header = []
        heading = re.match(r"^\s*#{1,6}\s+(.*)", line)
        if _ORDER.search(line):
            continue
        if heading:
            above = heading[1]
        elif _PAIRS.match(line.strip()):
            found.append((line.strip(), above))
        elif line.strip():
            found += [(re.sub(r"^(?:[-*•]|\d+[.)])\s+|\*\*", "", s), above) for s in sentences(line)]
    return found


def _is_rule(line: str) -> bool:
    """Whether a line is the one under a table's header. By hand: a pattern takes seconds for a line that is made for it."""
    return "--" in line and set(line.strip()) <= set("|:- \t")


def _row(header: Sequence[str], cells: Sequence[str]) -> str:
    """A table's row in words: `Hotel: limit $220 a night`."""
    if not header or len(cells) < 2:
        return ", ".join(cell for cell in cells if cell)
    rest = (f"{name} {cell}".strip() for name, cell in zip(header[1:], cells[1:], strict=False) if cell)
    return f"{cells[0]}: {', '.join(rest)}"


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text.replace("_", " ")))
