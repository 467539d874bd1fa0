"""What is under way in a trace: the spans that have begun and not ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from macae.models import Event
from macae.monitoring.otel import names as n
from macae.monitoring.otel.calls import Form
from macae.monitoring.otel.drafts import Draft, span_id

__all__ = ["StepState", "TraceState"]


@dataclass(slots=True)
class StepState:
    """One step."""

    id: str
    known: dict[str, Any] = field(default_factory=dict)
    """What the events have told of its document: index, agent, …"""
    round: int = 0
    span: Draft | None = None
    waiting: Draft | None = None
    attempt: Draft | None = None
    tools: dict[str, Draft] = field(default_factory=dict)
    last: int = 0
    """The id of its latest attempt: what comes late still belongs there."""

    @property
    def agent(self) -> str:
        """Whose step it is."""
        return str(self.known.get("agent") or "")


@dataclass(slots=True)
class TraceState:
    """One plan, from its goal on."""

    id: str
    session_id: str
    user_id: str
    plan_id: str = ""
    root: Draft | None = None
    """The span that this process will send for the whole: the root, or what it did for a plan that was begun elsewhere."""
    over: bool = False
    planning: Draft | None = None
    planned_until: float = 0.0
    """When the last call for the planning under way ended."""
    planning_error: str = ""
    asking: Draft | None = None
    """Waiting for the answer to the planner's question, or for more to be allowed."""
    steps: dict[str, StepState] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    """The numbers of the events that were taken."""
    read_to: int = 0
    """Up to which number the store was asked for what other processes did."""
    tokens: int = 0
    usd: float = 0.0
    calls: int = 0

    @property
    def root_id(self) -> int:
        """The id of the root span, whichever process sends it."""
        return span_id(self.id, "plan")

    @property
    def above(self) -> int | None:
        """The root's id, or None where there is neither a goal nor a plan: what happens then stands alone."""
        return self.root_id if self.root is not None or self.plan_id or self.planning is not None else None

    @property
    def waits(self) -> list[Draft]:
        """For what a person is waited now."""
        found = [step.waiting for step in self.steps.values()] + [self.asking]
        return [draft for draft in found if draft is not None]

    def step(self, event: Event) -> StepState:
        """The state of the event's step."""
        return self.steps.setdefault(event.step_id or "", StepState(event.step_id or ""))

    def learn(self, event: Event) -> str:
        """Note what the event tells of the plan and its steps; give the plan's status if it tells one."""
        self.plan_id = self.plan_id or event.plan_id
        status = str(event.data.get("status") or "") if event.type == "plan_changed" else ""
        for id, fields in event.changes.items():
            if fields.get("data_type") == "step":
                known = self.steps.setdefault(id, StepState(id)).known
                known |= {key: fields[key] for key in ("index", "agent", "status") if key in fields}
            elif fields.get("data_type") == "plan":
                status = str(fields.get("overall_status") or status)
        return status

    def begin(self, event: Event, form: Form, owner: bool, key: str) -> Draft:
        """Open the span for the whole. `owner`: this process saw the goal, so it sends the root."""
        name = "invoke_workflow plan" if owner else "plan continued"
        attributes = form.common(event) | {n.OPERATION: "invoke_workflow", n.WORKFLOW: "plan"}
        attributes[n.KIND] = n.CHAIN
        if form.content:
            attributes[n.USER] = event.user_id
        if not owner:
            attributes[n.CONTINUED] = True
        number = self.root_id if owner else span_id(self.id, "continued", key)
        self.root = Draft(self.id, number, None if owner else self.root_id, name, event.time, attributes)
        self.tokens, self.usd, self.calls = 0, 0.0, 0
        return self.root

    def finish(self, end: float, status: str, error: str = "", description: str = "") -> list[Draft]:
        """Close the span for the whole."""
        root, self.root = self.root, None
        if root is None:
            return []
        root.attributes |= {n.PLAN: self.plan_id} if self.plan_id else {}
        root.attributes |= {n.PLAN_STATUS: status} if status else {}
        root.attributes |= {n.PLAN_STEPS: len(self.steps), n.TOKENS: self.tokens, n.CALLS: self.calls}
        root.attributes |= {n.COST: self.usd} if self.usd else {}
        return [root.ended(end, error, description, **({n.ERROR: error} if error else {}))]
