"""Checks of a planner without a model: a plan of its own for each goal, with the session and the steps that belong to it."""

from __future__ import annotations

from typing import Any

from autogen_core import AgentId

from macae.workshop.diagnose import home_of
from macae.workshop.props.puppets import explained, handled
from macae.workshop.trial import Trial

__all__ = ["answers_with_a_plan"]


GOALS = (
    ("ada", "Order 3 monitors and book a training", ["Order 3 monitors", "book a training"]),
    ("ada", "Say hello", ["Say hello"]),
    ("bob", "Order lunch, invite the team and thank Ada", ["Order lunch", "invite the team", "thank Ada"]),
)


async def answers_with_a_plan(attempt: Any, trial: Trial) -> None:
    """An agent that answers an InputTask with a Plan: one Step for each part of the goal."""
    task = await handled(attempt, "InputTask")
    seen_ids: set[str] = set()
    async with trial.runtime() as runtime:
        await attempt.register(runtime, "LittlePlanner", lambda: attempt())
        for session, goal, actions in GOALS:
            with explained("LittlePlanner", home_of(attempt)):
                sent = runtime.send_message(
                    task(session_id=session, description=goal), AgentId("LittlePlanner", session)
                )
                plan = await trial.waits(sent, 3, "a Plan")
            trial.expect(plan is not None, expected="a Plan as the answer", seen=plan, look="Does the handler `return` the plan?", kind="no-answer")  # fmt: skip
            steps: Any = getattr(plan, "steps", None)
            trial.expect(isinstance(steps, list) and hasattr(plan, "initial_goal"), expected="a Plan as the answer", seen=plan, look="Return the plan itself, with its steps in `plan.steps`.", kind="not-a-plan")  # fmt: skip
            trial.expect(plan.initial_goal == goal, expected=f"`initial_goal` is the task's description: {goal!r}", seen=plan.initial_goal, look="`initial_goal=message.description`", kind="goal")  # fmt: skip
            trial.expect(plan.session_id == session, expected=f"the plan is for the task's session, {session!r}", seen=plan.session_id, look="`session_id=message.session_id`", kind="wrong-session")  # fmt: skip
            found = [one.action for one in steps]
            if [one.strip().lower() for one in found] != [one.lower() for one in actions]:
                old = len(found) > len(actions) and seen_ids & {one.plan_id for one in steps}
                trial.fail(expected=f"a step for each part of the goal: {actions}", seen=found, look="`split_goal(message.description)` gives the parts.", kind="old-steps" if old else "steps")  # fmt: skip
            for one in steps:
                trial.expect(one.session_id == session, expected=f"each step is for session {session!r}", seen=one.session_id, look="`session_id=message.session_id`", kind="wrong-session")  # fmt: skip
                trial.expect(one.plan_id == plan.id, expected="each step names its plan: `plan_id` is the plan's `id`", seen=f"{one.plan_id!r}, where the plan's id is {plan.id!r}", look="`plan_id=plan.id`", kind="plan-id")  # fmt: skip
                trial.expect(one.agent == "LittleWorker" and one.status == "planned", expected="each step is planned, for the agent LittleWorker", seen=f"{one.status}, for {one.agent}", look='`agent="LittleWorker"`', kind="agent")  # fmt: skip
            trial.expect(plan.id not in seen_ids, expected="a new plan for each goal", seen="the plan of the goal before", look="Make the plan inside the handler.", kind="old-steps")  # fmt: skip
            seen_ids.add(plan.id)
    trial.proven("Three goals in two sessions: each was answered with a plan of its own.")
    trial.proven("Every step knows its plan, its session and its agent.")
