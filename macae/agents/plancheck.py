"""Checks on a model's plan, and its making into the plan that is stored."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from macae.agents.covering import plain
from macae.agents.planned import PlannedStep, PlannerResponse
from macae.agents.team import HUMAN, PLANNER, Team
from macae.models import InputTask, Plan, PlanStatus, PlanWithSteps, Step, Usage
from macae.models.base import new_id
from macae.tools import ActionTool

__all__ = ["arguments_of", "check_plan", "missing_arguments", "parse_arguments", "to_plan"]

LATER = re.compile(r"^\$\d{1,4}$", re.ASCII)
"""The value of an argument that an earlier step's result will give."""
MAX_ACTION = 1_000
"""Characters of an action: a person has to read it before saying yes."""


def check_plan(plan: PlannerResponse, team: Team, max_steps: int) -> list[str]:
    """What makes the plan unusable, a clause each; empty when it can be stored."""
    if plan.impossible:
        return ["an impossible goal has no steps"] if plan.steps else []
    if not plan.steps and not plan.human_clarification_request:
        return ["it has no steps, asks nothing, and is not said to be impossible"]
    wrong = (
        [f"it has {len(plan.steps)} steps, and {max_steps} are the most"]
        if len(plan.steps) > max_steps
        else []
    )
    for number, step in enumerate(plan.steps, 1):
        wrong += [f"step {number}: {problem}" for problem in check_step(step, number, team)]
    return wrong


def check_step(step: PlannedStep, number: int, team: Team) -> list[str]:
    """What is wrong with one step."""
    wrong = []
    if not step.action.strip():
        wrong.append("it has no action")
    if len(step.action) > MAX_ACTION:
        wrong.append(f"its action has {len(step.action):,} characters, and {MAX_ACTION:,} are the most")
    if step.agent != HUMAN and step.agent not in team:
        wrong.append(
            f"there is no agent {step.agent!r}; the agents are {', '.join(a.name for a in team)}, {HUMAN}"
        )
    elif step.function:
        found = team.tool(step.function)
        if found is None:
            wrong.append(f"there is no function {step.function!r}")
        elif found[0].name != step.agent:
            wrong.append(f"the function {step.function} belongs to {found[0].name}, not to {step.agent}")
        else:
            wrong += wrong_arguments(step, found[1])
    later = [int(item.value.strip()[1:]) for item in step.arguments if LATER.match(item.value.strip())]
    for other in dict.fromkeys([*(step.depends_on or ()), *later]):
        if not 1 <= other < number:
            wrong.append(f"it cannot depend on step {other}: only on steps before it")
    return wrong


def wrong_arguments(step: PlannedStep, tool: ActionTool) -> list[str]:
    """Arguments that the tool does not have or whose values it does not take."""
    known = tool.parameters
    wrong = [
        f"{tool.name} has no argument {item.name!r}; it has {', '.join(known) or 'none'}"
        for item in step.arguments
        if item.name not in known
    ]
    try:
        parse_arguments(step, tool)
    except ValidationError as error:
        wrong += [
            f"{tool.name}, {'.'.join(map(str, e['loc']))}: {e['msg']}"
            for e in error.errors()
            if e["type"] != "missing"
        ]
    return wrong


def missing_arguments(plan: PlannerResponse, team: Team) -> list[str]:
    """Required arguments that the plan leaves out, as `quantity (how many) for order_hardware`."""
    missing = []
    for step in plan.steps:
        found = team.tool(step.function or "")
        if found is None:
            continue
        tool = found[1]
        given = {item.name for item in step.arguments if item.value.strip()}
        for name, schema in tool.parameters.items():
            if name in tool.required and name not in given:
                text = schema.get("description", "")
                words = name.replace("_", " ")
                missing.append(f"{words}{f' ({text})' if text and text != name else ''} for {tool.name}")
    return missing


def parse_arguments(step: PlannedStep, tool: ActionTool) -> BaseModel | None:
    """The step's arguments as the tool's own type; None while some hang on earlier results. Raises ValidationError."""
    if any(LATER.match(item.value.strip()) for item in step.arguments):
        return None
    values = {item.name: value_of(item.value, tool.parameters.get(item.name, {})) for item in step.arguments}
    return tool.args_type().model_validate(values)


def value_of(text: str, schema: dict[str, Any]) -> Any:
    """A planned value in the form that the parameter's type can be read from: JSON for lists and objects, else text."""
    kinds = {schema.get("type"), *(part.get("type") for part in schema.get("anyOf", ()))}
    if text.strip().lower() == "null" and "null" in kinds:
        return None
    if kinds & {"array", "object"} and "string" not in kinds:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return [part.strip() for part in text.split(",")] if "array" in kinds else text
    return text


def arguments_of(step: PlannedStep, team: Team) -> dict[str, Any] | None:
    """The arguments as they are stored and approved, None where they are not known yet."""
    found = team.tool(step.function or "")
    if found is None:
        return None
    try:
        parsed = parse_arguments(step, found[1])
    except ValidationError:
        return None
    return None if parsed is None else plain(parsed)


def to_plan(response: PlannerResponse, team: Team, task: InputTask, usage: Usage) -> PlanWithSteps:
    """The plan as it will be stored."""
    owner = {"session_id": task.session_id, "user_id": task.user_id}
    status = (
        PlanStatus.impossible
        if response.impossible
        else PlanStatus.awaiting_clarification
        if response.human_clarification_request
        else PlanStatus.in_progress
    )
    plan = Plan(
        **owner,
        initial_goal=task.description,
        overall_status=status,
        source=PLANNER,
        summary=response.impossible or response.summary,
        human_clarification_request=response.human_clarification_request,
        usage=usage,
    )
    ids = [new_id() for _ in response.steps]
    steps = []
    for index, planned in enumerate(response.steps):
        before = [index] if planned.depends_on is None and index else planned.depends_on or []
        later = [int(item.value.strip()[1:]) for item in planned.arguments if LATER.match(item.value.strip())]
        needs = sorted({number for number in [*before, *later] if 1 <= number <= index})
        steps.append(
            Step(
                **owner,
                id=ids[index],
                plan_id=plan.id,
                index=index + 1,
                action=planned.action.strip(),
                agent=planned.agent,
                function=planned.function or None,
                arguments=arguments_of(planned, team),
                depends_on=[ids[number - 1] for number in needs],
            )
        )
    return PlanWithSteps.of(plan, steps)
