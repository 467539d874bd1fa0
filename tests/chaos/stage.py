"""One process's share of a plan's life: judge what the one before has left, reopen, lead the plan on, perhaps die.

Run as `python -m tests.chaos.stage '{"home": …, "fatal": …}'` it is a process started cold.
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from pathlib import Path

from tests.chaos import points, till
from tests.chaos.judge import after_death, asked, at_the_end, said
from tests.chaos.life import SESSION, known, lead, shop


async def go_on(home: Path, fatal: points.Fatal | None, cancels: bool) -> None:
    """Live one stage. What is found wrong is said."""
    spoken = home / "said.jsonl"
    words = said(spoken)
    mine = points.Points(spoken, fatal)
    points.use(mine)
    till.keep(home / "book.db")
    engine = shop(home)
    problems, expected = await after_death(home, engine.user_id, words)
    points.watch_store()
    async with engine:
        if expected:
            plan = (await engine.resume(SESSION))[-1]
            problems += asked(plan, expected)
        elif await known(engine):
            await engine.resume(SESSION)
        for problem in problems:
            mine.say("problem", text=problem)
        plan = await lead(engine, cancels)
        for problem in await at_the_end(engine, home, plan, cancels):
            mine.say("problem", text=problem)
    mine.say("end", points=mine.names)


def live(home: Path, fatal: points.Fatal | None, cancels: bool = False) -> int:
    """Live one stage in this process; gives its exit code."""
    try:
        asyncio.run(go_on(home, fatal, cancels))
    except BaseException:
        text = traceback.format_exc()
        points.points().say("problem", text=text)
        return 1
    return 0


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    sys.exit(live(Path(given["home"]), given["fatal"]))
