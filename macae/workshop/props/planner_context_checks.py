"""Checks that a planner plans with what the engine gives it: its team, its day, its limit, and whatever its model leaves open."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from macae.agents import default_team
from macae.errors import PlanError
from macae.workshop.props.plan_trials import (
    LAPTOPS,
    SOUP,
    TRAINING,
    Spoiling,
    kitchen,
    nulls,
    text_of,
    tripled,
)
from macae.workshop.props.planner_checks import submitted
from macae.workshop.trial import Trial
from macae.workshop.verdict import NotYet

__all__ = ["nothing_said", "plans_with_its_context"]


async def nothing_said(engine: Any, model: Spoiling, trial: Trial) -> None:
    """The model leaves open what the steps depend on, also for the first."""
    model.spoils = [nulls]
    try:
        plan = await submitted(engine, LAPTOPS, trial)
    except (IndexError, KeyError) as error:
        trial.fail(expected="a plan, also when the model gives null as `depends_on` of step 1", seen=f"{type(error).__name__}: {error}", look="Null means the step before, and before step 1 there is none.", kind="null-first")  # fmt: skip
    model.spoils = []
    first, second = plan.steps
    trial.expect(
        second.depends_on == [first.id] and not first.depends_on,
        expected="step 2 depends on step 1, and step 1 on nothing, when the model gives null for both",
        seen=f"step 1: {first.depends_on}, step 2: {second.depends_on} (the id of step 1 is {first.id})",
        look="Null (None) in the draft means the step before.",
        kind="no-dependency",
    )
    trial.proven("Where the model does not say what a step depends on, it is the step before.")


async def plans_with_its_context(attempt: Any, trial: Trial) -> None:
    """Another engine, with a larger team, another day and another limit."""
    model, team, most = Spoiling(), default_team().plus(*kitchen()), 4
    settings = trial.settings.model_copy(update={"max_steps": most})
    async with trial.engine(planner=attempt, model=model, team=team, today=date(2027, 6, 9), settings=settings) as engine:  # fmt: skip
        try:
            plan = await submitted(engine, SOUP, trial)
            seen = ", ".join(f"{one.function} {one.arguments}" for one in plan.steps)
        except NotYet as no:
            seen = no.seen
        trial.expect(seen.replace("'4'", "4") == "boil_soup {'litres': 4}", expected=f"the step boil_soup with 4 litres for “{SOUP}”: this engine's team has a CookAgent", seen=seen, look="Use `self.context.team` in all three places: for the prompt, for the draft and for `to_plan`.", kind="fixed-team")  # fmt: skip
        plan = await submitted(engine, TRAINING, trial)
        dates = [str((one.arguments or {}).get("date")) for one in plan.steps]
        trial.expect(dates == ["2027-06-15"], expected="“next Tuesday” becomes 2027-06-15 when the engine's day is Wednesday, 2027-06-09", seen=dates, look="The day is `self.context.today()`, with the brackets.", kind="fixed-day")  # fmt: skip
        sent = text_of(model.planned[-1])
        trial.expect(re.search(rf"\b{most}\b", sent), expected=f"the most steps, here {most}, in the prompt", seen="no such number", look="Hand `self.context.settings.max_steps` to `planning_prompt`.", kind="fixed-limit")  # fmt: skip
        model.spoils = [tripled] * 2
        try:
            plan = await engine.submit(LAPTOPS)
        except PlanError:
            pass
        else:
            trial.expect(len(plan.steps) <= most, expected=f"no plan of more than {most} steps, when that is the limit", seen=f"a plan of {len(plan.steps)} steps", look="Hand `self.context.settings.max_steps` to `draft_plan` as well.", kind="fixed-limit")  # fmt: skip
    trial.proven("It plans with the team, the day and the limit of whichever engine it is in.")
