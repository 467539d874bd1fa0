"""What a person is told of a session on which no process works: since when, what was under way, and how it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from macae.cli.opening import Place, command

if TYPE_CHECKING:
    from macae.cli.output import Screen
    from macae.memory.atwork import AtWork

__all__ = ["as_fields", "tell_left"]


def tell_left(screen: Screen, place: Place, session: str, work: AtWork) -> None:
    """Say that nobody works on the session, and the command that takes it up."""
    under_way = ", ".join(work.left[:3]) + (", …" if len(work.left) > 3 else "")
    screen.say(f"No process works on this session{work.since_text}. Under way then: {under_way}.", "yellow")
    screen.say(f"Take it up again: {command(place, 'resume', session)}", "yellow", whole=True)


def as_fields(work: AtWork) -> dict[str, Any]:
    """The same for programs: what a process that is gone has left, and its last sign of life (Unix time); null where none is."""
    return (
        {"left": list(work.left), "left_since": work.since}
        if work.is_left
        else {"left": [], "left_since": None}
    )
