"""Owners in Cosmos DB: a dead process's lease runs out, and one that was only paused writes nothing any more."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from macae.errors import Conflict, StoreError
from macae.memory import Change
from macae.memory.cosmos import CosmosStore
from tests.cosmos.peer import Peer
from tests.store.cosmosdb import MakeStore, a_step, kept, make_store, put, store
from tests.support.waiting import until

__all__ = ["make_store", "store"]

ROOT = Path(__file__).resolve().parents[2]
CHILD = """
import asyncio, json, sys
from macae.errors import StoreError
from macae.memory.cosmos import CosmosStore
from tests.store.cosmosdb import put
async def main():
    async with CosmosStore(**json.loads(sys.argv[1])) as store:
        print(store.owner, flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            try:
                await put(store, line.strip())
                print("made", flush=True)
            except StoreError as error:
                print(error, flush=True)
asyncio.run(main())
"""


@asynccontextmanager
async def child(**place: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHILD, json.dumps(place)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line(process: asyncio.subprocess.Process, tell: str | None = None) -> str:
    assert process.stdin is not None and process.stdout is not None
    if tell is not None:
        process.stdin.write(f"{tell}\n".encode())
        await process.stdin.drain()
    return (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGSTOP")
async def test_a_killed_process_is_dead_and_a_paused_one_cannot_write(
    cosmos_peer: Peer, cosmos_database: str, store: CosmosStore
) -> None:
    place = {"endpoint": cosmos_peer.endpoint, "key": cosmos_peer.key, "database": cosmos_database}
    async with child(**place, lease=2.0) as paused, child(**place, lease=2.0) as killed:
        owners = [await line(process) for process in (paused, killed)]
        assert await line(paused, "before") == "made"
        assert [await store.owner_alive(owner) for owner in owners] == [True, True]
        paused.send_signal(signal.SIGSTOP)
        killed.kill()
        await killed.wait()
        cosmos_peer.sleep(8)
        assert [await store.owner_alive(owner) for owner in owners] == [False, False]
        await put(store, "taken over")
        await asyncio.sleep(2.0)  # as long as it believes in its lease
        paused.send_signal(signal.SIGCONT)
        assert "not heard of for 2 s" in await line(paused, "late")
        assert not await store.owner_alive(owners[0])
    assert await kept(store) == ["before", "taken over"]


async def test_a_lease_is_renewed_while_its_process_lives(cosmos_peer: Peer, make_store: MakeStore) -> None:
    holder, watcher = make_store(lease=0.15), make_store()
    await holder.open()
    await watcher.open()
    before = holder.requests["lease"]
    await until(lambda: holder.requests["lease"] >= before + 3)
    cosmos_peer.sleep(3)
    before = holder.requests["lease"]
    await until(lambda: holder.requests["lease"] >= before + 2)
    assert await watcher.owner_alive(holder.owner)


async def test_who_took_a_lease_away_is_known_before_anything_is_written(
    cosmos_peer: Peer, make_store: MakeStore, store: CosmosStore
) -> None:
    """Nobody was there to see that it ran out, so it goes on; once somebody has seen it, it does not."""
    sleeper = make_store(lease=0.5)
    await put(sleeper, "first")
    lease = sleeper._lease
    assert lease is not None and lease._task is not None
    lease._task.cancel()  # as if the process did not run
    await asyncio.sleep(0.5)
    await put(sleeper, "unnoticed")
    cosmos_peer.sleep(10)
    assert not await store.owner_alive(sleeper.owner)
    lease._renewed = (0.0, 0.0)
    with pytest.raises(StoreError, match="not heard of for"):
        await put(sleeper, "never")
    assert not await sleeper.owner_alive(sleeper.owner)
    assert await kept(sleeper) == ["first", "unnoticed"]
    await sleeper.close()
    await sleeper.open()
    await put(sleeper, "a new owner")
    assert await kept(store) == ["first", "unnoticed", "a new owner"]


async def test_a_write_sent_in_the_belief_of_a_lease_meets_what_others_wrote(
    cosmos_peer: Peer, make_store: MakeStore, store: CosmosStore
) -> None:
    sleeper = make_store()
    step = a_step()
    await sleeper.write("ann", "s", [Change(step, 0)])
    cosmos_peer.sleep(100)
    assert not await store.owner_alive(sleeper.owner)
    await store.write("ann", "s", [Change(step.model_copy(), 1)])
    with pytest.raises(Conflict):
        await sleeper.write("ann", "s", [Change(step, 1)])


async def test_a_renewal_whose_answer_was_lost_is_no_loss(cosmos_peer: Peer, make_store: MakeStore) -> None:
    store = make_store(lease=0.3)
    await store.open()
    cosmos_peer.fail("drop_after", kind="replace", times=1)
    before = store.requests["lease"]
    await until(lambda: store.requests["lease"] >= before + 4)
    await put(store, "alive")
    assert await store.owner_alive(store.owner)


async def test_a_renewal_that_arrives_late_is_no_loss(
    cosmos_peer: Peer, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was given up, and comes between the look at the lease and the renewal after that."""
    store = make_store()
    await store.open()
    lease = store._lease
    assert lease is not None
    etag = lease._etag
    await lease._renew()
    lease._etag, call, calls = etag, lease._connection.call, 0

    async def late(work: Any) -> Any:
        nonlocal calls
        calls += 1
        found = await call(work)
        if calls == 2:  # the look: the one before was refused
            await call(lambda container: container.upsert_item(lease._item()))
        return found

    with monkeypatch.context() as slow:
        slow.setattr(lease._connection, "call", late)
        await lease._renew()
    assert calls == 5 and not lease.is_lost
    await put(store, "alive")


async def test_an_unreachable_service_loses_no_lease_that_nobody_took(
    cosmos_peer: Peer, make_store: MakeStore
) -> None:
    store = make_store(lease=0.3)
    await store.open()
    assert store._lease is not None
    cosmos_peer.forget()
    cosmos_peer.fail("drop")
    await until(lambda: cosmos_peer.requests("replace"))
    store._lease._renewed = (0.0, 0.0)  # as if that had gone on for long
    with pytest.raises(StoreError):
        await put(store, "lost")
    cosmos_peer.heal()
    await put(store, "back")
    assert await kept(store) == ["back"]
