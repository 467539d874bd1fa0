"""The base of what is stored, and the words for its states."""

from __future__ import annotations

import uuid
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "BAgentType",
    "BaseDataModel",
    "DataType",
    "HumanFeedbackStatus",
    "PlanStatus",
    "StepStatus",
    "new_id",
]


def new_id() -> str:
    """A new random identifier (UUID 4)."""
    return str(uuid.uuid4())


class BaseDataModel(BaseModel):
    """The base of every stored document. `ts` (Unix seconds) and `version` are set by the store when it writes."""

    model_config = ConfigDict(extra="ignore", validate_assignment=False)

    id: str = Field(default_factory=new_id)
    ts: int | None = None
    version: int = 0
    """How often the document was written; a conditional write names the version that it changes."""


class DataType(StrEnum):
    """The kinds of stored documents that the guide names."""

    session = "session"
    plan = "plan"
    step = "step"
    message = "agent_message"


class BAgentType(StrEnum):
    """What kind of participant an agent is. An agent's name is data: a team declares it."""

    human = "human"
    ai_assistant = "ai_assistant"
    external_service = "external_service"


class StepStatus(StrEnum):
    """Where a step stands; the arrows between them are in `macae.agents.lifecycle`."""

    planned = "planned"
    awaiting_feedback = "awaiting_feedback"
    approved = "approved"
    rejected = "rejected"
    action_requested = "action_requested"
    completed = "completed"
    failed = "failed"
    skipped = "skipped"
    cancelled = "cancelled"
    superseded = "superseded"


class PlanStatus(StrEnum):
    """Where a plan stands."""

    in_progress = "in_progress"
    awaiting_clarification = "awaiting_clarification"
    paused = "paused"
    completed = "completed"
    failed = "failed"
    cancelled = "cancelled"
    impossible = "impossible"


class HumanFeedbackStatus(StrEnum):
    """What became of a question to a person."""

    pending = "pending"
    addressed = "addressed"
    rejected = "rejected"
