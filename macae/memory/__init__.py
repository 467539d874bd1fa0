"""Memory: the store of documents and events, and what agents see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.memory.chat.context import CosmosBufferedChatCompletionContext
    from macae.memory.chat.messages import ChatMessage
    from macae.memory.chat.summary import ChatSummary
    from macae.memory.models import MODEL_CLASS_MAPPING, ModelMapping, register_model
    from macae.memory.session import Guard, SessionMemory
    from macae.memory.sqlite.store import SQLiteStore
    from macae.memory.store import ANY, Change, Page, Store
    from macae.models import BaseDataModel

__all__ = [
    "ANY",
    "MODEL_CLASS_MAPPING",
    "BaseDataModel",
    "Change",
    "ChatMessage",
    "ChatSummary",
    "CosmosBufferedChatCompletionContext",
    "Guard",
    "ModelMapping",
    "Page",
    "SQLiteStore",
    "SessionMemory",
    "Store",
    "register_model",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ANY": "macae.memory.store",
        "MODEL_CLASS_MAPPING": "macae.memory.models",
        "BaseDataModel": "macae.models",
        "Change": "macae.memory.store",
        "ChatMessage": "macae.memory.chat.messages",
        "ChatSummary": "macae.memory.chat.summary",
        "CosmosBufferedChatCompletionContext": "macae.memory.chat.context",
        "Guard": "macae.memory.session",
        "ModelMapping": "macae.memory.models",
        "Page": "macae.memory.store",
        "SQLiteStore": "macae.memory.sqlite.store",
        "SessionMemory": "macae.memory.session",
        "Store": "macae.memory.store",
        "register_model": "macae.memory.models",
    },
)
