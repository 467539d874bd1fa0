"""Log records as JSON lines that say which plan, step and agent they are about, without secrets."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from macae import AgentSpec, Engine, Settings, Team, tool
from macae.models import PlanStatus
from macae.monitoring.logs import json_handler
from tests.support.bakery import BAKE
from tests.support.scripted import ScriptedClient, obedient, planned

log = logging.getLogger("macae.test_logs")


@tool(effect="change")
async def bake(kind: str, quantity: int = 1) -> str:
    """Bake cookies."""
    log.warning("the oven takes %s", "sk-123")
    return "Baked."


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = json_handler(stream, lambda text: text.replace("sk-123", "[key]"))
    above = logging.getLogger("macae")  # a record of a logger below it passes no filter of its own
    above.addHandler(handler)
    yield stream
    above.removeHandler(handler)


async def test_what_is_logged_in_a_tool_says_whose_it_is(tmp_path: Path, lines: io.StringIO) -> None:
    team = Team([AgentSpec("BakerAgent", "You bake.", [bake])], name="Bakery")
    settings = Settings(home=tmp_path, auto_approve=True)
    model = ScriptedClient(obedient(planned(BAKE)))
    async with Engine(settings=settings, model=model, team=team) as engine:
        plan = await engine.wait(await engine.submit("Bake 12 oat cookies."), timeout=30)
    assert plan.overall_status is PlanStatus.completed
    (line,) = lines.getvalue().splitlines()
    told = json.loads(line)
    assert (told["message"], told["level"]) == ("the oven takes [key]", "WARNING")
    assert (told["plan_id"], told["step_id"], told["agent"]) == (plan.id, plan.steps[0].id, "BakerAgent")
    assert len(told["trace_id"]) == 32 and told["timestamp"].endswith("Z")


def test_errors_and_hostile_words_stay_one_clean_line(tmp_path: Path, lines: io.StringIO) -> None:
    try:
        raise ValueError("the key is sk-123")
    except ValueError:
        log.exception("bad\nline \x1b[2J", extra={"agent": "Mine"})
    # Not through the logger: pytest would keep the record, and half a character cannot travel between its processes.
    half = log.makeRecord(log.name, logging.ERROR, __file__, 1, "half \ud800", (), None)
    logging.getLogger("macae").handlers[-1].handle(half)
    first, second = (json.loads(line) for line in lines.getvalue().splitlines())
    assert "the key is [key]" in first["exception"] and "sk-123" not in lines.getvalue()
    assert first["agent"] == "Mine" and "plan_id" not in first and "half" in second["message"]

    def broken(text: str) -> str:
        raise RuntimeError(text)

    handler = json_handler(tmp_path / "log.ndjson", broken)
    logging.getLogger("macae").addHandler(handler)
    log.error("the key is sk-123")
    logging.getLogger("macae").removeHandler(handler)
    handler.close()
    kept = (tmp_path / "log.ndjson").read_text(encoding="utf-8")
    assert "sk-123" not in kept and "could not be cleaned, RuntimeError" in kept
    assert os.name == "nt" or (tmp_path / "log.ndjson").stat().st_mode & 0o777 == 0o600
