"""`python -m benchmarks.stores`: what the two stores cost as they grow, and what a plan costs in requests to Cosmos DB.

Cosmos DB is the tests' peer on this machine: its milliseconds say nothing about Azure, where each request takes some 5 to 20.
What counts there is how many requests are made, and that what is asked does not grow with what is stored.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from macae import Engine, Settings
from macae.memory import Change, SQLiteStore, Store
from macae.memory.cosmos import CosmosStore
from macae.models import AgentMessage, Event, EventType, Plan, Session, Step
from tests.cosmos.install import NoNode
from tests.cosmos.peer import Peer

USER = "bench"
STEPS = 6
ROUNDS = 40

Make = Callable[[], Store]


async def median(rounds: int, work: Callable[[int], Awaitable[object]]) -> float:
    """Milliseconds."""
    spent = []
    for number in range(rounds):
        began = time.perf_counter()
        await work(number)
        spent.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(spent), 2)


async def fill(store: Store, number: int) -> None:
    """One more session, with a plan of six."""
    session = f"s{number}"
    plan = Plan(id=f"p{number}", session_id=session, user_id=USER, initial_goal="Bake")
    steps = [
        Step(session_id=session, user_id=USER, plan_id=plan.id, index=i, action="Bake.", agent="BakerAgent")
        for i in range(STEPS)
    ]
    documents = [Session(id=session, session_id=session, user_id=USER), plan, *steps]
    await store.write(USER, session, [Change(document, 0) for document in documents])


async def say(store: Store, size: int, number: int) -> None:
    """A message and an event, durable."""
    session = f"s{number * 7919 % size}"
    message = AgentMessage(session_id=session, user_id=USER, content="x" * 200, source="bench")
    event = Event(type=EventType.message, session_id=session, user_id=USER, text="x" * 100)
    await store.write(USER, session, [Change(message, 0)], [event])


async def look(store: Store, size: int, number: int) -> None:
    """A session's plan and steps."""
    own = number * 104729 % size
    await store.get(Plan, f"p{own}", user_id=USER, session_id=f"s{own}")
    found = await store.find(Step, user_id=USER, session_id=f"s{own}", plan_id=f"p{own}")
    assert len(found) == STEPS


async def page(store: Store, number: int) -> None:
    """The newest sessions."""
    assert (await store.sessions(user_id=USER, limit=10)).items


def asked(store: Store) -> int:
    """Requests so far, leases left out."""
    return store.requests.total() - store.requests["lease"] if isinstance(store, CosmosStore) else 0


async def grown(make: Make, sizes: list[int]) -> dict[int, dict[str, float]]:
    """Milliseconds by number of stored sessions."""
    figures: dict[int, dict[str, float]] = {}
    store, done = make(), 0
    await store.open()
    for size in sizes:
        for start in range(done, size, 50):
            await asyncio.gather(*(fill(store, n) for n in range(start, min(start + 50, size))))
        done = size
        fresh = make()  # it has nothing in its read cache
        await fresh.open()
        await say(fresh, size, ROUNDS)
        works: dict[str, tuple[Store, int, Callable[[int], Awaitable[object]]]] = {
            "a durable write": (store, ROUNDS, partial(say, store, size)),
            "a session read": (fresh, min(ROUNDS, size), partial(look, fresh, size)),
            "the newest ten sessions": (fresh, 10, partial(page, fresh)),
        }
        figures[size] = {}
        for name, (used, rounds, work) in works.items():
            before = asked(used)
            figures[size][name] = await median(rounds, work)
            if isinstance(used, CosmosStore):
                figures[size][f"{name}, requests"] = round((asked(used) - before) / rounds, 2)
        await fresh.close()
    await store.close()
    return figures


async def a_plan(make: Callable[[], CosmosStore], home: Path) -> dict[str, int]:
    """Requests of one plan of six steps, by kind: planned, approved one by one, run to its end."""
    async with make() as store, Engine(store=store, settings=Settings(home=home, _env_file=None)) as engine:
        before = store.requests.copy()
        plan = await engine.submit("Onboard a new employee, Jessica Smith.")
        for step in plan.steps:
            await engine.approve(step)
            plan = await engine.wait(plan)
        spent = store.requests - before
        del spent["lease"]
        return dict(spent)


async def measure(quick: bool) -> dict[str, Any]:
    """All figures of both stores; those of Cosmos DB only where node is there."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        sizes = [10, 1_000] if quick else [10, 1_000, 10_000]
        figures: dict[str, Any] = {"SQLite": await grown(lambda: SQLiteStore(home / "bench.db"), sizes)}
        try:
            peer = Peer().start()
        except NoNode as reason:
            return figures | {"Cosmos DB": str(reason)}
        try:
            for partition in ("session", "user_session"):

                def make(partition: Any = partition) -> CosmosStore:
                    return CosmosStore(
                        endpoint=peer.endpoint, key=peer.key, container=partition, partition=partition
                    )

                figures[f"requests a plan, divided by {partition}"] = await a_plan(make, home / partition)
            figures["Cosmos DB"] = await grown(make, [10, 100] if quick else [10, 100, 1_000])
        finally:
            peer.stop()
        return figures


def main() -> None:
    """Measure and say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stores", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller stores, within a minute")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.quick)), indent=1))


if __name__ == "__main__":
    sys.exit(main())
