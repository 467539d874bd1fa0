"""What an agent is built from, and the protocols that a part of one's own has to keep to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from autogen_core import Agent
from autogen_core.models import ChatCompletionClient

from macae.agents.gate import Gate
from macae.agents.ledger import Ledger
from macae.agents.team import Team
from macae.config import Settings

__all__ = ["AgentContext", "AgentFactory"]


@dataclass(frozen=True)
class AgentContext:
    """What the engine gives to each agent of a session."""

    session_id: str
    user_id: str
    memory: Ledger
    model_client: ChatCompletionClient
    team: Team
    settings: Settings
    gate: Gate
    today: Callable[[], date]
    spawn: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]
    """Runs a coroutine behind the scenes for a plan (its id); the engine waits for it, stops it and reports its errors."""


class AgentFactory(Protocol):
    """How to give the engine a planner, manager or human of your own: a class, or any callable, that takes the context.

    - planner: handles `InputTask`, returns a `PlanWithSteps` (it stores nothing);
    - manager: handles `InputTask` and `HumanClarification` (returns the stored `PlanWithSteps`) and `ApprovalRequest`
      (a decision was stored: go on), and stores all that follows;
    - human: handles `HumanFeedback`: stores the decision with the step and passes it on to the manager.
    """

    def __call__(self, context: AgentContext) -> Agent:
        """Build the agent."""
