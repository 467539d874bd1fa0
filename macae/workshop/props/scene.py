"""A plan in a real engine with the learner's manager, and how it stands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from macae.errors import Conflict, NotFound
from macae.models import PlanWithSteps
from macae.workshop.props.bench import Kitchen
from macae.workshop.trial import Trial
from macae.workshop.verdict import NotYet

if TYPE_CHECKING:
    from macae.engine import Engine

__all__ = ["Scene", "scene"]


class Scene:
    """A plan in a real engine with the learner's manager."""

    def __init__(self, trial: Trial, engine: Engine, kitchen: Kitchen, plan: PlanWithSteps) -> None:
        self.trial, self.engine, self.kitchen, self.plan = trial, engine, kitchen, plan

    async def rest(self) -> PlanWithSteps:
        """Wait until nothing is under way for the plan; the plan as it is then stored. Nobody gives the manager a nudge here."""
        live = await self.engine.live(self.plan.session_id)
        while busy := live.tasks.of(self.plan.id):
            await asyncio.wait(busy)
        trouble = live.trouble(self.plan.id)
        self.expect(
            not self.kitchen.alone,
            "the two baking steps, which need nothing of each other, run at the same time",
            "Start each with `self.context.spawn(self.execute_step(step), plan_id)`; don't await one before you start the next.",
            "one-by-one",
        )
        if trouble is not None:
            words = str(trouble)
            if isinstance(trouble, Conflict):
                raise NotYet(
                    "conflict-out",
                    "`execute_step` ends quietly when somebody else was quicker: the step is in good hands",
                    f"a `Conflict` got out: {words}",
                    "`try:` around `dispatch` and `settle`, then `except (Conflict, NotAllowed): return`.",
                )
            if "To do: " in words:
                raise NotImplementedError(words[words.index("To do: ") :])
            raise NotYet(
                "exception",
                "the work on the plan comes to an end",
                words,
                'An earlier exercise\'s function that is not done yet? `mine("dispatch")` gives yours once it passed, ours until then.',
            )
        self.plan = await self.engine.plan(self.plan)
        return self.plan

    @property
    def stands(self) -> str:
        """How the plan and its steps stand."""
        return f"the plan is {self.plan.overall_status}; {described_plainly(self.plan)}"

    def expect(self, ok: Any, expected: str, look: str, kind: str) -> None:
        """End the check unless `ok`, and show how things stand."""
        ran = f"; the kitchen's notes: {', '.join(self.kitchen.log)}" if self.kitchen.log else ""
        self.trial.expect(ok, expected=expected, seen=f"{self.stands}{ran}", look=look, kind=kind)


def described_plainly(plan: PlanWithSteps) -> str:
    """The steps' statuses in order."""
    return "; ".join(f"step {step.index} {step.status}" for step in plan.steps) or "no steps"


async def scene(trial: Trial, engine: Engine, kitchen: Kitchen) -> Scene:
    """Submit the goal, and see that something came of it that is stored."""
    try:
        plan: Any = await engine.submit("Bake and sell cookies.")
    except ValueError as error:  # AutoGen holds a handler to the type that it says it returns
        if "return types" not in str(error):
            raise
        plan = None
    trial.expect(
        isinstance(plan, PlanWithSteps),
        expected="`handle_input_task` returns the stored plan, a PlanWithSteps",
        seen=plan,
        look="`return (await self.memory.state(plan.id)).joined()`",
        kind="no-plan",
    )
    try:
        stored = await engine.plan(plan)
    except NotFound:
        trial.fail(
            expected="the plan is in the store when `submit` returns",
            seen="nothing of it was stored",
            look="`await self.memory.commit(plan, *steps, …)`",
            kind="not-stored",
        )
    return Scene(trial, engine, kitchen, stored)
