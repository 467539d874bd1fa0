"""`macae run` and `macae resume`: a plan is shown, decided on, carried out, and summed up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from macae.agents.team import HUMAN
from macae.cli import codes
from macae.cli.driving import Automatic, Decider, drive
from macae.cli.opening import Place, command, opened
from macae.cli.output import Screen
from macae.cli.plantext import show_plan
from macae.cli.progress import Progress
from macae.cli.prompting import Prompt
from macae.cli.summary import as_json, show_changes, show_summary
from macae.cli.terminal import Terminal
from macae.models import PlanStatus, PlanWithSteps, StepStatus
from macae.models.base import new_id
from macae.models.plans import OVER_PLAN

if TYPE_CHECKING:
    from macae.engine import Engine

__all__ = ["Run", "resume_session", "run_goal"]


@dataclass
class Run:
    """One run of the command: how it decides, and what it has come to."""

    place: Place
    yes: bool = False
    answers: list[str] = field(default_factory=list)
    json: bool = False
    team: Path | None = None
    session: str | None = None
    kept: bool = True
    """False: in a temporary home, so there is no coming back."""
    screen: Screen = field(init=False)
    progress: Progress = field(init=False)
    decider: Decider | None = None

    def __post_init__(self) -> None:
        self.screen = Screen(self.json)
        self.progress = Progress(self.screen)

    def open(self) -> Engine:
        """An engine whose steps are approved here, so that everything is seen before it runs."""
        settings = self.place.settings()
        by = "auto:yes" if self.yes else "auto:env" if settings.auto_approve else None
        engine = self.place.engine(settings.model_copy(update={"auto_approve": False}), self.team)
        automatic = {"auto:yes": "--yes", "auto:env": "MACAE_AUTO_APPROVE"}.get(by or "")
        self.screen.say(
            engine.banner + (f" · every step is approved automatically ({automatic})" if automatic else ""),
            "dim",
        )
        engine.subscribe(self.progress)
        person = Terminal(Prompt(self.screen), self.answers) if self.screen.interactive else None
        if self.decider is None:
            self.decider = Automatic(by, self.answers, person) if by else person
        return engine

    async def carry_on(self, engine: Engine, plan: PlanWithSteps) -> PlanWithSteps:
        """Drive the plan as far as it goes here."""
        self.session = plan.session_id
        decider = self.decider or Automatic(None, self.answers)
        return await drive(engine, plan, decider, self.progress)

    def finish(self, plan: PlanWithSteps) -> int:
        """Say how it stands and how to go on, print the object in JSON mode. Gives the exit code."""
        code = codes.code_of(plan)
        if plan.overall_status not in OVER_PLAN and not self.kept:
            self.screen.say("The demo is not kept; with --home FOLDER it would be.", "yellow")
        elif plan.overall_status not in OVER_PLAN:
            if self.decider is None:
                self.screen.say(
                    "Nobody can be asked here, because the input is no terminal; and --yes was not given.",
                    "yellow",
                )
            if plan.overall_status is PlanStatus.awaiting_clarification:
                self.screen.say("The plan is stored and waits for an answer (--answer TEXT).", "yellow")
            else:
                self.screen.say("The plan is stored and waits for your decision.", "yellow")
            for step in plan.steps:
                if step.status is StepStatus.awaiting_feedback and (step.interrupted or step.agent == HUMAN):
                    why = (
                        "was interrupted; only you can say whether it was done"
                        if step.interrupted
                        else "is yours to do"
                    )
                    self.screen.say(f"Step {step.index} {why}.", "yellow")
            self.screen.say(f"Go on with: {command(self.place, 'resume', plan.session_id)}")
        if self.json:
            self.screen.emit(as_json(plan))
        return code

    def stopped(self) -> int:
        """What to say after Ctrl+C."""
        text = "Stopped."
        if self.session and self.kept:
            text += f" The plan is stored; go on with: {command(self.place, 'resume', self.session)}"
        self.screen.fail(text, "Interrupted")
        return codes.INTERRUPTED

    def run(self, work: Any) -> int:
        """Run the coroutine. Gives its exit code, or the one for Ctrl+C."""
        try:
            code: int = asyncio.run(work)
        except KeyboardInterrupt:
            return self.stopped()
        return code


async def run_goal(run: Run, goal: str) -> int:
    """Have a goal planned, decided on and carried out. Raises MacaeError."""
    from macae import contoso

    async with opened(run.open()) as engine:
        session = run.session or new_id()
        run.screen.say("Planning …", "dim")
        plan = await engine.submit(goal, session)
        run.session = session
        before = (await engine.company_for(session)).snapshot()
        show_plan(run.screen, plan)
        plan = await run.carry_on(engine, plan)
        if any(step.attempt for step in plan.steps):
            show_summary(run.screen, plan)
            show_changes(run.screen, contoso.diff(before, (await engine.company_for(session)).snapshot()))
    return run.finish(plan)


async def resume_session(run: Run, session: str) -> int:
    """Take up a session's open plans, or its last one. Raises MacaeError."""
    from macae import contoso
    from macae.cli.finding import find_session

    async with opened(run.open()) as engine:
        run.session = await find_session(engine, session)
        plans = await engine.resume(run.session)
        going = [plan for plan in plans if plan.overall_status not in OVER_PLAN] or plans[-1:]
        if not going:
            run.screen.fail(
                "This session has no plan: its goal was never planned. Use `macae run`.", "NotFound"
            )
            return codes.FAILED
        company = await engine.company_for(run.session)
        fresh = contoso.Company.create(today=company.today)
        before = fresh.snapshot()
        fresh.close()
        for plan in going:
            show_plan(run.screen, plan)
            if plan.overall_status is PlanStatus.failed and isinstance(run.decider, Terminal):
                await run.decider.act(engine, plan)
            plan = await run.carry_on(engine, plan)
            if plan.steps:
                show_summary(run.screen, plan)
            if plan.overall_status not in OVER_PLAN:
                break
        show_changes(run.screen, contoso.diff(before, company.snapshot()), "since this session began")
    return run.finish(plan)
