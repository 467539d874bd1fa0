"""What a reply claims that can be looked up: numbers, dates, times, codes, addresses and names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

__all__ = ["Claim", "ClaimKind", "Span", "blanked", "plain", "words_of"]

ClaimKind = Literal["number", "date", "time", "code", "address", "name"]


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a reply says, and whether a source bears it out."""

    kind: ClaimKind
    text: str
    """As the reply has it."""
    grounded: bool
    how: str = ""
    """How it is borne out where that is more than finding it: "sum of …", "count of …", "rounded"."""


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text."""

    start: int
    end: int
    text: str


WORD = re.compile(r"[^\W_]+")


def plain(text: str) -> str:
    """The text without accents, full-width forms and case, so that spellings of the same compare equal."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(c for c in folded if not unicodedata.combining(c)).casefold().replace("’", "'")


def words_of(text: str) -> list[str]:
    """The words of a text, compared as `plain` compares; an ending 's or s' is left out."""
    return [found.group() for found in WORD.finditer(re.sub(r"'s\b", "", plain(text)))]


def blanked(text: str, spans: list[Span]) -> str:
    """The text with these places blank, so that what was read once is not read again as something else."""
    parts, at = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        if span.start >= at:
            parts += [text[at : span.start], " " * (span.end - span.start)]
            at = span.end
    return "".join([*parts, text[at:]])
