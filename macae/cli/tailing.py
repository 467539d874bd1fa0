"""`macae tail`: what happens in a session, as it happens, whichever process does it."""

from __future__ import annotations

import asyncio
import json as jsonlib
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from macae.cli.options import Home, User, place

if TYPE_CHECKING:
    from macae.cli.opening import Place
    from macae.memory.archive.protocol import Archive
    from macae.models import Event

__all__ = ["tail"]

PAUSE = 0.3
"""Seconds between two looks into the store."""
PAGE = 1_000
"""Events read at once."""


def tail(
    context: typer.Context,
    session: Annotated[
        str | None,
        typer.Argument(
            help="A session's id, or its first characters (4 or more). Default: your newest session."
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow/--no-follow", help="Wait for what comes, or only show what is stored.")
    ] = True,
    until_over: Annotated[
        bool,
        typer.Option(
            "--until-over/--forever", help="End when all plans of the session are over, or only by Ctrl+C."
        ),
    ] = True,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--type", help="Only events of this type (tool_finished, step_*, …); give it more than once."
        ),
    ] = None,
    agent: Annotated[
        list[str] | None,
        typer.Option("--agent", help="Only events of this agent; give it more than once."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line on stdout.")] = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Follow a session live: plans, steps, tool and model calls, whichever process makes them. Ends when its plans are over."""
    wanted = wish(kind or [], agent or [])
    return asyncio.run(
        follow_session(place(context, home, user), session, wanted, follow, until_over, Printer(json))
    )


def wish(kinds: list[str], agents: list[str]) -> Callable[[Event], bool]:
    """Which events to show. Raises InvalidInput for a type that does not exist."""
    from fnmatch import fnmatchcase

    from macae.errors import InvalidInput
    from macae.models import EventType

    types: set[EventType] = set()
    for given in kinds:
        fitting = {kind for kind in EventType if fnmatchcase(kind.value, given.strip().lower())}
        if not fitting:
            raise InvalidInput(
                f"There is no event type {given[:40]!r}. There are: {', '.join(kind.value for kind in EventType)}."
            )
        types |= fitting
    names = {name.strip().lower() for name in agents}
    return lambda event: (not types or event.type in types) and (not names or event.agent.lower() in names)


async def follow_session(
    place: Place,
    given: str | None,
    wanted: Callable[[Event], bool],
    follow: bool,
    until_over: bool,
    printer: Printer,
) -> int:
    """Show what is stored, then what comes. Gives the exit code. Raises MacaeError."""
    from macae.cli import codes
    from macae.cli.archives import find_stored, opened_archive
    from macae.models import EventType

    settings = place.settings()
    async with opened_archive(settings) as store:
        session = await (find_stored(store, settings.user, given) if given else newest(store, settings.user))
        printer.begin(session)
        after, refused = 0, False
        while True:
            # Looked at first: what is stored before the plan's end is then surely among the events below.
            over = not follow or (until_over and (refused or await is_over(store, settings.user, session)))
            events = await store.events(user_id=settings.user, session_id=session, after=after, limit=PAGE)
            for event in events:
                after, refused = event.seq, event.type is EventType.goal_refused
                printer.learn(event)
                if wanted(event):
                    printer.show(event)
            if printer.unread or (over and len(events) < PAGE):
                return codes.COMPLETED
            if len(events) < PAGE:
                await asyncio.sleep(PAUSE)


async def newest(store: Archive, user: str) -> str:
    """The user's newest session. Raises NotFound."""
    from macae.cli.hints import hint
    from macae.errors import NotFound

    page = await store.sessions(user_id=user, limit=1)
    if not page.items:
        raise NotFound(f"There is no session of yours. Begin with `{hint('run')}`.")
    return str(page.items[0].session_id)


async def is_over(store: Archive, user: str, session: str) -> bool:
    """Whether nothing more comes by itself or by a decision: there are plans, and all are over."""
    from macae.models import Plan
    from macae.models.plans import OVER_PLAN

    plans = await store.find(Plan, user_id=user, session_id=session, data_type="plan")
    return bool(plans) and all(plan.overall_status in OVER_PLAN for plan in plans)


class Printer:
    """Events as coloured lines, or as one JSON object a line."""

    def __init__(self, json: bool) -> None:
        from macae.cli.output import Screen

        self.json = json
        self.screen = Screen(json)
        self._unread = False
        self._numbers: dict[str, int] = {}
        """By step: its place in the plan, as the first event that shows the step tells it."""

    @property
    def unread(self) -> bool:
        """Whether whoever read this has gone."""
        return self._unread or (not self.json and self.screen.console.quiet)

    def begin(self, session: str) -> None:
        """Say what is followed."""
        self.screen.say(f"Session {session}", "dim")

    def show(self, event: Event) -> None:
        """One event."""
        if self.json:
            self.emit(event)
            return
        from macae.cli.output import one_line
        from macae.monitoring.sinks.trace import spoken

        when = time.strftime("%H:%M:%S", time.localtime(event.time))
        source, target, text = spoken(event)
        who = f"{one_line(source, 60)} → {one_line(target, 60)}" if target else one_line(source, 60)
        number = self._numbers.get(event.step_id or "")
        step = f"[{number}] " if number is not None else ""
        self.screen.say(f"{event.seq:>6} {when} {step}{who}: {one_line(text, 500)}", style_of(event))

    def learn(self, event: Event) -> None:
        """Know the numbers of the steps that an event shows for the first time."""
        for document, delta in event.changes.items():
            if isinstance(delta.get("index"), int):
                self._numbers[document] = delta["index"]

    def emit(self, event: Event) -> None:
        """One line of JSON: plain characters only, so that no terminal obeys it."""
        from macae.cli.output import silence

        text = jsonlib.dumps(event.model_dump(mode="json"), ensure_ascii=True).replace("\x7f", "\\u007f")
        try:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            silence(sys.stdout)
            self._unread = True


def style_of(event: Event) -> str:
    """Its colour: red for what went wrong, yellow for what waits or warns, green for what is done."""
    from macae.models import EventType

    name = event.type.value
    if event.data.get("state") in ("failed", "unknown") or event.data.get("ok") is False:
        return "red"
    if name.endswith(("_failed", "_interrupted", "_cancelled", "_rejected")) or name == "alert_raised":
        return "red"
    if name.endswith(("_refused", "_asked", "_offered", "_paused", "_warned", "_waiting")):
        return "yellow"
    if event.type is EventType.violation_found:
        return "yellow"
    if name.endswith(("_completed", "_resolved")):
        return "green"
    if name.startswith(("model_", "document_", "memory_")):
        return "dim"
    return "cyan" if name.startswith("tool_") else ""
