"""`python -m benchmarks.sinks`: what sinks cost a run: engines with none, with all local ones, with one that hangs, with one that fails.

The engines take turns in one process, plan by plan, each time in another order. After each plan its sinks write what they have
before the next engine's turn, so that none is charged with another's work; the processor time of that writing counts too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.bakery import InstantModel, given_plan, team_of
from benchmarks.tables import put_between, said
from benchmarks.workloads import Figure
from macae import Engine, Settings
from macae.models import Event, PlanStatus
from macae.monitoring.sinks import Sink

BEGIN = "<!-- sinks: made by `python -m benchmarks.sinks --write` -->"
END = "<!-- end of sinks -->"
STEPS = 24


class Hanging:
    """Never comes back from its first write."""

    name = "hanging"

    def write(self, events: Sequence[Event]) -> None:
        """Hang."""
        threading.Event().wait()

    def close(self) -> None:
        """Nothing to close."""


class Failing:
    """Refuses every event."""

    name = "failing"

    def write(self, events: Sequence[Event]) -> None:
        """Fail."""
        raise ConnectionError("nobody answers")

    def close(self) -> None:
        """Nothing to close."""


class Run:
    """An engine with some sinks."""

    def __init__(self, name: str, folder: Path, named: str = "", more: Sequence[Sink] = ()) -> None:
        self.name, self.steps, self.in_a_row = name, STEPS, True
        self.engine = Engine(
            settings=Settings(home=folder, sinks=named, _env_file=None),
            model=InstantModel(),
            team=team_of(1),
            planner=given_plan(self),
            sinks=more,
        )
        self.wall: list[float] = []
        self.cpu: list[float] = []
        self.events: list[int] = []

    def is_writing(self) -> bool:
        """Whether a sink that works has something left."""
        return any(
            health.waiting for health in self.engine.sink_health() if health.name in ("ndjson", "trace")
        )

    async def plan(self, measured: bool = True) -> None:
        """One plan: its milliseconds a step, and those of the processor with all that the sinks write afterwards."""
        seen = [0]

        def count(event: Event) -> None:
            seen[0] += 1

        forget = self.engine.subscribe(count)
        began, burnt = time.perf_counter(), time.process_time()
        plan = await self.engine.submit("Bake")
        for step in plan.steps:
            await self.engine.approve(step)
        plan = await self.engine.wait(plan)
        took = time.perf_counter() - began
        assert plan.overall_status is PlanStatus.completed, plan
        while self.is_writing():  # noqa: ASYNC110  # a sink's thread tells nobody when it has nothing more
            await asyncio.sleep(0.01)
        spent = time.process_time() - burnt
        forget()
        if measured:
            self.wall.append(took * 1000 / STEPS)
            self.cpu.append(spent * 1000 / STEPS)
            self.events.append(seen[0])


async def measure(rounds: int) -> dict[str, Any]:
    """All figures: milliseconds a step, ratios to the engine without sinks round by round, seconds to close."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        runs = [
            Run("none", folder / "none"),
            Run("`ndjson` and `trace`", folder / "local", "ndjson,trace"),
            Run("one that hangs", folder / "hanging", more=[Hanging()]),
            Run("one that always fails", folder / "failing", more=[Failing()]),
        ]
        for run in runs:
            await run.engine.start()
            await run.plan(measured=False)
        for number in range(rounds):
            for place in range(len(runs)):
                await runs[(number + place) % len(runs)].plan()
        closing: dict[str, float] = {}
        for run in runs:
            began = time.perf_counter()
            await run.engine.close()
            closing[run.name] = round(time.perf_counter() - began, 2)
        written = {run.name: sum(health.written for health in run.engine.sink_health()) for run in runs}
    plain = runs[0]
    return {
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "rounds": rounds,
        "steps": STEPS,
        "events_a_step": round(sum(plain.events) / len(plain.events) / STEPS, 1),
        "ms_a_step": {run.name: Figure.of(run.wall).model_dump() for run in runs},
        "ratio": {run.name: ratio(run.wall, plain.wall) for run in runs[1:]},
        "cpu_ms_a_step": {run.name: Figure.of(run.cpu).model_dump() for run in runs},
        "cpu_ratio": {run.name: ratio(run.cpu, plain.cpu) for run in runs[1:]},
        "s_to_close": closing,
        "written": written,
    }


def ratio(these: list[float], those: list[float]) -> dict[str, float]:
    """Round by round."""
    return Figure.of([a / b for a, b in zip(these, those, strict=True)]).model_dump()


def markdown(figures: dict[str, Any]) -> str:
    """A table, and where it was measured."""
    names = list(figures["ms_a_step"])

    def row(title: str, key: str) -> str:
        cells = [said(figures[key][name]) if name in figures[key] else "1" for name in names]
        return f"| {title} | {' | '.join(cells)} |"

    return "\n".join(
        [
            f"Measured on {figures['machine']}: {figures['rounds']} plans of {figures['steps']} steps each, "
            f"{figures['events_a_step']} events a step; medians, ranges in brackets.",
            "",
            f"| sinks | {' | '.join(names)} |",
            f"|---|{'---|' * len(names)}",
            row("ms a step", "ms_a_step"),
            row("… times an engine without sinks, plan by plan", "ratio"),
            row("processor ms a step, with all that is written after the plan", "cpu_ms_a_step"),
            row("… times an engine without sinks", "cpu_ratio"),
            f"| s to close the engine | {' | '.join(format(figures['s_to_close'][name], '.2f') for name in names)} |",
        ]
    )


def main() -> None:
    """Measure and say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sinks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, within half a minute")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    parser.add_argument("--write", action="store_true", help="also put the table into docs/performance.md")
    options = parser.parse_args()
    figures = asyncio.run(measure(10 if options.quick else 40))
    print(json.dumps(figures, indent=1) if options.json else markdown(figures))
    if options.write:
        put_between(Path("docs/performance.md"), BEGIN, END, markdown(figures))


if __name__ == "__main__":
    sys.exit(main())
