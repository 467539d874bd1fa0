"""Search by words: BM25 (bm25s) over word stems. Rebuilt whenever it is opened: that is quicker than reading it from disk."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from macae.llm.offline.words import lexicon, stem, words
from macae.llm.ranking import nearest
from macae.memory.retrieval.codes import codes_in

__all__ = ["WordIndex", "tokens_of"]

K1, B = 1.2, 0.75
"""BM25's usual values: how soon a repeated word counts no more, and how much a long text is held back."""


def tokens_of(text: str) -> list[str]:
    """The stems of a text's words that carry meaning, and its identifiers whole (`hr-104`)."""
    stop = lexicon().stop
    found = [stem(word) for word in words(text.replace("_", " ")) if word not in stop]
    return found + [code.lower() for code in sorted(codes_in(text))]


class WordIndex:
    """An index of texts in memory. Tokens are counted once; each search is a sum over the question's words."""

    def __init__(self, texts: Sequence[str]) -> None:
        rows = [tokens_of(text) for text in texts]
        self._texts = len(rows)
        self._holding = Counter(token for row in rows for token in set(row))
        self.vocabulary = frozenset(self._holding)
        self._alike: dict[tuple[str, int], set[str]] = {}
        for token in self.vocabulary:
            self._alike.setdefault((token[:1], len(token)), set()).add(token)
        self._index: Any = None
        if self.vocabulary:
            import bm25s

            self._index = bm25s.BM25(k1=K1, b=B)
            self._index.index([row or [""] for row in rows], show_progress=False)

    def guess(self, token: str) -> str | None:
        """The word of the texts that a word may be a misspelling of: searched for among those of its first letter and length."""
        lengths = range(len(token) - 2, len(token) + 3)
        return nearest(token, set().union(*(self._alike.get((token[:1], n), set()) for n in lengths)))

    def rarity(self, token: str) -> float:
        """How much a token tells (inverse document frequency): 0 in all texts, about 5 in one of a hundred."""
        holding = self._holding[token]
        return math.log(1 + (self._texts - holding + 0.5) / (holding + 0.5))

    def search(
        self, tokens: Sequence[str], k: int, more: Mapping[str, float] | None = None
    ) -> dict[int, float]:
        """The best `k` texts and their scores. `more`: further words (an expansion), each with its weight below 1."""
        if self._index is None:
            return {}
        import numpy

        known = [token for token in dict.fromkeys(tokens) if token in self.vocabulary]
        total = numpy.zeros(self._texts, dtype="float32")
        if known:
            total += self._index.get_scores(known)
        for token, weight in (more or {}).items():
            if token in self.vocabulary and token not in known:
                total += weight * self._index.get_scores([token])
        best = numpy.argsort(-total, kind="stable")[:k]
        return {int(at): float(total[at]) for at in best if total[at] > 0}
