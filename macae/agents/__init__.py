"""The agents: who plans, decides, leads and carries out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.agents.base import BaseAgent
    from macae.agents.context import AgentContext, AgentFactory
    from macae.agents.departments import default_team, department
    from macae.agents.human import HumanAgent
    from macae.agents.manager import GroupChatManager
    from macae.agents.planned import PlannedArgument, PlannedStep, PlannerResponse
    from macae.agents.planner import PlannerAgent
    from macae.agents.team import AgentSpec, Team
    from macae.agents.teamfile import load_team

__all__ = [
    "AgentContext",
    "AgentFactory",
    "AgentSpec",
    "BaseAgent",
    "GroupChatManager",
    "HumanAgent",
    "PlannedArgument",
    "PlannedStep",
    "PlannerAgent",
    "PlannerResponse",
    "Team",
    "default_team",
    "department",
    "load_team",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "AgentContext": "macae.agents.context",
        "AgentFactory": "macae.agents.context",
        "AgentSpec": "macae.agents.team",
        "BaseAgent": "macae.agents.base",
        "GroupChatManager": "macae.agents.manager",
        "HumanAgent": "macae.agents.human",
        "PlannedArgument": "macae.agents.planned",
        "PlannedStep": "macae.agents.planned",
        "PlannerAgent": "macae.agents.planner",
        "PlannerResponse": "macae.agents.planned",
        "Team": "macae.agents.team",
        "default_team": "macae.agents.departments",
        "department": "macae.agents.departments",
        "load_team": "macae.agents.teamfile",
    },
)
