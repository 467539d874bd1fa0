"""Search by vectors: the chunks in a semantic memory. Only chunks that are new there are embedded; those that are gone are deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from macae.errors import StoreError
from macae.memory.retrieval.parts import Chunk

if TYPE_CHECKING:
    from macae.memory.semantic import SemanticMemory

__all__ = ["Told", "VectorIndex"]

Told = Callable[[int, int], None]

BATCH = 32
"""Chunks that are embedded in one call: a slow machine then keeps within the call's time, and what was done stays done."""


class VectorIndex:
    """The vectors of a knowledge base. A chunk's id holds a hash of its content, so the memory itself tells what is embedded."""

    def __init__(self, memory: SemanticMemory) -> None:
        self._memory = memory

    async def sync(self, chunks: Sequence[Chunk], told: Told | None = None) -> tuple[int, int]:
        """Make the memory hold exactly these chunks. Returns how many were embedded and how many deleted. Raises StoreError.

        `told` hears after each batch how many are embedded, and of how many.
        """
        from autogen_core.memory import MemoryContent, MemoryMimeType

        held = set(await self._memory.ids())
        wanted = {chunk.id: chunk for chunk in chunks}
        fresh = [chunk for name, chunk in wanted.items() if name not in held]
        for start in range(0, len(fresh), BATCH):
            await self._memory.add_many(
                [
                    MemoryContent(
                        content=chunk.indexed,
                        mime_type=MemoryMimeType.TEXT,
                        metadata={"id": chunk.id, "document": chunk.document_id},
                    )
                    for chunk in fresh[start : start + BATCH]
                ]
            )
            if told is not None:
                told(min(start + BATCH, len(fresh)), len(fresh))
        gone = sorted(held - set(wanted))
        if gone:
            await self._memory.delete(gone)
        return len(fresh), len(gone)

    async def of(self, chunks: Sequence[Chunk]) -> list[list[float]]:
        """The stored vectors of these chunks, in order. Raises StoreError, also where one is not there (another process dropped it)."""
        held = await self._memory.vectors([chunk.id for chunk in chunks])
        if lacking := [chunk.where for chunk in chunks if chunk.id not in held]:
            raise StoreError(f"The index has no vector of {lacking[0]!r}. Open the knowledge base again.")
        return [held[chunk.id] for chunk in chunks]

    async def search(self, question: str, k: int, within: str | None = None) -> Mapping[str, float]:
        """The nearest `k` chunks' ids and how near they are (0 to 1), of one document or of all. Raises StoreError."""
        found = await self._memory.query(
            question, k=k, threshold=0.0, where={"document": within} if within else None
        )
        rows = (result.metadata or {} for result in found.results)
        return {str(row["id"]): float(row["score"]) for row in rows if "id" in row}

    async def close(self) -> None:
        """Close the memory. What it holds stays."""
        await self._memory.close()
