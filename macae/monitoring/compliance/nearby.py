"""Patterns that begin with one of some words are tried only where such a word stands: most texts hold none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["near", "windows"]


def near(
    pattern: re.Pattern[str], text: str, low: str, words: Sequence[str], before: int = 24, after: int = 160
) -> Iterator[re.Match[str]]:
    """Where the pattern matches around one of the words. `low` is the text in small letters."""
    for start, end in windows(low, words, before, after) if len(low) == len(text) else [(0, len(text))]:
        for match in pattern.finditer(text, start, end):
            if match.end() < end:
                yield match
                continue
            whole = pattern.match(text, match.start())  # its end may lie beyond the window
            yield whole or match


def windows(low: str, words: Sequence[str], before: int, after: int) -> list[tuple[int, int]]:
    """Stretches of the text around the words, in order, joined where they meet."""
    places: list[int] = []
    for word in words:
        at = low.find(word)
        while at >= 0:
            places.append(at)
            at = low.find(word, at + len(word))
    result: list[tuple[int, int]] = []
    for at in sorted(places):
        start, end = max(0, at - before), min(len(low), at + after)
        if result and start <= result[-1][1]:
            result[-1] = result[-1][0], end
        else:
            result.append((start, end))
    return result
