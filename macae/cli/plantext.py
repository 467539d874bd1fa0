"""A plan in words, for a terminal."""

from __future__ import annotations

from macae.cli.costs import measures, money, total
from macae.cli.output import Screen, one_line
from macae.models import PlanStatus, PlanWithSteps, Step, StepStatus
from macae.models.plans import OVER_PLAN
from macae.monitoring.words import duration
from macae.ui.text import call_text, clip, count
from macae.ui.view import PLAN_LOOK, STEP_LOOK, view

__all__ = ["INTERRUPTED", "call_of", "heading", "show_call", "show_plan", "show_step"]

STYLES = {"ok": "green", "busy": "cyan", "ask": "yellow", "bad": "red", "off": "dim", "quiet": "dim"}
INTERRUPTED = "Interrupted: no process works on it"
"""How a plan or step stands that was under way when its process ended."""
LONGEST = 4_000
"""Characters shown of one reply or result."""


def call_of(step: Step) -> str:
    """The call that a yes to the step would approve, as a line; empty when none is known."""
    if step.pending_call is not None:
        return one_line(call_text(step.pending_call.tool, step.pending_call.arguments), 2_000)
    return one_line(call_text(step.function, step.arguments), 2_000) if step.function else ""


def heading(step: Step) -> str:
    """The step on one line: number, agent, action."""
    return f"{step.index}. {one_line(step.agent, 60)}: {one_line(step.task, 2_000)}"


def show_call(screen: Screen, step: Step, indent: int = 5) -> None:
    """The step's call, and what a person should know of it before saying yes."""
    if step.pending_call is not None:
        screen.say("The agent asks for a call that was not approved:", "yellow", indent)
    if call := call_of(step):
        screen.say(f"Call: {call}", "bold", indent)
    if step.function and step.arguments is None and step.pending_call is None:
        screen.say(
            "Its arguments come from earlier steps; a call that changes something is asked for by itself.",
            "dim",
            indent,
        )
    if step.interrupted:
        screen.say(
            f"Interrupted while it ran: {one_line('; '.join(step.interrupted_calls))}", "yellow", indent
        )


def show_step(
    screen: Screen,
    step: Step,
    plan: PlanWithSteps,
    results: bool,
    automatic: bool = False,
    left: bool = False,
) -> None:
    """A step of the list: what, who, which call, how it stands; with `results` also what came of it.

    `automatic`: what waits for a yes gets it at once, so that it waits is not said. `left`: no process works on it.
    """
    seen = view(step, plan)
    gone = step.status is StepStatus.superseded
    screen.say(heading(step), "dim strike" if gone else "bold", 2)
    show_call(screen, step)
    parts = [] if automatic and seen.look is STEP_LOOK[StepStatus.awaiting_feedback] else [seen.look.label]
    if left and step.status is StepStatus.action_requested:
        parts = [INTERRUPTED]
    before = {other.id: other.index for other in plan.steps}
    if step.depends_on and step.status is StepStatus.planned:
        parts.append("after step " + ", ".join(str(before[i]) for i in step.depends_on if i in before))
    if seen.blocked_by:
        parts.append("held up by step " + ", ".join(str(other.index) for other in seen.blocked_by))
    if step.approval is not None:
        parts.append(f"yes from {one_line(step.approval.by, 60)}")
    if step.seconds:
        parts.append(duration(step.seconds))
    if step.tokens:
        parts.append(count(step.tokens, "token"))
    if step.usd:  # that there is no price is said once, for the whole plan
        parts.append(money(step.usd))
    if parts:
        screen.say(" · ".join(parts), STYLES[seen.look.tone], 5)
    if step.human_feedback and step.agent_reply != step.human_feedback:
        screen.say(f"You said: {one_line(step.human_feedback, 1_000)}", indent=5)
    if results:
        show_results(screen, step, left)


def show_results(screen: Screen, step: Step, left: bool = False) -> None:
    """The step's calls with their results, and its reply. `left`: no process works on it."""
    for call in step.calls:
        took = "" if call.seconds is None else f" ({duration(call.seconds)})"
        ended: str = "error" if call.is_error else call.state
        if call.state == "unknown" or (left and call.state == "started"):
            ended = "cut off" if call.effect == "read" else "it may have run"
        screen.say(f"{one_line(call_text(call.tool, call.arguments), 2_000)}: {ended}{took}", "dim", 5)
        if call.result and call.result != step.agent_reply:
            screen.say(clip(call.result, LONGEST), indent=7)
    if step.error and step.status is not StepStatus.completed:
        screen.say(clip(step.error, LONGEST), "red", 5)
    if step.agent_reply:
        screen.say(clip(step.agent_reply, LONGEST), indent=5)


def show_plan(
    screen: Screen, plan: PlanWithSteps, results: bool = False, automatic: bool = False, left: bool = False
) -> None:
    """The goal, the summary, the steps, and a question where one is open.

    `automatic`: steps get their yes by an option. `left`: no process works on the session.
    """
    look = PLAN_LOOK[plan.overall_status]
    screen.say(f"Goal: {one_line(plan.initial_goal, 2_000)}", "bold")
    stands = INTERRUPTED if left and plan.overall_status is PlanStatus.in_progress else look.label
    screen.say(f"{stands}. {clip(plan.summary or '', LONGEST)}".rstrip(), STYLES[look.tone])
    for step in plan.steps:
        if results or step.status is not StepStatus.superseded:
            show_step(screen, step, plan, results, automatic, left)
    question = plan.human_clarification_request
    if question and (results or plan.overall_status not in OVER_PLAN):
        screen.say(f"Question: {clip(question, LONGEST)}", "yellow")
        if plan.human_clarification_response:
            screen.say(f"Answer: {clip(plan.human_clarification_response, LONGEST)}")
    if results:
        show_usage(screen, plan)


def show_usage(screen: Screen, plan: PlanWithSteps) -> None:
    """What the plan has used, its planning apart, and what was allowed beyond its limits."""
    for title, used in (("Used", total(plan)), ("Planning alone", plan.usage)):
        if told := measures(used):
            screen.say(f"{title}: {' · '.join(told)}", "dim")
    more = plan.allowed_more
    given = [count(more.tokens, "token")] * bool(more.tokens) + [money(more.usd)] * bool(more.usd)
    given += [duration(more.seconds)] * bool(more.seconds)
    if given:
        screen.say(f"Allowed beyond its limits: {' · '.join(given)}", "dim")
