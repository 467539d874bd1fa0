"""`macae tail`: what happens in a session, as it happens, whichever process does it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from macae.cli.options import Home, User, place

if TYPE_CHECKING:
    from macae.cli.eventlines import Printer
    from macae.cli.opening import Place
    from macae.cli.output import Screen
    from macae.memory.archive.protocol import Archive
    from macae.models import Event

__all__ = ["tail"]

PAUSE = {"sqlite": 0.3, "cosmos": 2.0}
"""Seconds between two looks into the store; in Cosmos DB each costs a request or two."""
LOOK = 3.0
"""Seconds between two looks at who works on the session, while nothing comes."""
PAGE = 1_000
"""Events read at once."""


def tail(
    context: typer.Context,
    session: Annotated[
        str | None,
        typer.Argument(
            metavar="SESSION|PLAN",
            help="An id, or the first characters (4 or more) of a session's. Default: your newest session.",
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
    """Follow a session live: plans, steps, tool and model calls, whichever process makes them. Ends when its plans are over, and
    with exit code 1 when no process works on it any more."""
    from macae.cli.eventlines import Printer

    wanted = wish(kind or [], agent or [])
    printer = Printer(json, [name.strip() for name in agent or []])
    return asyncio.run(
        follow_session(place(context, home, user), session, wanted, follow, until_over, printer)
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
    from macae.cli.eventlines import on_screen
    from macae.models import EventType

    settings = place.settings()
    shown = on_screen(settings)
    async with opened_archive(settings) as store:
        session = await (
            find_stored(store, settings.user, given, plans=True) if given else newest(store, settings.user)
        )
        printer.begin(session)
        after, refused, planless = 0, False, False
        watch = Standstill(store, settings.user, session, printer.screen, PAUSE[settings.store], place)
        while True:
            # Looked at first: what is stored before the plan's end is then surely among the events below.
            over = not follow or (
                until_over and (refused or await is_over(store, settings.user, session, planless))
            )
            events = await store.events(user_id=settings.user, session_id=session, after=after, limit=PAGE)
            for event in events:
                after, refused = event.seq, event.type is EventType.goal_refused
                if event.type in (EventType.goal_received, EventType.planning_failed):
                    planless = event.type is EventType.planning_failed
                printer.learn(event)
                if wanted(event):
                    printer.show(shown(event))
            if len(events) < PAGE:  # all that is stored was seen
                printer.tell_unknown()
            if printer.unread or (over and len(events) < PAGE):
                if not follow:
                    await watch.look()
                return codes.COMPLETED
            if events:
                watch.moved()
            elif await watch.is_left() and until_over:
                return codes.FAILED
            if len(events) < PAGE:
                await asyncio.sleep(PAUSE[settings.store])


class Standstill:
    """Says once why nothing comes: no process works on the session, or it waits for a person."""

    def __init__(
        self, store: Archive, user: str, session: str, screen: Screen, pause: float, place: Place
    ) -> None:
        self._store, self._user, self._session, self._screen, self._place = (
            store,
            user,
            session,
            screen,
            place,
        )
        self._polls, self._every = 0, max(1, round(LOOK / pause))
        self._told = False

    def moved(self) -> None:
        """Something has come."""
        self._polls, self._told = 0, False

    async def is_left(self) -> bool:
        """Whether no process works on the session; asked now and then. Raises StoreError."""
        self._polls += 1
        return self._polls % self._every == 1 % self._every and await self.look()

    async def look(self) -> bool:
        """Whether no process works on the session. Raises StoreError."""
        from macae.cli.opening import command
        from macae.cli.unattended import tell_left
        from macae.memory.atwork import at_work

        work = await at_work(self._store, self._user, self._session)
        if not self._told and work.is_left:
            tell_left(self._screen, self._place, self._session, work)
        elif not self._told and work.asks and not work.busy:
            way = command(self._place, "resume", self._session)
            self._screen.say(f"It waits for a person. To decide here: {way}", "yellow", whole=True)
        self._told = self._told or work.is_left or (work.asks and not work.busy)
        return work.is_left


async def newest(store: Archive, user: str) -> str:
    """The user's newest session. Raises NotFound."""
    from macae.cli.hints import hint
    from macae.errors import NotFound

    page = await store.sessions(user_id=user, limit=1)
    if not page.items:
        raise NotFound(f"There is no session of yours. Begin with `{hint('run')}`.")
    return str(page.items[0].session_id)


async def is_over(store: Archive, user: str, session: str, planless: bool) -> bool:
    """Whether nothing more comes by itself or by a decision: all plans are over, or `planless`: none came of the last goal."""
    from macae.models import Plan
    from macae.models.plans import OVER_PLAN

    plans = await store.find(Plan, user_id=user, session_id=session, data_type="plan")
    return bool(plans or planless) and all(plan.overall_status in OVER_PLAN for plan in plans)
