"""The life of a plan with everything in it, and the person who leads it to its end, however often it is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResultMessage,
    LLMMessage,
)

from macae import Engine, Settings
from macae.models import Event, EventType, PlanStatus, PlanWithSteps, Step, StepStatus
from tests.chaos.points import points, turn
from tests.chaos.till import TEAM, first_time
from tests.support.scripted import ScriptedClient, approved_call, last_user, planned

SESSION = "s1"
GOAL = "Run the shop for a day"


def step(agent: str, action: str, function: str | None = None, **args: Any) -> dict[str, Any]:
    """A planned step that waits for nobody."""
    return {"agent": agent, "action": action, "function": function, "args": args, "depends_on": []}


MENTOR = step("HrAgent", "Find a mentor.", "assign_mentor", employee_name="Aisha Rahman", mentor_name="Alex Romero")  # fmt: skip
ORDER = step("ProcurementAgent", "Order laptops.", "order_hardware", item_name="laptop", quantity=2)
PAY = step("TillAgent", "Pay for oat.", "pay", kind="oat", coins=3)
RING = step("TillAgent", "Ring as often as fits.")
EDITED = step("TillAgent", "Pay for rye.", "pay", kind="rye", coins=1)
REJECTED = step("TillAgent", "Ring once.", "ring", times=1)
SKIPPED = step("TillAgent", "Look around.", "look", shelf="low")
FOUND = step("TillAgent", "Ring for what was found.", "ring", times="$6") | {"depends_on": [6]}
BOOM = step("TillAgent", "Lock up.", "lock", door="back") | {"depends_on": [1, 4]}
LAST = step("TillAgent", "Pay for nut.", "pay", kind="nut", coins=5)
MINE = step("HumanAgent", "Say which colour the sign is to have.")
LEFT_OUT = step("TillAgent", "Look back.", "look", shelf="top") | {"depends_on": [1, 2, 3]}
FIRST_PLAN = planned(MENTOR, PAY, RING, EDITED, REJECTED, SKIPPED, FOUND, BOOM)
REVISED_PLAN = planned(ORDER, LAST, MINE | {"depends_on": [1]}, LEFT_OUT)


def script(messages: Sequence[LLMMessage], tools: list[str], json_output: Any) -> Any:
    """Plans, asks, replans; as a specialist makes the approved call, with others that nobody has approved."""
    if json_output is not None:
        prompt = last_user(messages)
        if "Answer:" not in prompt:
            return planned(human_clarification_request="Which day?")
        return REVISED_PLAN if "What failed:" in prompt else FIRST_PLAN
    check_for_a_real_api(messages)
    task = last_user(messages)
    if isinstance(messages[-1], FunctionExecutionResultMessage):
        return "; ".join(result.content for result in messages[-1].content)
    if BOOM["action"] in task and first_time("boom"):
        raise RuntimeError("the model broke")
    call = approved_call(messages)
    if call is None:
        return [("look", {"shelf": "top"}), ("ring", {"times": 2})]
    # With a look at something, and a second change that the yes is not for, where the first one is done.
    return [call, ("look", {"shelf": "top"})] if call[0] == "pay" else [call]


def check_for_a_real_api(messages: Sequence[LLMMessage]) -> None:
    """Say so where a real API would refuse these messages: a call without a result, a result without a call."""
    problem = dangling(messages)
    if problem:
        points().say("problem", text=f"The model was sent {problem}")


def dangling(messages: Sequence[LLMMessage]) -> str | None:
    """What of tool calls and results does not fit together; None where all does."""
    owed: list[str] = []
    for number, message in enumerate(messages):
        if isinstance(message, FunctionExecutionResultMessage):
            ids = [result.call_id for result in message.content]
            if sorted(ids) != sorted(owed):
                return f"results {ids} for the calls {owed} (message {number})"
            owed = []
        elif owed:
            return f"no results for the calls {owed} (message {number})"
        elif isinstance(message, AssistantMessage) and not isinstance(message.content, str):
            owed = [call.id for call in message.content]
    return f"no results for the calls {owed} (at the end)" if owed else None


class Watched(ScriptedClient):
    """The scripted client, with points at the start, in the middle and at the end of each call."""

    async def create(self, messages: Sequence[LLMMessage], **more: Any) -> CreateResult:
        await turn("model: asked")
        await turn("model: thinking")
        result = await super().create(messages, **more)
        await turn("model: answered")
        return result


def shop(home: Path) -> Engine:
    """The engine below `home`."""
    options: Mapping[str, Any] = {"home": home, "max_steps": 12, "_env_file": None}
    return Engine(settings=Settings(**options), model=Watched(script), team=TEAM)


OVER = (StepStatus.completed, StepStatus.skipped, StepStatus.superseded)

# The person -----------------------------------------------------------------------------------------------------------


async def lead(engine: Engine, cancels: bool = False) -> PlanWithSteps:
    """Lead the session's plan to its end, from wherever it stands. Everything that the engine answers is acknowledged.

    A person who `cancels` does so as soon as a tool runs.
    """
    cancelling: list[asyncio.Task[None]] = []

    def see(event: Event) -> None:
        points().say("event", seq=event.seq, type=event.type, step=event.step_id, text=event.text[:200])
        if cancels and event.type is EventType.tool_started and not cancelling:
            cancelling.append(asyncio.ensure_future(cancel(engine, event.plan_id)))

    engine.subscribe(see)
    plans = await engine.plans(SESSION) if await known(engine) else []
    plan = plans[-1] if plans else await engine.submit(GOAL, SESSION)
    told(plan, *plan.steps)
    for _ in range(60):
        plan = await engine.wait(plan, timeout=15)
        await asyncio.gather(*cancelling)
        plan = await engine.plan(plan)
        told(plan, *plan.steps)
        if plan.overall_status not in (PlanStatus.in_progress, PlanStatus.awaiting_clarification):
            return plan
        await decide(engine, plan)
    points().say("problem", text=f"The plan comes to no end: {[(s.task, s.status) for s in plan.steps]}")
    return plan


async def cancel(engine: Engine, plan_id: str) -> None:
    """Cancel the plan."""
    plan = await engine.cancel(plan_id, "Enough.")
    told(plan, *plan.steps)


async def known(engine: Engine) -> bool:
    """Whether the session was stored."""
    return any(item.id == SESSION for item in (await engine.sessions()).items)


async def decide(engine: Engine, plan: PlanWithSteps) -> None:
    """One thing that the person does now."""
    if plan.overall_status is PlanStatus.awaiting_clarification:
        plan = await engine.clarify(plan, "Monday.")
        told(plan, *plan.steps)
        return
    waiting = [s for s in plan.steps if s.status is StepStatus.awaiting_feedback]
    trail = await engine.trail(plan)
    for each in waiting:
        done = {event.type for event in trail if event.step_id == each.id}
        if each.interrupted:
            told(plan, await engine.approve(each, "I looked: go on."))
        elif each.action == EDITED["action"] and EventType.step_edited not in done:
            told(plan, await engine.edit(each, arguments={"kind": "rye", "coins": 7}))
        elif each.action == REJECTED["action"] and EventType.step_rejected not in done:
            told(plan, await engine.reject(each, "Not so loud."))
        elif each.action == SKIPPED["action"]:
            told(plan, await engine.skip(each, "No need."))
        elif each.action == MINE["action"]:
            told(plan, await engine.approve(each, "Blue."))
        elif each.action == LEFT_OUT["action"]:
            if any(s.status not in OVER and s.id != each.id for s in plan.steps):
                continue  # the last decision of all is to leave something out
            told(plan, await engine.skip(each))
        else:
            continue
        return
    wanted = [each for each in waiting if each.action != LEFT_OUT["action"]]
    if wanted:
        if wanted == waiting:
            told(plan, *await engine.approve_all(plan))
        for each in wanted if wanted != waiting else ():
            told(plan, await engine.approve(each))
        return
    for each in plan.steps:
        if each.status is StepStatus.rejected:
            told(plan, await engine.retry(each))
            return
        if each.status is StepStatus.failed:
            revised = (each.action == BOOM["action"]) and not plan.revisions
            if revised:
                plan = await engine.revise(plan, "Leave the door.")
                told(plan, *plan.steps)
            else:
                told(plan, await engine.retry(each))
            return
    points().say("problem", text=f"Nobody can go on: {[(s.task, s.status, s.owner) for s in plan.steps]}")


def told(plan: PlanWithSteps, *steps: Step) -> None:
    """Acknowledge what the engine has answered."""
    points().say("plan", id=plan.id, status=plan.overall_status, version=plan.version)
    for each in steps:
        points().say("step", document=each.model_dump(mode="json"))
