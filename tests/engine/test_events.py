"""The event stream: every agent's calls without naming any, one trace a plan, sessions apart, watchers that hold nobody up."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from autogen_core import MessageContext, RoutedAgent, message_handler
from autogen_core.models import CreateResult, RequestUsage, UserMessage

from macae import AgentSpec, Engine, Settings, Team
from macae.agents import BaseAgent
from macae.errors import InvalidInput, NotAllowed, NotFound
from macae.models import (
    ActionRequest,
    ActionResponse,
    Event,
    EventType,
    InputTask,
    PlanStatus,
    PlanWithSteps,
)
from macae.monitoring.capture import ObservedMemory, observed_stream
from macae.monitoring.feed import Feed
from macae.monitoring.rebuilding import rebuild
from tests.engine.conftest import TEAM, Ledger, Make, bake, look
from tests.support.scripted import ScriptedClient, last_user, obedient, planned

BAKE = planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat", "quantity": 12}})
CLOCK: Any = {"ts": True, "steps": {"__all__": {"ts"}}}


async def run(engine: Engine, goal: str = "Bake") -> PlanWithSteps:
    plan = await engine.submit(goal)
    await engine.approve_all(plan)
    return await engine.wait(plan)


def of(events: list[Event], type: EventType) -> list[Event]:
    return [event for event in events if event.type is type]


async def test_a_run_can_be_rebuilt_and_read_from_its_events(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE, settings={"plan_tokens": 10_000})
    plan = await run(engine)
    events = await engine.session_events(plan.session_id)
    [rebuilt] = rebuild(events)
    assert rebuilt.model_dump(exclude=CLOCK) == plan.model_dump(exclude=CLOCK)
    assert [event.seq for event in events] == sorted(event.seq for event in events)
    assert {event.trace_id for event in events} == {plan.trace_id} and len(plan.trace_id) == 32
    assert [event.type for event in events[:2]] == [EventType.goal_received, EventType.model_called]
    assert (events[1].agent, events[1].plan_id) == ("PlannerAgent", "")
    first, second = of(events, EventType.model_called)[1:]
    assert first.agent == "BakerAgent" and first.step_id == plan.steps[0].id
    assert first.data["ok"] and first.data["model"] == "ScriptedClient" and first.data["usd"] is None
    assert [call["name"] for call in first.data["calls"]] == ["bake"]
    assert [sent["role"] for sent in first.data["sent"]] == ["system", "user"]
    # Only what is new: the call and its result, not the prompt again.
    assert [sent["role"] for sent in second.data["sent"]] == ["assistant", "tool"]
    assert second.data["sent_before"] == 2 and second.data["reply"] == "baked 12 oat"
    tokens = sum(e.data["prompt_tokens"] + e.data["completion_tokens"] for e in (first, second))
    assert plan.steps[0].tokens == tokens > 0


async def test_missing_events_are_said_and_not_papered_over(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    plan = await run(engine)
    events = await engine.session_events(plan.session_id)
    without = [e for e in events if e.type is not EventType.tool_started]
    with pytest.raises(InvalidInput, match=r"from version .* missing in between"):
        rebuild(without)
    with pytest.raises(InvalidInput, match="missing"):
        rebuild(events[5:])


async def test_only_figures_are_kept_where_that_is_set(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE, settings={"capture": "numbers"})
    plan = await run(engine)
    calls = of(await engine.session_events(plan.session_id), EventType.model_called)
    assert len(calls) == 3 and all(not {"sent", "reply", "calls"} & set(call.data) for call in calls)


class OwnPlanner(RoutedAgent):
    """A planner that streams, thinks aloud, and knows nothing of monitoring."""

    def __init__(self, context: Any) -> None:
        super().__init__("own")
        self.context = context

    @message_handler
    async def handle(self, message: InputTask, ctx: MessageContext) -> PlanWithSteps:
        from macae.agents import PlannerAgent

        asked = [UserMessage(content="stream", source="user")]
        async for _ in self.context.model_client.create_stream(asked):
            pass
        return await PlannerAgent(self.context).handle_input_task(message, ctx)


class OwnAgent(RoutedAgent):
    """A specialist that is no BaseAgent."""

    def __init__(self, model_client: Any) -> None:
        super().__init__("own")
        self.client = model_client

    @message_handler
    async def handle(self, message: ActionRequest, ctx: MessageContext) -> ActionResponse:
        result = await self.client.create([UserMessage(content=message.action, source="user")])
        return ActionResponse(
            status="success", message=str(result.content), result=str(result.content), user_id=message.user_id,
            step_id=message.step_id, plan_id=message.plan_id, session_id=message.session_id,
        )  # fmt: skip


class Streaming(ScriptedClient):
    async def create_stream(self, messages: Any, **more: Any) -> Any:
        yield "a piece"
        await asyncio.sleep(0)
        used = RequestUsage(prompt_tokens=7, completion_tokens=3)
        yield CreateResult(
            content="all", usage=used, finish_reason="stop", cached=False, thought="First the oven."
        )


async def test_agents_of_ones_own_are_captured_without_being_named(
    make: Make, ledger: Ledger, tmp_path: Path
) -> None:
    plan_text = planned({"agent": "Stranger", "function": None})
    model = Streaming(obedient(plan_text))
    team = Team([AgentSpec("Stranger", "You are new here.", [look], agent_class=OwnAgent)])
    engine = Engine(settings=Settings(home=tmp_path), model=model, team=team, planner=OwnPlanner)
    async with engine:
        plan = await run(engine)
        events = await engine.session_events(plan.session_id)
    assert plan.overall_status is PlanStatus.completed
    streamed, whole, own = of(events, EventType.model_called)
    assert (streamed.agent, streamed.data["streamed"]) == ("PlannerAgent", True)
    assert 0 <= streamed.data["first_token"] <= streamed.data["seconds"]
    assert (streamed.data["prompt_tokens"], streamed.data["completion_tokens"]) == (7, 3)
    assert whole.data["first_token"] is None
    assert (own.agent, own.step_id, own.plan_id) == ("Stranger", plan.steps[0].id, plan.id)
    assert [thought.text for thought in of(events, EventType.thought)] == ["First the oven."]
    assert plan.steps[0].tokens > 0, "what an agent of one's own uses is charged to its step"
    assert {event.trace_id for event in events} == {plan.trace_id}


async def test_agentchat_inside_an_agent_is_captured(make: Make, ledger: Ledger) -> None:
    from autogen_agentchat.agents import AssistantAgent
    from autogen_core.memory import ListMemory, MemoryContent, MemoryMimeType

    class WithTeam(BaseAgent):
        async def carry_out(self, message: ActionRequest, run: Any) -> str:
            shelf = ListMemory()
            await shelf.add(MemoryContent(content="Oats are on top.", mime_type=MemoryMimeType.TEXT))
            memory = ObservedMemory(shelf, self.memory.note, name="shelf")
            inner = AssistantAgent("inner", self.model_client, tools=self.tools, memory=[memory])
            last = ""
            async for item in observed_stream(inner.run_stream(task=message.action), self.memory.note):
                last = getattr(item, "content", last) or last
            return str(last)

    team = Team([AgentSpec("BakerAgent", "You bake.", [bake, look], agent_class=WithTeam)])
    engine = make(planned({"agent": "BakerAgent", "function": None}), team=team)
    plan = await run(engine)
    events = await engine.session_events(plan.session_id)
    queries = of(events, EventType.memory_queried)
    assert queries[0].data["memory"] == "shelf" and queries[0].data["results"] == 1
    assert {query.step_id for query in queries} == {plan.steps[0].id}
    assert "inner" in {event.agent for event in of(events, EventType.message)}
    assert of(events, EventType.model_called)[1].step_id == plan.steps[0].id


async def test_failed_and_cancelled_calls_are_told_with_their_time(make: Make, ledger: Ledger) -> None:
    async def hang(*_: Any) -> str:
        await asyncio.sleep(60)
        return "late"

    def script(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is not None:
            return planned({"agent": "BakerAgent", "function": "look"}, {"agent": "ShopAgent", "function": None, "depends_on": []})  # fmt: skip
        if "bake" in tools:
            raise RuntimeError("the model broke, with a secret")
        return hang()

    engine = make(script, settings={"step_timeout": 0.3})
    plan = await run(engine)
    calls = of(await engine.session_events(plan.session_id), EventType.model_called)[1:]
    by_agent = {call.agent: call for call in calls}
    assert by_agent["BakerAgent"].data["error_type"] == "ModelError" and not by_agent["BakerAgent"].data["ok"]
    assert "broke" in by_agent["BakerAgent"].text
    assert by_agent["ShopAgent"].data["error_type"] == "CancelledError"
    assert by_agent["ShopAgent"].data["seconds"] >= 0.25


async def test_fifty_sessions_at_once_and_no_event_in_the_wrong_one(tmp_path: Path, ledger: Ledger) -> None:
    def script(messages: Any, tools: Any, json_output: Any) -> Any:
        if json_output is not None:
            name = last_user(messages).rsplit("kind-", 1)[1].split()[0].strip("\"'.”’»")
            return planned({"agent": "BakerAgent", "function": "bake", "args": {"kind": f"kind-{name}"}})
        return obedient("")(messages, tools, json_output)

    model = ScriptedClient(script, delay=0.01)
    live: list[Event] = []
    async with Engine(settings=Settings(home=tmp_path), model=model, team=TEAM) as engine:
        engine.subscribe(live.append)
        plans = await asyncio.gather(*(run(engine, f"Bake kind-{n:02} today") for n in range(50)))
        stored = {plan.session_id: await engine.session_events(plan.session_id) for plan in plans}
    assert {plan.overall_status for plan in plans} == {PlanStatus.completed}
    for number, plan in enumerate(plans):
        events = stored[plan.session_id]
        assert len(events) == len(stored[plans[0].session_id])
        assert {e.trace_id for e in events} == {plan.trace_id}
        assert {e.plan_id for e in events} == {"", plan.id}
        text = json.dumps([event.model_dump(mode="json") for event in events])
        assert f"kind-{number:02}" in text
        assert not [n for n in range(50) if n != number and f"kind-{n:02}" in text]
        shown = [e for e in live if e.session_id == plan.session_id and e.seq]
        assert [e.seq for e in shown] == [e.seq for e in events]
    assert len({plan.trace_id for plan in plans}) == 50


async def test_a_plan_stays_one_trace_in_another_process(make: Make, ledger: Ledger) -> None:
    two = planned(
        {"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat"}},
        {"agent": "ShopAgent", "function": "sell", "args": {"kind": "oat"}},
    )
    first = make(two)
    plan = await first.submit("Bake and sell")
    await first.approve(plan.steps[0])
    await first.wait(plan)
    await first.close()
    second = make(two)
    [again] = await second.resume(plan.session_id)
    await second.approve_all(again)
    assert (await second.wait(plan)).overall_status is PlanStatus.completed
    events = await second.session_events(plan.session_id)
    assert {event.trace_id for event in events} == {plan.trace_id}
    assert EventType.tool_finished in [event.type for event in events]


async def test_planning_again_belongs_to_its_plan(make: Make, ledger: Ledger) -> None:
    engine = make(lambda m, t, j: BAKE if j is not None else "Nothing.")
    plan = await engine.submit("Bake")
    await engine.reject(plan.steps[0], "not today")
    await engine.revise(plan, "bake it anyway")
    await engine.edit((await engine.plan(plan)).steps[-1], "Bake oat cookies now.")
    calls = of(await engine.trail(plan), EventType.model_called)
    assert [call.agent for call in calls] == ["PlannerAgent", "PlannerAgent"]
    assert {call.trace_id for call in calls} == {plan.trace_id}


async def test_a_slow_watcher_misses_events_is_told_and_holds_nobody_up(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    async with engine.watch(size=3) as feed:
        plan = await run(engine)  # nobody reads meanwhile
        assert plan.overall_status is PlanStatus.completed
        told = await anext(feed)
        rest = [await anext(feed) for _ in range(3)]
        assert told.type is EventType.events_missed and told.data["missed"] > 5
        stored = await engine.session_events(plan.session_id, after=told.data["after"])
        assert len(stored) >= 3 and rest[-1].seq == stored[-1].seq
    with pytest.raises(StopAsyncIteration):
        await anext(feed)


async def test_a_feed_ends_with_its_engine(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    async with engine.watch() as feed:
        seen = asyncio.create_task(collect(feed))
        await run(engine)
        await engine.close()
        types = await asyncio.wait_for(seen, 5)
    assert types[0] is EventType.session_opened and types[-1] is EventType.session_closed
    assert types.count(EventType.model_started) == types.count(EventType.model_called) == 3


async def collect(feed: Feed) -> list[EventType]:
    return [event.type async for event in feed]


async def test_who_may_note_what(make: Make, ledger: Ledger) -> None:
    engine = make(BAKE)
    plan = await run(engine)
    mine = Event(
        type=EventType.alert_raised, session_id=plan.session_id, user_id="x", plan_id=plan.id, text="slow"
    )
    await engine.note(mine)
    last = (await engine.trail(plan))[-1]
    assert (last.type, last.user_id, last.text) == (EventType.alert_raised, engine.user_id, "slow")
    with pytest.raises(NotAllowed, match="step_approved"):
        await engine.note(mine.model_copy(update={"type": EventType.step_approved}))
    stranger = make(BAKE, user_id="bob")
    with pytest.raises(NotFound):
        await stranger.note(mine)
    with pytest.raises(NotFound):
        await stranger.session_events(plan.session_id)
    with pytest.raises(InvalidInput):
        Feed(0)


async def test_searching_the_documents_is_told(tmp_path: Path) -> None:
    async with Engine(settings=Settings(home=tmp_path)) as engine:
        plan = await run(engine, "What does policy HR-104 say about leave?")
        queries = of(await engine.session_events(plan.session_id), EventType.memory_queried)
    assert queries and queries[0].step_id == plan.steps[0].id
    assert queries[0].data["results"] > 0 and queries[0].data["sources"] and queries[0].data["seconds"] > 0
