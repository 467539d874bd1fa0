"""`macae run` and `macae resume`: a plan is shown, decided on, carried out, and summed up."""

from __future__ import annotations

from macae.cli import codes
from macae.cli.hints import hint
from macae.cli.opening import opened
from macae.cli.plantext import show_plan
from macae.cli.running import Run
from macae.cli.summary import show_changes, show_summary
from macae.cli.terminal import Terminal
from macae.models import PlanStatus
from macae.models.base import new_id
from macae.models.plans import OVER_PLAN

__all__ = ["resume_session", "run_goal"]


async def run_goal(run: Run, goal: str) -> int:
    """Have a goal planned, decided on and carried out. Raises MacaeError."""
    from macae import contoso

    async with opened(run.open()) as engine:
        session = run.wanted_session or new_id()
        run.screen.say("Planning …", "dim")
        plan = await engine.submit(goal, session)
        run.session = session
        before = (await engine.company_for(session)).snapshot()
        show_plan(run.screen, engine.shown_plan(plan), automatic=bool(run.by))
        plan = await run.carry_on(engine, plan)
        if any(step.attempt for step in plan.steps):
            show_summary(run.screen, engine.shown_plan(plan))
            show_changes(
                run.screen, contoso.diff(before, (await engine.company_for(session)).snapshot()), engine.shown
            )
    return run.finish(plan)


async def resume_session(run: Run, session: str | None) -> int:
    """Take up a session's open plans, or its last one. None: the newest session with an open plan. Raises MacaeError."""
    from macae import contoso
    from macae.cli.finding import find_session, newest_open

    async with opened(run.open()) as engine:
        found = await (newest_open(engine) if session is None else find_session(engine, session))
        plans = await engine.resume(found)
        going = [plan for plan in plans if plan.overall_status not in OVER_PLAN] or plans[-1:]
        if not going:
            run.screen.fail(
                f"This session has no plan: its goal was never planned. Use `{hint('run')}`.", "NotFound"
            )
            return codes.FAILED
        run.session = found
        company = await engine.company_for(found)
        fresh = contoso.Company.create(today=company.today)
        before = fresh.snapshot()
        fresh.close()
        for plan in going:
            show_plan(run.screen, engine.shown_plan(plan), automatic=bool(run.by))
            if plan.overall_status is PlanStatus.failed and isinstance(run.decider, Terminal):
                await run.decider.act(engine, plan)
            plan = await run.carry_on(engine, plan)
            if plan.steps:
                show_summary(run.screen, engine.shown_plan(plan))
            if plan.overall_status not in OVER_PLAN:
                break
        show_changes(
            run.screen, contoso.diff(before, company.snapshot()), engine.shown, "since this session began"
        )
    return run.finish(plan)
