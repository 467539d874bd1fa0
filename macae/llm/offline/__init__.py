"""The offline model: rule-based and deterministic, it reads only what a real model would be sent. No AI, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from macae.llm.offline.client import OfflineChatCompletionClient

__all__ = ["OfflineChatCompletionClient"]


def __getattr__(name: str) -> Any:
    if name == "OfflineChatCompletionClient":
        from macae.llm.offline.client import OfflineChatCompletionClient

        return OfflineChatCompletionClient
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
