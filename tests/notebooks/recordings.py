"""Make the recorded sessions of challenge 8: `python -m tests.notebooks.recordings [NAME …]` runs them in the real engine and writes them.

The offline model answers in no time, and never claims what was not done. So a stand-in around it does, at the places named here, and
the clock is set to what a provider's model takes. All else is what the engine noted. The files go to macae/workshop/props/sessions.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from autogen_core import FunctionCall
from autogen_core.models import CreateResult

from macae import Engine, Settings
from macae.llm.offline import OfflineChatCompletionClient
from macae.llm.prices import cost
from macae.models import Event
from macae.workshop.props.recordings import SESSIONS

TODAY = date(2026, 11, 17)
BEGAN = 1_794_906_000.0
"""Tuesday, 17 November 2026, nine o'clock, as Unix time."""
MODELS = {"PlannerAgent": "gpt-4o", "TechSupportAgent": "contoso-small-2"}
"""By agent; all others ask gpt-4o-mini. The third one is in no price table."""


@dataclass
class Slip:
    """Where a model goes wrong: the goal says one number, the plan another, and the reply claims the first."""

    asked: int
    planned: int
    item: str
    """As the goal has it."""
    name: str
    """As the tool's result has it."""


@dataclass
class Recorded:
    """What happens in a session."""

    goals: Sequence[Sequence[str]]
    """Goals that are in one tuple are worked on at the same time."""
    slips: Sequence[Slip] = ()
    slow: Sequence[int] = ()
    """Which model calls took long, counted from 0."""
    failing: Sequence[str] = ()
    """Goals whose first call fails; the person edits the quantity to 3, and approves again."""
    seed: int = 1


RECORDED = {
    "tuesday": Recorded(
        goals=(
            ("Set up VPN access for Jessica Smith.", "Order 3 monitors for Finance."),
            ("Order 400 projectors for Marketing.",),
            ("Order 12 desks for Sales.", "Order 5 chairs for Marketing."),
            ("Order 15 keyboards for Finance.", "Order 2 laptops for Sales."),
        ),
        slips=(Slip(5, 15, "chair", "Ergo Office Chair"),),
        slow=(4, 8, 9, 10, 16),
        failing=("Order 400 projectors for Marketing.",),
        seed=3,
    ),
    "thursday": Recorded(
        goals=(
            ("Order 20 monitors for Sales.", "Order 2 laptops for Finance."),
            ("Set up VPN access for Jessica Smith.",),
            ("Order 300 projectors for Sales.",),
            ("Order 4 chairs for Finance.",),
        ),
        slips=(Slip(2, 12, "laptop", "Contoso Book 14"),),
        slow=(9, 10),
        failing=("Order 300 projectors for Sales.",),
        seed=5,
    ),
    "friday": Recorded(
        goals=(
            ("Order 6 chairs for Sales.", "Set up VPN access for Jessica Smith."),
            ("Order 500 projectors for Finance.",),
            ("Order 15 desks for Marketing.", "Order 5 monitors for Sales."),
        ),
        slow=(3, 8, 9, 10, 11),
        failing=("Order 500 projectors for Finance.",),
        seed=8,
    ),
}


class Slipping(OfflineChatCompletionClient):
    """The offline model, with a slip of the pen."""

    def __init__(self, slips: Sequence[Slip]) -> None:
        super().__init__()
        self.slips = slips

    async def create(self, messages: Any, **more: Any) -> CreateResult:
        """Answer, and slip where it is said."""
        result = await super().create(messages, **more)
        content: Any = result.content
        if not isinstance(content, str):
            return replace_content(result, content, thought_of(content))
        for slip in self.slips:
            if slip.item in content:
                right = f'"quantity", "value": "{slip.asked}"'
                content = content.replace(right, right.replace(str(slip.asked), str(slip.planned)))
            content = content.replace(f"{slip.planned} x {slip.name}", f"{slip.asked} x {slip.name}")
        return replace_content(result, content, result.thought)


def replace_content(result: CreateResult, content: Any, thought: str | None) -> CreateResult:
    """The result with other words."""
    return result.model_copy(update={"content": content, "thought": thought})


def thought_of(calls: Sequence[FunctionCall]) -> str:
    """What a model may write beside its calls."""
    first = calls[0]
    given = ", ".join(f"{name} {value}" for name, value in json.loads(first.arguments or "{}").items())
    return f"The step was approved. I call {first.name} with {given}."


async def run(what: Recorded, home: Path) -> list[Event]:
    """The session's events, as the engine notes them."""
    settings = Settings(home=home, user="ann", _env_file=None)  # type: ignore[call-arg]
    async with Engine(settings=settings, model=Slipping(what.slips), today=TODAY) as engine:

        async def one(goal: str) -> None:
            plan = await engine.submit(goal, "session")
            await engine.approve_all(plan)
            plan = await engine.wait(plan, timeout=20)
            for step in plan.steps:
                if step.status == "failed" and goal in what.failing:
                    arguments = {**(step.arguments or {}), "quantity": 3}
                    await engine.edit(await engine.retry(step), arguments=arguments)
                    await engine.approve_all(plan.id)
                    plan = await engine.wait(plan, timeout=20)

        for goals in what.goals:
            await asyncio.gather(*(one(goal) for goal in goals))
        return await engine.session_events("session")


def timed(events: Sequence[Event], what: Recorded, name: str) -> list[Event]:
    """The events with a provider's models and times: seconds, tokens as they were."""
    rng = random.Random(what.seed)
    now, calls, told = BEGAN, 0, []
    for event in events:
        if event.type == "reply_checked":  # it would say where the fault is
            continue
        data = dict(event.data)
        if event.type == "model_called":
            slow = calls in what.slow
            calls += 1
            seconds = round(rng.uniform(9, 14) if slow else rng.lognormvariate(0.5, 0.4), 3)
            model = MODELS.get(event.agent, "gpt-4o-mini")
            usd = cost(model, data["prompt_tokens"], data["completion_tokens"])
            data |= {"model": model, "seconds": seconds, "first_token": None, "usd": usd}
            now += seconds
        elif event.type == "tool_finished":
            data["seconds"] = round(rng.uniform(0.05, 0.9), 3)
            now += data["seconds"]
        elif event.type in ("step_approved", "step_edited"):
            now += round(rng.uniform(4, 25), 3)
        elif event.type == "goal_received":
            now += round(rng.uniform(2, 20), 3)
        else:
            now += round(rng.uniform(0.002, 0.02), 3)
        told.append(event.model_copy(update={"data": data, "time": round(now, 3), "session_id": name}))
    return told


def make(name: str) -> None:
    """Run one session, and write its file."""
    what = RECORDED[name]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        events = timed(asyncio.run(run(what, Path(home))), what, name)
    text = "".join(event.model_dump_json() + "\n" for event in events)
    text = text.replace('"session_id":"session"', f'"session_id":"{name}"')
    (SESSIONS / f"{name}.ndjson").write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.write(f"{name}: {len(events)} events, {len(text)} bytes\n")


if __name__ == "__main__":
    for word in sys.argv[1:] or RECORDED:
        make(word)
