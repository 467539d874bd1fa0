"""What a detector is and what it finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Detector", "Finding", "found", "merged"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Where something stands in a text. It never holds the text itself."""

    entity: str
    start: int
    end: int
    score: float = 1.0
    """How sure it is, 0..1: a number with a check digit is surer than one known by the words before it."""


def found(entity: str, match: re.Match[str], score: float) -> Finding:
    """What a pattern matched: its group where it has one."""
    return Finding(entity, *match.span(match.re.groups and 1), score)


class Detector(Protocol):
    """Finds entities in a text. Another library is used by wrapping it in one of these."""

    @property
    def entities(self) -> frozenset[str]:
        """What it can find."""
        ...

    def find(self, text: str, wanted: frozenset[str]) -> Iterable[Finding]:
        """What there is of the `wanted` entities. Findings may overlap."""
        ...


def merged(findings: Iterable[Finding]) -> Sequence[Finding]:
    """The findings in order, those that overlap joined to one: nothing that any of them covers is left bare.

    It is called what the surest of them is, the longest among equals.
    """
    ordered = sorted(findings, key=lambda found: (found.start, -found.end))
    result: list[Finding] = []
    best = 0.0, 0
    for found in ordered:
        rank = found.score, found.end - found.start
        if not result or found.start >= result[-1].end:
            result.append(found)
            best = rank
            continue
        last = result[-1]
        winner = found if rank > best else last
        best = max(rank, best)
        result[-1] = Finding(winner.entity, last.start, max(last.end, found.end), winner.score)
    return result
