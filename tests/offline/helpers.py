"""Ways to ask the offline model, in our own prompt's form and in others'."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from autogen_core.models import SystemMessage, UserMessage
from pydantic import BaseModel

from macae.llm.offline import OfflineChatCompletionClient

TODAY = date(2026, 11, 21)

BAKERY = """You are the planner. Make the plan.

## BakerAgent: bakes
- bake_cookies(cookie_type: str, quantity: int) [change]: Bake cookies of one kind.
- prepare_dough(dough_type: str) [change]: Prepare dough.

## GenericAgent: general help with whatever no function does, such as writing

## HumanAgent: the person, for what only a person can do
"""


class Argument(BaseModel):
    name: str
    value: str


class Step(BaseModel):
    agent: str
    action: str
    function: str | None
    arguments: list[Argument]
    depends_on: list[int] | None


class Plan(BaseModel):
    initial_goal: str
    steps: list[Step]
    summary: str
    human_clarification_request: str | None
    impossible: str | None

    def calls(self) -> list[tuple[str | None, dict[str, str]]]:
        return [(s.function, {a.name: a.value for a in s.arguments}) for s in self.steps]


def goal_message(goal: str) -> UserMessage:
    return UserMessage(content=f"Today is 2026-11-21 (Saturday).\nGoal: {goal}", source="user")


async def ask_json(schema: type[BaseModel], system: str, user: str) -> Any:
    client = OfflineChatCompletionClient()
    result = await client.create(
        [SystemMessage(content=system), UserMessage(content=user, source="user")], json_output=schema
    )
    assert isinstance(result.content, str)
    return schema.model_validate_json(result.content)


async def plan(goal: str, system: str = BAKERY) -> Plan:
    found = await ask_json(Plan, system, f"Today is 2026-11-21 (Saturday).\nGoal: {goal}")
    assert isinstance(found, Plan)
    return found


async def say(system: str, user: str, **how: Any) -> str:
    client = OfflineChatCompletionClient()
    result = await client.create(
        [SystemMessage(content=system), UserMessage(content=user, source="user")], **how
    )
    assert isinstance(result.content, str)
    return result.content


def loads(text: str) -> Any:
    return json.loads(text)
