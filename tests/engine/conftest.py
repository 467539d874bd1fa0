"""A small team whose tools keep a ledger of their own: what really ran, on whose behalf."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from macae import AgentSpec, Engine, Settings, Team
from macae.errors import ToolRefused
from macae.tools import current_call, tool
from tests.support.scripted import Script, ScriptedClient, obedient

Ledger = list[dict[str, Any]]
_ledger: Ledger = []


def note(name: str, **arguments: Any) -> None:
    call = current_call()
    _ledger.append({"tool": name, "arguments": arguments, "step": call.step_id if call else None, "key": call.key if call else None})  # fmt: skip


@tool(effect="change")
async def bake(kind: str, quantity: int = 1) -> str:
    """Bake cookies."""
    note("bake", kind=kind, quantity=quantity)
    return f"baked {quantity} {kind}"


@tool(effect="read")
async def look(shelf: str = "top") -> str:
    """Look at a shelf."""
    note("look", shelf=shelf)
    return f"nothing on {shelf}"


@tool(effect="change")
async def sell(kind: str) -> str:
    """Sell cookies."""
    note("sell", kind=kind)
    return f"sold {kind}"


@tool(effect="change")
async def burn(kind: str) -> str:
    """Burn cookies; always refused."""
    note("burn", kind=kind)
    raise ToolRefused("we do not burn cookies")


@tool(effect="change")
async def wait_long(kind: str) -> str:
    """Work for an hour."""
    note("wait_long", kind=kind)
    await asyncio.sleep(3600)
    return "done"


TEAM = Team(
    [
        AgentSpec("BakerAgent", "You bake.", [bake, look, burn, wait_long]),
        AgentSpec("ShopAgent", "You sell.", [sell]),
    ],
    name="Bakery",
)


def client_of(engine: Engine) -> ScriptedClient:
    """The scripted client that the engine was given."""
    client = engine._given_model
    assert isinstance(client, ScriptedClient)
    return client


@pytest.fixture
def ledger() -> Ledger:
    """What the tools did in this test."""
    _ledger.clear()
    return _ledger


Make = Callable[..., Engine]


@pytest.fixture
async def make(tmp_path: Path, ledger: Ledger) -> AsyncIterator[Make]:
    """Makes engines on one store with a scripted model (a plan's text, or a script); closes them."""
    made: list[Engine] = []

    def build(
        script: Script | str,
        *,
        home: Path | None = None,
        settings: dict[str, Any] | None = None,
        **parts: Any,
    ) -> Engine:
        client = ScriptedClient(obedient(script) if isinstance(script, str) else script)
        options = Settings(home=home or tmp_path, **(settings or {}))
        engine = Engine(settings=options, model=client, team=parts.pop("team", TEAM), **parts)
        made.append(engine)
        return engine

    yield build
    for engine in made:
        await engine.close(0)
