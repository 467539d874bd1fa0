"""`macae workshop`: a learner's copies of the challenges, where they stand, and building the challenges from the solutions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from macae.cli import codes
from macae.cli.output import Screen

__all__ = ["workshop"]

workshop = typer.Typer(
    help="Your copies of the challenge notebooks, and your progress.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Number = Annotated[int, typer.Argument(metavar="N", help="The challenge's number.")]


@workshop.callback()
def only_here(context: typer.Context) -> None:
    """Your copies of the challenge notebooks, and your progress."""
    if (context.obj or {}).get("home") is not None:
        raise typer.BadParameter("The notebooks ask MACAE_HOME: set that instead of --home.")


def shown(path: Path) -> str:
    """A path as one would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


@workshop.command()
def start(
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing when nothing was copied.")] = False,
) -> int:
    """Put a copy of each challenge into my/. Copies in which you have written stay as they are."""
    from macae.workshop import copies

    screen = Screen(False)
    made = copies.start()
    if made or not quiet:
        new = f", {len(made)} of them new" if made else ""
        screen.say(f"Your copies of the challenges are in {shown(copies.my_folder())}{new}.")
    return codes.COMPLETED


@workshop.command()
def jump(number: Number) -> int:
    """Go to a challenge. Nothing is lost, and ours stand in for what you have not built."""
    from macae.workshop import copies

    path = copies.jump(number)
    Screen(False).say(f"Open {shown(path)}. Whatever you have not built before it is there in our version.")
    return codes.COMPLETED


@workshop.command()
def reset(number: Number) -> int:
    """Take a fresh copy of a challenge. What you wrote is kept in my/backup."""
    from macae.workshop import copies

    path, backup = copies.reset(number)
    screen = Screen(False)
    screen.say(f"Fresh: {shown(path)}")
    if backup is not None:
        screen.say(f"What you had: {shown(backup)}")
    screen.say("What had passed still counts, and still runs in your engine, until a new answer passes.")
    return codes.COMPLETED


@workshop.command()
def progress(
    code: Annotated[bool, typer.Option("--code", help="A short code for your coach instead.")] = False,
) -> int:
    """Where you stand."""
    from macae.workshop.learner import entries
    from macae.workshop.picture import progress_card
    from macae.workshop.standing import standing, summarise

    screen = Screen(False)
    if code:
        from macae.workshop.coach.code import encode

        screen.say(encode(summarise(entries())))
    else:
        screen.say(repr(progress_card(standing(entries()))))
    return codes.COMPLETED


@workshop.command()
def build(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; show how they differ, exit code 1 if they do.")
    ] = False,
) -> int:  # fmt: skip
    """Build challenges/ from solutions/, and the walkthroughs from the package. For those who write the workshop."""
    from macae.workshop import build as builder

    screen = Screen(False)
    if check:
        diff = builder.differences()
        screen.say(diff or "All is as it would be built.")
        return codes.FAILED if diff else codes.COMPLETED
    for path in builder.build():
        screen.say(f"Built: {shown(path)}" if path.exists() else f"Removed: {shown(path)}")
    return codes.COMPLETED
