"""What a specialist is told of its step."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from macae.agents.ledger import Ledger
from macae.agents.planstate import PlanState
from macae.agents.prompttext import one_line, quoted, today_line
from macae.models import Step, StepStatus

__all__ = ["step_prompt", "system_prompt"]

MAX_EARLIER = 12
"""How many of the steps done before are told of: the ones depended on first, then the latest."""
MAX_REPLY = 600
"""Characters of each of their replies."""


def system_prompt(instructions: str, today: date) -> str:
    """An agent's instructions with today's date."""
    return f"{instructions}\n{today_line(today)}"


async def step_prompt(memory: Ledger, step: Step) -> str:
    """The goal, the step, its approved call, what was done before, and what the person said.

    Each label begins a line, and no text from outside does: a goal or a reply cannot forge an approved call.
    """
    state = await memory.state(step.plan_id)
    plan = state.plan
    lines = [f"Goal: {quoted(plan.initial_goal)}", f"Your step: {quoted(step.task)}"]
    if step.function and step.arguments is not None:
        lines.append(f"Approved call: {step.function} {call_json(step.arguments)}")
    earlier = done_before(state, step)
    if earlier:
        lines.append("Done so far:")
        lines += [
            f"{s.index}. {s.agent}, {one_line(s.task)}: {one_line(s.agent_reply or '', MAX_REPLY)}"
            for s in earlier
        ]
    if plan.human_clarification_response:
        lines.append(f"Question: {one_line(plan.human_clarification_request or '')}")
        lines.append(f"Answer: {one_line(plan.human_clarification_response, MAX_REPLY)}")
    if step.human_feedback:
        lines.append(f"Note from the person: {one_line(step.human_feedback, MAX_REPLY)}")
    return "\n".join(lines)


def call_json(arguments: dict[str, Any]) -> str:
    """Arguments as JSON on one line, whatever counts as the end of a line."""
    text = json.dumps(arguments, ensure_ascii=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def done_before(state: PlanState, step: Step) -> list[Step]:
    """The completed steps worth telling of, in plan order. Cheap, however long the plan is."""
    found = {other: state.steps[other] for other in step.depends_on if other in state.steps}
    for other in reversed(state.done):
        if len(found) >= MAX_EARLIER:
            break
        found.setdefault(other, state.steps[other])
    completed = [s for s in found.values() if s.status is StepStatus.completed and s.id != step.id]
    return sorted(completed, key=lambda s: s.index)
