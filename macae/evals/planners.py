"""Planners for the evaluation: any model client, asked exactly what the engine's planner asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from macae.errors import ModelBadReply
from macae.evals.cases import GoalCase
from macae.evals.outcomes import PlannedCall, PlannedOutcome
from macae.evals.running import Plan

if TYPE_CHECKING:
    from autogen_core.models import ChatCompletionClient

    from macae.agents import Team

__all__ = ["client_planner"]


def client_planner(client: ChatCompletionClient, team: Team | None = None, *, max_steps: int = 6) -> Plan:
    """A planner that asks a model client once for each goal, with the engine's own prompt.

    `team`: whose agents and tools may be used; the default team unless given. There is no repair round, so that the model itself
    is scored. The planner raises ModelBadReply when the answer is no plan, and the client's own ModelError kinds.
    """
    from macae.agents import default_team
    from macae.agents.planned import PlannerResponse, parse_response
    from macae.agents.planner import planner_prompt

    used = team if team is not None else default_team()

    async def plan(case: GoalCase) -> PlannedOutcome:
        prompt = planner_prompt(case.text, used, case.today, max_steps)
        info = client.model_info
        structured: Any = (
            PlannerResponse if info.get("structured_output") else bool(info.get("json_output")) or None
        )
        result = await client.create(prompt, json_output=structured)
        response, wrong = parse_response(result.content if isinstance(result.content, str) else "")
        if response is None:
            raise ModelBadReply(f"The answer is no plan: {'; '.join(wrong)}")
        steps = tuple(
            PlannedCall(s.agent, s.function or None, {a.name: a.value for a in s.arguments}, s.action)
            for s in response.steps
        )
        return PlannedOutcome(
            steps,
            response.human_clarification_request or None,
            response.impossible or None,
            result.usage.prompt_tokens,
            result.usage.completion_tokens,
        )

    return plan
