"""The store in Azure Cosmos DB: the same `Store` as the SQLite file, for many processes and computers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, TypeVar

from macae.errors import InvalidInput, StoreError
from macae.memory import query as language
from macae.memory.cosmos.archive import CosmosArchive
from macae.memory.cosmos.items import document_of, events_of, item_id, plain_of
from macae.memory.cosmos.life import Life
from macae.memory.cosmos.reading import Question, in_order
from macae.memory.cosmos.units import Unit
from macae.memory.cosmos.writer import Writer
from macae.memory.documents import data_type_of, event_body, prepare
from macae.memory.store import Change, Page
from macae.memory.writes import Write
from macae.models import BaseDataModel, Event, Session

__all__ = ["CosmosStore"]


Document = TypeVar("Document", bound=BaseDataModel)

_MOST_REMOVED = 90
_PAGE_NAME = re.compile(r"(\d{1,17})-([0-9a-f]{2,8000})", re.A)


class CosmosStore(Life, CosmosArchive):
    """A `Store` in one container. It opens itself at the first awaited call.

    Writes are made in the order of submission within a session; what is submitted together travels in one transactional
    batch. `requests` counts by kind what went over the wire, leases apart.

    Consistency: the account's level is assumed to be Session (its default) or stronger. This process then reads what it
    wrote. What another process wrote may be seen a moment later; but nothing can be overwritten unseen, because every write
    names the etags of what it replaces.
    """

    # Writing

    async def write(
        self, user_id: str, session_id: str, changes: Sequence[Change] = (), events: Sequence[Event] = ()
    ) -> None:
        """See `Store.write`."""
        await self._ready()
        await self.submit(user_id, session_id, changes, events)

    def submit(
        self,
        user_id: str,
        session_id: str,
        changes: Sequence[Change] = (),
        events: Sequence[Event] = (),
        after: Sequence[asyncio.Future[None]] = (),
    ) -> asyncio.Future[None]:
        """See `Store.submit`. The store must be open. Raises InvalidInput for more than Cosmos DB takes at once."""
        self.place.keys(user_id, session_id)
        rows = [prepare(change, user_id, session_id) for change in changes]
        bodies = [(event, event_body(event, user_id, session_id)) for event in events]
        write = Write(loop=asyncio.get_running_loop())
        return self._submit(session_id, Unit(user_id, write, rows, bodies, after=list(after)))

    async def delete(self, user_id: str, session_id: str, ids: Sequence[str]) -> None:
        """See `Store.delete`. At most 90 go together: with more, a StoreError says how many are gone already."""
        await self._ready()
        for id in ids:
            item_id(id)  # what cannot be one is refused before anything is gone
        units = []
        for start in range(0, len(ids), _MOST_REMOVED):
            write = Write(loop=asyncio.get_running_loop())
            units.append(Unit(user_id, write, removed=list(ids[start : start + _MOST_REMOVED])))
        for number, unit in enumerate(units):
            try:
                await self._submit(session_id, unit)
            except StoreError as error:
                if number == 0:
                    raise
                raise StoreError(
                    f"{error} {number * _MOST_REMOVED} of the {len(ids)} documents that were to go from the session "
                    f"{session_id} are gone already; ask again to remove the rest."
                ) from None

    def _submit(self, session_id: str, unit: Unit) -> asyncio.Future[None]:
        if self._connection is None or self._lease is None or self._closed:
            raise self._not_open()
        if self._loop is not asyncio.get_running_loop():
            self._adopt()
            raise self._not_open()
        keys = self.place.keys(unit.user_id, session_id)
        writer = self._writers.get(keys)
        if writer is None:
            self._writers = {key: busy for key, busy in self._writers.items() if busy.task is not None}
            known = self._shelf.of(keys)
            writer = self._writers[keys] = Writer(
                self._connection, self._lease, known, session_id, self._numbers
            )
        self._shelf.keep(writer.known)
        writer.submit(unit)
        return unit.write

    # Reading

    async def get(self, model: type[Document], id: str, *, user_id: str, session_id: str) -> Document | None:
        """See `Store.get`. One request at most."""
        keys = self.place.keys(user_id, session_id)
        item = await self._reader.item(keys, item_id(id))
        kind = data_type_of(model)
        if item is None or item["user_id"] != user_id or kind not in (None, item["data_type"]):
            return None
        return document_of(model, item)

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
        """See `Store.find`. With a session, an answer is kept until the session changes; then it costs one small request."""
        kind = data_type or data_type_of(model)
        if kind is None:
            raise InvalidInput("Say which data_type to find, or give a model that has one.")
        question = self._question(user_id, session_id).equal("c.data_type", kind)
        question.topic = kind
        if plan_id is not None:
            question.equal("c.plan_id", plan_id)
        if agent is not None:
            question.equal('c["body"]["agent"]', agent)
        items = await self._reader.items(question.sorted(newest_first, limit))
        if session_id is None:
            items.sort(key=lambda item: (item["at"], item["session_id"]), reverse=newest_first)
        return [document_of(model, item) for item in items]

    async def query(
        self, query: str, parameters: Sequence[dict[str, Any]], *, user_id: str, session_id: str | None = None
    ) -> list[dict[str, Any]]:
        """See `Store.query`. The rows are sorted here, so that both stores sort alike."""
        parsed = language.parse(query, parameters)
        items = await self._reader.items(self._question(user_id, session_id).matching(parsed))
        items.sort(key=lambda item: (item["at"], item["session_id"]))
        return in_order([plain_of(item) for item in items], parsed)

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
        """See `Store.events`."""
        question = Question(self.place.keys(user_id, session_id), 'c.kind = "events"')
        question.equal("c.user_id", user_id).topic = "events"
        if plan_id is not None:
            question.equal("c.plan_id", plan_id)
        if after > 0:
            question.where += " AND c.last > @after"
            question.given(after=after)
        found = events_of(await self._reader.items(question.sorted(newest_first, limit)), after)
        if newest_first:
            found.sort(key=lambda event: event.seq, reverse=True)
        return found if limit is None else found[: max(0, limit)]

    async def sessions(self, *, user_id: str, limit: int = 20, before: str | None = None) -> Page:
        """See `Store.sessions`."""
        question = self._question(user_id, None).equal("c.data_type", "session")
        if before is not None:
            at, name = _page(before)
            question.where += " AND (c.at < @at OR (c.at = @at AND c.session_id < @name))"
            question.given(at=at, name=name)
        if limit < 1:
            raise InvalidInput("A page holds at least one session: give a limit of 1 or more.")
        items = await self._reader.items(question.sorted(True, limit + 1))
        last = items[limit - 1] if len(items) > limit else None
        following = None if last is None else f"{last['at']}-{last['session_id'].encode().hex()}"
        return Page([document_of(Session, item) for item in items[:limit]], following)

    # Inside

    def _question(self, user_id: str, session_id: str | None) -> Question:
        keys = None if session_id is None else self.place.keys(user_id, session_id)
        return Question(keys, 'c.kind = "document"').equal("c.user_id", user_id)


def _page(before: str) -> tuple[int, str]:
    found = _PAGE_NAME.fullmatch(before) if isinstance(before, str) else None
    try:
        if found is not None:
            return int(found[1]), bytes.fromhex(found[2]).decode()
    except ValueError:  # it was made up
        pass
    raise InvalidInput(f"{str(before)[:40]!r} is no page of sessions. Use the `next` of the page before.")
