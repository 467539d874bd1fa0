"""Checks of a manager whose engine is closed while a step is carried out: the step is left as it is."""

from __future__ import annotations

from typing import Any

from macae.models import StepStatus
from macae.workshop.props.bench import Job, Kitchen, given_plans, obedient
from macae.workshop.props.scene import scene
from macae.workshop.trial import Trial

__all__ = ["leaves_what_was_cut_off"]


async def leaves_what_was_cut_off(attempt: Any, trial: Trial) -> None:
    """The engine is closed in the middle of a step. Reopening takes care of it, so nothing is made of it before."""
    kitchen = Kitchen()
    kitchen.together = {"oat", "rye"}  # nobody bakes rye, so the oven is busy when the engine is closed
    parts = {"team": kitchen.team(), "model": trial.model(obedient), "manager": attempt}
    planner = given_plans([Job("bake", "oat")])
    async with trial.engine(planner=planner, **parts) as engine:
        here = await scene(trial, engine, kitchen)
        step = await engine.approve(here.plan.steps[0])
        await trial.waits(kitchen.begun.wait(), 5, "the approved step begins")
        await engine.close(0)
    async with trial.engine(planner=planner, **parts) as engine:
        after = (await engine.plan(step.plan_id)).steps[0]
    trial.expect(
        after.status in (StepStatus.action_requested, StepStatus.awaiting_feedback) and not after.error,
        expected="a step that was cut off by the closing engine is no failure: reopening shows it to the person",
        seen=f"the step is `{after.status}`, {after.error!r}",
        look="Between `dispatch` and `settle`: `if run.released: return`.",
        kind="cut-off-settled",
    )
    trial.proven("When the engine is closed in the middle of a step, the step is left for reopening.")
