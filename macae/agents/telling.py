"""What is told of a session: events, messages, questions, each with the session, user, plan, step and trace that it belongs to."""

from __future__ import annotations

from typing import Any

from macae.agents.known import KnownPlans
from macae.memory.store import ANY, Change, Store
from macae.models import AgentMessage, ApprovalRequest, Event, EventSink, EventType, Plan, Session, Step
from macae.monitoring.scope import current_scope, trace_id_of

__all__ = ["Telling"]


class Telling(KnownPlans):
    """A session's memory that makes what is to be told. `emit` shows an event to whoever watches."""

    def __init__(self, store: Store, session_id: str, user_id: str, emit: EventSink) -> None:
        super().__init__(store, session_id, user_id)
        self.emit = emit
        self.gate: Any = None
        """The session's tool gate, set by whoever builds the session (see `macae.agents.gate`)."""

    def event(
        self,
        type: EventType,
        subject: Plan | Step | None = None,
        agent: str = "",
        text: str | None = "",
        **data: Any,
    ) -> Event:
        """An event about a plan or a step of this session; without one, about whatever the code that calls works on.

        A text that is None says nothing, as an empty one.
        """
        scope = current_scope()
        plan_id = (
            scope.plan_id if subject is None else subject.plan_id if isinstance(subject, Step) else subject.id
        )
        step_id = subject.id if isinstance(subject, Step) else scope.step_id if subject is None else None
        return Event(
            type=type,
            session_id=self.session_id,
            user_id=self.user_id,
            trace_id=self.trace_id(plan_id) or scope.trace_id,
            plan_id=plan_id,
            step_id=step_id,
            agent=agent,
            text=text or "",
            data=data,
        )

    def trace_id(self, plan_id: str) -> str:
        """The trace of a plan that is held, else an empty text."""
        state = self._plans.get(plan_id)
        if state is None:
            return ""
        return state.plan.trace_id or trace_id_of(plan_id)

    def show(self, type: EventType, agent: str = "", text: str = "", **data: Any) -> None:
        """Tell whoever watches, behind what is being written: a model's call never stands before its goal. Nothing is stored, or waits."""
        agent = agent or current_scope().agent
        run = self.gate.run_of(agent) if self.gate is not None else None
        event = self.event(type, run.step if run is not None else None, agent, text, **data)
        if self._last is None:
            self.emit(event)
        else:  # also of a write that has just been answered: whoever tells of it may not have had its turn
            self._last.add_done_callback(lambda done: self.emit(event))

    def said(self, source: str, content: str, plan_id: str, step_id: str | None = None) -> AgentMessage:
        """What somebody said, to be stored with the change that it belongs to."""
        return AgentMessage(
            session_id=self.session_id,
            user_id=self.user_id,
            plan_id=plan_id,
            step_id=step_id,
            source=source,
            content=content,
        )

    def session_row(self, status: str, message: str | None = None) -> Change:
        """The session's one row, saying how things stand; give it to `commit` as `also`."""
        row = Session(
            id=self.session_id,
            session_id=self.session_id,
            user_id=self.user_id,
            current_status=status,
            message_to_user=message,
        )
        return Change(row, ANY)

    def question(self, step: Step) -> ApprovalRequest:
        """The question to the person that goes with an offered step."""
        return ApprovalRequest(
            plan_id=step.plan_id,
            session_id=self.session_id,
            user_id=self.user_id,
            step_id=step.id,
            action=step.task,
            agent=step.agent,
        )
