"""The stores under the contract. Another store joins by adding its factory to FACTORIES."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from macae.memory import SQLiteStore, Store
from macae.models import Plan, Step
from tests.cosmos.peer import Peer

OpenStore = Callable[[], Awaitable[Store]]


def sqlite_factory(request: pytest.FixtureRequest, folder: Path) -> Callable[[], Store]:
    return lambda: SQLiteStore(folder / "store.db")


def cosmos_factory(request: pytest.FixtureRequest, folder: Path) -> Callable[[], Store]:
    from macae.memory.cosmos import CosmosStore

    peer: Peer = request.getfixturevalue("cosmos_peer")
    database: str = request.getfixturevalue("cosmos_database")
    return lambda: CosmosStore(endpoint=peer.endpoint, key=peer.key, database=database)


FACTORIES = {"cosmos": cosmos_factory, "sqlite": sqlite_factory}
"""Each is given a test's request and folder, and gives what makes a store, again and again, on the same data."""


@pytest.fixture(params=sorted(FACTORIES))
async def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Gives stores, each opened anew on the same data, and closes them."""
    make = FACTORIES[request.param](request, tmp_path)
    async with AsyncExitStack() as opened:

        async def open_one() -> Store:
            store = make()
            opened.push_async_callback(store.close)
            await store.open()
            return store

        yield open_one


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store()


@pytest.fixture
def plan() -> Plan:
    return Plan(session_id="s", user_id="ann", initial_goal="Onboard Jessica Smith")


@pytest.fixture
def step(plan: Plan) -> Step:
    return Step(
        plan_id=plan.id, session_id="s", user_id="ann", index=1, action="Assign a mentor", agent="HrAgent"
    )
