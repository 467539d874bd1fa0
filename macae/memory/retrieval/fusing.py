"""Join the two searches' results into one order, and put what holds a named identifier first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["WEIGHTS", "Weights", "fuse", "ordered", "scaled", "weights_for"]


@dataclass(frozen=True)
class Weights:
    """How the parts of a hybrid search count. `rank_constant`: how little the first ranks stand out (reciprocal rank: w / (c + rank))."""

    vectors: float = 0.7
    words: float = 0.3
    codes: float = 1.0
    """Added for a chunk that holds all of the question's identifiers; as much as both searches' first rank together."""
    rank_constant: int = 10
    expansion: float = 0.1
    """What a word that was added to the question counts, beside one that stands in it."""


WEIGHTS: dict[str, Weights] = {
    "lexical": Weights(vectors=0.5, words=0.5, rank_constant=20, expansion=0.1),
    "semantic": Weights(vectors=0.5, words=0.5, rank_constant=10, expansion=0.1),
}
"""By kind of embedding, chosen on the `tune` half of the evaluation set by recall@5 and MRR (see docs/retrieval.md).

The guides' 0.7 and 0.3 with a constant of 60 were the start. Where a question shares words with its answer BM25 is the better judge, where
it shares none MiniLM is, so both count about the same; a constant of 10 lets a first rank stand out more. Synonyms of the lexicon help a
little at 0.1 and do harm from 0.3 on.
"""


def weights_for(embedding: str) -> Weights:
    """The weights for an embedding by its name: one with `lexical` in it works by letters, any other that works by meaning."""
    return WEIGHTS["lexical" if "lexical" in embedding else "semantic"]


def fuse(
    words: Mapping[str, float],
    vectors: Mapping[str, float],
    codes: Mapping[str, float] | None = None,
    weights: Weights | None = None,
) -> dict[str, float]:
    """Weighted reciprocal rank fusion: the keys of all three, best first, with scores from 0 to 1.

    Ranks are fused, not scores, because BM25's scores and vectors' nearness have no common measure. `codes` gives the share of the
    question's identifiers that a text holds.
    """
    used = weights or Weights()
    total: dict[str, float] = {}
    top = used.rank_constant + 1
    for found, weight in ((words, used.words), (vectors, used.vectors)):
        ranked = sorted(found, key=lambda key: (-found[key], key))
        for rank, key in enumerate(ranked, 1):
            total[key] = total.get(key, 0.0) + weight * top / (used.rank_constant + rank)
    for key, share in (codes or {}).items():
        total[key] = total.get(key, 0.0) + used.codes * share
    most = used.words + used.vectors + (used.codes if codes else 0.0)
    return {key: min(1.0, total[key] / most) for key in sorted(total, key=lambda key: (-total[key], key))}


def scaled(scores: Mapping[str, float]) -> dict[str, float]:
    """Scores without a measure (BM25's) as shares of the best."""
    most = max(scores.values(), default=1.0)
    return {key: score / most for key, score in scores.items()}


def ordered(scores: Mapping[str, float]) -> dict[str, float]:
    """One search's scores, best first, from 0 to 1."""
    most = max(1.0, max(scores.values(), default=1.0))
    return {key: scores[key] / most for key in sorted(scores, key=lambda key: (-scores[key], key))}
