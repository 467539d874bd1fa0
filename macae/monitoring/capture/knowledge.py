"""A knowledge base whose searches are told as events."""

from __future__ import annotations

import time
from typing import Any

from macae.config import Settings
from macae.memory.retrieval.base import KnowledgeBase
from macae.memory.retrieval.parts import Hit
from macae.models import EventType
from macae.monitoring.capture.stream import Tell

__all__ = ["ObservedKnowledge"]


class ObservedKnowledge(KnowledgeBase):
    """A knowledge base that tells of each search: what was asked, how long it took, which documents were found."""

    def __init__(self, settings: Settings, tell: Tell, **more: Any) -> None:
        super().__init__(settings, **more)
        self._tell = tell

    async def search(self, question: str, *given: Any, **more: Any) -> list[Hit]:
        """As a KnowledgeBase searches."""
        began = time.perf_counter()
        hits = await super().search(question, *given, **more)
        self._tell(
            EventType.memory_queried,
            text=question,
            memory=self.name,
            seconds=round(time.perf_counter() - began, 4),
            results=len(hits),
            sources=list(dict.fromkeys(hit.chunk.document_id for hit in hits)),
        )
        return hits
