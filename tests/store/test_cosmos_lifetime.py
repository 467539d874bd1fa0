"""How long a session is kept in Cosmos DB, and what became of the items that another macae wrote."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from macae.errors import Conflict, StoreError
from macae.memory import Change
from macae.memory.archive.protocol import Record
from macae.memory.cosmos import CosmosStore, formats, lifetime
from macae.models import AgentMessage, Session, Step
from tests.cosmos.peer import Peer
from tests.store.cosmosdb import MakeStore, a_step, happened, kept, make_store, put, said, store

__all__ = ["make_store", "store"]

Sleep = Callable[[float], None]


@pytest.fixture
def sleep(cosmos_peer: Peer, monkeypatch: pytest.MonkeyPatch) -> Sleep:
    """Set the clocks, here and at the service, to so many seconds after the beginning."""
    real = time.time

    def set_clocks(seconds: float) -> None:
        cosmos_peer.sleep(seconds)
        monkeypatch.setattr(time, "time", lambda: real() + seconds)

    return set_clocks


async def a_session(store: CosmosStore) -> Step:
    step = a_step()
    await store.write("ann", "s", [Change(Session(id="s"), 0), Change(step, 0)], [happened("0")])
    for part in (range(1, 60), range(60, 120)):
        await put(store, *(str(n) for n in part))
    return step


async def there(store: CosmosStore) -> tuple[int, int, int, int]:
    """How many session rows, steps, messages and events there are."""
    counted = [
        len(await store.find(model, user_id="ann", session_id="s")) for model in (Session, Step, AgentMessage)
    ]
    return (*counted, len(await store.events(user_id="ann", session_id="s")))  # type: ignore[return-value]


async def test_a_session_lives_and_ends_as_a_whole(
    cosmos_peer: Peer, make_store: MakeStore, sleep: Sleep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifetime, "MOST_OPERATIONS", 30)
    store = make_store(ttl=60)
    step = await a_session(store)
    sleep(40)
    await store.write("ann", "s", [Change(step, 1)], [happened("40")])
    sleep(85)
    cosmos_peer.forget()
    await store.write("ann", "s", [Change(step, 2)], [happened("85")])  # less than 60 s are left
    assert len(cosmos_peer.requests("batch")) == 6
    cosmos_peer.forget()
    await store.write("ann", "s", [Change(step, 3)], [happened("still 85")])
    assert len(cosmos_peer.requests()) == 1, "put off rarely"
    for now in (110, 125, 140):
        sleep(now)
        assert await there(store) == (1, 1, 119, 123)
    sleep(210)
    assert await there(store) == (0, 0, 0, 0)
    with pytest.raises(Conflict):
        await store.write("ann", "s", [Change(step, 4)])
    await put(store, "anew")
    assert await kept(store) == ["anew"]


async def test_a_failure_half_way_through_putting_off_is_made_good(
    cosmos_peer: Peer, make_store: MakeStore, sleep: Sleep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifetime, "MOST_OPERATIONS", 50)
    store, other = make_store(ttl=60), make_store(ttl=60)
    await a_session(store)
    sleep(100)
    cosmos_peer.fail("answer", kind="batch", skip=1, status=403)
    with pytest.raises(StoreError):
        await put(store, "lost")
    cosmos_peer.heal()
    sleep(100)
    cosmos_peer.forget()
    await put(other, "made")
    assert len(cosmos_peer.requests("batch")) == 3, "the first fifty were moved already"
    sleep(150)
    assert await there(store) == (1, 1, 120, 121)


async def test_a_changed_setting_holds_for_all_of_a_session(
    cosmos_peer: Peer, make_store: MakeStore, sleep: Sleep
) -> None:
    step = await a_session(make_store())
    short = make_store(ttl=60)
    record = await short.record("ann", "s")
    more = Record("ann", "s", events=(happened("copied"),))
    await short.put(more, record)
    sleep(110)
    assert (await there(short))[:3] == (1, 1, 119)
    await make_store().write("ann", "s", [Change(step, 1)])
    sleep(10_000)
    assert await there(short) == (1, 1, 119, 121)
    await short.write("ann", "s", [Change(said("now it ends"), 0)])
    sleep(10_130)
    assert await there(short) == (0, 0, 0, 0)


async def test_a_newer_format_is_refused_and_an_older_one_is_read(
    store: CosmosStore, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_up(item: dict[str, Any]) -> dict[str, Any]:
        body = item.get("body")
        return item | {"format": 2} | ({"body": body | {"action": "Migrated"}} if body else {})

    old = a_step()
    await store.write("ann", "s", [Change(old, 0)], [happened("x")])
    with monkeypatch.context() as newer:
        newer.setattr(formats, "FORMAT", 2)
        newer.setattr(formats, "MIGRATIONS", {1: one_up})
        newer.setattr("macae.memory.cosmos.batch.FORMAT", 2)
        newer.setattr("macae.memory.cosmos.items.FORMAT", 2)
        modern = make_store()
        found = await modern.find(Step, user_id="ann", session_id="s")
        assert [step.action for step in found] == ["Migrated"]
        await modern.write("ann", "s", [Change(found[0], 1)])
    refused = pytest.raises(StoreError, match=r"format 2; this one knows 1.*newer macae")
    with refused:
        await store.write("ann", "s", [Change(said("no"), 0)])
    with refused:
        await store.find(Step, user_id="ann", session_id="s")
    with refused:
        await store.get(Step, old.id, user_id="ann", session_id="s")
    with refused:
        await store.record("ann", "s")
    await store.write("ann", "t", [Change(a_step().model_copy(update={"session_id": "t"}), 0)])
