"""Memory: the store of documents and events, and what agents see of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_HOMES = {
    "ANY": "store",
    "Change": "store",
    "ChatMessage": "chat",
    "CosmosBufferedChatCompletionContext": "context",
    "Guard": "session",
    "Page": "store",
    "SQLiteStore": "sqlite",
    "SessionMemory": "session",
    "Store": "store",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
