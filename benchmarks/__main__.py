"""`python -m benchmarks`: what the engine costs, beside plain asyncio and sqlite3 and beside bare AutoGen, in one run."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import sys
from pathlib import Path
from typing import Any

from benchmarks import workloads
from benchmarks.tables import markdown, update


async def measure(quick: bool) -> dict[str, Any]:
    """All figures. Quick: fewer rounds and smaller worlds, within a minute."""
    rounds = 5 if quick else 25
    figure = workloads.Figure.of

    def each(values: dict[str, list[float]]) -> dict[str, Any]:
        return {name: figure(v).model_dump() for name, v in values.items()}

    step = await workloads.sequential(rounds)
    crowd = workloads.sessions(50 if quick else 200, 1 if quick else 3)
    ours, floor = step[workloads.Ours.name], step[workloads.Floor.name]
    return {
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "quick": quick,
        "ms_a_step": each(step),
        "ratio_to_floor": figure([a / b for a, b in zip(ours, floor, strict=True)]).model_dump(),
        "ms_six_at_once": each(await workloads.at_once(max(3, rounds // 3))),
        "sessions": 50 if quick else 200,
        "s_sessions": {name: figure(v[0]).model_dump() for name, v in crowd.items()},
        "peak_mb_sessions": {name: figure(v[1]).model_dump() for name, v in crowd.items()},
        "ms_reopen": each(await workloads.reopening(rounds)),
        "kb_a_plan": each(await workloads.stored(20 if quick else 50)),
        "growth_ms_a_step": await workloads.growth(1 if quick else 3, quick),
    }


def main() -> None:
    """Measure and say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="fewer rounds and smaller worlds, within a minute"
    )
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object")
    parser.add_argument(
        "--write", action="store_true", help="also put the table into docs/performance.md and README.md"
    )
    options = parser.parse_args()
    figures = asyncio.run(measure(options.quick))
    print(json.dumps(figures, indent=1) if options.json else markdown(figures))
    if options.write:
        for file in ("docs/performance.md", "README.md"):
            update(Path(file), figures)


if __name__ == "__main__":
    sys.exit(main())
