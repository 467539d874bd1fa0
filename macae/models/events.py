"""Events: what happened, in order. Stored ones are the audit trail; the same ones are shown live."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Any, Protocol

from pydantic import BaseModel, Field

__all__ = ["AT_LIMIT", "Event", "EventSink", "EventType"]


AT_LIMIT = "limit"
"""What `data["why"]` of `step_failed` says where a limit has stopped the step. Earlier versions did not say it."""


class EventType(StrEnum):
    """What kinds of things happen."""

    session_opened = "session_opened"
    """This process has taken the session up. Shown live, not stored."""
    session_closed = "session_closed"
    """This process has let go of the session. Shown live, not stored."""
    goal_received = "goal_received"
    goal_refused = "goal_refused"
    """The safety or compliance check said no: nothing was planned."""
    planning_failed = "planning_failed"
    """No plan came of a goal, an answer or a wish; the text says why. What was stored of a plan stays."""
    plan_created = "plan_created"
    plan_changed = "plan_changed"
    """The plan's status is new, or it was revised."""
    clarification_asked = "clarification_asked"
    clarification_answered = "clarification_answered"
    step_offered = "step_offered"
    step_approved = "step_approved"
    step_rejected = "step_rejected"
    step_edited = "step_edited"
    step_started = "step_started"
    step_paused = "step_paused"
    """The step wants a changing call that its approval does not cover, and asks again."""
    step_interrupted = "step_interrupted"
    step_completed = "step_completed"
    step_failed = "step_failed"
    """Also told of a step that a limit has stopped: see `Event.at_limit`."""
    step_retried = "step_retried"
    step_skipped = "step_skipped"
    step_cancelled = "step_cancelled"
    step_superseded = "step_superseded"
    document_changed = "document_changed"
    """A plan or step was written without an event of its own; `changes` says what is new."""
    tool_started = "tool_started"
    tool_finished = "tool_finished"
    tool_refused = "tool_refused"
    """The gate said no: nothing was run."""
    access_refused = "access_refused"
    """A role may not read or write a memory: nothing was read or written."""
    model_started = "model_started"
    """A model call was sent. Shown live, not stored."""
    model_called = "model_called"
    """A model call has ended, well or not."""
    model_waiting = "model_waiting"
    """A model call waits for its turn, or because the server asked to slow down. Shown live, not stored."""
    thought = "thought"
    message = "message"
    memory_queried = "memory_queried"
    """An agent searched documents or a memory."""
    reply_checked = "reply_checked"
    """A step's reply was compared with what its tools and sources said."""
    violation_found = "violation_found"
    """The compliance check found something; never holds what it found."""
    budget_warned = "budget_warned"
    alert_raised = "alert_raised"
    alert_resolved = "alert_resolved"
    events_missed = "events_missed"
    """A watcher was too slow; `data["missed"]` tells how many events it has not seen. Made for that watcher alone.

    With `data["unreadable"]` it stands in the place of a stored event that cannot be read any more.
    """


class Event(BaseModel):
    """One thing that happened. `seq` is its place in the store's order, 0 until it is stored."""

    seq: int = 0
    time: float = Field(default_factory=time.time, ge=0, le=4_102_444_800, allow_inf_nan=False)
    """Unix time, seconds; at most that of the year 2100."""
    type: EventType
    session_id: str
    user_id: str
    trace_id: str = ""
    """32 hexadecimal digits, the same for all that belongs to one plan, from the goal on."""
    plan_id: str = ""
    step_id: str | None = None
    agent: str = ""
    """Who did it: an agent's name, or the person's user id."""
    text: str = ""
    data: dict[str, Any] = Field(default_factory=dict)
    changes: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By document id: what this write changed in a plan or step. From these alone the documents can be rebuilt."""

    @property
    def at_limit(self) -> bool:
        """Whether it tells of a step that a limit has stopped: nobody's error, and offered again when more is allowed."""
        return self.type is EventType.step_failed and self.data.get("why") == AT_LIMIT


class EventSink(Protocol):
    """Whoever wants to see events as they happen. Called on the event loop; must not block or raise."""

    def __call__(self, event: Event) -> None:
        """Take one event."""
