"""Whatever the goal, the model and the person do: no tool runs before its yes, and the audit trail agrees with the tools' ledger."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from autogen_core.models import FunctionExecutionResultMessage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from macae import Engine, Settings
from macae.errors import Conflict, InvalidInput, NotAllowed
from macae.models import EventType, PlanStatus, Step, StepStatus
from macae.monitoring.rebuilding import rebuild
from tests.engine.conftest import TEAM, Ledger, _ledger
from tests.support.scripted import ScriptedClient, approved_call, planned

KINDS = st.sampled_from(["oat", "rye", "nut"])
CALLS = st.one_of(
    st.builds(lambda k, q: ("bake", {"kind": k, "quantity": q}), KINDS, st.integers(1, 3)),
    st.builds(lambda k: ("sell", {"kind": k}), KINDS),
    st.builds(lambda k: ("burn", {"kind": k}), KINDS),
    st.just(("look", {})),
)
AGENT_OF = {"bake": "BakerAgent", "look": "BakerAgent", "burn": "BakerAgent", "sell": "ShopAgent"}
BOUND = st.builds(
    lambda call, bound, deps: {
        "agent": AGENT_OF[call[0]],
        "action": f"Do it with {call[0]}.",
        **({"function": call[0], "args": call[1]} if bound else {}),
        "depends_on": deps,
    },
    CALLS,
    st.booleans(),
    st.sampled_from([None, []]),
)
TURN = st.one_of(st.just("obey"), st.just("text"), st.just("boom"), st.lists(CALLS, min_size=1, max_size=3))
ACTS = st.tuples(
    st.sampled_from(
        ["approve", "approve", "approve", "reject", "edit", "retry", "skip", "approve_all", "wait", "cancel"]
    ),
    st.integers(0, 5),
    CALLS,
)


class Unruly:
    """A model that does what the example says, turn by turn."""

    plan = ""
    turns: list[Any] = []  # noqa: RUF012  # set anew for each example

    def __call__(self, messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is not None:
            return self.plan
        turn = self.turns.pop(0) if self.turns else "obey"
        if turn == "boom":
            raise RuntimeError("the model broke")
        if turn == "obey" and not isinstance(messages[-1], FunctionExecutionResultMessage):
            call = approved_call(messages)
            return [call] if call else "Nothing to call."
        return turn if isinstance(turn, list) else "That is all."


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Engine, Unruly]]:
    model = Unruly()
    home: Path = tmp_path_factory.mktemp("home")
    with asyncio.Runner() as runner:
        engine = Engine(settings=Settings(home=home), model=ScriptedClient(model), team=TEAM)
        runner.run(engine.start())
        yield runner, engine, model
        runner.run(engine.close(0))


def shown(step: Step) -> str:
    """The call that the person sees when saying yes."""
    call = step.pending_call
    name, arguments = (call.tool, call.arguments) if call else (step.function, step.arguments)
    return json.dumps([step.id, name, full(name, arguments)], sort_keys=True)


def full(name: str | None, arguments: dict[str, Any] | None) -> Any:
    """The arguments with the default that calls are stored without."""
    return {"quantity": 1, **(arguments or {})} if name == "bake" and arguments is not None else arguments


async def act(engine: Engine, plan_id: str, kind: str, number: int, call: Any, yeses: list[str]) -> None:
    """One thing that a person does."""
    plan = await engine.plan(plan_id)
    if kind == "wait":
        await engine.wait(plan, timeout=10)
        return
    if kind == "cancel":
        if number == 0:
            await engine.cancel(plan)
        return
    if kind == "approve_all":
        waiting = {step.id: step for step in plan.steps}
        now = await engine.approve_all(plan)
        yeses += [shown(waiting[step.id]) if waiting[step.id].hash == step.approval.hash else shown(step) for step in now if step.approval]  # fmt: skip
        return
    step = plan.steps[number % len(plan.steps)]
    if kind == "approve":
        if step.status is StepStatus.awaiting_feedback:
            yeses.append(shown(step))
        await engine.approve(step)
    elif kind == "edit" and AGENT_OF[call[0]] == step.agent:
        await engine.edit(step, f"Rather {call[0]}.", function=call[0], arguments=call[1])
    elif kind in ("reject", "retry", "skip"):
        await getattr(engine, kind)(step)


async def play(engine: Engine, model: Unruly, steps: Any, turns: Any, acts: Any) -> None:
    model.plan, model.turns = planned(*steps), list(turns)
    _ledger.clear()
    plan = await engine.submit("Do what the example says")
    yeses: list[str] = []
    for kind, number, call in acts:
        with contextlib.suppress(NotAllowed, Conflict, InvalidInput):
            await act(engine, plan.id, kind, number, call, yeses)
    plan = await engine.wait(plan, timeout=10)
    judge(list(_ledger), yeses, plan.steps, await engine.trail(plan))
    [rebuilt] = rebuild(await engine.session_events(plan.session_id))
    clock = {"ts": True, "steps": {"__all__": {"ts"}}}
    assert rebuilt.model_dump(exclude=clock) == plan.model_dump(exclude=clock)
    if plan.overall_status is PlanStatus.completed:
        assert any(step.status is StepStatus.completed for step in plan.steps)


def judge(ledger: Ledger, yeses: list[str], steps: list[Step], trail: list[Any]) -> None:
    said_yes_to = {json.loads(yes)[0] for yes in yeses}
    for entry in ledger:
        if entry["tool"] == "look":
            assert entry["step"] in said_yes_to
        else:
            assert json.dumps([entry["step"], entry["tool"], entry["arguments"]], sort_keys=True) in yeses, (
                entry
            )
    started = [e for e in trail if e.type is EventType.tool_started]
    begun, ran = (
        Counter((e.data["key"], e.data["tool"]) for e in started),
        Counter((x["key"], x["tool"]) for x in ledger),
    )
    assert not ran - begun, "a tool ran that the audit trail does not know"
    records = {call.key: call for step in steps for call in step.calls}
    for key, _ in begun - ran:  # stopped after it was written down and before it ran: then it says so
        assert records[key].state != "completed"
    for event in started:
        assert any(
            e.type is EventType.step_approved and e.step_id == event.step_id and e.seq < event.seq
            for e in trail
        )
    changing = [x["key"] for x in ledger if x["tool"] in ("bake", "sell")]
    assert len(changing) == len(set(changing)), "a call that had its effect was made twice"


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(BOUND, min_size=1, max_size=5),
    st.lists(TURN, max_size=8),
    st.lists(ACTS, min_size=1, max_size=12),
)
def test_no_tool_runs_before_its_yes(world: Any, steps: Any, turns: Any, acts: Any) -> None:
    runner, engine, model = world
    runner.run(play(engine, model, steps, turns, acts))
