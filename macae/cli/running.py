"""One run of the command: who decides, what it has come to, and how to come back to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from macae.agents.team import HUMAN
from macae.cli import codes
from macae.cli.driving import Automatic, Decider, drive
from macae.cli.limits import whose
from macae.cli.notices import Notices
from macae.cli.opening import Place, command
from macae.cli.output import Screen
from macae.cli.progress import Progress
from macae.cli.prompting import Prompt
from macae.cli.summary import as_json
from macae.cli.terminal import Terminal
from macae.models import PlanStatus, PlanWithSteps, StepStatus
from macae.models.plans import OVER_PLAN

if TYPE_CHECKING:
    from macae.agents.budget import Limit
    from macae.config import Settings
    from macae.engine import Engine

__all__ = ["Run"]


@dataclass
class Run:
    """One run of the command: how it decides, and what it has come to."""

    place: Place
    yes: bool = False
    answers: list[str] = field(default_factory=list)
    json: bool = False
    team: Path | None = None
    wanted_session: str | None = None
    allow: dict[str, float] = field(default_factory=dict)
    """What may be used beyond the limits of a plan without asking, by kind."""
    kept: bool = True
    """False: in a temporary home, so there is no coming back."""
    screen: Screen = field(init=False)
    progress: Progress = field(init=False)
    decider: Decider | None = None
    notices: Notices | None = field(init=False, default=None)
    settings: Settings | None = field(init=False, default=None)
    by: str | None = field(init=False, default=None)
    """Who says yes to everything, where that was asked for."""
    limit: Limit | None = field(init=False, default=None)
    """At which limit the plan stands, where it is paused."""
    session: str | None = field(init=False, default=None)
    """The session, once a plan is stored in it."""

    def __post_init__(self) -> None:
        self.screen = Screen(self.json)
        self.progress = Progress(self.screen)
        self.shown_plan: Callable[[PlanWithSteps], PlanWithSteps] = lambda plan: plan
        """What makes a plan fit for the screen; the engine's, once it is open."""

    def open(self) -> Engine:
        """An engine whose steps are approved here, so that everything is seen before it runs."""
        settings = self.settings = self.place.settings()
        by = self.by = "auto:yes" if self.yes else "auto:env" if settings.auto_approve else None
        engine = self.place.engine(settings.model_copy(update={"auto_approve": False}), self.team)
        automatic = {"auto:yes": "--yes", "auto:env": "MACAE_AUTO_APPROVE"}.get(by or "")
        self.screen.say(
            engine.banner + (f" · every step is approved automatically ({automatic})" if automatic else ""),
            "dim",
        )
        self.progress.shown, self.shown_plan = engine.shown, engine.shown_plan
        engine.subscribe(self.progress)
        self.notices = Notices(self.screen, engine)
        person = Terminal(Prompt(self.screen), self.answers) if self.screen.interactive else None
        if self.decider is None:
            self.decider = Automatic(by, self.answers, person) if by else person
        return engine

    async def carry_on(self, engine: Engine, plan: PlanWithSteps) -> PlanWithSteps:
        """Drive the plan as far as it goes here."""
        self.session = plan.session_id
        decider = self.decider or Automatic(None, self.answers)
        plan = await drive(engine, plan, decider, self.progress, self.allow)
        self.limit = engine.held_by(plan) if plan.overall_status is PlanStatus.paused else None
        return plan

    def finish(self, plan: PlanWithSteps) -> int:
        """Say how it stands and how to go on, print the object in JSON mode. Gives the exit code."""
        if plan.overall_status not in OVER_PLAN:
            if self.kept:
                self.tell_what_waits(plan)
            else:
                self.screen.say("The demo is not kept; with --home FOLDER it would be.", "yellow")
        if self.json:
            self.screen.emit(as_json(self.shown_plan(plan)))
        if self.by and plan.overall_status is PlanStatus.paused:
            return codes.FAILED  # nobody is there who could allow more
        return codes.code_of(plan)

    def tell_what_waits(self, plan: PlanWithSteps) -> None:
        """What is left for a person to say, and how."""
        if self.decider is None:
            text = "Nobody can be asked here, because the input is no terminal; and --yes was not given."
            self.screen.say(text, "yellow")
        if plan.overall_status is PlanStatus.paused:
            self.tell_of_limit(plan)
            return
        asked = plan.overall_status is PlanStatus.awaiting_clarification
        what = "an answer (--answer TEXT)" if asked else "your decision"
        self.screen.say(f"The plan is stored and waits for {what}.", "yellow")
        for step in plan.steps:
            if step.status is StepStatus.awaiting_feedback and (step.interrupted or step.agent == HUMAN):
                undone = "was interrupted; only you can say whether it was done"
                self.screen.say(
                    f"Step {step.index} {undone if step.interrupted else 'is yours to do'}.", "yellow"
                )
        self.screen.say(self.way_back(), whole=True)

    def tell_of_limit(self, plan: PlanWithSteps) -> None:
        """How a plan that is paused at its limit goes on."""
        limit = self.limit
        yes = ["--yes"] if self.yes else []
        if limit is None or not limit.raisable:
            lifted = "is raised or lifted" if limit is not None and limit.stopped else "is lifted"
            self.screen.say(f"The plan is stored and goes on when that limit {lifted}.", "yellow")
            self.screen.say(self.way_back(*yes), whole=True)
        else:
            self.screen.say(
                f"The plan is stored and goes on when you allow {whose(limit)} more (N).", "yellow"
            )
            self.screen.say(self.way_back(*yes, f"--allow-{limit.kind}", "N"), whole=True)

    def stopped(self) -> int:
        """What to say after Ctrl+C."""
        if self.session and self.kept:
            self.screen.fail("Stopped. The plan is stored.", "Interrupted", way=self.way_back())
        else:
            self.screen.fail("Stopped.", "Interrupted")
        return codes.INTERRUPTED

    def way_back(self, *more: str) -> str:
        """How to go on with the session."""
        team = ["--team", str(self.team)] if self.team else []
        return f"Go on with: {command(self.place, 'resume', self.session or '', *more, *team)}"

    def run(self, work: Any) -> int:
        """Run the coroutine. Gives its exit code, or the one for Ctrl+C."""
        try:
            code: int = asyncio.run(work)
        except KeyboardInterrupt:
            return self.stopped()
        except Exception:
            if self.session and self.kept:
                self.screen.say("What is done is stored.", "yellow")
                self.screen.say(self.way_back(), "yellow", whole=True)
            raise
        finally:
            if self.notices is not None:
                self.notices.tell()
        return code
