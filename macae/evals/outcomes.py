"""What a planner gave for a goal, in a form that does not depend on the planner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["PlannedCall", "PlannedOutcome"]


@dataclass(frozen=True)
class PlannedCall:
    """One step: who does it, with which function (or none) and arguments."""

    agent: str
    tool: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    action: str = ""


@dataclass(frozen=True)
class PlannedOutcome:
    """A plan, a question, or a reason why it is impossible."""

    steps: tuple[PlannedCall, ...] = ()
    question: str | None = None
    impossible: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
