"""What is known of one plan, one step, one attempt, one question: filled as the events tell it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from macae.models import PlanStatus, StepStatus

__all__ = ["Ask", "Attempt", "PlanLife", "StepLife"]


@dataclass
class Ask:
    """A question to the person."""

    start: float
    why: str
    seq: int
    cause: str
    """The row that it comes from."""
    end: float | None = None
    automatic: bool = False
    """Answered by a setting: nobody was waited for."""


@dataclass
class Attempt:
    """One attempt to carry a step out."""

    start: float
    end: float | None = None
    lost: bool = False
    """Its process was gone: it ends with the last that was heard of it."""


@dataclass
class StepLife:
    """All that events say of one step."""

    id: str
    plan_id: str
    status: str = StepStatus.planned.value
    agent: str = ""
    task: str = ""
    index: int = 0
    function: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    depends_on: list[str] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    approvals: list[tuple[float, int, str]] = field(default_factory=list)
    """When, the event's number, by whom."""
    reply: str = ""
    error: str = ""
    at_limit: bool = False
    """Where it failed: because a limit has stopped it."""
    calls: dict[str, tuple[str, str]] = field(default_factory=dict)
    """State and result by the call's key, as the step's record tells them: what a dead process's tool did may be known later."""
    ended: float | None = None
    alive: float = 0.0
    """The last sign of life."""

    def cut(self, start: float) -> float | None:
        """When the attempt was over that something belongs to which began then; None while it goes on."""
        attempt = self.attempt_at(start)
        return self.ended if attempt is None else attempt.end

    def attempt_at(self, start: float) -> Attempt | None:
        """The attempt that something belongs to which began then."""
        for attempt in self.attempts:
            if attempt.start <= start and (attempt.end is None or attempt.end >= start):
                return attempt
        return None


@dataclass
class PlanLife:
    """All that events say of one plan."""

    id: str
    trace_id: str = ""
    goal: str = ""
    status: str = PlanStatus.in_progress.value
    summary: str = ""
    asks: list[Ask] = field(default_factory=list)
    planning: list[Attempt] = field(default_factory=list)
    ended: float | None = None
