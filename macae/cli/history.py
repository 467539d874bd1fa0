"""`macae sessions` and `macae show`: what is stored. Nothing is started, and no model is needed."""

from __future__ import annotations

import time
from typing import Any

from macae.cli import codes
from macae.cli.archives import is_begun
from macae.cli.eventlines import on_screen
from macae.cli.finding import find_plans, find_session
from macae.cli.hints import hint
from macae.cli.opening import Place, command
from macae.cli.output import Screen, one_line
from macae.cli.plantext import INTERRUPTED, show_plan
from macae.cli.summary import as_json
from macae.cli.unattended import as_fields, tell_left
from macae.engine import Engine
from macae.errors import NotFound
from macae.memory.atwork import at_work
from macae.models import Event, PlanStatus, Session
from macae.monitoring.recording import Recording
from macae.monitoring.sinks.trace import text_of
from macae.ui.text import count
from macae.ui.view import PLAN_LOOK

__all__ = ["show_sessions", "show_stored"]


def reader(place: Place) -> Engine:
    """An engine to look with. Raises NotFound where nothing was ever stored."""
    settings = place.settings()
    if not is_begun(settings):
        raise NotFound(
            f"Nothing is stored in {settings.home.resolve()} yet. Begin with `{hint('run')}`, or give --home."
        )
    return place.engine(settings)


async def show_sessions(place: Place, limit: int, before: str | None, json: bool) -> int:
    """List sessions, newest first. Gives the exit code."""
    screen = Screen(json)
    rows: list[dict[str, Any]] = []
    more = None
    if is_begun(place.settings()):
        engine = reader(place)
        try:
            await engine.store.open()
            page = await engine.sessions(limit, before)
            more = page.next
            rows = [await described(engine, session) for session in page.items]
        finally:
            await engine.close()
    if json:
        screen.emit({"sessions": rows, "next": more})
        return codes.COMPLETED
    for row in rows:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(row["ts"])) if row["ts"] else "?"
        screen.put(f"{row['session_id']}  {when}  {row['status_label']}")
        for goal in row["goals"] or ["(the goal was never planned)"]:
            screen.put(f"    {one_line(goal, 150)}")
    if not rows:
        screen.say(f"No sessions yet. Begin with `{hint('run')}`.")
    else:
        screen.say(
            "The first characters of an id (4 or more) are enough for show, resume, tail, report and alerts replay.",
            "dim",
        )
    if more:
        screen.say(f"More: {command(place, 'sessions', '--before', more)}", "dim")
    return codes.COMPLETED


async def described(engine: Engine, session: Session) -> dict[str, Any]:
    """One row of the list."""
    plans = await engine.plans(session.session_id)
    last = plans[-1].overall_status if plans else None
    work = await at_work(engine.store, engine.user_id, session.session_id, plans=plans)
    label = PLAN_LOOK[last].label if last else "No plan"
    return {
        "session_id": session.session_id,
        "ts": session.ts,
        "status": last.value if last else None,
        "status_label": INTERRUPTED if work.is_left else label,
        "goals": [engine.shown(plan.initial_goal) for plan in plans],
        "plans": [plan.id for plan in plans],
    } | as_fields(work)


async def show_stored(place: Place, given: str, trail: bool, json: bool) -> int:
    """Show a plan, or all plans of a session; with `trail` the audit trail too. Gives the exit code."""
    screen = Screen(json)
    engine = reader(place)
    try:
        await engine.store.open()
        plans = [engine.shown_plan(plan) for plan in await find_plans(engine, given)]
        session = plans[0].session_id if plans else await find_session(engine, given)
        held = any(plan.overall_status is PlanStatus.paused for plan in plans)
        stored = await engine.session_events(session) if trail or held else []
        work = await engine.lookup.at_work(session)
    finally:
        await engine.close()
    events = [*map(on_screen(engine.settings), stored)]
    one = len(plans) == 1 and plans[0].id == given
    told = plan_part(events, given) if one else events
    if json:
        shown = [
            as_json(plan) | ({"trail": as_rows(told if one else of_plan(events, plan.id))} if trail else {})
            for plan in plans
        ]
        whole = (
            {"session_id": session, "plans": shown}
            | as_fields(work)
            | ({"trail": as_rows(told)} if trail else {})
        )
        screen.emit(shown[0] if one else whole)
        return codes.COMPLETED
    numbers = {plan.id: number for number, plan in enumerate(plans, 1)} if len(plans) > 1 else {}
    for plan in plans:
        number = f" {numbers[plan.id]}" if numbers else ""
        screen.say(f"Session {plan.session_id}, plan{number} {plan.id}", "dim")
        show_plan(screen, plan, results=True, left=work.is_left)
        if plan.overall_status is PlanStatus.paused:
            screen.say(f"Paused. {why_held(of_plan(events, plan.id))}", "yellow")
        screen.say()
    if not plans:
        screen.say("This session has no plan: its goal was never planned.")
    if work.is_left:
        tell_left(screen, place, session, work)
    if trail:
        show_trail(screen, told, numbers)
        if left := len(events) - len(told):
            screen.say(
                f"{count(left, 'event')} more in this session: {command(place, 'show', session, '--trail')}",
                "dim", whole=True,
            )  # fmt: skip
    return codes.COMPLETED


def of_plan(events: list[Event], plan_id: str) -> list[Event]:
    """The events that carry the plan's id."""
    return [event for event in events if event.plan_id == plan_id]


def plan_part(events: list[Event], plan_id: str) -> list[Event]:
    """The plan's events with its goal and its planning; all of them where the session has no other plan."""
    recording = Recording(events)
    alone = recording.plans in ([], [plan_id])
    return events if alone else list(recording.of_plan(plan_id).events)


def as_rows(events: list[Event]) -> list[dict[str, Any]]:
    """Events for a program."""
    return [event.model_dump(mode="json") for event in events]


def why_held(trail: list[Event]) -> str:
    """The limit that paused a plan, as it was stored then."""
    told = [event.text for event in trail if event.data.get("status") == PlanStatus.paused]
    return one_line(told[-1] if told else "", 500)


def show_trail(screen: Screen, events: list[Event], numbers: dict[str, int]) -> None:
    """The audit trail in order, what belongs to no plan too. `numbers`: of several plans, to tell whose an event is."""
    screen.say(f"Audit trail: {count(len(events), 'event')}", "bold")
    for event in events:
        whose = ""
        if numbers:
            whose = f"plan {numbers[event.plan_id]}" if event.plan_id in numbers else "-"
        show_event(screen, event, whose)


def show_event(screen: Screen, event: Event, whose: str = "") -> None:
    """One line of the audit trail."""
    when = time.strftime("%H:%M:%S", time.localtime(event.time))
    said = f"{one_line(event.agent, 40)} {one_line(text_of(event), 200)}"
    plan = f"{whose:<8}" if whose else ""
    screen.say(f"{event.seq:>6} {when} {plan}{event.type.value:<22} {said}", "dim", 2)
