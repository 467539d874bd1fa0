"""What a store is: documents and events, apart by user and session, written conditionally."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from macae.models import BaseDataModel, Event

__all__ = ["ANY", "Change", "Page", "Store"]

Document = TypeVar("Document", bound=BaseDataModel)

ANY = -1
"""As `Change.expect`: write whatever the stored version is."""


@dataclass(frozen=True, slots=True)
class Change:
    """One document to write.

    `expect` is the version that must be stored now: 0 for "does not exist yet", ANY to overwrite. After the write the
    document's `version` is one more, its `ts` the store's time, and both are set on the object that was given.
    """

    document: BaseDataModel
    expect: int = ANY


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a longer list, newest first, and where the next ones begin (None at the end)."""

    items: list[Any]
    next: str | None = None


class Store(Protocol):
    """Where everything is remembered. The SQLite file and Azure Cosmos DB answer alike.

    Every call carries the user: what belongs to another user does not exist. All raise StoreError when the store cannot be
    reached, read or written, within a bounded time. A store is used from one event loop.
    """

    async def open(self) -> None:
        """Make ready (create file and tables). Idempotent. Raises StoreError with what is wrong and what to do."""

    async def close(self) -> None:
        """Finish the writes under way and let go. Idempotent."""

    async def write(
        self, user_id: str, session_id: str, changes: Sequence[Change] = (), events: Sequence[Event] = ()
    ) -> None:
        """Write all of it or nothing; when this returns it is durable. Events get their `seq`.

        Documents that lack session_id, user_id or data_type are stamped with them.
        Raises Conflict, with the stored document as `.current`, when an `expect` does not hold.
        """

    def submit(
        self,
        user_id: str,
        session_id: str,
        changes: Sequence[Change] = (),
        events: Sequence[Event] = (),
        after: Sequence[asyncio.Future[None]] = (),
    ) -> asyncio.Future[None]:
        """Like `write`, but returns at once with an awaitable future. Writes are made in the order of submission.

        `after`: earlier writes of this store that this one builds on. If one of them was not made, this one is not either, and
        raises Conflict; so a change may be submitted behind another without waiting for it.
        """

    async def get(self, model: type[Document], id: str, *, user_id: str, session_id: str) -> Document | None:
        """One document, or None."""

    async def find(
        self,
        model: type[Document],
        *,
        user_id: str,
        session_id: str | None = None,
        plan_id: str | None = None,
        data_type: str | None = None,
        agent: str | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[Document]:
        """Documents of one kind, in the order in which they were first written.

        `data_type` is the model's own unless given; `agent` is the documents' field of that name. Without `session_id`: of all the user's sessions.
        """

    async def query(
        self, query: str, parameters: Sequence[dict[str, Any]], *, user_id: str, session_id: str | None = None
    ) -> list[dict[str, Any]]:
        """The guide's Cosmos SQL: `SELECT * FROM c WHERE c.f=@p [AND …] [ORDER BY c.f [DESC]]`.

        Raises InvalidInput for anything else, naming the part that is not understood.
        """

    async def delete(self, user_id: str, session_id: str, ids: Sequence[str]) -> None:
        """Remove documents; those that do not exist are passed over.

        All go together, or none; but Cosmos DB takes 90 at once, so of more some may be gone when this raises. The error says so.
        """

    async def events(
        self,
        *,
        user_id: str,
        session_id: str,
        plan_id: str | None = None,
        after: int = 0,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> list[Event]:
        """The audit trail after event number `after`, in order, or the other way round; at most `limit` events."""

    async def sessions(self, *, user_id: str, limit: int = 20, before: str | None = None) -> Page:
        """The user's sessions (Session documents), newest first, a page at a time; `before` is the former page's `next`."""

    @property
    def owner(self) -> str:
        """This process's name as an owner of running steps, alive until `close` or the process's death."""

    async def owner_alive(self, owner: str) -> bool:
        """Whether the process that `owner` names still lives (this one does)."""
