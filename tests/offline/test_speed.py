"""It is quick: a plan over more than seventy tools, a turn with tools. The bounds leave room for a busy machine."""

from __future__ import annotations

import time

from autogen_core.models import SystemMessage, UserMessage

from macae.agents import default_team
from macae.agents.catalogue import catalogue
from macae.llm.offline import OfflineChatCompletionClient
from tests.offline.helpers import Plan, goal_message


async def test_plan_and_turn() -> None:
    client, team = OfflineChatCompletionClient(), default_team()
    messages = [
        SystemMessage(content=f"You plan.\n{catalogue(team, 'x')}"),
        goal_message(
            "Order 5 laptops for the marketing team and book a training session for them next Tuesday."
        ),
    ]
    step = [
        UserMessage(
            content='Your step: go\nApproved call: assign_mentor {"employee_name": "Jessica Smith"}',
            source="user",
        )
    ]
    tools = [t for a in team for t in a.action_tools if a.name == "HrAgent"]
    assert sum(len(a.action_tools) for a in team) > 70
    plans, turns = [], []
    for _ in range(20):
        began = time.perf_counter()
        await client.create(messages, json_output=Plan)
        plans.append(time.perf_counter() - began)
        began = time.perf_counter()
        await client.create(step, tools=tools)
        turns.append(time.perf_counter() - began)
    assert min(plans) < 0.010
    assert min(turns) < 0.002
