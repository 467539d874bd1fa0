"""The commands and their options. What they do is loaded when it is called for."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from macae.cli.alerting import alerts
from macae.cli.coaching import coach
from macae.cli.codes import EXIT_CODES
from macae.cli.evalcommands import evaluation
from macae.cli.learning import workshop
from macae.cli.options import (
    AllowSeconds,
    AllowTokens,
    AllowUsd,
    Answers,
    Home,
    Json,
    TeamFile,
    User,
    Yes,
    allowance,
    place,
)
from macae.cli.reporting import report
from macae.cli.searching import search
from macae.cli.storing import store
from macae.cli.tailing import tail

__all__ = ["app"]

app = typer.Typer(
    help="A multi-agent engine: a goal becomes a plan, each step waits for your yes, agents carry it out.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


app.add_typer(workshop, name="workshop")


def version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        from macae import __version__

        typer.echo(f"macae {__version__}")
        raise typer.Exit()


@app.callback()
def options(
    context: typer.Context,
    home: Home = None,
    user: User = None,
    version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options that may also stand in front of the command."""
    context.obj = {"home": home, "user": user}


@app.command("run", epilog=EXIT_CODES)
def run_command(
    context: typer.Context,
    goal: Annotated[str, typer.Argument(help="What is to be done, in quotes.")],
    yes: Yes = False,
    answer: Answers = None,
    session: Annotated[
        str | None, typer.Option("--session", help="Go on in this session. Default: a new one.")
    ] = None,
    team: TeamFile = None,
    allow_tokens: AllowTokens = None,
    allow_usd: AllowUsd = None,
    allow_seconds: AllowSeconds = None,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Have a goal planned, decide on its steps, and watch them being carried out."""
    from macae.cli.goal import run_goal
    from macae.cli.running import Run

    run = Run(
        place(context, home, user),
        yes=yes,
        answers=list(answer or ()),
        json=json,
        team=team,
        wanted_session=session,
        allow=allowance(allow_tokens, allow_usd, allow_seconds),
    )
    return run.run(run_goal(run, goal))


@app.command(epilog=EXIT_CODES)
def resume(
    context: typer.Context,
    session: Annotated[
        str | None,
        typer.Argument(
            help="A session's or plan's id, or the first characters (4 or more) of a session's. Default: your newest open session."
        ),
    ] = None,
    yes: Yes = False,
    answer: Answers = None,
    team: TeamFile = None,
    allow_tokens: AllowTokens = None,
    allow_usd: AllowUsd = None,
    allow_seconds: AllowSeconds = None,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Take a session up again where it was left."""
    from macae.cli.goal import resume_session
    from macae.cli.running import Run

    run = Run(
        place(context, home, user),
        yes=yes,
        answers=list(answer or ()),
        json=json,
        team=team,
        allow=allowance(allow_tokens, allow_usd, allow_seconds),
    )
    return run.run(resume_session(run, session))


@app.command()
def demo(
    context: typer.Context,
    ask: Annotated[bool, typer.Option("--ask", help="You press the keys.")] = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Onboard Jessica Smith, with everything shown; in a temporary home unless --home is given."""
    from macae.cli.demo import run_demo

    return run_demo(place(context, home, user), ask)


@app.command()
def sessions(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="How many.")] = 20,
    before: Annotated[str | None, typer.Option("--before", help="Go on where the last page ended.")] = None,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """List your sessions, newest first."""
    from macae.cli.history import show_sessions

    return asyncio.run(show_sessions(place(context, home, user), limit, before, json))


@app.command()
def show(
    context: typer.Context,
    which: Annotated[
        str,
        typer.Argument(
            metavar="SESSION|PLAN", help="An id, or the first characters (4 or more) of a session's."
        ),
    ],
    trail: Annotated[
        bool,
        typer.Option(
            "--trail",
            help="The audit trail too: all that happened in the session (or for the plan), in order.",
        ),
    ] = False,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Show what is stored of a session or plan. Nothing is started."""
    from macae.cli.history import show_stored

    return asyncio.run(show_stored(place(context, home, user), which, trail, json))


app.command()(search)
app.command()(tail)
app.command()(report)


@app.command()
def tools(
    context: typer.Context, team: TeamFile = None, json: Json = False, home: Home = None, user: User = None
) -> int:
    """List the agents and their tools."""
    from macae.cli.toolbox import show_tools

    return show_tools(team, json)


app.add_typer(evaluation, name="eval")


@app.command()
def doctor(
    context: typer.Context,
    fetch: Annotated[
        bool,
        typer.Option(
            "--fetch",
            help="Download the embedding model (79 MB) if it is not there, and embed the documents with it.",
        ),
    ] = False,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Look for what is wrong with this installation, and how to mend it. Exit code 1 when there is a problem."""
    from macae.cli.checkup import show_doctor

    return show_doctor(place(context, home, user), json, fetch)


app.add_typer(store, name="store")
app.add_typer(alerts, name="alerts")
app.add_typer(coach, name="coach")
