"""`macae search`: what was said in your sessions, found by what it says."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from macae.cli.options import Home, Json, User, place

if TYPE_CHECKING:
    from macae.cli.opening import Place
    from macae.cli.output import Screen
    from macae.memory.semantic import Said

__all__ = ["search"]

LONGEST = 2_000
"""Characters of a question."""


def search(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="What you look for, in quotes.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="How many at most.")] = 5,
    session: Annotated[
        str | None,
        typer.Option("--session", help="In this session alone: its id, or its first characters (4 or more)."),
    ] = None,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Find what agents and people said in your sessions, with who said it, when and where. New messages are embedded first."""
    return asyncio.run(search_said(place(context, home, user), question, limit, session, json))


async def search_said(place: Place, question: str, limit: int, session: str | None, json: bool) -> int:
    """Take in what is new, and show what fits the question best. Gives the exit code. Raises MacaeError."""
    from macae.cli import codes
    from macae.cli.archives import find_stored, opened_archive
    from macae.cli.output import Screen
    from macae.errors import InvalidInput
    from macae.memory.semantic import MessageIndex, describe_embedding

    if not question.strip() or len(question) > LONGEST:
        raise InvalidInput(f"Say what you look for, in 1 to {LONGEST:,} characters.")
    screen = Screen(json)
    settings = place.settings()
    line = describe_embedding(settings)
    async with opened_archive(settings) as store:
        only = await find_stored(store, settings.user, session) if session else None
        screen.say(line, "dim")
        async with MessageIndex(store, user_id=settings.user, settings=settings) as index:
            new = await index.update(only, told=lambda done, total: progress(screen, done, total))
            found = [
                said for said in await index.search(question, k=limit, session_id=only) if said.score > 0
            ]
    if json:
        screen.emit({"embedding": line, "new": new, "found": [asdict(said) for said in found]})
        return codes.COMPLETED
    for said in found:
        show(screen, said)
    if not found:
        screen.say("Nothing that was said there is like it.")
    return codes.COMPLETED


def progress(screen: Screen, done: int, total: int) -> None:
    """A line where embedding takes a while."""
    if done == total or done % 320 == 0:
        screen.say(f"{done} of {total} new messages embedded", "dim")


def show(screen: Screen, said: Said) -> None:
    """What was said, and where it comes from."""
    from macae.cli.output import one_line

    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(said.when)) if said.when else "?"
    screen.put(f"{said.score:.2f}  {when}  {one_line(said.who, 60)}")
    screen.put(f"      {one_line(said.text, 400)}")
    source = (("session", said.session_id), ("plan", said.plan_id), ("step", said.step_id))
    screen.say(", ".join(f"{what} {one_line(of, 120)}" for what, of in source if of), "dim", 6)
