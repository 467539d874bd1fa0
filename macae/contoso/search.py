"""Finding the rules that a question is about."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from macae.contoso.values import words

__all__ = ["ranked"]


def ranked(query: str, rows: Sequence[sqlite3.Row]) -> list[sqlite3.Row]:
    """The rows that share words with a query, best first: a word counts most in the topic, least in the text."""
    asked = words(query)

    def score(row: sqlite3.Row) -> int:
        columns = (("topic", 4), ("keywords", 3), ("text", 1))
        return sum(weight * len(asked & words(str(row[column]))) for column, weight in columns)

    scored = sorted(
        ((score(row), -place, row) for place, row in enumerate(rows)), key=lambda s: s[:2], reverse=True
    )
    best = scored[0][0] if scored else 0
    return [row for points, _, row in scored if points and points * 3 >= best]
