"""Whatever goes wrong on the way to Cosmos DB: nothing half-written, nothing twice, and a clear word in bounded time."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import time
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from macae.errors import ConfigError, Conflict, InvalidInput, MacaeError, StoreError
from macae.memory import Change, SessionMemory
from macae.memory.cosmos import CosmosStore
from macae.models import AgentMessage, Step
from tests.cosmos.peer import Peer
from tests.store.cosmosdb import MakeStore, a_step, happened, kept, make_store, put, said, store
from tests.support.waiting import until

__all__ = ["make_store", "store"]


async def test_a_throttled_batch_is_sent_again_after_the_time_that_is_named(
    cosmos_peer: Peer, store: CosmosStore
) -> None:
    await put(store, "first")
    cosmos_peer.fail("answer", kind="batch", status=429, retry_after_ms=150, times=2)
    began = time.monotonic()
    await put(store, "second")
    assert time.monotonic() - began >= 0.3
    assert await kept(store) == ["first", "second"]


async def test_who_is_throttled_for_too_long_is_told_so_in_time(
    cosmos_peer: Peer, store: CosmosStore
) -> None:
    cosmos_peer.fail("answer", kind=["batch", "query"], status=429, retry_after_ms=200)
    began = time.monotonic()
    with pytest.raises(StoreError, match="too busy"):
        await put(store, "lost")
    with pytest.raises(StoreError, match="too busy"):
        await kept(store)
    assert time.monotonic() - began < 6
    cosmos_peer.heal()
    await put(store, "next")
    assert await kept(store) == ["next"]


@pytest.mark.parametrize("status", [500, 503, 408])
async def test_a_failing_service_is_tried_again_and_nothing_is_written_twice(
    cosmos_peer: Peer, store: CosmosStore, status: int
) -> None:
    cosmos_peer.fail("answer", kind="batch", status=status, times=2)
    await put(store, "once")
    assert await kept(store) == ["once"]


@pytest.mark.parametrize("action", ["drop", "drop_after", "hang", "hang_after"])
async def test_a_batch_of_unknown_outcome_is_made_exactly_once(
    cosmos_peer: Peer, store: CosmosStore, action: str
) -> None:
    step = a_step()
    await store.write("ann", "s", [Change(step, 0)])
    cosmos_peer.fail(action, kind="batch", times=1)
    await store.write("ann", "s", [Change(step, 1), Change(said("once"), 0)], [happened("once")])
    assert step.version == 2
    assert await kept(store) == ["once"]
    step.tokens = 7
    await store.write("ann", "s", [Change(step, 2)], [happened("then")])
    assert [e.seq for e in await store.events(user_id="ann", session_id="s")] == [3, 4]


async def test_others_wrote_after_a_batch_of_unknown_outcome(
    cosmos_peer: Peer, make_store: MakeStore, store: CosmosStore
) -> None:
    """What tells that it was made outlives what others write behind it."""
    other = make_store()
    await put(other, "before")
    cosmos_peer.fail("hang_after", kind="batch", times=1)
    hanging = asyncio.create_task(put(store, "once"))
    await until(lambda: any(r["status"] == 200 and "fault" in r for r in cosmos_peer.requests("batch")))
    await put(other, "behind")
    await hanging
    assert await kept(store) == await kept(other) == ["before", "once", "behind"]


async def test_a_batch_that_lost_a_race_is_made_anew_also_where_much_was_forgotten(
    cosmos_peer: Peer, make_store: MakeStore, store: CosmosStore
) -> None:
    other = make_store()
    for text in ("1", "2", "3"):
        await put(store, text)
    store._shelf.clear()  # as when many other sessions were used since
    store._writers.clear()
    await other.open()
    cosmos_peer.forget()
    cosmos_peer.fail("delay", kind="batch", seconds=0.3, times=1)
    late = asyncio.create_task(put(store, "late"))
    await until(lambda: any("fault" in r for r in cosmos_peer.requests("batch")))
    await put(other, "between")
    await late
    assert await kept(store) == ["1", "2", "3", "between", "late"]


async def test_who_lost_races_until_the_time_was_over_is_told_so(
    cosmos_peer: Peer, make_store: MakeStore
) -> None:
    store = make_store(timeout=0.6)
    await put(store, "first")
    cosmos_peer.fail("answer", kind="batch", status=409, times=1)
    cosmos_peer.fail("hang", kind="query")
    with pytest.raises(StoreError, match="changed by too many"):
        await put(store, "lost")
    cosmos_peer.heal()
    assert await kept(store) == ["first"]


async def test_an_outcome_that_cannot_be_learned_is_called_unknown(
    cosmos_peer: Peer, store: CosmosStore
) -> None:
    await put(store, "first")
    cosmos_peer.fail("drop_after", kind="batch", times=1)
    cosmos_peer.fail("answer", kind="query", status=503)
    with pytest.raises(StoreError, match="not known whether"):
        await put(store, "perhaps")
    cosmos_peer.heal()
    assert await kept(store) == ["first", "perhaps"]
    await put(store, "next")
    assert await kept(store) == ["first", "perhaps", "next"]


async def test_a_hanging_service_costs_no_more_than_the_time_limit(
    cosmos_peer: Peer, make_store: MakeStore
) -> None:
    store = make_store(timeout=0.6)
    await put(store, "first")
    cosmos_peer.fail("hang")
    reads = (kept(store), store.sessions(user_id="ann"), store.get(Step, "x", user_id="ann", session_id="t"))
    for work in (put(store, "lost"), *reads, store.owner_alive("1-" + "0" * 16)):
        began = time.monotonic()
        with pytest.raises(StoreError, match=r"within 0.6 s \(MACAE_COSMOS_TIMEOUT\)"):
            await work
        assert time.monotonic() - began < 1.5
    began = time.monotonic()
    await store.close()
    assert time.monotonic() - began < 3


async def test_opening_fails_in_words_and_leaves_nothing_open(
    cosmos_peer: Peer, cosmos_database: str, make_store: MakeStore
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"endpoint": nobody}, "MACAE_COSMOS_ENDPOINT"),
        ({"key": "c2VjcmV0LXNlY3JldA=="}, "refuses the key"),
        ({"key": "secret-not-base64!"}, "MACAE_COSMOS_KEY must be"),
    ]
    for more, told in wrong:
        store = make_store(**more)
        with pytest.raises(StoreError, match=told) as caught:
            await store.open()
        assert more.get("key", "no key") not in repr(store) + repr(store.place) + str(caught.value)
        with pytest.raises(StoreError):
            _ = store.owner


async def test_a_database_that_may_not_be_made_is_asked_for(cosmos_peer: Peer, make_store: MakeStore) -> None:
    cosmos_peer.fail("answer", kind=["create_database", "read_database"], status=403)
    with pytest.raises(StoreError, match="az cosmosdb sql database create"):
        await make_store().open()
    cosmos_peer.heal()
    await make_store().open()


async def test_a_container_that_is_gone_is_told(cosmos_peer: Peer, store: CosmosStore) -> None:
    await put(store, "first")
    cosmos_peer.fail("answer", kind=["batch", "query", "read"], status=404, substatus=1003)
    for work in (put(store, "lost"), store.get(AgentMessage, "x", user_id="ann", session_id="s")):
        with pytest.raises(StoreError, match="MACAE_COSMOS_CONTAINER"):
            await work


async def test_a_store_that_was_unreachable_opens_later(cosmos_peer: Peer, make_store: MakeStore) -> None:
    store = make_store(timeout=1.0)
    cosmos_peer.fail("answer", status=503)
    with pytest.raises(StoreError):
        await store.open()
    cosmos_peer.heal()
    await put(store, "now")
    assert await kept(store) == ["now"]


async def test_one_conflict_in_a_joined_batch_leaves_nothing_of_its_own(store: CosmosStore) -> None:
    step = a_step()
    await store.write("ann", "s", [Change(step, 0)])
    stale = step.model_copy()
    await store.write("ann", "s", [Change(step, 1)])
    first = store.submit("ann", "s", [Change(said("first"), 0)], [happened("first")])
    wrong = store.submit("ann", "s", [Change(said("no"), 0), Change(stale, 1)], [happened("no")])
    behind = store.submit("ann", "s", [Change(said("nor this"), 0)], [happened("nor this")], after=[wrong])
    last = store.submit("ann", "s", [Change(said("last"), 0)], [happened("last")])
    outcomes = await asyncio.gather(first, wrong, behind, last, return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "NoneType",
        "Conflict",
        "Conflict",
        "NoneType",
    ]
    assert isinstance(outcomes[1], Conflict) and outcomes[1].current == step
    assert await kept(store) == ["first", "last"]


async def test_what_the_service_refuses_fails_alone(cosmos_peer: Peer, store: CosmosStore) -> None:
    await put(store, "before")
    cosmos_peer.fail("answer", kind="batch", status=400, times=2)
    writes = [put(store, "refused"), put(store, "taken")]
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreError, type(None)]
    assert await kept(store) == ["before", "taken"]


async def test_writes_in_two_sessions_may_build_on_each_other(store: CosmosStore) -> None:
    first = store.submit("ann", "s", [Change(said("a"), 0)])
    other = AgentMessage(session_id="t", user_id="ann", content="b", source="x")
    good = store.submit("ann", "t", [Change(other, 0)], after=[first])
    bad = store.submit("ann", "s", [Change(a_step(), 5)])
    never = AgentMessage(session_id="t", user_id="ann", content="c", source="x")
    lost = store.submit("ann", "t", [Change(never, 0)], after=[bad])
    outcomes = await asyncio.gather(first, good, bad, lost, return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "NoneType",
        "NoneType",
        "Conflict",
        "Conflict",
    ]
    found = await store.find(AgentMessage, user_id="ann", session_id="t")
    assert [message.content for message in found] == ["b"]


async def test_more_than_a_batch_holds_is_refused_at_once_and_less_is_spread(store: CosmosStore) -> None:
    with pytest.raises(InvalidInput, match="at most 99"):
        await store.write("ann", "s", [Change(said(str(n)), 0) for n in range(120)])
    mixed = [happened(str(n)).model_copy(update={"plan_id": "pq"[n % 2]}) for n in range(120)]
    with pytest.raises(InvalidInput, match="at most 99"):
        await store.write("ann", "s", [], mixed)
    with pytest.raises(InvalidInput, match="1000 bytes"):
        await store.write("ann", "日" * 400, [], [])
    with pytest.raises(InvalidInput, match="2 MB"):
        await store.write("ann", "s", [Change(said("x" * 2_100_000), 0)])
    await asyncio.gather(*(put(store, f"{n}") for n in range(150)))
    await put(store, *(f"{n}" for n in range(150, 200)))
    assert await kept(store) == [str(n) for n in range(200)]
    await asyncio.gather(*(put(store, "y" * 700_000) for _ in range(4)))
    assert len(await kept(store)) == 204


async def test_who_removes_more_than_a_batch_holds_learns_how_many_went(
    cosmos_peer: Peer, store: CosmosStore
) -> None:
    memory = SessionMemory("t", "ann", store=store)
    await store.write("ann", "t", [Change(said("first").model_copy(update={"session_id": "t"}), 0)])
    for part in range(2):
        await store.write("ann", "s", [Change(said(f"{part}"), 0) for _ in range(60)])
    cosmos_peer.fail("answer", kind="batch", status=403, skip=2)
    told = "90 of the 120 .* session s are gone already.*1 documents of other sessions"
    with pytest.raises(StoreError, match=told):
        await memory.delete_all_messages("agent_message")
    cosmos_peer.heal()
    assert await memory.delete_all_messages("agent_message") == 30


async def test_numbers_that_cosmos_db_would_round_come_back_exactly(store: CosmosStore) -> None:
    event = happened("big")
    event.data = {"n": 2**70 + 1, "small": 1.5}
    await store.write("ann", "s", [], [event])
    assert (await store.events(user_id="ann", session_id="s"))[0].data == event.data
    for arguments in ({"usd": 100.0, "days": [1, 2.0, {"x": 3.0}]}, {"usd": 2**60 + 1}):
        step = a_step(function="pay", arguments=arguments)
        await store.write("ann", "s", [Change(step, 0)])
        store._shelf.clear()
        stored = await store.get(Step, step.id, user_id="ann", session_id="s")
        assert stored is not None and stored.hash == step.hash, "an approval still binds the call"


@pytest.mark.parametrize(
    "endpoint", ["", "localhost:8081", "AccountEndpoint=https://x/;AccountKey=secret;", "ftp://x/"]
)
def test_an_address_that_is_none_names_the_setting(endpoint: str) -> None:
    with pytest.raises(ConfigError, match="MACAE_COSMOS_ENDPOINT") as caught:
        CosmosStore(endpoint=endpoint, key="secret")
    assert "secret" not in str(caught.value)


async def test_another_event_loop_is_refused_while_one_is_in_use(store: CosmosStore) -> None:
    with pytest.raises(MacaeError, match="another event loop"):
        await asyncio.to_thread(asyncio.run, put(store, "x"))


async def test_azures_library_is_loaded_beside_the_event_loop(
    make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[threading.Thread] = []

    class Finder:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == "azure.cosmos.aio":
                asked.append(threading.current_thread())

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    monkeypatch.delitem(sys.modules, "azure.cosmos.aio")
    await make_store().open()
    assert asked and threading.main_thread() not in asked


class Passport:
    """Stands for DefaultAzureCredential: signed in, or not."""

    opened = closed = 0
    is_signed_in = True

    async def __aenter__(self) -> Passport:
        Passport.opened += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        Passport.closed += 1

    async def close(self) -> None:
        pass

    async def get_token(self, *scopes: str, **_: object) -> AccessToken:
        if not Passport.is_signed_in:
            raise ClientAuthenticationError("DefaultAzureCredential failed: tenant 1234")
        return AccessToken("a-token", int(time.time()) + 3600)


@pytest.mark.parametrize("is_signed_in", [True, False])
async def test_without_a_key_one_is_who_azure_says(
    cosmos_peer: Peer, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch, is_signed_in: bool
) -> None:
    """Over TLS, with a certificate that nobody has signed: as an emulator's."""
    monkeypatch.setattr("azure.identity.aio.DefaultAzureCredential", Passport)
    monkeypatch.setattr(Passport, "opened", 0)
    monkeypatch.setattr(Passport, "closed", 0)
    monkeypatch.setattr(Passport, "is_signed_in", is_signed_in)
    store = make_store(endpoint=cosmos_peer.secure, key=None, verify=False)
    if is_signed_in:
        await put(store, "as myself")
        assert await kept(store) == ["as myself"]
        await store.close()
    else:
        with pytest.raises(StoreError, match="az login") as caught:
            await store.open()
        assert "tenant" not in str(caught.value)
    assert (Passport.opened, Passport.closed) == (1, 1)
