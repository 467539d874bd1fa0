"""Data models, messages and events. The names are the ones the accelerator's customisation guide uses."""

from __future__ import annotations

from macae.models.base import (
    BAgentType,
    BaseDataModel,
    DataType,
    HumanFeedbackStatus,
    PlanStatus,
    StepStatus,
)
from macae.models.events import Event, EventSink, EventType
from macae.models.messages import (
    ActionRequest,
    ActionResponse,
    ApprovalRequest,
    GroupChatMessage,
    HumanClarification,
    HumanFeedback,
    InputTask,
    PlanStateUpdate,
    ReplanRequest,
    RequestToSpeak,
)
from macae.models.plans import (
    AgentMessage,
    Approval,
    CallRecord,
    PendingCall,
    Plan,
    PlanWithSteps,
    Session,
    Step,
    Usage,
)

__all__ = [
    "ActionRequest",
    "ActionResponse",
    "AgentMessage",
    "Approval",
    "ApprovalRequest",
    "BAgentType",
    "BaseDataModel",
    "CallRecord",
    "DataType",
    "Event",
    "EventSink",
    "EventType",
    "GroupChatMessage",
    "HumanClarification",
    "HumanFeedback",
    "HumanFeedbackStatus",
    "InputTask",
    "PendingCall",
    "Plan",
    "PlanStateUpdate",
    "PlanStatus",
    "PlanWithSteps",
    "ReplanRequest",
    "RequestToSpeak",
    "Session",
    "Step",
    "StepStatus",
    "Usage",
]
