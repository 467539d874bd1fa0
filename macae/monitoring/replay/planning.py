"""Goals on their way to a plan: several may be planned at once, and not each gets one."""

from __future__ import annotations

from dataclasses import dataclass

from macae.models import Event, EventType
from macae.monitoring.replay.known import Attempt
from macae.monitoring.replay.one_event import failed
from macae.monitoring.replay.views import PLANNER

__all__ = ["LOST", "Plannings"]

E = EventType

LOST = 60.0
"""After a longer silence nobody was at work until then: the process had died, or the planner had given up."""


@dataclass
class Planning(Attempt):
    """One goal's planning; `end` is None while it goes on."""

    heard: float | None = None
    """When its planner last got an answer from the model; None before the first and while it asks again."""


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
            self.by_trace[event.trace_id or f"goal {len(self.by_trace)}"] = Planning(at)
        elif event.type == E.goal_refused:
            if planning := self.by_trace.get(event.trace_id):
                planning.end = at
        elif (planning := self.by_trace.get(self._key(event))) is None:
            return
        elif event.agent == PLANNER and event.type == E.model_started:
            planning.end = planning.heard = None
        elif event.agent == PLANNER and event.type == E.model_called:
            # A planner whose call failed gives up, unless it asks again.
            planning.end, planning.heard = (at if failed(event) else None), at

    def planned(self, event: Event) -> Attempt | None:
        """The planning that led to this new plan; it is none any more."""
        return self.by_trace.pop(self._key(event), None)

    def pass_time(self, at: float) -> None:
        """End what has been silent for too long: no plan came of the planner's last answer."""
        for planning in self.by_trace.values():
            if planning.end is None and planning.heard is not None and at - planning.heard > LOST:
                planning.end = planning.heard

    def _key(self, event: Event) -> str:
        return event.trace_id or next(reversed(self.by_trace), "")
