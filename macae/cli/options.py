"""The options that several commands share, and what is made of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = [
    "AllowSeconds",
    "AllowTokens",
    "AllowUsd",
    "Answers",
    "Home",
    "Json",
    "TeamFile",
    "User",
    "Yes",
    "allowance",
    "place",
]


def more(value: float | None) -> float | None:
    """An amount that can be added to a limit. Raises typer.BadParameter."""
    if value is not None and not (math.isfinite(value) and value > 0):
        raise typer.BadParameter("Give a number above 0.")
    return value


Home = Annotated[
    Path | None,
    typer.Option("--home", help="Where everything is stored. Default: MACAE_HOME, or .macae here."),
]
User = Annotated[str | None, typer.Option("--user", help="Whom to act as. Default: MACAE_USER, or local.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, messages on stderr.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Approve everything (recorded as auto:yes).")]
Answers = Annotated[
    list[str] | None,
    typer.Option("--answer", help="The answer to a question of the planner. May be repeated."),
]
TeamFile = Annotated[
    Path | None, typer.Option("--team", help="A team file (YAML) instead of Contoso's departments.")
]
AllowTokens = Annotated[
    int | None,
    typer.Option(
        "--allow-tokens",
        callback=more,
        help="Tokens on top, once a limit pauses the plan: its own, its session's, yours, or the day's.",
    ),
]
AllowUsd = Annotated[
    float | None,
    typer.Option(
        "--allow-usd",
        callback=more,
        help="US dollars on top, once a limit pauses the plan: its own, its session's, yours, or the day's.",
    ),
]
AllowSeconds = Annotated[
    float | None,
    typer.Option(
        "--allow-seconds", callback=more, help="Seconds that a plan paused at its limit may work on top."
    ),
]


def allowance(tokens: int | None, usd: float | None, seconds: float | None) -> dict[str, float]:
    """What the --allow options add to each limit; each amount is used once."""
    given = {"tokens": tokens, "usd": usd, "seconds": seconds}
    return {kind: amount for kind, amount in given.items() if amount is not None}


def place(context: typer.Context, home: Path | None, user: str | None) -> Any:
    """Where to work: the command's own options before the ones that stand in front of it."""
    from macae.cli.opening import Place

    before = context.obj or {}
    return Place(home or before.get("home"), user or before.get("user"))
