"""Semantic memory: texts found again by what they say, in ChromaDB, behind AutoGen's `Memory` protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.memory.semantic.choosing import describe_embedding, embedding_function
    from macae.memory.semantic.memory import SemanticMemory
    from macae.memory.semantic.messages import MessageIndex, Said

__all__ = ["MessageIndex", "Said", "SemanticMemory", "describe_embedding", "embedding_function"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "MessageIndex": "macae.memory.semantic.messages",
        "Said": "macae.memory.semantic.messages",
        "SemanticMemory": "macae.memory.semantic.memory",
        "describe_embedding": "macae.memory.semantic.choosing",
        "embedding_function": "macae.memory.semantic.choosing",
    },
)
