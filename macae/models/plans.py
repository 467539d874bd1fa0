"""What is remembered of a goal: its session, plan, steps and messages."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

from pydantic import BaseModel, Field

from macae.models.base import BaseDataModel, HumanFeedbackStatus, PlanStatus, StepStatus

__all__ = [
    "OPEN_STEP",
    "OVER_PLAN",
    "AgentMessage",
    "Approval",
    "CallRecord",
    "PendingCall",
    "Plan",
    "PlanWithSteps",
    "Session",
    "Step",
    "Usage",
    "call_hash",
]

OPEN_STEP = frozenset(
    {StepStatus.planned, StepStatus.awaiting_feedback, StepStatus.approved, StepStatus.action_requested}
)
"""The statuses of a step on which work or a decision is still to come."""
OVER_PLAN = frozenset({PlanStatus.completed, PlanStatus.failed, PlanStatus.cancelled, PlanStatus.impossible})
"""The statuses of a plan on which nothing follows by itself."""


def call_hash(agent: str, action: str, function: str | None, arguments: dict[str, Any] | None) -> str:
    """What an approval binds: 16 hex digits over agent, action, tool and arguments."""
    text = json.dumps([agent, action, function, arguments], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Usage(BaseModel):
    """What work has used."""

    tokens: int = 0
    usd: float | None = 0.0
    """US dollars at list price; None where the price is not known, which is not the same as nothing."""
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        """Both together; an unknown price stays unknown."""
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Usage(tokens=self.tokens + other.tokens, usd=usd, seconds=self.seconds + other.seconds)


class Session(BaseDataModel):
    """One person's conversation with the engine: one row a session."""

    data_type: Literal["session"] = "session"
    session_id: str = ""
    user_id: str = ""
    current_status: str = "active"
    message_to_user: str | None = None


class AgentMessage(BaseDataModel):
    """Something said in a session. `source` is who truly said it."""

    data_type: Literal["agent_message"] = "agent_message"
    session_id: str
    user_id: str
    plan_id: str = ""
    content: str
    source: str
    step_id: str | None = None


class Plan(BaseDataModel):
    """What is to be done for a goal."""

    data_type: Literal["plan"] = "plan"
    session_id: str
    user_id: str
    initial_goal: str
    trace_id: str = ""
    """32 hexadecimal digits: the trace to which all events of the plan belong, from the goal on."""
    overall_status: PlanStatus = PlanStatus.in_progress
    source: str = "PlannerAgent"
    summary: str | None = None
    human_clarification_request: str | None = None
    human_clarification_response: str | None = None
    revisions: int = 0
    """How often the rest of the plan was planned anew after a failure or a no."""
    usage: Usage = Field(default_factory=Usage)
    """What planning has used; the steps have their own figures."""
    allowed_more: Usage = Field(default_factory=Usage)
    """What the person has allowed beyond the limits of the settings."""


class Approval(BaseModel):
    """A person's yes to one version of one step. Only the engine's approve calls make one."""

    by: str
    """Who: a user id, or `auto:env` / `auto:yes` where a setting or option said yes to everything."""
    version: int
    """The step's version that was shown when the yes was given."""
    hash: str
    """What the step was about to do then: see `call_hash`."""
    note: str | None = None
    time: float = 0.0


class CallRecord(BaseModel):
    """One tool call of a step, written before it starts and after it ends."""

    key: str
    """Idempotency key: step id and call number; the same over retries of the step."""
    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    effect: Literal["read", "change"] = "change"
    state: Literal["started", "completed", "failed", "unknown"] = "started"
    """`unknown`: the process ended, or the call was stopped, while it ran: it may have had its effect."""
    attempt: int = 1
    result: str | None = None
    is_error: bool = False
    seconds: float | None = None


class PendingCall(BaseModel):
    """A changing call that the approval did not cover: the person is asked for exactly this one."""

    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Step(BaseDataModel):
    """One action of a plan, for one agent."""

    data_type: Literal["step"] = "step"
    plan_id: str
    session_id: str
    user_id: str
    index: int = 0
    """Its place in the plan, from 1."""
    action: str
    agent: str
    function: str | None = None
    arguments: dict[str, Any] | None = None
    """None while they are not known; then a changing call must be shown and approved by itself."""
    depends_on: list[str] = Field(default_factory=list)
    """The ids of the steps that must be over before this one runs."""
    status: StepStatus = StepStatus.planned
    agent_reply: str | None = None
    human_feedback: str | None = None
    human_approval_status: HumanFeedbackStatus = HumanFeedbackStatus.pending
    updated_action: str | None = None
    attempt: int = 0
    owner: str | None = None
    """The process that is carrying the step out."""
    approval: Approval | None = None
    calls: list[CallRecord] = Field(default_factory=list)
    pending_call: PendingCall | None = None
    interrupted_calls: list[str] = Field(default_factory=list)
    """The changing calls that had started when a process died: they may have had their effect."""
    error: str | None = None
    seconds: float = 0.0
    tokens: int = 0
    usd: float | None = 0.0
    """US dollars at list price; None where the model's price is not known."""

    def __repr__(self) -> str:
        """Short: a plan's steps are often shown together, and logs format what they are given."""
        return f"Step({self.index}, {self.status.value}, {self.agent}: {self.task[:60]!r})"

    @property
    def task(self) -> str:
        """The action as it now stands: the person's wording where there is one."""
        return self.updated_action or self.action

    @property
    def hash(self) -> str:
        """What an approval of the step as it now stands would bind."""
        if self.pending_call is not None:
            return call_hash(self.agent, self.task, self.pending_call.tool, self.pending_call.arguments)
        return call_hash(self.agent, self.task, self.function, self.arguments)

    @property
    def interrupted(self) -> bool:
        """A process died while a changing call of this step was running."""
        return bool(self.interrupted_calls)


class PlanWithSteps(Plan):
    """A plan, its steps and their counts. The counts of the statuses add up to `total_steps`."""

    steps: list[Step] = Field(default_factory=list)
    total_steps: int = 0
    completed_steps: int = 0
    pending_steps: int = 0
    """Steps on which work or a decision is still to come: planned, awaiting, approved or running."""
    planned: int = 0
    awaiting_feedback: int = 0
    approved: int = 0
    rejected: int = 0
    action_requested: int = 0
    completed: int = 0
    failed: int = 0
    skipped: int = 0
    cancelled: int = 0
    superseded: int = 0

    @classmethod
    def of(cls, plan: Plan, steps: list[Step]) -> PlanWithSteps:
        """Join a plan and its steps, in order, and count them."""
        joined = cls(
            **plan.model_dump(include=set(Plan.model_fields)), steps=sorted(steps, key=lambda s: s.index)
        )
        joined.update_step_counts()
        return joined

    def update_step_counts(self) -> None:
        """Count the steps anew."""
        for status in StepStatus:
            setattr(self, status.value, sum(step.status == status for step in self.steps))
        self.total_steps = len(self.steps)
        self.completed_steps = self.completed
        self.pending_steps = sum(step.status in OPEN_STEP for step in self.steps)
