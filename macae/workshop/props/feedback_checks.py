"""Checks of the person's agent in the real engine: each decision is stored with its step, and then the manager is told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from macae.errors import NotAllowed, TeamError
from macae.models import EventType, Step, StepStatus
from macae.workshop.props.decision_checks import in_order, is_rejected, is_their_answer
from macae.workshop.props.plan_trials import LAPTOPS
from macae.workshop.props.stand_ins import WatchfulManager
from macae.workshop.trial import Trial

__all__ = ["does_their_own_step", "stores_then_tells"]


async def stores_then_tells(attempt: Any, trial: Trial) -> None:
    """A yes, a no and a decision on several steps, on a plan in the real engine."""
    told: list[Any] = []
    async with trial.engine(human=attempt, manager=lambda context: WatchfulManager(context, told)) as engine:
        try:
            plan = await engine.submit(LAPTOPS)
        except TeamError as error:
            trial.fail(
                expected="an agent that the engine can build, and that handles HumanFeedback",
                seen=str(error),
                kind="no-handler" if "handler" in str(error) else "exception",
            )
        first, second = plan.steps
        approved = await trial.call(engine.approve, first, "black ones")
        trial.expect(
            approved.approval is not None,
            expected="the approval stored with the step",
            seen=f"the step is {approved.status.value}, without an approval",
            kind="not-stored",
        )
        await heard(told, first, StepStatus.approved, trial)
        plan = await engine.wait(plan)
        first, second = plan.steps
        trial.expect(
            first.status is StepStatus.completed and second.status is StepStatus.awaiting_feedback,
            expected="the first step carried out, the second still waiting",
            seen=f"{first.status.value} and {second.status.value}",
            kind="wrong-status",
        )
        trial.expect(
            first.human_feedback == "black ones",
            expected="the note stored with the step",
            seen=first.human_feedback,
            kind="note-lost",
        )
        happened = (EventType.step_approved, EventType.step_started, EventType.tool_started)
        in_order(await engine.trail(plan), first, happened, "approved, started, run", trial)
        trial.proven("A yes is stored with its step, then the manager is told, then the work runs.")
        told.clear()
        await refused(engine, second, trial)
        await heard(told, second, StepStatus.rejected, trial)
        trial.proven("A no is stored with its reason, and nothing runs.")
        await several(engine, trial)
        trial.proven("A decision on several steps reaches each of them.")


async def heard(told: list[Any], step: Step, status: StepStatus, trial: Trial) -> None:
    """The manager was told of this plan, after the step was stored."""
    for _ in range(50):
        if told:
            break
        await asyncio.sleep(0.01)
    trial.expect(
        any(message.plan_id == step.plan_id for message, _ in told),
        expected="an ApprovalRequest for this plan, sent to the manager",
        seen="the manager heard nothing",
        kind="manager-not-told",
    )
    seen = told[0][1].get(step.id)
    trial.expect(
        seen is not StepStatus.awaiting_feedback,
        expected=f"the step stored as {status.value} before the manager is told",
        seen="the manager was told first",
        kind="told-too-early",
    )


async def refused(engine: Any, step: Step, trial: Trial) -> None:
    """A person's no stays a no."""
    try:
        after = await trial.call(engine.reject, step, "No time")
    except NotAllowed as error:
        trial.fail(
            expected="the step rejected",
            seen=f"NotAllowed: {error}",
            look="`message.approved` is False here.",
            kind="self-approved",
        )
    is_rejected(after, "No time", trial)


async def several(engine: Any, trial: Trial) -> None:
    """A yes to all that waits."""
    plan = await engine.submit(LAPTOPS)
    try:
        approved = await trial.call(engine.approve_all, plan)
    except Exception as error:
        trial.fail(
            expected="both steps approved by `engine.approve_all(plan)` (it sends `step_id=None`)",
            seen=f"{type(error).__name__}: {error}",
            kind="all-at-once",
        )
    trial.expect(
        len(approved) == 2 and all(step.approval for step in approved),
        expected="both steps approved by `engine.approve_all(plan)`",
        seen=[step.status.value for step in approved],
        kind="all-at-once",
    )
    await engine.wait(plan)


async def does_their_own_step(attempt: Any, trial: Trial) -> None:
    """A step that is for the person."""
    theirs: dict[str, Any] = {
        "agent": "HumanAgent",
        "action": "Choose a colour.",
        "function": None,
        "arguments": [],
        "depends_on": [],
    }
    text = json.dumps(
        {
            "initial_goal": "g",
            "summary": "Asks.",
            "human_clarification_request": None,
            "impossible": None,
            "steps": [theirs],
        }
    )
    async with trial.engine(human=attempt, model=trial.model(text)) as engine:
        plan = await engine.submit("Choose a colour for the box.")
        await trial.call(engine.approve, plan.steps[0], "Blue.")
        done = (await engine.wait(plan)).steps[0]
        is_their_answer(done, trial, "Use your `after_decision`: it knows the person's own steps.")
    trial.proven("The person's own step is done with their answer.")
