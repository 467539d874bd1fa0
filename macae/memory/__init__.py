"""Memory: the store of documents and events, and what agents see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.memory.chat import ChatMessage
    from macae.memory.context import CosmosBufferedChatCompletionContext
    from macae.memory.session import Guard, SessionMemory
    from macae.memory.sqlite import SQLiteStore
    from macae.memory.store import ANY, Change, Page, Store

__all__ = [
    "ANY",
    "Change",
    "ChatMessage",
    "CosmosBufferedChatCompletionContext",
    "Guard",
    "Page",
    "SQLiteStore",
    "SessionMemory",
    "Store",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ANY": "macae.memory.store",
        "Change": "macae.memory.store",
        "ChatMessage": "macae.memory.chat",
        "CosmosBufferedChatCompletionContext": "macae.memory.context",
        "Guard": "macae.memory.session",
        "Page": "macae.memory.store",
        "SQLiteStore": "macae.memory.sqlite",
        "SessionMemory": "macae.memory.session",
        "Store": "macae.memory.store",
    },
)
