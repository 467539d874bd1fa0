"""Plans rebuilt from events alone, also where not every write was told."""

from __future__ import annotations

from typing import Any

from macae.models import Event, EventType
from macae.models.base import new_id
from macae.monitoring.changes import difference
from macae.monitoring.rebuilding import rebuild
from tests.engine.conftest import Ledger, Make
from tests.support.scripted import planned

BAKE = planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat", "quantity": 12}})
CLOCK: Any = {"ts": True, "steps": {"__all__": {"ts"}}}


async def test_a_document_told_as_a_whole_stands_for_all_before_it(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    plan = await engine.submit("Bake")
    events = await engine.session_events(plan.session_id)
    step = plan.steps[0].model_copy(update={"version": 7, "task": "Bake by hand."})
    whole = {step.id: difference(None, step, 7)}
    late = Event(
        seq=events[-1].seq + 1,
        type=EventType.document_changed,
        session_id=plan.session_id,
        user_id=new_id(),
        changes=whole,
    )
    [rebuilt] = rebuild([*events, late])
    assert rebuilt.steps[0].model_dump(exclude={"ts"}) == step.model_dump(exclude={"ts"})
    assert "whole" not in rebuilt.steps[0].model_dump()
