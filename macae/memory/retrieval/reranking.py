"""Look at the best hits once more, question and text together, and order them anew.

There is no re-ranker by words here: one that counted words, headings and neighbours was measured on the `tune` half and made the order
worse (recall@5 .86 instead of .88), because BM25 has used all that it knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from macae.errors import ConfigError
from macae.memory.retrieval.parts import Hit
from macae.memory.threads import in_thread

__all__ = ["CrossEncoder", "Reranker", "rerank"]

LOADING, SCORING = 300.0, 60.0
"""Seconds that loading (or fetching) a cross-encoder may take, and scoring one question's texts."""


class Reranker(Protocol):
    """What orders hits anew: for each text a score from 0 to 1, higher is better."""

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """The scores, in the order of the texts."""
        ...


class CrossEncoder:
    """A cross-encoder of sentence-transformers: it reads question and text together, which is slow and good.

    Needs the extra `rerank` (`pip install "macae[rerank]"`, which brings torch) and its model (about 90 MB): a folder that holds it, or
    a name. A model by name is looked for on this computer only; `fetch=True` lets the library download it. Raises ConfigError where
    either is missing.
    """

    def __init__(self, model: str = "cross-encoder/ms-marco-MiniLM-L6-v2", *, fetch: bool = False) -> None:
        self.model, self.fetch = model, fetch
        self._loaded: Any = None
        self._lock = asyncio.Lock()

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """A score for each text, computed in a thread. Raises ConfigError."""
        async with self._lock:
            if self._loaded is None:
                self._loaded = await self._bounded(self._load, LOADING, "Loading")
        pairs = [(question, text) for text in texts]
        raw = await self._bounded(lambda: self._loaded.predict(pairs), SCORING, "Asking")
        return [_squeezed(float(value)) for value in raw]

    async def _bounded(self, work: Callable[[], Any], seconds: float, what: str) -> Any:
        try:
            return await in_thread(work, seconds)
        except TimeoutError:
            raise ConfigError(
                f"{what} the cross-encoder {self.model} took more than {seconds:.0f} seconds. Name a smaller one, or search without it."
            ) from None

    def _load(self) -> Any:
        try:
            from sentence_transformers import CrossEncoder as Encoder  # type: ignore[import-not-found,unused-ignore]
        except ImportError:
            raise ConfigError(
                'Re-ranking by a cross-encoder needs a package more: pip install "macae[rerank]" (it brings torch, some GB). '
                "Or search without it."
            ) from None
        try:
            return Encoder(self.model, local_files_only=not self.fetch)
        except Exception as error:
            # the library raises what its download, its files and torch raise
            raise ConfigError(
                f"The cross-encoder {self.model} cannot be loaded ({type(error).__name__}). Fetch it once with CrossEncoder(fetch=True), or name a folder that holds it."
            ) from error


async def rerank(reranker: Reranker, question: str, hits: Sequence[Hit], share: float, k: int) -> list[Hit]:
    """The best `k` hits by `share` of the re-ranker's score and the rest of their own. Raises what the re-ranker raises."""
    scores = await reranker.scores(question, [hit.chunk.indexed for hit in hits])
    fresh = [
        replace(hit, score=(1 - share) * hit.score + share * score, why={**hit.why, "rerank": score})
        for hit, score in zip(hits, scores, strict=True)
    ]
    return sorted(fresh, key=lambda hit: (-hit.score, hit.chunk.id))[:k]


def _squeezed(value: float) -> float:
    """Any number as one from 0 to 1, its order kept."""
    from math import exp

    return 1 / (1 + exp(-max(-50.0, min(50.0, value))))
