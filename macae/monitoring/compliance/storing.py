"""A store that masks texts at rest by the policy's route `store`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from pydantic import BaseModel

from macae.memory.store import Change, Store
from macae.models import BaseDataModel, Event
from macae.monitoring.compliance.cleaning import stored_document, stored_event
from macae.monitoring.compliance.compliance import Compliance, Tell

__all__ = ["MaskingStore", "look_ahead", "masking_store"]

LARGE = 20_000
"""Characters of a write. To look at more takes longer (up to 2 µs each) than others on the event loop should wait."""


class MaskingStore:
    """Does what `inner` does; what is written goes through the policy first.

    Whoever holds a document goes on with its real texts; who reads it again later finds the markers. Goals, actions, functions,
    arguments and pending calls are never changed.
    """

    def __init__(self, inner: Store, compliance: Compliance, tell: Tell | None = None) -> None:
        self.inner, self.compliance = inner, compliance
        self._tell = tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def write(
        self, user_id: str, session_id: str, changes: Sequence[Change] = (), events: Sequence[Event] = ()
    ) -> None:
        """See `Store.write`."""
        await self.look_ahead([change.document for change in changes], events)
        masked, copies = self._masked(changes, events)
        await self.inner.write(user_id, session_id, masked, events)
        stamp(copies)

    def submit(
        self,
        user_id: str,
        session_id: str,
        changes: Sequence[Change] = (),
        events: Sequence[Event] = (),
        after: Sequence[asyncio.Future[None]] = (),
    ) -> asyncio.Future[None]:
        """See `Store.submit`."""
        masked, copies = self._masked(changes, events)
        write = self.inner.submit(user_id, session_id, masked, events, after)
        if copies:
            write.add_done_callback(
                lambda done: None if done.cancelled() or done.exception() else stamp(copies)
            )
        return write

    async def look_ahead(self, documents: Sequence[BaseDataModel], events: Sequence[Event] = ()) -> None:
        """Look at much text in a thread. What it finds is remembered, so the write that follows holds nobody up; nothing is changed."""
        if all(characters(item) <= LARGE for item in (*documents, *events)):
            return

        def look() -> None:
            for document in documents:
                stored_document(self.compliance, document)
            for event in events:
                stored_event(self.compliance, event.model_copy(deep=True))

        await asyncio.to_thread(look)

    def _masked(
        self, changes: Sequence[Change], events: Sequence[Event]
    ) -> tuple[Sequence[Change], list[tuple[BaseDataModel, BaseDataModel]]]:
        """The changes with masked documents, and which copy stands for which document."""
        for event in events:
            stored_event(self.compliance, event, self._tell)
        result: list[Change] = []
        copies: list[tuple[BaseDataModel, BaseDataModel]] = []
        for change in changes:
            document = stored_document(self.compliance, change.document, self._tell)
            if document is not change.document:
                copies.append((change.document, document))
                change = Change(document, change.expect)
            result.append(change)
        return result, copies


def stamp(copies: Sequence[tuple[BaseDataModel, BaseDataModel]]) -> None:
    """Put what the store set on a copy onto the document that it stands for."""
    for document, copy in copies:
        document.version, document.ts = copy.version, copy.ts
        for name in ("session_id", "user_id", "data_type"):
            if getattr(document, name, None) in (None, "") and getattr(copy, name, None):
                setattr(document, name, getattr(copy, name))


def characters(value: Any) -> int:
    """About how much text is in it."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(characters, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(characters, value))
    return characters(vars(value)) if isinstance(value, BaseModel) else 0


async def look_ahead(store: Store, *documents: BaseDataModel) -> None:
    """Look at much text before it is submitted, without holding anybody up: a submitted write is looked at on the event loop."""
    if isinstance(store, MaskingStore):
        await store.look_ahead(documents)


def masking_store(store: Store, compliance: Compliance, tell: Tell | None = None) -> Store:
    """The store, masking where the policy wants that."""
    return cast(Store, MaskingStore(store, compliance, tell)) if compliance.watches("store") else store
