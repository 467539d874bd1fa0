"""Checks of whom a yes binds: a step that was edited, by the person or by somebody else, is asked about again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from macae.errors import Conflict
from macae.models import EventType, PlanWithSteps, Step, StepStatus
from macae.workshop.props.decision_checks import in_order, is_rejected
from macae.workshop.props.plan_trials import LAPTOPS
from macae.workshop.trial import Trial

__all__ = ["asks_again_after_a_change", "asks_again_after_an_edit", "stores_a_no"]

Ask = Callable[[Step], Awaitable[tuple[str, str]]]


def person(trial: Trial, asked: list[Step], *answers: tuple[str, str]) -> Ask:
    """Somebody with these answers; the steps that they are shown go into `asked`."""
    left = list(answers)

    async def ask(step: Step) -> tuple[str, str]:
        asked.append(step.model_copy())
        trial.expect(
            left,
            expected="no further question once the answer was yes or no",
            seen=f"question {len(asked)}, about a step that is {step.status.value}",
            look="After `approve` and `reject`, `return` the step.",
            kind="asked-too-often",
        )
        return left.pop(0)

    return ask


async def asks_again_after_an_edit(attempt: Any, engine: Any, plan: PlanWithSteps, trial: Trial) -> None:
    """The person edits the first step: the yes comes after a second question, about the new call."""
    asked: list[Step] = []
    new = "Order 3 laptops for the marketing team."
    done = await trial.call(
        attempt, engine, plan.steps[0], person(trial, asked, ("edit", new), ("approve", "black ones"))
    )
    trial.expect(
        len(asked) > 1,
        expected="two questions: the step, and then the edited step",
        seen="one question; after the edit nobody looked at the new call",
        kind="not-asked-again",
    )
    trial.expect(
        asked[1].task == new and (asked[1].arguments or {}).get("quantity") == 3,
        expected="the second question with the new words and the new call (3 laptops)",
        seen=f"{asked[1].task!r} with {asked[1].arguments}",
        kind="old-step",
    )
    plan = await engine.wait(plan)
    first = plan.steps[0]
    trial.expect(
        first.approval is not None and first.status is StepStatus.completed,
        expected="the edited step, approved and then carried out",
        seen=f"it is {first.status.value}",
        kind="not-approved",
    )
    trial.expect(
        first.human_feedback == "black ones",
        expected="the person's note ('black ones') stored with the step",
        seen=first.human_feedback,
        look="`engine.approve(step, note=text)`",
        kind="note-lost",
    )
    happened = (EventType.step_edited, EventType.step_approved, EventType.tool_started)
    in_order(await engine.trail(plan), first, happened, "edited, approved, run", trial)
    trial.expect(
        isinstance(done, Step) and done.id == first.id,
        expected="the step as it is stored now, returned",
        seen=done,
        kind="no-step",
    )
    trial.proven("An edited step was asked again, and the approval covers what was seen: 3 laptops.")


async def stores_a_no(attempt: Any, engine: Any, plan: PlanWithSteps, trial: Trial) -> None:
    """The person rejects the second step."""
    why = "Not this week"
    await trial.call(attempt, engine, plan.steps[1], person(trial, [], ("reject", why)))
    second = (await engine.plan(plan)).steps[1]
    is_rejected(second, why, trial, "`engine.reject(step, text)`")
    trial.proven("A no is stored with its reason.")


async def asks_again_after_a_change(attempt: Any, engine: Any, trial: Trial) -> None:
    """While the person looks, somebody else edits the step: a yes to what was shown is no yes to what it is now."""
    step = (await engine.submit(LAPTOPS)).steps[0]
    asked: list[Step] = []

    async def ask(shown: Step) -> tuple[str, str]:
        asked.append(shown)
        if len(asked) == 1:
            await engine.edit(shown, "Order 50 laptops for the marketing team.")
            return "approve", ""
        return "reject", "Fifty is too many"

    try:
        await trial.call(attempt, engine, step, ask)
    except Conflict as error:
        trial.fail(
            expected="a second question, when somebody else changed the step meanwhile",
            seen=f"Conflict: {error}",
            look="`except Conflict as changed:`, and go on with `changed.current`.",
            kind="conflict",
        )
    now = (await engine.plan(step.plan_id)).steps[0]
    trial.expect(
        len(asked) == 2 and "50" in asked[1].task and now.status is StepStatus.rejected,
        expected="nobody's yes for 50 laptops: the person saw 5 and has to be asked again",
        seen=f"{len(asked)} question(s), and the step is {now.status.value}",
        look="Give `engine.approve` the step that was shown; on `Conflict` ask again.",
        kind="approved-unseen",
    )
    trial.proven("A step that changed meanwhile was asked again; the old yes did not count.")
