"""`python -m benchmarks`: what a step costs, beside the floor of plain asyncio and sqlite3 with the same commits.

Both run in turn in one process, so that a machine that slows down slows both; the ratio is the figure to quote.
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
from pathlib import Path

from benchmarks.bakery import TEAM, InstantModel
from benchmarks.floor import Floor
from macae import Engine, Settings

STEPS = 6


async def timed(work: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


async def run_plan(engine: Engine) -> None:
    """Submit, approve one step after the other, wait for the end."""
    plan = await engine.submit("Bake")
    for step in plan.steps:
        await engine.approve(step)
    await engine.wait(plan)


async def measure(rounds: int) -> dict[str, list[float]]:
    """Milliseconds a plan of six steps, in turn: the floor, the engine."""
    figures: dict[str, list[float]] = {"floor": [], "engine": []}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        floor = Floor(Path(folder) / "floor.db")
        async with Engine(
            settings=Settings(home=Path(folder)), model=InstantModel(STEPS), team=TEAM
        ) as engine:
            await run_plan(engine)
            for _ in range(rounds):
                figures["floor"].append(await timed(lambda: floor.run(STEPS)))
                figures["engine"].append(await timed(lambda: run_plan(engine)))
        floor.close()
    return figures


def main() -> None:
    """Measure and say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--quick", action="store_true", help="a few rounds, under a minute")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    options = parser.parse_args()
    figures = asyncio.run(measure(5 if options.quick else options.rounds))
    ratios = [ours / floor for ours, floor in zip(figures["engine"], figures["floor"], strict=True)]
    summary = {
        **{
            f"{name}_ms_a_step": spread([value / STEPS for value in values])
            for name, values in figures.items()
        },
        "ratio": spread(ratios),
    }
    if options.json:
        print(json.dumps(summary))
        return
    print(
        f"{'':24}{'median':>8}{'min':>8}{'max':>8}   (plan of {STEPS} steps, model of zero latency, every approval durable)"
    )
    for name, (middle, low, high) in summary.items():
        print(f"{name.replace('_', ' '):24}{middle:8.2f}{low:8.2f}{high:8.2f}")


def spread(values: list[float]) -> tuple[float, float, float]:
    """Median, smallest, largest."""
    return round(statistics.median(values), 3), round(min(values), 3), round(max(values), 3)


if __name__ == "__main__":
    sys.exit(main())
