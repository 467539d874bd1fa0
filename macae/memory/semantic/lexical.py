"""Vectors by letters: words and the pieces of words, hashed. Needs no model and no network; knows no meanings.

The same text has the same vector in every process and on every platform: a later change of how they are made is a new VERSION,
because vectors of two versions cannot be compared.
"""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["COMMON_WORDS", "DIMENSION", "VERSION", "folded", "lexical_vectors"]

VERSION = 1
DIMENSION = 1024

_WORD = re.compile(r"\w+(?:[-./]\w+)*")
_SHORTEST, _LONGEST = 3, 4
"""Characters of a word's pieces."""
_PIECES = 1.6
"""What all the pieces of a word count together, beside the word itself."""
_COMMON = 0.3
"""What a word counts that says nothing about the subject."""
COMMON_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a about all am an and any are as at be been being but by can could did do does for from get had has have how i if in into "
        "is it its me my no not of on or our shall should so than that the their them then there these they this to us was we were "
        "what when where which who whom why will with would you your",
    )
)
"""Words that stand everywhere."""


def lexical_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """A row of length 1 for each text; a text without a letter or a digit has a row of zeros, which is near to nothing."""
    import numpy as np

    rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word, times in Counter(_words(text)).items():
            places, weights = _features(word)
            row[list(places)] += np.array(weights, dtype=np.float32) * (1.0 + math.log(times))
        length = float(np.linalg.norm(row))
        if length:
            row /= length
    return rows


def folded(text: str) -> str:
    """Without accents and capitals, as texts are compared and searched."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _words(text: str) -> list[str]:
    """The text's words, without accents and capitals; of one with a hyphen, a dot or a slash also its parts."""
    words: list[str] = []
    for found in _WORD.findall(folded(text)):
        words.append(found)
        parts = re.split(r"[-./]", found)
        words += parts if len(parts) > 1 else []
    return words


@lru_cache(maxsize=50_000)
def _features(word: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Where a word and its pieces are counted, and how much, with a sign so that what collides by chance evens out."""
    if word in COMMON_WORDS:
        return _summed([(f"w{word}", _COMMON)])
    framed = f"<{word}>"
    pieces = [
        framed[start : start + size]
        for size in range(_SHORTEST, _LONGEST + 1)
        for start in range(len(framed) - size + 1)
    ]
    share = _PIECES / math.sqrt(len(pieces)) if pieces else 0.0
    return _summed([(f"w{word}", 1.0), *((f"p{piece}", share) for piece in pieces)])


def _summed(features: list[tuple[str, float]]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    totals: dict[int, float] = {}
    for name, weight in features:
        mark = zlib.crc32(name.encode("utf-8", "replace"))
        place = mark % DIMENSION
        totals[place] = totals.get(place, 0.0) + (weight if mark & 0x8000_0000 else -weight)
    return tuple(totals), tuple(totals.values())
