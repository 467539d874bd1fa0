"""Random people on several sessions, in two engines on one store, with a model that misbehaves: what must hold, holds."""

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
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from macae import AgentSpec, Engine, Settings, Team
from macae.errors import Conflict, InvalidInput, MacaeError, ModelError, NotAllowed, PlanError
from macae.memory.sqlite.store import SQLiteStore
from macae.models import EventType, Plan, PlanStatus, Step, StepStatus
from macae.models.base import new_id
from macae.models.plans import OPEN_STEP
from macae.tools import tool
from tests.chaos.judge import Left, chat_problems, trail_agrees
from tests.engine.conftest import _ledger, bake, burn, look, note, sell
from tests.support.scripted import ScriptedClient, approved_call, planned

UNDECIDED = {StepStatus.failed, StepStatus.rejected}
REFUSALS = (NotAllowed, Conflict, InvalidInput, PlanError, ModelError)


@tool(effect="change")
async def knead(kind: str) -> str:
    """Knead dough; it takes a moment."""
    note("knead", kind=kind)
    await asyncio.sleep(0.002)
    return f"kneaded {kind}"


TEAM = Team(
    [
        AgentSpec("BakerAgent", "You bake.", [bake, look, burn, knead]),
        AgentSpec("ShopAgent", "You sell.", [sell]),
    ],
    name="Bakery",
)
KINDS = st.sampled_from(["oat", "rye"])
CALLS = st.one_of(
    st.builds(lambda k, q: ("bake", {"kind": k, "quantity": q}), KINDS, st.integers(1, 2)),
    st.builds(lambda k: ("sell", {"kind": k}), KINDS),
    st.builds(lambda k: ("knead", {"kind": k}), KINDS),
    st.builds(lambda k: ("burn", {"kind": k}), KINDS),
    st.just(("look", {})),
)
AGENT_OF = {"sell": "ShopAgent"}


def planned_step(call: Any, bound: bool, deps: list[int] | None) -> dict[str, Any]:
    how = {"function": call[0], "args": call[1]} if bound else {}
    agent = AGENT_OF.get(call[0], "BakerAgent")
    return {"agent": agent, "action": f"Do it with {call[0]}.", "depends_on": deps, **how}


STEPS = st.lists(
    st.builds(planned_step, CALLS, st.sampled_from([True, True, False]), st.sampled_from([None, [], []])),
    min_size=1,
    max_size=4,
)
PLANS = st.one_of(
    st.builds(lambda steps: planned(*steps), STEPS),
    st.builds(lambda steps: planned(*steps, human_clarification_request="Which kind?"), STEPS),
    st.sampled_from([planned(impossible="There is no flour."), "no JSON", "boom"]),
)
GOOD_PLAN = st.builds(lambda steps: planned(*steps), STEPS)
TURNS = st.one_of(
    st.sampled_from(["obey", "obey", "text", "boom", ""]), st.lists(CALLS, min_size=1, max_size=3)
)
DEEDS = st.tuples(
    st.sampled_from(
        [
            "approve",
            "approve",
            "approve",
            "approve_all",
            "approve_all",
            "reject",
            "edit",
            "reword",
            "retry",
            "retry",
            "skip",
            "done",
            "cancel",
            "finish",
            "revise",
            "clarify",
            "clarify",
            "wait",
        ]
    ),
    st.integers(0, 5),
    CALLS,
    st.booleans(),
)
"""What a person does: to which step, with which call, and whether to the step as it was seen long ago."""


class Unruly:
    """A model that does what the example says: a plan for each question of the planner's, a turn for each of an agent's."""

    def __init__(self) -> None:
        self.plans: list[str] = []
        self.turns: list[Any] = []

    def __call__(self, messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is not None:
            return self.broken_or(self.plans.pop(0) if len(self.plans) > 1 else self.plans[0])
        turn = self.turns.pop(0) if self.turns else "obey"
        if turn == "obey" and not isinstance(messages[-1], FunctionExecutionResultMessage):
            call = approved_call(messages)
            return [call] if call else "Nothing to call."
        return self.broken_or("That is all." if turn == "obey" else turn)

    @staticmethod
    def broken_or(answer: Any) -> Any:
        if answer == "boom":
            raise RuntimeError("the model broke")
        return answer


class World:
    """Two engines on one store."""

    def __init__(self, home: Path, runner: asyncio.Runner) -> None:
        self.home, self.runner, self.model = home, runner, Unruly()
        self.engines = [self.engine(), self.engine()]

    def engine(self) -> Engine:
        options: Any = {"home": self.home, "_env_file": None, "max_revisions": 2}
        return Engine(settings=Settings(**options), model=ScriptedClient(self.model), team=TEAM)

    async def quiet(self) -> None:
        """Wait until nothing runs in either engine."""
        while tasks := [task for e in self.engines for live in e.live_sessions for task in live.tasks]:
            await asyncio.wait(tasks, timeout=5)

    async def reopen(self, number: int) -> None:
        """Let go of an engine, whatever it is doing, and open another."""
        await self.engines[number].close(0)
        self.engines[number] = self.engine()


class People(RuleBasedStateMachine):
    """Two sessions with a plan each, and people who decide on them in either engine, at times both at once."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        _ledger.clear()
        self.plans: list[Plan] = []
        self.yeses: Counter[str] = Counter()
        self.given: set[tuple[str, int]] = set()
        self.seen: dict[str, Step] = {}
        self.versions: dict[str, int] = {}

    def run(self, work: Any) -> Any:
        return self.world.runner.run(work)

    @initialize(plans=st.lists(GOOD_PLAN, min_size=2, max_size=2), turns=st.lists(TURNS, max_size=6))
    def begin(self, plans: list[str], turns: list[Any]) -> None:
        self.world.model.turns = list(turns)
        for plan, engine in zip(plans, self.world.engines, strict=True):
            self.world.model.plans = [plan]
            self.plans.append(self.run(engine.submit("Do what the example says", new_id())))

    @rule(plans=st.lists(PLANS, min_size=1, max_size=2), turns=st.lists(TURNS, min_size=1, max_size=4))
    def misbehave(self, plans: list[str], turns: list[Any]) -> None:
        self.world.model.plans, self.world.model.turns = list(plans), list(turns)

    @rule(engine=st.integers(0, 1), plan=st.integers(0, 1), deed=DEEDS)
    def one_acts(self, engine: int, plan: int, deed: Any) -> None:
        self.run(self.act(engine, plan, *deed))

    @rule(plan=st.integers(0, 1), deeds=st.lists(DEEDS, min_size=2, max_size=4), same=st.booleans())
    def several_act_at_once(self, plan: int, deeds: list[Any], same: bool) -> None:
        async def all_at_once() -> None:
            await asyncio.gather(
                *(self.act(0 if same else n % 2, plan, *deed) for n, deed in enumerate(deeds))
            )

        self.run(all_at_once())

    @rule(engine=st.integers(0, 1))
    def an_engine_is_closed_and_opened(self, engine: int) -> None:
        self.run(self.world.reopen(engine))

    async def act(
        self, engine_number: int, plan_number: int, kind: str, number: int, call: Any, old: bool
    ) -> None:
        """One deed; what the rules forbid is refused."""
        engine = self.world.engines[engine_number]
        plan = await engine.plan(self.plans[plan_number])
        now = plan.steps[number % len(plan.steps)] if plan.steps else None
        with contextlib.suppress(*REFUSALS):
            if kind == "wait":
                await engine.wait(plan, timeout=10)
            elif kind in ("cancel", "finish", "revise"):
                if number < 2:
                    await getattr(engine, kind)(plan)
            elif kind == "clarify":
                await engine.clarify(plan, "oat")
            elif kind == "approve_all":
                before = {s.id: s for s in plan.steps}
                for step in await engine.approve_all(plan):
                    # What it was shown as it still says itself, unless it has moved on already.
                    yes = step.approval
                    self.said_yes(before[step.id] if yes is None else step, yes.version if yes else None)
            elif now is not None:
                step = self.seen.setdefault(now.id, now) if old else now
                self.seen[now.id] = now
                await self.decide(engine, kind, step, call)

    async def decide(self, engine: Engine, kind: str, step: Step, call: Any) -> None:
        if kind == "approve":
            await engine.approve(step)
            if step.status is StepStatus.awaiting_feedback:  # approving twice is one yes
                self.said_yes(step)
        elif kind == "edit":
            await engine.edit(step, f"Rather {call[0]}.", function=call[0], arguments=call[1])
        elif kind == "reword":
            await engine.edit(step, f"Rather with {call[0]}.")
        elif kind == "done":
            await engine.done(step, "I looked.")
        else:
            await getattr(engine, kind)(step)

    def said_yes(self, step: Step, version: int | None = None) -> None:
        """Remember a yes that was taken, to a step of this version as it is shown."""
        if (step.id, version or step.version) not in self.given:
            self.given.add((step.id, version or step.version))
            call = step.pending_call
            name, arguments = (call.tool, call.arguments) if call else (step.function, step.arguments)
            self.yeses.update([step.id, shown(step.id, name, arguments)])

    @invariant()
    def what_always_holds(self) -> None:
        for plan in self.plans:
            now = self.run(self.world.engines[0].plan(plan))
            for document in [now, *now.steps]:
                assert document.version >= self.versions.get(document.id, 0), "a version shrank"
                self.versions[document.id] = document.version
            if now.overall_status is PlanStatus.completed:
                assert any(s.status is StepStatus.completed for s in now.steps), "completed with nothing done"
                assert not [s for s in now.steps if s.status in OPEN_STEP | UNDECIDED]

    def teardown(self) -> None:
        self.run(self.judge())

    async def judge(self) -> None:
        """When nothing runs any more: plans and steps agree, the trail tells of all, every tool had its yes."""
        await self.world.quiet()
        for plan in self.plans:
            for engine in self.world.engines:
                with contextlib.suppress(MacaeError):  # what work has ended with is told once
                    await engine.wait(plan, timeout=10)
            await self.world.quiet()
            engine = self.world.engines[0]
            now = await engine.wait(plan, timeout=10)
            trail = await engine.trail(plan)
            left = Left([now], {step.id: step for step in now.steps}, trail)
            assert trail_agrees(left) == []
            status_agrees(now)
            assert isinstance(engine.store, SQLiteStore)
            for spec in TEAM:
                assert await chat_problems(engine.store, engine.user_id, plan.session_id, spec.name) is None
            self.tools_had_their_yes([e for e in _ledger if e["step"] in left.steps], trail)

    def tools_had_their_yes(self, ledger: list[dict[str, Any]], trail: list[Any]) -> None:
        started = Counter((e.data["key"], e.data["tool"]) for e in trail if e.type is EventType.tool_started)
        # What only looks does not wait for its record, which is lost if the step is ended elsewhere at that moment.
        ran = Counter((e["key"], e["tool"]) for e in ledger if e["tool"] != "look")
        assert not ran - started, "a tool ran that the trail does not tell of"
        for entry in ledger:
            assert self.yeses[entry["step"]], f"{entry} without any yes"
        changes = Counter(
            shown(e["step"], e["tool"], e["arguments"])
            for e in ledger
            if e["tool"] in ("bake", "sell", "knead")
        )
        assert not changes - self.yeses, f"more runs than yeses: {changes - self.yeses}"
        approvals = Counter(e.step_id for e in trail if e.type is EventType.step_approved)
        yeses = {step: self.yeses[step] for step in approvals}
        assert approvals == yeses, "the trail tells of other yeses than were given"


def status_agrees(now: Any) -> None:
    """The plan's status is what its steps say."""
    statuses = {step.status for step in now.steps}
    assert StepStatus.action_requested not in statuses, "a step runs, and nobody carries it out"
    if now.overall_status is PlanStatus.in_progress:
        assert statuses & (OPEN_STEP | UNDECIDED), "in progress, and nothing is left to do or decide"
        for step in now.steps:
            if step.status is StepStatus.approved:
                needs = [s for s in now.steps if s.id in step.depends_on]
                assert any(s.status in OPEN_STEP | UNDECIDED for s in needs), (
                    "approved, due, and nobody runs it"
                )
    if now.overall_status in (PlanStatus.cancelled, PlanStatus.completed, PlanStatus.failed):
        assert not statuses & OPEN_STEP, f"{now.overall_status} with {statuses}"
    if now.overall_status is PlanStatus.completed:
        assert StepStatus.completed in statuses and not statuses & UNDECIDED
    for step in now.steps:
        assert (step.status in (StepStatus.planned, StepStatus.awaiting_feedback)) <= (step.approval is None)
        if step.status is StepStatus.completed and not step.interrupted and step.approval is None:
            assert step.agent_reply == "I looked.", "completed, with nobody's yes"


def shown(step: str, function: str | None, arguments: dict[str, Any] | None) -> str:
    """A call that somebody said yes to, or that ran, with the default that calls are stored without."""
    full = {"quantity": 1, **(arguments or {})} if function == "bake" else arguments or {}
    return json.dumps([step, function, full], sort_keys=True)


@pytest.fixture
def world(quick_disk: Path) -> Iterator[World]:
    home = quick_disk / new_id()
    home.mkdir()
    with asyncio.Runner() as runner:
        made = World(home, runner)
        yield made
        for engine in made.engines:
            runner.run(engine.close(0))


@pytest.mark.timeout(0)
def test_random_people(world: World, request: pytest.FixtureRequest) -> None:
    People.world = world
    run_state_machine_as_test(
        People,
        settings=settings(
            max_examples=request.config.getoption("--chaos-examples"),
            stateful_step_count=8,
            deadline=None,
            # Not made smaller: what happens at once never happens the same way twice.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
