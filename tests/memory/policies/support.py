"""What the tests of policies share: entries, and memories of three kinds to put policies around."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autogen_core.memory import (
    ListMemory,
    Memory,
    MemoryContent,
    MemoryMimeType,
    MemoryQueryResult,
    UpdateContextResult,
)
from autogen_core.model_context import ChatCompletionContext

from macae.memory.policies import SQLMemory


class PlainMemory(Memory):
    """What AutoGen asks of a memory and nothing more: it adds, finds by words, and clears. It gives copies without ids."""

    def __init__(self) -> None:
        self.entries: list[MemoryContent] = []
        self.calls: list[str] = []

    async def add(self, content: MemoryContent, cancellation_token: Any = None) -> None:
        self.calls.append("add")
        self.entries.append(content.model_copy(update={"metadata": None}))

    async def query(self, query: Any, cancellation_token: Any = None, **kwargs: Any) -> MemoryQueryResult:
        self.calls.append("query")
        asked = set(str(query).lower().split())
        found = [e for e in self.entries if not asked or asked & set(str(e.content).lower().split())]
        return MemoryQueryResult(results=found)

    async def update_context(self, model_context: ChatCompletionContext) -> UpdateContextResult:
        self.calls.append("update_context")
        return UpdateContextResult(memories=MemoryQueryResult(results=self.entries))

    async def clear(self) -> None:
        self.calls.append("clear")
        self.entries = []

    async def close(self) -> None:
        self.calls.append("close")


KINDS: dict[str, Callable[[Path], Memory]] = {
    "list": lambda folder: ListMemory(),
    "plain": lambda folder: PlainMemory(),
    "sql": lambda folder: SQLMemory(folder / "memory.db"),
}


def note(text: Any, id: str = "", **metadata: Any) -> MemoryContent:
    kind = MemoryMimeType.JSON if isinstance(text, dict) else MemoryMimeType.TEXT
    return MemoryContent(content=text, mime_type=kind, metadata=metadata | ({"id": id} if id else {}))


async def texts(memory: Memory, query: str = "", **options: Any) -> list[str]:
    return sorted(str(one.content) for one in (await memory.query(query, **options)).results)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
