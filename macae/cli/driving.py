"""A plan is carried on until it is over, or whoever decides leaves it."""

from __future__ import annotations

from typing import Protocol

from macae.agents.team import HUMAN
from macae.cli.limits import go_on, remarks, whose
from macae.cli.plantext import show_plan
from macae.cli.progress import Progress
from macae.engine import Engine
from macae.errors import Conflict, NotAllowed
from macae.models import PlanStatus, PlanWithSteps, Step, StepStatus
from macae.models.plans import OVER_PLAN

__all__ = ["Automatic", "Decider", "drive"]

TROUBLED = frozenset({StepStatus.failed, StepStatus.rejected})


class Decider(Protocol):
    """Who decides: a person at the terminal, or an option."""

    async def act(self, engine: Engine, plan: PlanWithSteps) -> bool:
        """Make the next decision on a plan on which nothing runs. False: leave it as it is."""


async def drive(
    engine: Engine,
    plan: PlanWithSteps,
    decider: Decider,
    progress: Progress,
    allow: dict[str, float] | None = None,
) -> PlanWithSteps:
    """Let approved work run, have the next decision made, and so on. Gives the plan as it is stored then.

    `allow`: what may be used beyond the plan's limits without asking, by kind; each amount once.
    """
    progress.take(plan)
    while True:
        plan = await engine.wait(plan)
        progress.take(plan)
        if plan.overall_status in OVER_PLAN:
            return plan
        try:
            if not (await past_limit(engine, plan, progress, allow or {}) or await decider.act(engine, plan)):
                return await engine.plan(plan)
        except Conflict as conflict:
            progress.screen.say(f"{conflict} Somebody else has decided meanwhile.", "yellow")
        asked, plan = plan.overall_status, await engine.plan(plan)
        progress.take(plan)
        if asked is PlanStatus.awaiting_clarification and plan.overall_status is not asked:
            automatic = isinstance(decider, Automatic) and bool(decider.by)
            show_plan(progress.screen, engine.shown_plan(plan), automatic=automatic)


async def past_limit(
    engine: Engine, plan: PlanWithSteps, progress: Progress, allow: dict[str, float]
) -> bool:
    """Say at which limit a plan is paused, and take it on where nobody needs to be asked. False: somebody has to decide."""
    if plan.overall_status is not PlanStatus.paused:
        return False
    limit = engine.held_by(plan)
    progress.screen.say(
        f"Paused. {limit.text}" if limit else "The limit that paused the plan is lifted.", "yellow"
    )
    for remark in remarks(limit, allow):
        progress.screen.say(remark, "yellow")
    if not await go_on(engine, plan, limit, allow):
        return False
    told = "It may use more now, and"
    if limit is not None and limit.scope != "plan":
        told = f"More is allowed for {whose(limit)} now; the plan"
    progress.screen.say(f"{told} goes on.", "yellow")
    return True


class Automatic:
    """Says yes to everything that may be said yes to without a person, and finishes a plan in which a step failed.

    What it leaves alone: a person's own steps, and interrupted ones whose call may have run, because a second run would be silent.
    """

    def __init__(self, by: str | None, answers: list[str], asker: Decider | None = None) -> None:
        self.by, self.answers, self.asker = by, answers, asker
        """`by` None: only questions are answered, nothing is approved. `asker` is the person at the terminal, if there is one,
        for what only a person can say."""

    async def act(self, engine: Engine, plan: PlanWithSteps) -> bool:
        """Approve what waits, answer from the given answers, finish after a failure."""
        if plan.overall_status is PlanStatus.awaiting_clarification and self.answers:
            await engine.clarify(plan, self.answers.pop(0))
            return True
        if self.by and plan.overall_status is PlanStatus.paused:
            return False  # a yes to every step is no yes to every price
        if self.by and plan.overall_status is PlanStatus.in_progress:
            waiting = [step for step in plan.steps if step.status is StepStatus.awaiting_feedback]
            if ready := [step for step in waiting if self.may_approve(step)]:
                for step in ready:
                    try:
                        await engine.approve(step, by=self.by)
                    except NotAllowed:
                        if (await engine.wait(plan)).overall_status is not PlanStatus.paused:
                            raise
                        break  # the yes before this one has met a limit
                return True
            if any(step.status in TROUBLED for step in plan.steps):
                await engine.finish(plan, "A step failed, and nobody was asked (--yes).")
                return True
        return await self.asker.act(engine, plan) if self.asker else False

    @staticmethod
    def may_approve(step: Step) -> bool:
        """Whether a yes without a person does no harm."""
        may_have_run = step.interrupted and any(call.state == "unknown" for call in step.calls)
        return step.agent != HUMAN and not may_have_run
