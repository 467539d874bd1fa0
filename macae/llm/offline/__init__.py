"""The offline model: rule-based and deterministic, it reads only what a real model would be sent. No AI, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.llm.offline.client import OfflineChatCompletionClient

__all__ = ["OfflineChatCompletionClient"]


__getattr__, __dir__ = lazy_names(__name__, {"OfflineChatCompletionClient": "macae.llm.offline.client"})
