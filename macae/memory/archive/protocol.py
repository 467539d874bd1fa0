"""Whole sessions, as they are stored: what moving, exporting and deleting them needs of a store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from macae.memory.store import Store
from macae.models import Event

__all__ = ["Archive", "Record", "Stored", "body_text", "happened"]


@dataclass(frozen=True, slots=True)
class Stored:
    """One document as it is stored. Its body holds all fields but these; no model needs to know it."""

    id: str
    data_type: str
    plan_id: str
    version: int
    ts: int
    """Unix time of its last write, seconds."""
    body: Mapping[str, Any]

    @property
    def content(self) -> tuple[str, str, Mapping[str, Any]]:
        """What two documents of one version must have in common to be the same."""
        return self.data_type, self.plan_id, self.body


def body_text(document: Stored) -> str:
    """A document's body as stores write it."""
    return json.dumps(document.body, ensure_ascii=False, separators=(",", ":"))


def happened(event: Event) -> dict[str, Any]:
    """An event without its number, which is each store's own."""
    return event.model_dump(mode="json", exclude={"seq"})


@dataclass(frozen=True, slots=True)
class Record:
    """All that is stored of one user's session at one moment: documents in the order of their first write, and the trail."""

    user_id: str
    session_id: str
    documents: tuple[Stored, ...] = ()
    events: tuple[Event, ...] = field(default=(), repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is stored of it."""
        return not self.documents and not self.events

    @property
    def by_id(self) -> dict[str, Stored]:
        """The documents by their ids."""
        return {document.id: document for document in self.documents}

    def kinds(self) -> dict[str, int]:
        """How many documents there are of each kind."""
        counted: dict[str, int] = {}
        for document in self.documents:
            counted[document.data_type] = counted.get(document.data_type, 0) + 1
        return counted


class Archive(Store, Protocol):
    """A store that gives and takes whole sessions. Unlike the rest of a store, `census` sees all users."""

    async def census(self) -> list[tuple[str, str]]:
        """(user, session) of everything that is stored, in the order of the sessions' first write."""

    async def record(self, user_id: str, session_id: str) -> Record:
        """All of a session, of one moment."""

    async def put(self, record: Record, seen: Record) -> None:
        """Write a record's documents, with their versions and times, and add its events at the end of the trail.

        `seen` is what was read before: Conflict, and nothing written, when the session has changed since. A store that cannot
        write all at once writes the `session` document last, and a second `put` of what is missing finishes the first.
        """

    async def erase(self, seen: Record) -> None:
        """Remove a session. Raises Conflict, and removes nothing, when it is not as it was `seen`."""
