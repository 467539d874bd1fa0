"""What was found: by the checks, by the alert rules, and what went wrong. Times are seconds from the recording's start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["AlertView", "Problem", "Violation", "alert_name", "found_text"]


DONE = {"flag": "left as it is", "mask": "masked", "block": "held back"}
"""What was done with a finding, in words."""
PLACES = {
    "goal": "the goal",
    "goal_received": "the goal",
    "step_started": "a step's task",
    "chat_message": "an agent's chat",
    "agent_message": "an agent's message",
    "model_called.sent": "what a model was sent",
    "model_called": "a model call",
    "tool_started": "a tool's arguments",
    "tool_finished": "a tool's result",
    "step_completed": "a reply",
    "memory_queried": "a search",
}
"""Where something was found, in words; other places are told by their names."""


@dataclass(frozen=True, slots=True)
class Violation:
    """The compliance check found something. What it found is nowhere, only what kind of thing."""

    seconds: float
    agent: str
    entity: str
    action: str
    """flag, mask or block."""
    route: str
    where: str
    rule: str
    count: int
    step_id: str | None
    seq: int

    @property
    def text(self) -> str:
        """What was found and done, for people."""
        return found_text(self.entity, self.action, self.route, self.where, self.count)

    @property
    def place(self) -> str:
        """Where it was found, for people."""
        return place_of(self.where, self.route)

    @property
    def done(self) -> str:
        """What was done with it, for people."""
        return DONE.get(self.action, self.action)


def found_text(entity: str, action: str, route: str, where: str, count: int) -> str:
    """A finding for people: which entity, how often, where, and what was done with it."""
    times = f" {count:,} times" if count > 1 else ""
    return f"{entity} found{times} in {place_of(where, route)}: {DONE.get(action, action)}"


def place_of(where: str, route: str) -> str:
    """Where something was found, for people."""
    return PLACES.get(where) or where.replace("_", " ") or f"what goes to the {route}"


def alert_name(rule: str, key: str) -> str:
    """What an alert is called: its rule, and the key that tells it from other alerts of the rule."""
    return " · ".join(filter(None, (rule, key)))


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert, and when it was over (None: not yet)."""

    seconds: float
    rule: str
    key: str
    severity: str
    text: str
    value: float | None
    threshold: float | None
    agent: str
    """The row that it belongs to, "" for the whole session."""
    step_id: str | None
    seq: int
    resolved: float | None = None

    @property
    def name(self) -> str:
        """The rule, and the key that tells it from other alerts of the rule."""
        return alert_name(self.rule, self.key)


@dataclass(frozen=True, slots=True)
class Problem:
    """One trouble, told once: a failed model or tool call, or a step or goal that failed without one."""

    seconds: float
    agent: str
    kind: Literal["model", "tool", "step", "goal"]
    text: str
    step_id: str | None
    plan_id: str
    seq: int
