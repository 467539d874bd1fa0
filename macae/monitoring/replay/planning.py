"""Goals on their way to a plan: several may be planned at once, and not each gets one."""

from __future__ import annotations

from dataclasses import dataclass

from macae.models import Event, EventType
from macae.monitoring.replay.known import Attempt
from macae.monitoring.replay.views import PLANNER

__all__ = ["Plannings"]

E = EventType


@dataclass
class Planning(Attempt):
    """One goal's planning; `end` is None while it goes on, as far as is known: a process that died has said nothing."""

    heard: float = 0.0
    """When its planner last got an answer from the model, else its start."""


class Plannings:
    """The goals that have no plan yet, each with its planning, by trace id."""

    def __init__(self) -> None:
        self.by_trace: dict[str, Planning] = {}

    @property
    def open(self) -> bool:
        """Whether a goal is being planned."""
        return any(planning.end is None for planning in self.by_trace.values())

    def take(self, at: float, event: Event) -> None:
        """Take in an event that belongs to no plan yet."""
        if event.type == E.goal_received:
            self.by_trace[event.trace_id or f"goal {len(self.by_trace)}"] = Planning(at, heard=at)
        elif (planning := self.by_trace.get(self._key(event))) is None:
            return
        elif event.type in (E.goal_refused, E.planning_failed):
            # Found out later: nobody was at work after the last that was heard.
            planning.end = planning.heard if event.data.get("lost") is True else at
        elif event.agent == PLANNER and event.type == E.model_called:
            planning.heard = at

    def planned(self, event: Event) -> Attempt | None:
        """The planning that led to this new plan; it is none any more."""
        return self.by_trace.pop(self._key(event), None)

    def _key(self, event: Event) -> str:
        return event.trace_id or next(reversed(self.by_trace), "")
