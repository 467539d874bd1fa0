"""Lexical relevance: how well texts fit a query, by stems, a small lexicon of synonyms, and near-misses in spelling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from macae.llm.offline.words import related, stems

__all__ = ["rank"]

_K1, _B = 1.2, 0.6
"""BM25's saturation and length weight; texts here are short, so length counts a little less than usual."""


@lru_cache(maxsize=4096)
def _counts(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in stems(text.replace("_", " ")):
        found[one] = found.get(one, 0) + 1
    return found


def nearest(word: str, vocabulary: Sequence[str] | set[str] | frozenset[str]) -> str | None:
    """The word of a vocabulary that `word` is a misspelling of, or None.

    One slip is forgiven in a word of five letters or more, two from eight on; the first letter must be right.
    """
    if len(word) < 5 or not word.isalpha():
        return None
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    allowed = 1 if len(word) < 8 else 2
    same_start = [w for w in vocabulary if w[:1] == word[:1] and abs(len(w) - len(word)) <= allowed]
    found = process.extract(word, same_start, scorer=OSA.distance, score_cutoff=allowed, limit=2)
    if not found or (
        len(found) == 2 and found[0][1] == found[1][1] and stems([found[0][0]]) != stems([found[1][0]])
    ):
        return None
    return str(found[0][0])


def rank(query: str, texts: Sequence[str]) -> list[float]:
    """How relevant each text is to the query: a score from 0 (nothing shared), in the order of `texts`.

    BM25 over word stems; synonyms and broader words count in part, and a misspelt word of the query counts as the nearest word
    of the texts. Scores compare within one call only.
    """
    documents = [_counts(t) for t in texts]
    if not documents:
        return []
    lengths = [sum(d.values()) for d in documents]
    mean = sum(lengths) / len(lengths) or 1.0
    vocabulary = {s for d in documents for s in d}
    scores = [0.0] * len(documents)
    for word in dict.fromkeys(stems(query.replace("_", " "))):
        near = related(word)
        if not any(s in vocabulary for s in near):
            guess = nearest(word, vocabulary)
            if guess is None:
                continue
            near = {guess: 0.7}
        best = [0.0] * len(documents)
        for s, closeness in near.items():
            if s not in vocabulary:
                continue
            for i, d in enumerate(documents):
                count = d.get(s)
                if count:
                    norm = count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * lengths[i] / mean))
                    best[i] = max(best[i], closeness * norm)
        holding = sum(1 for b in best if b)
        idf = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
        for i, b in enumerate(best):
            scores[i] += b * idf
    return scores
