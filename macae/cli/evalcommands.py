"""`macae eval`: the commands that score a part of the engine, and their options."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from macae.cli.options import Home, Json, TeamFile, User, place

__all__ = ["evaluation"]

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
