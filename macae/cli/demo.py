"""`macae demo`: one goal from start to end, with everything shown."""

from __future__ import annotations

import tempfile
from pathlib import Path

from macae.cli import codes
from macae.cli.driving import Automatic
from macae.cli.goal import run_goal
from macae.cli.hints import hint
from macae.cli.opening import Place
from macae.cli.output import Screen
from macae.cli.plantext import heading, show_call
from macae.cli.running import Run
from macae.engine import Engine
from macae.models import PlanWithSteps, StepStatus

__all__ = ["DEMO_GOAL", "run_demo"]

DEMO_GOAL = "Onboard a new employee, Jessica Smith."


class Presses(Automatic):
    """Presses y at each question, so that everybody sees what a person would be asked."""

    def __init__(self, screen: Screen) -> None:
        super().__init__("auto:yes", [])
        self.screen = screen

    async def act(self, engine: Engine, plan: PlanWithSteps) -> bool:
        """Approve the next step that waits, as a person would: one after the other."""
        for step in plan.steps:
            if step.status is StepStatus.awaiting_feedback and self.may_approve(step):
                self.screen.say()
                self.screen.say(heading(step), "bold", 2)
                show_call(self.screen, step)
                self.screen.say("Approve? y   (the demo presses y for you)", "yellow", 5)
                await engine.approve(step, by="auto:yes")
                return True
        return await super().act(engine, plan)


def run_demo(place: Place, ask: bool) -> int:
    """Onboard Jessica Smith, in a temporary home unless one is given. Gives the exit code."""
    if place.home is not None:
        return demonstrate(place, ask)
    with tempfile.TemporaryDirectory(prefix="macae-demo-", ignore_cleanup_errors=True) as folder:
        code = demonstrate(Place(Path(folder), place.user), ask, kept=False)
    if code == codes.COMPLETED:
        keep = f"`{hint('demo', '--home', 'FOLDER')}` keeps it, and `{hint('sessions', '--home', 'FOLDER')}` lists it."
        gone = "Nothing of this demo is kept."
        if place.settings().store == "cosmos":
            gone = "The session stays in Cosmos DB, without its sample company."
        Screen().say(f"{gone} {keep}", "dim")
    return code


def demonstrate(place: Place, ask: bool, kept: bool = True) -> int:
    """The demo in a home that exists."""
    run = Run(place, yes=not ask, kept=kept)
    if not ask:
        run.decider = Presses(run.screen)
        run.screen.say(
            "A demo: a goal becomes a plan, and each step waits for a yes. The demo gives it; --ask lets you."
        )
    return run.run(run_goal(run, DEMO_GOAL))
