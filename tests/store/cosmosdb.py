"""What the tests of the Cosmos DB store share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from macae.memory import Change
from macae.memory.cosmos import CosmosStore
from macae.models import AgentMessage, Event, EventType, Step
from tests.cosmos.peer import Peer

MakeStore = Callable[..., CosmosStore]


@pytest.fixture
async def make_store(cosmos_peer: Peer, cosmos_database: str) -> AsyncIterator[MakeStore]:
    """Makes stores on one container, with small limits; they are closed at the end, the peer healed before."""
    async with AsyncExitStack() as made:

        def make(**more: Any) -> CosmosStore:
            place: dict[str, Any] = {"endpoint": cosmos_peer.endpoint, "key": cosmos_peer.key}
            store = CosmosStore(**place | {"database": cosmos_database, "timeout": 2.0, "lease": 30.0} | more)
            made.push_async_callback(store.close)
            return store

        yield make
        cosmos_peer.heal()


@pytest.fixture
async def store(make_store: MakeStore) -> CosmosStore:
    store = make_store()
    await store.open()
    return store


def a_step(**more: Any) -> Step:
    return Step(plan_id="p", session_id="s", user_id="ann", index=1, action="Bake", agent="A", **more)


def said(text: str) -> AgentMessage:
    return AgentMessage(session_id="s", user_id="ann", content=text, source="x")


def happened(text: str) -> Event:
    return Event(type=EventType.message, session_id="s", user_id="ann", text=text)


async def put(store: CosmosStore, *texts: str) -> None:
    """One write of a message and an event for each text."""
    changes, events = [Change(said(text), 0) for text in texts], [happened(text) for text in texts]
    await store.write("ann", "s", changes, events)


async def kept(store: CosmosStore) -> list[str]:
    """The messages that are stored; the events must be the same."""
    messages = [m.content for m in await store.find(AgentMessage, user_id="ann", session_id="s")]
    assert messages == [event.text for event in await store.events(user_id="ann", session_id="s")]
    return messages
