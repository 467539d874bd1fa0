"""As stage.py, with the store in Cosmos DB: `python -m tests.chaos.stage_cosmos '{"home": …, "fatal": …}'`.

Where the store is, the environment says. The process may die around each batch, too.
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from pathlib import Path
from typing import Any

from macae.memory.cosmos import CosmosStore, sending, writer
from tests.chaos import points, till
from tests.chaos.judge import asked, at_the_end, judged, said
from tests.chaos.life import SESSION, known, lead, shop


def watch_batches() -> None:
    """Points before and after each batch."""

    async def watched(*given: Any) -> None:
        points.here("store: before a batch")
        await sending.send(*given)
        points.here("store: after a batch")

    writer.send = watched


async def go_on(home: Path, fatal: points.Fatal | None) -> None:
    """Live one stage. What is found wrong is said."""
    words = said(home / "said.jsonl")
    mine = points.Points(home / "said.jsonl", fatal)
    points.use(mine)
    till.keep(home / "book.db")
    async with shop(home) as engine:
        assert isinstance(engine.store, CosmosStore)
        problems, expected = await judged(engine.store, home, engine.user_id, words)
        watch_batches()
        if expected:
            problems += asked((await engine.resume(SESSION))[-1], expected)
        elif await known(engine):
            await engine.resume(SESSION)
        for problem in problems:
            mine.say("problem", text=problem)
        plan = await lead(engine)
        for problem in await at_the_end(engine, home, plan, cancels=False):
            mine.say("problem", text=problem)
    mine.say("end", points=mine.names)


if __name__ == "__main__":
    told = json.loads(sys.argv[1])
    try:
        asyncio.run(go_on(Path(told["home"]), told["fatal"]))
    except BaseException:
        points.points().say("problem", text=traceback.format_exc())
        sys.exit(1)
