"""What came of a plan: in words, and as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from macae.cli.costs import measures, total
from macae.cli.output import Screen, one_line
from macae.cli.plantext import STYLES
from macae.models import PlanWithSteps, StepStatus
from macae.models.plans import OVER_PLAN
from macae.ui.text import clip, count
from macae.ui.view import PLAN_LOOK, view

if TYPE_CHECKING:
    from macae.contoso import Diff

__all__ = ["as_json", "show_changes", "show_summary"]

MOST_CHANGES = 60
"""Lines of changes shown; a run that changes more is rare."""


def as_json(plan: PlanWithSteps) -> dict[str, Any]:
    """The plan as JSON, each step with its `tool_calls`: name, arguments, result, is_error.

    `usage` is what planning has used, `total_usage` all of it; `usd` is null where the model's price is not known.
    """
    shown = plan.model_dump(mode="json") | {"total_usage": total(plan).model_dump()}
    for step, row in zip(plan.steps, shown["steps"], strict=True):
        row["tool_calls"] = [
            {"name": c.tool, "arguments": c.arguments, "result": c.result, "is_error": c.is_error}
            for c in step.calls
        ]
    return shown


def show_summary(screen: Screen, plan: PlanWithSteps) -> None:
    """What was done, step by step."""
    look = PLAN_LOOK[plan.overall_status]
    steps = [step for step in plan.steps if step.status is not StepStatus.superseded]
    screen.say()
    told = (
        [f"{look.label}: {plan.completed} of {count(len(steps), 'step')} completed"]
        if steps
        else [look.label]
    )
    screen.say(" · ".join([*told, *measures(total(plan))]), f"bold {STYLES[look.tone]}")
    if not steps and plan.summary and plan.overall_status in OVER_PLAN:
        screen.say(clip(plan.summary, 4_000))
    for step in steps:
        came = step.agent_reply if step.status is StepStatus.completed else step.error or step.human_feedback
        seen = view(step, plan).look
        task = one_line(step.task, 200).rstrip(".")
        screen.say(f"{step.index}. {task}: {seen.label.lower()}", STYLES[seen.tone], 2)
        if came:
            screen.say(clip(came, 1_500), indent=5)


def show_changes(screen: Screen, diff: Diff, shown: Callable[[str], str], since: str = "") -> None:
    """What a run changed in the sample company. `shown`: what makes a text fit for the screen."""
    screen.say()
    if not len(diff):
        screen.say(f"Nothing changed in Contoso{f' {since}' if since else ''}.")
        return
    screen.say(f"What changed in Contoso{f' {since}' if since else ''} ({count(len(diff), 'row')})", "bold")
    done = 0
    styles = {"added": "green", "removed": "red", "changed": "yellow"}
    for table, rows in diff.tables.items():
        if done >= MOST_CHANGES:
            break
        screen.say(table.replace("_", " "), indent=2)
        for row in rows[: MOST_CHANGES - done]:
            screen.say(shown(str(row)), styles[row.kind], 4)
        done += len(rows)
    if done > MOST_CHANGES or len(diff) > MOST_CHANGES:
        screen.say(f"… and {len(diff) - MOST_CHANGES} more rows", "dim", 2)
