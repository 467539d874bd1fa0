"""AutoGen's `Memory` protocol over ChromaDB: what was said is found again by what it says."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from autogen_core import CancellationToken, Component
from autogen_core.memory import Memory, MemoryContent, MemoryQueryResult, UpdateContextResult
from autogen_core.model_context import ChatCompletionContext
from pydantic import BaseModel

from macae.config import Settings, load_settings
from macae.errors import ConfigError, InvalidInput
from macae.memory.options import checked_k, checked_threshold, nothing_else
from macae.memory.semantic.contents import checked_id, filter_of, read, stored, text_of
from macae.memory.semantic.context import recall
from macae.memory.semantic.shelf import Shelf

__all__ = ["SemanticMemory", "SemanticMemoryConfig"]

WORDS = ("auto", "lexical", "minilm", "openai", "azure")


class SemanticMemoryConfig(BaseModel):
    """A memory as AutoGen writes it down. Where the database is, and every key, comes from the settings when it is loaded."""

    name: str
    user_id: str
    k: int = 5
    threshold: float | None = None
    where: dict[str, Any] | None = None
    embedding: str | None = None
    on: Literal["disk", "memory", "server"] | None = None
    timeout: float = 30.0


class SemanticMemory(Memory, Component[SemanticMemoryConfig]):
    """One user's texts under one name. Nobody else's are ever seen, and a changed embedding starts an empty collection.

    `k` is how many results a query gives at most (1 to 1,000), `threshold` the least score (0 to 1: the cosine; 1 is the same
    text, below 0 counts as 0), `where` a filter on the metadata that every query, `ids` and `count` keeps to (it is Chroma's:
    {"kind": "note"}, {"year": {"$gte": 2025}}). `user_id`: default the settings'. `embedding`: any Chroma embedding function (a plain
    function is known by its module and name), or one of the settings' words (lexical, minilm, openai, azure); default: the settings'. `on`: "disk" (settings.chroma_path), "server"
    (settings.chroma_url), "memory" (this object alone, gone when it is closed); default: the server where one is set, else the
    disk. `timeout`: seconds that one call may take.

    All methods raise StoreError when Chroma cannot be reached, read or written in time, a ModelError when a server's embedding
    fails, and InvalidInput for what cannot be stored or asked. Close it, or use it with `async with`.
    """

    component_config_schema = SemanticMemoryConfig
    component_provider_override = "macae.memory.semantic.SemanticMemory"

    def __init__(
        self,
        name: str = "memory",
        *,
        user_id: str | None = None,
        settings: Settings | None = None,
        k: int = 5,
        threshold: float | None = None,
        embedding: Any = None,
        where: Mapping[str, Any] | None = None,
        on: Literal["disk", "memory", "server"] | None = None,
        timeout: float = 30.0,
    ) -> None:
        settings = settings or load_settings()
        if isinstance(embedding, str):
            if embedding not in WORDS:
                raise ConfigError(f"There is no embedding {embedding!r}. Choose one of: {', '.join(WORDS)}.")
            settings = settings.model_copy(update={"embedding": embedding})
        self.name = name
        self.user_id = _checked_user(settings.user if user_id is None else user_id)
        self.k = checked_k(k)
        self.threshold = checked_threshold(threshold)
        self.where = filter_of(where)
        self._own_function = None if embedding is None or isinstance(embedding, str) else embedding
        owner = f"{self.user_id} {secrets.token_hex(16)}" if on == "memory" else self.user_id
        self._shelf = Shelf(name, owner, settings, self._own_function, on, timeout)
        self._config = SemanticMemoryConfig(
            name=name, user_id=self.user_id, k=k, threshold=threshold, where=self.where, on=on, timeout=timeout,
            embedding=embedding if isinstance(embedding, str) else None,
        )  # fmt: skip

    async def add(self, content: MemoryContent, cancellation_token: CancellationToken | None = None) -> None:
        """Remember one text. `metadata["id"]` is its id (what has that id is replaced); without one it gets a new id."""
        await self.add_many([content])

    async def add_many(self, contents: Sequence[MemoryContent]) -> list[str]:
        """Remember texts, in batches. Gives their ids, in order. Of two with the same id the later one counts.

        What of them cannot be stored is refused before anything is written. A failure later leaves whole batches written: do it
        again with the same ids.
        """
        entries = [stored(content) for content in contents]
        await self._shelf.put(list({entry[0]: entry for entry in entries}.values()))
        return [entry[0] for entry in entries]

    async def query(
        self,
        query: str | MemoryContent,
        cancellation_token: CancellationToken | None = None,
        *,
        k: int | None = None,
        threshold: float | None = None,
        where: Mapping[str, Any] | None = None,
        **unknown: Any,
    ) -> MemoryQueryResult:
        """The nearest texts, best first: each result's metadata has its `id` and `score` (0 to 1) beside its own.

        What is given here wins over the memory's own k and threshold; both filters hold. An empty query finds nothing.
        """
        nothing_else(unknown, "A semantic memory", "k, threshold and where")
        most = self.k if k is None else checked_k(k)
        least = self.threshold if threshold is None else checked_threshold(threshold)
        text = text_of(query)
        if not text.strip():
            return MemoryQueryResult(results=[])
        rows = await self._shelf.nearest(text, most, filter_of(self.where, where))
        found = [read(identifier, said, metadata, score=score) for identifier, said, metadata, score in rows]
        if least is not None:
            found = [content for content in found if (content.metadata or {})["score"] >= least]
        return MemoryQueryResult(results=found)

    async def update_context(self, model_context: ChatCompletionContext) -> UpdateContextResult:
        """Add what is remembered about the conversation's last message to it, marked as data."""
        return await recall(self, model_context)

    async def get(self, ids: Sequence[str]) -> list[MemoryContent]:
        """The entries with these ids, in that order; those that do not exist are left out."""
        wanted = [checked_id(identifier) for identifier in ids]
        rows = {row[0]: row for row in await self._shelf.rows(wanted, None)} if wanted else {}
        return [read(*rows[identifier]) for identifier in wanted if identifier in rows]

    async def vectors(self, ids: Sequence[str]) -> dict[str, list[float]]:
        """The stored vectors of these entries, by id; nothing is embedded. Those that do not exist are left out."""
        wanted = [checked_id(identifier) for identifier in ids]
        return await self._shelf.vectors(wanted) if wanted else {}

    async def ids(self, where: Mapping[str, Any] | None = None) -> list[str]:
        """The ids of all entries, or of those that the filter lets through."""
        return await self._shelf.ids(filter_of(self.where, where))

    async def count(self) -> int:
        """How many entries there are."""
        return len(await self.ids()) if self.where else await self._shelf.count()

    async def delete(self, ids: Sequence[str]) -> None:
        """Forget entries; those that do not exist are passed over."""
        if isinstance(ids, str):
            raise InvalidInput("delete() takes a list of ids.")
        await self._shelf.remove([checked_id(identifier) for identifier in ids])

    async def clear(self) -> None:
        """Forget everything under this name, of this user, whatever `where` says."""
        await self._shelf.empty()

    async def close(self) -> None:
        """Let go of the database. Idempotent. What is on disk or on a server stays."""
        await self._shelf.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _to_config(self) -> SemanticMemoryConfig:
        if self._own_function is not None:
            raise ConfigError("A memory with an embedding function of one's own cannot be written down.")
        return self._config

    @classmethod
    def _from_config(cls, config: SemanticMemoryConfig) -> Self:
        return cls(**config.model_dump())


def _checked_user(user_id: str) -> str:
    if not isinstance(user_id, str) or not user_id.strip():
        raise InvalidInput(
            "user_id is empty: name whose memory it is, or leave it out for the settings' user."
        )
    return user_id
