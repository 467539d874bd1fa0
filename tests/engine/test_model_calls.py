"""Model calls on the trail: each once, where it was begun, with what is known of its use."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from autogen_core.models import CreateResult, RequestUsage, UserMessage

from macae import AgentSpec, Engine, Settings, Team
from macae.agents import BaseAgent
from macae.agents.noting import Noting
from macae.models import Event, EventType, PlanStatus, PlanWithSteps
from macae.monitoring.capture.sent import SentBefore
from macae.monitoring.explaining import explain
from macae.monitoring.recording import Recording
from tests.engine.conftest import Ledger, Make
from tests.support.scripted import ScriptedClient, obedient, planned

TALK = {"agent": "BakerAgent", "function": None, "depends_on": []}
ASK = [UserMessage(content="x", source="user")]


def script(*steps: dict[str, Any]) -> Any:
    return lambda messages, tools, json_output: planned(*steps) if json_output is not None else "Done."


async def run(engine: Engine, session: str | None = None) -> PlanWithSteps:
    plan = await engine.submit("Bake", session)
    await engine.approve_all(plan)
    return await engine.wait(plan, 20)


def team(kind: type) -> Team:
    return Team([AgentSpec("BakerAgent", "You bake.", [], agent_class=kind)])


async def calls(engine: Engine, plan: PlanWithSteps) -> list[Event]:
    """Those of the specialist."""
    events = await engine.session_events(plan.session_id)
    return [e for e in events if e.type is EventType.model_called and e.agent == "BakerAgent"]


class Cache(ScriptedClient):
    """A client around another one: asks it twice the first time, and never again."""

    def __init__(self, inner: Any) -> None:
        super().__init__(script())
        self.around, self.kept = inner, None

    async def create(self, messages: Any, **options: Any) -> CreateResult:
        if self.kept is None:
            await self.around.create(messages, **options)
            self.kept = await self.around.create(messages, **options)
            return self.kept
        return self.kept.model_copy(update={"cached": True})


async def test_a_client_around_the_client_is_told_once(make: Make, ledger: Ledger) -> None:
    class Wrapping(BaseAgent):
        def __init__(
            self, agent_name: str, model_client: Any, session_id: str, user_id: str, memory: Any
        ) -> None:
            super().__init__(agent_name, Cache(model_client), session_id, user_id, memory)

        async def carry_out(self, message: Any, run: Any) -> str:
            for _ in range(2):
                await self.model_client.create(ASK)
            return "Done."

    live: list[Event] = []
    engine = make(script(TALK), team=team(Wrapping))
    engine.subscribe(live.append)
    plan = await run(engine)
    told = await calls(engine, plan)
    assert [call.data["prompt_tokens"] for call in told] == [10, 10, 0], (
        "a retry counts, a cached reply does not"
    )
    assert plan.steps[0].tokens == 30
    started = [e.data["call"] for e in live if e.type is EventType.model_started and e.agent == "BakerAgent"]
    assert started == [call.data["call"] for call in told]


KEPT: list[Any] = []


async def test_a_client_that_an_agent_keeps_tells_in_the_session_at_work(make: Make, ledger: Ledger) -> None:
    KEPT.clear()

    class Keeping(BaseAgent):
        async def carry_out(self, message: Any, run: Any) -> str:
            KEPT.append(self.model_client)
            await KEPT[0].create(ASK)
            return "Done."

    engine = make(script(TALK), team=team(Keeping))
    for _ in range(2):
        plan = await run(engine)
        assert plan.overall_status is PlanStatus.completed
        [call] = await calls(engine, plan)
        assert (call.plan_id, call.step_id, plan.steps[0].tokens) == (plan.id, plan.steps[0].id, 15)


async def test_a_stream_is_told_where_it_was_begun_and_is_well_when_its_reply_was_read(
    make: Make, ledger: Ledger
) -> None:
    left: list[Any] = []

    class Leaving(BaseAgent):
        async def carry_out(self, message: Any, run: Any) -> str:
            stream = self.model_client.create_stream(ASK)
            if left:
                await left.pop().aclose()
                async for piece in stream:
                    if isinstance(piece, CreateResult):
                        break
                await stream.aclose()
            else:
                await anext(stream)
                left.append(stream)
            return "Done."

    engine = make(script(TALK, {**TALK, "depends_on": [1]}), team=team(Leaving))
    plan = await run(engine)
    cut, read = await calls(engine, plan)
    first, second = plan.steps
    assert (cut.step_id, cut.data["ok"], cut.data["estimated"]) == (first.id, False, True)
    assert (read.step_id, read.data["ok"], read.data["error_type"]) == (second.id, True, None)
    assert second.tokens == 15, "the other step's call is not charged here"


async def test_a_use_that_is_not_known_is_unpriced_and_stops_no_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "macae.engine.parts.cost", lambda model, prompt, completion: (prompt + completion) / 1e6
    )

    class Failing(BaseAgent):
        async def carry_out(self, message: Any, run: Any) -> str:
            with pytest.raises(Exception, match="down"):
                await self.model_client.create([UserMessage(content="down " * 100, source="user")])
            await self.model_client.create(ASK)
            return "Done."

    class Silent(ScriptedClient):
        async def create(self, messages: Any, **options: Any) -> CreateResult:
            if "down" in str(messages[-1].content):
                raise RuntimeError("the model is down")
            answer = await super().create(messages, **options)
            nothing = RequestUsage(prompt_tokens=0, completion_tokens=0)
            return answer if options.get("json_output") else answer.model_copy(update={"usage": nothing})

    settings = Settings(home=tmp_path, plan_usd=1.0)
    engine = Engine(settings=settings, model=Silent(script(TALK)), team=team(Failing))
    async with engine:
        plan = await run(engine)
        failed, silent = await calls(engine, plan)
    assert failed.data["usd"] is None and failed.data["estimated"] and failed.data["prompt_tokens"] > 100
    assert silent.data["usd"] is None and silent.data["ok"] and silent.data["completion_tokens"] > 0
    assert plan.overall_status is PlanStatus.completed, (
        "one call without a price does not stop a limited plan"
    )
    assert plan.steps[0].usd and plan.steps[0].usd > 100 / 1e6, "limits are charged with the estimate"


async def test_only_what_is_new_in_a_plan_is_told_and_what_was_left_out_is_said(
    make: Make, ledger: Ledger
) -> None:
    long = [UserMessage(content=f"{n} {'x' * 3_000}", source="user") for n in range(20)]

    class Talking(BaseAgent):
        async def carry_out(self, message: Any, run: Any) -> str:
            await self.model_client.create([*long, UserMessage(content=message.action, source="user")])
            return "Done."

    engine = make(script(TALK, {**TALK, "action": "Another.", "depends_on": [1]}), team=team(Talking))
    plan = await run(engine)
    first, second = await calls(engine, plan)
    shown = len(first.data["sent"])
    assert first.data["sent_before"] == 0 and first.data["left_out"] == 21 - shown > 10
    assert [one["text"] for one in second.data["sent"]] == ["Another."]
    assert (second.data["sent_before"], second.data["left_out"]) == (shown - 1, 21 - shown)
    text = explain(Recording(await engine.session_events(plan.session_id)), plan.steps[0].id).text
    assert f"{21 - shown} messages too long" in text and "earlier messages" not in text


def test_what_is_remembered_of_messages_is_bounded_and_holds_no_text() -> None:
    sent = SentBefore()
    for n in range(300):
        sent.new_texts([UserMessage(content=f"{n}-{i}", source="user") for i in range(10)])
    assert len(sent._kept) == 1_000 and all(isinstance(n, int) for place in sent._kept for n in place)
    twice = [UserMessage(content="again", source="user")] * 2
    assert len(sent.new_texts(twice[:1])[0]) == 1
    assert len(sent.new_texts(twice)[0]) == 1, "the same words a second time are new"


async def test_what_a_watcher_starts_belongs_to_no_plan_of_the_event(make: Make, ledger: Ledger) -> None:
    engine = make(script(TALK))
    more: list[asyncio.Task[PlanWithSteps]] = []

    def follow(event: Event) -> None:
        if event.type is EventType.step_completed and not more:
            more.append(asyncio.ensure_future(engine.submit("And then")))

    engine.subscribe(follow)
    first = await run(engine)
    second = await more[0]
    events = await engine.session_events(second.session_id)
    assert {event.plan_id for event in events} == {"", second.id}
    assert {event.trace_id for event in events} == {second.trace_id} != {first.trace_id}


async def test_a_client_of_an_agents_own_can_be_observed(make: Make, ledger: Ledger) -> None:
    class Own(BaseAgent):
        async def carry_out(self, message: Any, run: Any) -> str:
            assert isinstance(self.memory, Noting)
            mine = ScriptedClient(obedient(""))
            await mine.create(ASK)  # nobody can see this one
            await self.memory.observe(mine).create(ASK)
            return "Done."

    engine = make(script(TALK), team=team(Own))
    plan = await run(engine)
    [call] = await calls(engine, plan)
    assert call.step_id == plan.steps[0].id and plan.steps[0].tokens == 15
