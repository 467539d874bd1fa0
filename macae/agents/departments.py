"""Contoso's departments as agents: one declaration each."""

from __future__ import annotations

from macae import contoso
from macae.agents import instructions as texts
from macae.agents.team import AgentSpec, Team
from macae.memory.retrieval.tool import search_policies

__all__ = ["default_team", "department"]

DECLARED = {
    "Hr": (texts.HR_INSTRUCTIONS, "users", ["Onboard a new employee, Jessica Smith."]),
    "Procurement": (
        texts.PROCUREMENT_INSTRUCTIONS,
        "shopping-cart",
        ["Order 5 laptops for the marketing team and book a training session for them next Tuesday."],
    ),
    "Marketing": (
        texts.MARKETING_INSTRUCTIONS,
        "bullhorn",
        ["Get info about our products. Write a press release about our current products."],
    ),
    "Product": (
        texts.PRODUCT_INSTRUCTIONS,
        "mobile",
        ["Please enable roaming on my mobile plan, starting next week."],
    ),
    "TechSupport": (texts.TECHSUPPORT_INSTRUCTIONS, "wrench", ["Set up VPN access for Jessica Smith."]),
    "Legal": (texts.LEGAL_INSTRUCTIONS, "balance-scale", []),
    "Generic": (texts.GENERIC_INSTRUCTIONS, "comments", []),
}
"""For each department: what its agent is told, its icon, and the goals that the board offers."""


MORE = {"Generic": (search_policies,)}
"""Tools from above the sample company. A plan names a step's tool, so each belongs to one agent: the written policies are for
whoever asks about any department's, and that is the agent for general help.
"""


def department(name: str) -> AgentSpec:
    """One department's agent, such as `department("Hr")`."""
    message, icon, tasks = DECLARED[name]
    return AgentSpec(
        name=f"{name}Agent",
        system_message=message,
        tools=(*contoso.DEPARTMENTS[name], *MORE.get(name, ())),
        quick_tasks=tasks,
        icon=icon,
    )


def default_team() -> Team:
    """Contoso's seven departments."""
    return Team([department(name) for name in DECLARED], name="Contoso")
