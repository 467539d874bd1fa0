"""A bakery: a team whose tools are slow, hostile or obedient at a test's wish, and the engine that runs it.

Tests use it in their own process, and notebooks that tests write use it in their kernels.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from macae import AgentSpec, Engine, Settings, Team
from macae.errors import ToolRefused
from macae.models import PlanWithSteps
from macae.tools import tool
from tests.support.scripted import ScriptedClient, obedient, planned

EVIL = "<img src=x onerror=\"window.hacked='yes'\"><script>window.hacked='yes'</script>&amp;"


@tool(effect="change")
async def bake(kind: str, quantity: int = 1) -> str:
    """Bake cookies."""
    return f"Baked {quantity} {kind} cookies."


@tool(effect="change")
async def sell(kind: str) -> str:
    """Sell cookies."""
    return f"Sold the {kind} cookies."


@tool(effect="change")
async def wait_long(kind: str) -> str:
    """Work for an hour."""
    await asyncio.sleep(3600)
    return "done"


@tool(effect="change")
async def burn(kind: str) -> str:
    """Burn cookies; always refused."""
    raise ToolRefused("We do not burn cookies.")


@tool(effect="read")
async def taste(kind: str) -> str:
    """Taste cookies; the answer is hostile."""
    return f"{kind} taste like {EVIL}"


TEAM = Team(
    [
        AgentSpec(
            "BakerAgent",
            "You bake.",
            [bake, taste, burn, wait_long],
            quick_tasks=["Bake 12 oat cookies and sell them."],
            icon="birthday-cake",
        ),
        AgentSpec("ShopAgent", "You sell.", [sell], icon="shopping-basket"),
    ],
    name="Bakery",
)
BAKE = {"agent": "BakerAgent", "action": "Bake 12 oat cookies.", "function": "bake", "args": {"kind": "oat", "quantity": 12}}  # fmt: skip
SELL = {"agent": "ShopAgent", "action": "Sell the oat cookies.", "function": "sell", "args": {"kind": "oat"}}
SLOW = {
    "agent": "BakerAgent",
    "action": "Bake a wedding cake.",
    "function": "wait_long",
    "args": {"kind": "cake"},
}
BURN = {"agent": "BakerAgent", "action": "Burn the cookies.", "function": "burn", "args": {"kind": "oat"}}
TASTE = {"agent": "BakerAgent", "action": f"Taste {EVIL}", "function": "taste", "args": {"kind": EVIL}}
MINE = {"agent": "HumanAgent", "action": "Say which colour the box is to have."}
TWO = planned(BAKE, SELL)


def ask_first(prompt: str) -> str:
    """A planner that wants to know the kind before it plans anything."""
    if "Answer:" not in prompt:
        return planned(human_clarification_request="Which kind?")
    return TWO


def bakery(home: Path | str, plan: Any = TWO, **settings: Any) -> Engine:
    """An engine whose planner gives this plan (a text, or a function of the prompt) and whose agents do as approved."""
    options = Settings(home=Path(home), _env_file=None, **settings)  # type: ignore[call-arg]
    return Engine(settings=options, model=ScriptedClient(obedient(plan)), team=TEAM)


async def stored(home: Path | str) -> PlanWithSteps:
    """The newest plan below `home`, as another process finds it."""
    async with bakery(home) as engine:
        newest = (await engine.sessions()).items[0]
        return (await engine.plans(newest.session_id))[-1]
