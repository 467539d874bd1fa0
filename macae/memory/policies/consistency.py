"""Does the index know what the store holds? Finds what is missing on either side, and mends the index."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from autogen_core.memory import Memory, MemoryContent, MemoryMimeType

from macae.memory.policies.entries import id_of, text_of
from macae.memory.policies.inner import add_to, delete_from, get_from, ids_of
from macae.memory.store import Store
from macae.models import AgentMessage, BaseDataModel

__all__ = ["Consistency", "Source", "StoredTexts", "check_consistency", "repair_consistency"]

_BATCH = 200
_STAMPS = frozenset({"id", "score", "added", "version", "written"})
"""What a memory or a wrapper sets itself, on either side."""


class Source(Protocol):
    """What holds the truth: anything that lists its ids and gives its entries. SQLMemory does, and SemanticMemory."""

    async def ids(self) -> list[str]:
        """All ids."""

    async def get(self, ids: Sequence[str]) -> list[MemoryContent]:
        """The entries with these ids that are there."""


class StoredTexts:
    """A user's documents in the session store as a Source: by default what the agents said (AgentMessage, its `content`)."""

    def __init__(
        self, store: Store, user_id: str, session_id: str | None = None,
        model: type[BaseDataModel] = AgentMessage, text: str = "content",
    ) -> None:  # fmt: skip
        self._find = {"user_id": user_id, "session_id": session_id}
        self._store, self._model, self._text = store, model, text

    async def ids(self) -> list[str]:
        """The ids of all documents that have a text."""
        return [id_of(entry) for entry in await self.entries()]

    async def get(self, ids: Sequence[str]) -> list[MemoryContent]:
        """Those that are there."""
        wanted = set(ids)
        return [entry for entry in await self.entries() if id_of(entry) in wanted]

    async def entries(self) -> list[MemoryContent]:
        """All documents as entries of a memory; their metadata names session, plan, source and time (`ts`)."""
        found: list[Any] = await self._store.find(self._model, **self._find)  # type: ignore[arg-type]
        return [
            MemoryContent(
                content=getattr(document, self._text),
                mime_type=MemoryMimeType.TEXT,
                metadata=_metadata(document),
            )
            for document in found
            if str(getattr(document, self._text, "")).strip()
        ]


@dataclass(frozen=True, slots=True)
class Consistency:
    """What differs between a store and its index, by id; after a repair also what was done."""

    compared: int = 0
    not_in_index: list[str] = field(default_factory=list)
    not_in_store: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    """In both, with another text or other metadata."""
    added: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing differs."""
        return not (self.not_in_index or self.not_in_store or self.changed)

    def __str__(self) -> str:
        """One line for a person."""
        told = [f"{self.compared} entries compared"]
        told += [f"{len(self.not_in_index)} not in the index"] if self.not_in_index else []
        told += [f"{len(self.not_in_store)} not in the store any more"] if self.not_in_store else []
        told += [f"{len(self.changed)} with another text or other metadata"] if self.changed else []
        told += [f"{len(self.added)} added to the index"] if self.added else []
        told += [f"{len(self.deleted)} deleted from the index"] if self.deleted else []
        return "; ".join([*told, "all is well"] if self.ok else told) + "."


async def check_consistency(store: Source, index: Memory) -> Consistency:
    """Compare ids, texts and metadata, reading only. What is written meanwhile may be told as a difference: check again.

    Of the metadata (who, when, which kind) the index must have all that the store has; what it has beside that, and the stamps of
    wrappers (score, added, version, written), are not looked at.
    """
    stored, indexed = list(dict.fromkeys(await store.ids())), set(await ids_of(index))
    both = [id for id in stored if id in indexed]
    changed: list[str] = []
    for start in range(0, len(both), _BATCH):
        batch = both[start : start + _BATCH]
        here = {id_of(entry): entry for entry in await store.get(batch)}
        there = {id_of(entry): entry for entry in await get_from(index, batch)}
        changed += [id for id in batch if not _copied(here.get(id), there.get(id))]
    return Consistency(
        compared=len(set(stored) | indexed),
        not_in_index=[id for id in stored if id not in indexed],
        not_in_store=sorted(indexed - set(stored)),
        changed=changed,
    )


async def repair_consistency(store: Source, index: Memory) -> Consistency:
    """Make the index as the store is: add what is missing or changed, delete what the store does not have any more.

    Gives what differed and what was done. It can be run again at any time, also after it was interrupted.
    """
    found = await check_consistency(store, index)
    added: list[str] = []
    wanted = [*found.not_in_index, *found.changed]
    for start in range(0, len(wanted), _BATCH):
        entries = await store.get(wanted[start : start + _BATCH])  # gone meanwhile: passed over
        await add_to(index, entries)
        added += [id_of(entry) for entry in entries]
    gone = sorted(set(found.not_in_store) - set(await store.ids()))
    if gone:
        await delete_from(index, gone)
    return Consistency(
        found.compared, found.not_in_index, found.not_in_store, found.changed, added=added, deleted=gone
    )


def _copied(stored: MemoryContent | None, indexed: MemoryContent | None) -> bool:
    if stored is None or indexed is None:
        return stored is indexed
    theirs = indexed.metadata or {}
    own = {name: value for name, value in (stored.metadata or {}).items() if name not in _STAMPS}
    return text_of(stored) == text_of(indexed) and all(
        name in theirs and _plain(value) == _plain(theirs[name]) for name, value in own.items()
    )


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)  # a tuple comes back as a list


def _metadata(document: BaseDataModel) -> dict[str, Any]:
    names = ("session_id", "plan_id", "step_id", "source", "data_type", "ts")
    known = {name: getattr(document, name, None) for name in names}
    return {"id": document.id, **{name: value for name, value in known.items() if value}}
