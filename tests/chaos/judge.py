"""What must hold after a process has died: judged from the files that it left, then from how the plan goes on."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from macae import Engine
from macae.memory.chat.context import CosmosBufferedChatCompletionContext
from macae.memory.sqlite.store import SQLiteStore
from macae.memory.store import Store
from macae.models import Event, EventType, Plan, PlanStatus, PlanWithSteps, Step, StepStatus
from macae.models.plans import OPEN_STEP
from macae.monitoring.rebuilding import rebuild
from tests.chaos.life import SESSION, dangling
from tests.chaos.till import EFFECTFUL, TEAM, opened

SHOWS = {
    EventType.step_offered: StepStatus.awaiting_feedback,
    EventType.step_approved: StepStatus.approved,
    EventType.step_rejected: StepStatus.rejected,
    EventType.step_edited: StepStatus.awaiting_feedback,
    EventType.step_started: StepStatus.action_requested,
    EventType.step_paused: StepStatus.awaiting_feedback,
    EventType.step_completed: StepStatus.completed,
    EventType.step_failed: StepStatus.failed,
    EventType.step_retried: StepStatus.awaiting_feedback,
    EventType.step_skipped: StepStatus.skipped,
    EventType.step_cancelled: StepStatus.cancelled,
    EventType.step_superseded: StepStatus.superseded,
}
"""The status that each event of the trail leads to."""


@dataclass
class Left:
    """What is stored, read without an engine."""

    plans: list[Plan]
    steps: dict[str, Step]
    events: list[Event]


async def left(store: Store, user: str) -> Left:
    """Read all of the session."""
    plans = await store.find(Plan, user_id=user, session_id=SESSION)
    steps = await store.find(Step, user_id=user, session_id=SESSION)
    events = await store.events(user_id=user, session_id=SESSION)
    return Left(plans, {step.id: step for step in steps}, events)


def said(path: Path) -> list[dict[str, Any]]:
    """What the processes before have said."""
    if not path.exists():
        return []
    # The last line may be cut short by the death; it was then said by nobody.
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines]


def acknowledged(words: list[dict[str, Any]], found: Left) -> list[str]:
    """Whatever was acknowledged and is not there."""
    problems = []
    events = {event.seq: event for event in found.events}
    plans = {plan.id: plan for plan in found.plans}
    for word in words:
        if word["kind"] == "event" and word["seq"]:  # without a number: shown only
            stored = events.get(word["seq"])
            if stored is None or (stored.type, stored.step_id) != (word["type"], word["step"]):
                problems.append(f"The event {word} was shown, and is not stored.")
        elif word["kind"] == "plan":
            plan = plans.get(word["id"])
            if plan is None or plan.version < word["version"]:
                problems.append(f"The plan {word} was acknowledged; stored is {plan and plan.version}.")
        elif word["kind"] == "step":
            given = Step.model_validate(word["document"])
            now = found.steps.get(given.id)
            if now is None or now.version < given.version:
                problems.append(
                    f"Version {given.version} of {given.task!r} was acknowledged; stored is {now and now.version}."
                )
            elif now.version == given.version and now.model_dump(exclude={"ts"}) != given.model_dump(
                exclude={"ts"}
            ):
                problems.append(f"{given.task!r} was acknowledged otherwise than it is stored.")
    return problems


def to_be_asked(found: Left) -> dict[str, list[str]]:
    """The steps that must come back awaiting, with the changing calls that had started, judged from what is stored."""
    return {
        step.id: tools
        for step in found.steps.values()
        if step.status is StepStatus.action_requested
        and (tools := [c.tool for c in step.calls if c.effect == "change" and under_way(c, step)])
    }


def under_way(call: Any, step: Step) -> bool:
    return call.state == "started" or (call.state == "unknown" and call.attempt == step.attempt)


def asked(plan: PlanWithSteps, expected: dict[str, list[str]]) -> list[str]:
    """Steps that may have run and do not ask, or ask without naming what had started."""
    problems = []
    for step in plan.steps:
        if step.id in expected:
            named = [text.split(":")[0] for text in step.interrupted_calls]
            if step.status is not StepStatus.awaiting_feedback or step.approval is not None:
                problems.append(f"{step.task!r} may have run ({expected[step.id]}), and is {step.status}.")
            if named != expected[step.id]:
                problems.append(f"{step.task!r} names {named}, but {expected[step.id]} had started.")
    return problems


def ran_once(book: Path, found: Left) -> list[str]:
    """Calls that ran without a record before, or again without a second yes; keys with two effects."""
    problems = []
    with opened(book) as db:
        runs = db.execute("SELECT key, step, tool, at FROM runs ORDER BY at").fetchall()
        effects = db.execute("SELECT key, tool, count(*) FROM effects GROUP BY key, tool").fetchall()
    records = {call.key: call for step in found.steps.values() for call in step.calls}
    yeses = defaultdict(list)
    starts = defaultdict(list)
    for event in found.events:
        if event.type is EventType.step_approved:
            yeses[event.step_id].append(event.time)
        elif event.type is EventType.tool_started:
            starts[event.data["key"]].append(event.time)
    before: dict[str, float] = {}
    for key, step, tool, at in runs:
        last = before.get(key, 0.0)
        if tool == "look":  # what only looks need not wait for its record
            continue
        if key not in records:
            problems.append(f"{tool} ran as {key}, and no record of it is stored.")
        if not any(last < time < at for time in starts[key]):
            problems.append(f"{tool} ran as {key}, and no tool_started was stored before.")
        if not any((last if tool in EFFECTFUL else 0.0) < time < at for time in yeses[step]):
            problems.append(f"{tool} ran as {key} {'again' if last else ''} without a yes for it.")
        before[key] = at
    problems += [
        f"{key} had its effect {n} times ({tool})."
        for key, tool, n in effects
        if n > 1 and (tool != "ring" or n > sum(run[0] == key for run in runs))
    ]
    done = {key for key, _, _ in effects}
    problems += [f"{key} had an effect and never started." for key in done - starts.keys()]
    problems += [
        f"{call.tool} is completed as {key}, and had no effect."
        for key, call in records.items()
        if call.tool in ("pay", "ring") and call.state == "completed" and key not in done
    ]
    return problems


def company_agrees(company: Path, found: Left) -> list[str]:
    """Effects of the sample company that the trail does not tell of, and the other way round."""
    if not company.exists():
        return []
    db = sqlite3.connect(company)
    try:
        done = {key for (key,) in db.execute("SELECT key FROM effects")}
    finally:
        db.close()
    started = {e.data["key"] for e in found.events if e.type is EventType.tool_started}
    records = {c.key: c for s in found.steps.values() for c in s.calls}
    problems = [f"The company has an effect {key} that never started." for key in done - started]
    problems += [f"The company has an effect {key} without a record." for key in done - records.keys()]
    problems += [
        f"{call.tool} is completed as {key}, and the company knows nothing of it."
        for key, call in records.items()
        if call.tool in ("assign_mentor", "order_hardware") and call.state == "completed" and key not in done
    ]
    return problems


def trail_agrees(found: Left) -> list[str]:
    """Steps and plans whose status the trail's last word on them does not explain."""
    last: dict[str, EventType] = {}
    said_of_plan: dict[str, str] = {}
    interrupted = {}
    for event in found.events:
        if event.step_id and (event.type in SHOWS or event.type is EventType.step_interrupted):
            last[event.step_id] = event.type
            interrupted[event.step_id] = event.data.get("calls")
        if event.type is EventType.plan_changed:
            said_of_plan[event.plan_id] = event.data["status"]
    problems = []
    for step in found.steps.values():
        told = last.get(step.id)
        if told is EventType.step_interrupted:
            shown = StepStatus.awaiting_feedback if interrupted[step.id] else StepStatus.approved
        else:
            shown = SHOWS[told] if told else StepStatus.planned
        if shown is not step.status:
            problems.append(f"{step.task!r} is {step.status}; the trail ends with {told}.")
    for plan in found.plans:
        shown_plan = said_of_plan.get(plan.id)
        if shown_plan not in (None, plan.overall_status):
            problems.append(f"The plan is {plan.overall_status}; the trail says {shown_plan}.")
    return problems


def trail_rebuilds(found: Left) -> list[str]:
    """Plans and steps that the events alone would make otherwise than they are stored."""
    rebuilt = {plan.id: plan for plan in rebuild(found.events)}
    problems = []
    for plan in found.plans:
        steps = [step for step in found.steps.values() if step.plan_id == plan.id]
        told = rebuilt.get(plan.id)
        if told is None or without_ts(told) != without_ts(PlanWithSteps.of(plan, steps)):
            problems.append(f"The events do not rebuild the plan {plan.id}.")
    return problems


def without_ts(plan: PlanWithSteps) -> dict[str, Any]:
    """All of a plan and its steps but the store's own clock."""
    return plan.model_dump(exclude={"ts": True, "steps": {"__all__": {"ts"}}})


async def chat_problems(store: Store, user: str, session: str, agent: str) -> str | None:
    """What a real API would refuse in an agent's remembered chat."""
    chat = CosmosBufferedChatCompletionContext(session, user, store=store, agent=agent)
    return dangling(await chat.get_messages())


async def chats_whole(store: Store, user: str) -> list[str]:
    """Agents whose remembered chat a real API would refuse."""
    problems = []
    for spec in TEAM:
        problem = await chat_problems(store, user, SESSION, spec.name)
        if problem:
            problems.append(f"The chat of {spec.name} holds {problem}.")
    return problems


def company_of(home: Path) -> Path:
    """The session's company."""
    return next(iter((home / "contoso").glob("*.db")), home / "none")


async def after_death(home: Path, user: str, words: list[dict[str, Any]]) -> tuple[list[str], dict[str, Any]]:
    """Judge what a dead process has left; also gives which steps must ask when the plan is reopened."""
    path = home / "macae.db"
    if not path.exists():
        return [], {}
    async with SQLiteStore(path) as store:
        return await judged(store, home, user, words)


async def judged(
    store: Store, home: Path, user: str, words: list[dict[str, Any]]
) -> tuple[list[str], dict[str, Any]]:
    """Judge what is stored; also gives which steps must ask when the plan is reopened."""
    found = await left(store, user)
    problems = acknowledged(words, found) + ran_once(home / "book.db", found) + trail_agrees(found)
    problems += trail_rebuilds(found)
    problems += company_agrees(company_of(home), found)
    problems += await chats_whole(store, user)
    return problems, to_be_asked(found)


async def at_the_end(engine: Engine, home: Path, plan: PlanWithSteps, cancels: bool) -> list[str]:
    """Judge the finished plan."""
    found = await left(engine.store, engine.user_id)
    problems = ran_once(home / "book.db", found) + trail_agrees(found)
    problems += trail_rebuilds(found)
    problems += company_agrees(company_of(home), found)
    problems += await chats_whole(engine.store, engine.user_id)
    if plan.overall_status is PlanStatus.cancelled:
        problems += [
            f"{s.task!r} is {s.status} in a cancelled plan." for s in plan.steps if s.status in OPEN_STEP
        ]
    if plan.overall_status is not (PlanStatus.cancelled if cancels else PlanStatus.completed):
        problems.append(
            f"The plan ended {plan.overall_status}: {[(s.task, s.status, s.error) for s in plan.steps]}"
        )
    return problems
