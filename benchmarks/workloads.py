"""What is measured, and how: contenders take turns, so that a machine that slows down slows all of them."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from pydantic import BaseModel

from benchmarks.contenders import Bare, Contender, Floor, Ours
from macae.memory.store import ANY, Change
from macae.models import Plan, Session, Step

__all__ = ["CONTENDERS", "Figure", "at_once", "growth", "reopening", "sequential", "sessions", "stored"]

CONTENDERS: list[type[Contender]] = [Floor, Bare, Ours]
STEPS = 6


class Figure(BaseModel):
    """Median and range of several runs."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Figure:
        """Of these runs."""
        return cls(
            median=round(statistics.median(values), 3), low=round(min(values), 3), high=round(max(values), 3)
        )


async def timed(work: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


async def in_turn(
    rounds: int, work: Callable[[Contender], Awaitable[None]], *, delay: float = 0.0, share: int = 1
) -> dict[str, list[float]]:
    """Milliseconds (a `share`th of each run) for each contender, round by round."""
    figures: dict[str, list[float]] = {kind.name: [] for kind in CONTENDERS}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        contenders = [kind() for kind in CONTENDERS]
        for contender in contenders:
            await contender.open(Path(folder), delay=delay)
            await work(contender)
        for _ in range(rounds):
            for contender in contenders:
                figures[contender.name].append(await timed(partial(work, contender)) / share)
        for contender in contenders:
            await contender.close()
    return figures


async def sequential(rounds: int) -> dict[str, list[float]]:
    """Milliseconds a step: a plan of six, one after the other, a model of zero latency, every approval durable."""
    return await in_turn(rounds, lambda c: c.plan(STEPS), share=STEPS)


async def at_once(rounds: int) -> dict[str, list[float]]:
    """Milliseconds for six independent steps approved at once, two model calls of 50 ms each: the ideal is 100."""
    return await in_turn(rounds, lambda c: c.plan(STEPS, at_once=True), delay=0.05)


async def reopening(rounds: int) -> dict[str, list[float]]:
    """Milliseconds to open what is stored and read a paused plan of six."""
    figures: dict[str, list[float]] = {}
    for kind in CONTENDERS:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            contender = kind()
            await contender.open(Path(folder))
            key = await contender.pause(STEPS)
            await contender.load(Path(folder), key)
            figures[kind.name] = [
                await timed(partial(contender.load, Path(folder), key)) for _ in range(rounds)
            ]
            await contender.close()
    return figures


async def stored(plans: int) -> dict[str, list[float]]:
    """Kilobytes stored a plan of six, everything included."""
    figures: dict[str, list[float]] = {}
    for kind in CONTENDERS:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            contender = kind()
            await contender.open(Path(folder))
            for _ in range(plans):
                await contender.plan(STEPS)
            await contender.close()
            figures[kind.name] = [size_of(Path(folder)) / plans / 1024]
    return figures


def size_of(folder: Path) -> int:
    """Bytes of all databases in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*.db*"))


def sessions(count: int, rounds: int) -> dict[str, tuple[list[float], list[float]]]:
    """Seconds for so many sessions of six steps at the same time, and peak megabytes: each in a process of its own."""
    figures: dict[str, tuple[list[float], list[float]]] = {kind.name: ([], []) for kind in CONTENDERS}
    for _ in range(rounds):
        for kind in CONTENDERS:
            command = [sys.executable, "-m", "benchmarks.crowd", kind.__name__, str(count)]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            figures[kind.name][0].append(told["seconds"])
            figures[kind.name][1].append(told["megabytes"])
    return figures


async def growth(rounds: int, quick: bool) -> dict[str, dict[int, float]]:
    """The engine's milliseconds a step, as plans, teams and stores get bigger."""
    steps, tools, rows = (
        ((10, 300), (5, 200), (10, 1_000)) if quick else ((10, 100, 1_000), (5, 50, 500), (10, 1_000, 10_000))
    )
    grown: dict[str, dict[int, list[float]]] = {
        "steps in the plan": {n: [] for n in steps},
        "tools of the team": {n: [] for n in tools},
        "stored sessions": {n: [] for n in rows},
    }
    for _ in range(rounds):
        for number in steps:
            grown["steps in the plan"][number].append(await cost(steps=number))
        for number in tools:
            grown["tools of the team"][number].append(await cost(tools=number))
        for number in rows:
            grown["stored sessions"][number].append(await cost(rows=number))
    return {
        direction: {number: round(statistics.median(values), 3) for number, values in found.items()}
        for direction, found in grown.items()
    }


async def cost(steps: int = STEPS, tools: int = 1, rows: int = 0) -> float:
    """Milliseconds a step in a world of that size."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        ours = Ours()
        await ours.open(Path(folder), tools=tools)
        for start in range(0, rows, 200):
            await asyncio.gather(*(fill(ours, n) for n in range(start, min(start + 200, rows))))
        await ours.plan(STEPS)
        repeats = max(1, 60 // steps)
        spent = [await timed(lambda: ours.plan(steps)) / steps for _ in range(repeats)]
        await ours.close()
    return statistics.median(spent)


async def fill(ours: Ours, number: int) -> None:
    """One more stored session, with a plan of six."""
    session, user = f"old-{number}", ours.engine.user_id
    plan = Plan(session_id=session, user_id=user, initial_goal="Bake")
    steps = [
        Step(session_id=session, user_id=user, plan_id=plan.id, index=i, action="Bake.", agent="BakerAgent")
        for i in range(STEPS)
    ]
    row = Session(id=session, session_id=session, user_id=user)
    await ours.engine.store.write(user, session, [Change(item, ANY) for item in (row, plan, *steps)])
