"""The messages that people and agents send each other."""

from __future__ import annotations

import time
from typing import Any, Literal

from pydantic import BaseModel, Field

from macae.models.base import BaseDataModel, PlanStatus, new_id

__all__ = [
    "ActionRequest",
    "ActionResponse",
    "ApprovalRequest",
    "GroupChatMessage",
    "HumanClarification",
    "HumanFeedback",
    "InputTask",
    "PlanStateUpdate",
    "ReplanRequest",
    "RequestToSpeak",
]


class InputTask(BaseModel):
    """A person's goal."""

    session_id: str = Field(default_factory=new_id)
    description: str
    user_id: str = ""


class ApprovalRequest(BaseDataModel):
    """A step is offered to the person. Stored, so that the question outlives the process."""

    data_type: Literal["approval_request"] = "approval_request"
    step_id: str | None = None
    """None means all steps that await a decision."""
    plan_id: str
    session_id: str
    user_id: str
    action: str | None = None
    agent: str | None = None
    approved: bool | None = None
    human_feedback: str | None = None
    updated_action: str | None = None


class HumanFeedback(BaseModel):
    """A person's decision on a step."""

    step_id: str | None = None
    """None means all steps that await a decision."""
    plan_id: str
    session_id: str
    approved: bool
    human_feedback: str | None = None
    updated_action: str | None = None
    user_id: str = ""
    versions: dict[str, int] = Field(default_factory=dict)
    """By step id: the version that the person saw. Where it is given, the decision is on just these steps as they were."""


class HumanClarification(BaseModel):
    """A person's answer to the planner's question."""

    plan_id: str
    session_id: str
    human_clarification: str
    user_id: str = ""


class ReplanRequest(BaseModel):
    """A person asks for another way: the rest of a plan is to be planned anew."""

    plan_id: str
    session_id: str
    reason: str = ""
    user_id: str = ""


class ActionRequest(BaseModel):
    """Carry out a step."""

    session_id: str
    plan_id: str
    step_id: str
    action: str
    user_id: str = ""
    agent: str = ""


class ActionResponse(BaseModel):
    """What came of a step."""

    status: Literal["success", "failure"]
    message: str
    data: dict[str, Any] | None = None
    user_id: str = ""
    step_id: str = ""
    plan_id: str = ""
    session_id: str = ""
    result: str = ""


class PlanStateUpdate(BaseModel):
    """A plan has come to a new state."""

    plan_id: str
    session_id: str
    new_state: PlanStatus
    user_id: str = ""
    timestamp: float = Field(default_factory=time.time)


class GroupChatMessage(BaseModel):
    """Something said to the group."""

    message_id: str = Field(default_factory=new_id)
    session_id: str
    user_id: str = ""
    content: str
    timestamp: float = Field(default_factory=time.time)
    source: str = ""
    target: str = ""


class RequestToSpeak(BaseModel):
    """An agent is asked to speak next."""

    request_id: str = Field(default_factory=new_id)
    session_id: str
    user_id: str = ""
    reason: str = ""
    timestamp: float = Field(default_factory=time.time)
