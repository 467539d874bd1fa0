"""What a person can do about a step that failed or was rejected; and a plan that was made anew, as a person reads it."""

from __future__ import annotations

from macae.cli.output import Screen, one_line
from macae.cli.plantext import heading, show_step
from macae.cli.prompting import Prompt
from macae.engine import Engine
from macae.models import PlanWithSteps, Step, StepStatus
from macae.models.plans import OPEN_STEP
from macae.ui.text import clip

__all__ = ["recover", "show_revision"]

RECOVER = {"r": "retry", "v": "revise the plan", "s": "skip", "f": "finish the plan", "q": "quit"}


async def recover(engine: Engine, plan: PlanWithSteps, step: Step, prompt: Prompt) -> bool:
    """Ask what is to become of a step that failed or was rejected. False when the person leaves."""
    screen = prompt.screen
    screen.say()
    screen.say(f"Step {step.index} {step.status}: {one_line(step.task, 200)}", "red")
    if step.error:
        screen.say(clip(step.error, 4_000), indent=5)
    match prompt.choice("What now?", RECOVER):
        case "r":
            await engine.retry(step)
        case "v":
            words = prompt.text("What is to be different? (Enter: leave it to the planner)").strip()
            screen.say("Planning …", "dim", 5)
            show_revision(screen, plan, await engine.revise(plan, words or None))
        case "s":
            await engine.skip(step)
        case "f":
            await engine.finish(plan)
        case _:
            return False
    return True


def show_revision(screen: Screen, before: PlanWithSteps, after: PlanWithSteps) -> None:
    """What a revision made of a plan: what is replaced and why, what is new, what stays."""
    old = {step.id: step for step in before.steps}
    gone = {
        step.id
        for step in after.steps
        if step.status is StepStatus.superseded
        and step.id in old
        and old[step.id].status is not StepStatus.superseded
    }
    shown = [step for step in after.steps if step.id in gone or step.status in OPEN_STEP]
    new = sum(step.id not in old for step in shown)
    screen.say()
    screen.say(
        f"The plan was revised: {len(gone)} replaced, {new} new, {len(shown) - len(gone) - new} kept.", "bold"
    )
    if after.summary:
        screen.say(clip(after.summary, 4_000), indent=2)
    for step in shown:
        if step.id in gone:
            screen.say(heading(step), "dim strike", 2)
            screen.say(f"Replaced: {why_gone(old[step.id])}", "dim", 5)
        else:
            show_step(screen, step, after, results=False)


def why_gone(step: Step) -> str:
    """Why a step was replaced, from how it stood before."""
    reasons = {
        StepStatus.failed: ("it failed", step.error),
        StepStatus.rejected: ("you said no", step.human_feedback),
    }
    what, why = reasons.get(step.status, ("the new plan goes on without it", None))
    return f"{what}: {one_line(why, 500)}" if why else f"{what}."
