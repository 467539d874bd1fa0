"""`macae eval`: how well a provider plans, scored on a set of goals. Nothing is stored, and no tool runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from macae.agents import default_team, load_team
from macae.cli import codes
from macae.cli.opening import Place
from macae.cli.output import Screen, one_line
from macae.errors import InvalidInput
from macae.evals import CaseResult, Report, builtin_sets, client_planner, evaluate, load_goals
from macae.llm import create_client, describe
from macae.monitoring.words import duration
from macae.ui.text import count

__all__ = ["run_eval"]

AT_A_TIME = 4
"""Goals that are planned at the same time, where a server answers."""


async def run_eval(
    place: Place,
    goals: Path | None,
    name: str | None,
    team_file: Path | None,
    json: bool,
    at_a_time: int | None,
) -> int:
    """Plan every goal and score it. Exit code 0 whatever the score, 1 when nothing could be scored. Raises MacaeError."""
    if goals is not None and name is not None:
        raise InvalidInput("Give --goals FILE or --set NAME, not both.")
    if name is not None and name not in builtin_sets():
        raise InvalidInput(
            f"There is no set {name!r}. There are {', '.join(builtin_sets())}; --goals takes a file."
        )
    screen = Screen(json)
    settings = place.settings()
    cases = load_goals(goals if goals is not None else name or "dev")
    team = load_team(team_file) if team_file else default_team()
    screen.say(f"Model: {describe(settings)}", "dim")
    client = create_client(settings)
    parallel = at_a_time or (1 if settings.provider == "offline" else AT_A_TIME)
    try:
        planner = client_planner(client, team, max_steps=settings.max_steps)
        report = await evaluate(
            planner, cases, concurrency=parallel, on_result=lambda r: show_result(screen, r)
        )
    finally:
        await client.close()
    show_report(screen, report)
    if json:
        screen.emit({"model": describe(settings), "set": str(goals or name or "dev"), **report.to_dict()})
    answered = [result for result in report.results if result.outcome is not None]
    return codes.COMPLETED if answered else codes.FAILED


def show_result(screen: Screen, result: CaseResult) -> None:
    """One goal's line, and what is wrong with its plan."""
    word, style = ("passed", "green") if result.passed else ("failed", "red")
    screen.say(f"{word}  {one_line(result.id, 60)}: {one_line(result.goal, 150)}", style)
    for text in result.problems:
        screen.say(one_line(text, 500), indent=8)


def show_report(screen: Screen, report: Report) -> None:
    """The score, by tag too."""
    told: dict[str, Any] = report.to_dict()
    tokens = told["prompt_tokens"] + told["completion_tokens"]
    screen.say()
    screen.say(f"{report.passed} of {count(report.total, 'goal')} passed ({report.score:.0%})", "bold")
    for tag, (passed, total) in report.by_tag().items():
        screen.say(f"{tag}: {passed} of {total}", indent=2)
    screen.say(f"{duration(told['seconds'])} of planning · {count(tokens, 'token')}", "dim")
