"""`macae sessions` and `macae show`: what is stored. Nothing is started, and no model is needed."""

from __future__ import annotations

import time
from typing import Any

from macae.cli import codes
from macae.cli.archives import is_begun
from macae.cli.finding import find_plans
from macae.cli.hints import hint
from macae.cli.opening import Place, command
from macae.cli.output import Screen, one_line
from macae.cli.plantext import show_plan
from macae.cli.summary import as_json
from macae.engine import Engine
from macae.errors import NotFound
from macae.models import Event, PlanStatus, Session
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
    return {
        "session_id": session.session_id,
        "ts": session.ts,
        "status": last.value if last else None,
        "status_label": PLAN_LOOK[last].label if last else "No plan",
        "goals": [plan.initial_goal for plan in plans],
        "plans": [plan.id for plan in plans],
    }


async def show_stored(place: Place, given: str, trail: bool, json: bool) -> int:
    """Show a plan, or all plans of a session; with `trail` the audit trail too. Gives the exit code."""
    screen = Screen(json)
    engine = reader(place)
    try:
        await engine.store.open()
        plans = [engine.shown_plan(plan) for plan in await find_plans(engine, given)]
        trails = {
            plan.id: await engine.trail(plan)
            for plan in plans
            if trail or plan.overall_status is PlanStatus.paused
        }
    finally:
        await engine.close()
    if json:
        shown = [
            as_json(plan) | ({"trail": [e.model_dump(mode="json") for e in trails[plan.id]]} if trail else {})
            for plan in plans
        ]
        one = len(plans) == 1 and plans[0].id == given
        screen.emit(
            shown[0] if one else {"session_id": plans[0].session_id if plans else given, "plans": shown}
        )
        return codes.COMPLETED
    for plan in plans:
        screen.say(f"Session {plan.session_id}, plan {plan.id}", "dim")
        show_plan(screen, plan, results=True)
        if plan.overall_status is PlanStatus.paused:
            screen.say(f"Paused. {why_held(trails[plan.id])}", "yellow")
        for event in trails[plan.id] if trail else []:
            show_event(screen, event.model_copy(update={"text": engine.shown(event.text)}))
        screen.say()
    if not plans:
        screen.say("This session has no plan: its goal was never planned.")
    return codes.COMPLETED


def why_held(trail: list[Event]) -> str:
    """The limit that paused a plan, as it was stored then."""
    told = [event.text for event in trail if event.data.get("status") == PlanStatus.paused]
    return one_line(told[-1] if told else "", 500)


def show_event(screen: Screen, event: Event) -> None:
    """One line of the audit trail."""
    when = time.strftime("%H:%M:%S", time.localtime(event.time))
    screen.say(
        f"{event.seq:>6} {when} {event.type.value:<22} {one_line(event.agent, 40)} {one_line(event.text, 200)}",
        "dim",
        2,
    )
