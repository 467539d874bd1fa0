"""The stores under the contract. Another store joins by adding its factory to FACTORIES."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from macae.memory import SQLiteStore, Store
from macae.models import Plan, Step

OpenStore = Callable[[], Awaitable[Store]]


def sqlite_factory(folder: Path) -> Store:
    return SQLiteStore(folder / "store.db")


FACTORIES = {"sqlite": sqlite_factory}


@pytest.fixture(params=sorted(FACTORIES))
async def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Gives stores, each opened anew on the same data, and closes them."""
    async with AsyncExitStack() as opened:

        async def open_one() -> Store:
            store = FACTORIES[request.param](tmp_path)
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
