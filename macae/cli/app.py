"""The commands and their options. What they do is loaded when it is called for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from macae.cli.alerting import alerts
from macae.cli.coaching import coach
from macae.cli.codes import EXIT_CODES
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
    trail: Annotated[bool, typer.Option("--trail", help="The audit trail too.")] = False,
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


evaluation = typer.Typer(
    help="Score how well the provider turns goals into plans (nothing is stored, no tool runs); `eval rag`: how well it finds and answers.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@evaluation.callback()
def eval_command(
    context: typer.Context,
    goals: Annotated[
        Path | None,
        typer.Option("--goals", help="A file of goals (YAML), as macae/evals/cases.py describes it."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--set", help="A set that comes along: dev (the default), dev2, dev3, or holdout."),
    ] = None,
    team: TeamFile = None,
    parallel: Annotated[
        int | None,
        typer.Option("--parallel", min=1, max=64, help="Goals planned at a time. Default: 4; offline 1."),
    ] = None,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int | None:
    """Score how well the provider turns goals into plans. Nothing is stored, and no tool runs."""
    if context.invoked_subcommand is not None:
        return None
    from macae.cli.evaluate import run_eval

    return asyncio.run(run_eval(place(context, home, user), goals, name, team, json, parallel))


@evaluation.command("rag")
def eval_rag(
    context: typer.Context,
    questions: Annotated[
        Path | None,
        typer.Option("--questions", help="A file of questions (YAML), as macae/evals/rag.py describes it."),
    ] = None,
    documents: Annotated[
        Path | None,
        typer.Option(
            "--documents",
            help="The folder that they are about. Default: MACAE_KNOWLEDGE, or Contoso's policies.",
        ),
    ] = None,
    mode: Annotated[
        list[str] | None,
        typer.Option(
            "--mode",
            help="One way to search; give it more than once. Default: all: 'words', 'words + expansion', 'vectors', 'hybrid', 'hybrid + expansion', 'hybrid + expansion + hops' (what the agents do).",
        ),
    ] = None,
    split: Annotated[str | None, typer.Option("--split", help="Only one half: tune or test.")] = None,
    search_only: Annotated[
        bool, typer.Option("--search-only", help="Measure the search alone; no model is called.")
    ] = False,
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Put the tables into this Markdown file, e.g. docs/retrieval.md."),
    ] = None,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Score how well documents are found and questions answered from them, each way to search apart."""
    from macae.cli.evalrag import run_eval_rag

    return asyncio.run(
        run_eval_rag(
            place(context, home, user), questions, documents, mode or [], split, search_only, write, json
        )
    )


@evaluation.command("pii")
def eval_pii(
    texts: Annotated[
        Path | None,
        typer.Option("--texts", help="A file of texts (YAML), as macae/evals/piitexts.py describes it."),
    ] = None,
    split: Annotated[str | None, typer.Option("--split", help="Only one half: tune or test.")] = None,
    detector: Annotated[
        str, typer.Option("--detector", help="Who looks: patterns (built in), presidio, or both.")
    ] = "patterns",
    json: Json = False,
) -> int:
    """Score how well personal data and secrets are found: precision and recall by kind."""
    from macae.cli.evalpii import run_eval_pii

    return run_eval_pii(texts, split, detector, json)


@evaluation.command("grounding")
def eval_grounding(
    replies: Annotated[
        Path | None,
        typer.Option("--replies", help="A file of replies (YAML), as macae/evals/grounded.py describes it."),
    ] = None,
    json: Json = False,
) -> int:
    """Score how well invented numbers, names and dates in replies are told: precision and recall by kind."""
    from macae.cli.evalgrounding import run_eval_grounding

    return run_eval_grounding(replies, json)


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
