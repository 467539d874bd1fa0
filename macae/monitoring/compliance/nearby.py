"""Patterns that begin with one of some words are tried only where such a word stands: most texts hold none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["at_words"]


def at_words(pattern: re.Pattern[str], text: str, low: str, words: Sequence[str]) -> Iterator[re.Match[str]]:
    """Where the pattern matches from the beginning of one of the words. `low` is the text in small letters.

    A match found from two of the words is given twice.
    """
    if len(low) != len(text):  # some capitals have more than one small letter
        yield from pattern.finditer(text)
        return
    for word in words:
        at = low.find(word)
        while at >= 0:
            match = pattern.match(text, at)
            if match is not None:
                yield match
            at = low.find(word, match.end() if match is not None else at + len(word))
