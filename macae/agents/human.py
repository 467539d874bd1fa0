"""The person's agent: takes a decision, stores it with the step, and lets the manager go on."""

from __future__ import annotations

import asyncio

from autogen_core import AgentId, MessageContext, RoutedAgent, message_handler

from macae.agents import lifecycle
from macae.agents.context import AgentContext
from macae.agents.lifecycle import Arrow
from macae.agents.team import HUMAN, MANAGER
from macae.errors import Conflict, NotAllowed
from macae.models import (
    ApprovalRequest,
    Event,
    EventType,
    HumanFeedback,
    HumanFeedbackStatus,
    Step,
    StepStatus,
)

__all__ = ["HumanAgent"]


class HumanAgent(RoutedAgent):
    """Stores what a person decides. It does not decide, and an approval that no person gave opens nothing."""

    def __init__(self, context: AgentContext) -> None:
        super().__init__("Speaks for the person.")
        self.context = context

    @message_handler
    async def handle_human_feedback(self, message: HumanFeedback, ctx: MessageContext) -> None:
        """Store the decision on one step, or (step_id None) on all that await one, then tell the manager.

        Raises NotFound for a step that is not the plan's, NotAllowed for one that awaits no decision, Conflict.
        """
        memory = self.context.memory
        if message.step_id is None:
            state = await memory.state(message.plan_id)
            steps = [step for step in state.steps.values() if step.status is StepStatus.awaiting_feedback]
            if message.versions:  # a step that is offered just now was not among those that the person saw
                steps = [step for step in state.steps.values() if step.id in message.versions]
            if not steps:
                raise NotAllowed("No step of this plan awaits a decision.")
        else:
            steps = [await memory.held_step(message.plan_id, message.step_id)]
        for step in steps:
            if message.versions.get(step.id, step.version) != step.version:
                raise Conflict(
                    f"{lifecycle.describe(step)} has changed: it is {step.status} now.", step.model_copy()
                )
        changed, events = [], []
        for step in steps:
            after, event = self.decide(step, message)
            changed.append(after)
            events.append(event)
        words = "approved" if message.approved else "rejected"
        said = f"{words}: {message.human_feedback}" if message.human_feedback else words
        note = memory.said(HUMAN, said, message.plan_id, message.step_id)
        stored = memory.submit(*changed, new=[note], events=events)
        await self.send_message(
            ApprovalRequest(
                step_id=message.step_id,
                plan_id=message.plan_id,
                session_id=message.session_id,
                user_id=message.user_id,
                approved=message.approved,
                human_feedback=message.human_feedback,
                updated_action=message.updated_action,
            ),
            AgentId(MANAGER, self.id.key),
        )
        # What the manager does next is written behind the decision, so it may begin; but the person is answered only once
        # the decision is durable.
        await asyncio.shield(stored)

    def decide(self, step: Step, message: HumanFeedback) -> tuple[Step, Event]:
        """The step after the decision, and the event that tells of it."""
        memory = self.context.memory
        if not message.approved:
            rejected = lifecycle.move(
                step,
                Arrow.reject,
                human_feedback=message.human_feedback,
                human_approval_status=HumanFeedbackStatus.rejected,
            )
            return rejected, memory.event(
                EventType.step_rejected, step, message.user_id, message.human_feedback or ""
            )
        if step.agent == HUMAN:
            answered = lifecycle.answer(step, message.human_feedback or "done")
            return answered, memory.event(
                EventType.step_completed, step, message.user_id, answered.agent_reply or ""
            )
        if message.updated_action and message.updated_action != step.task:
            # The words have changed, so the bound call need not be what is meant any more.
            step = lifecycle.edit(step, message.updated_action, None, None)
        approved = memory.sealed(lifecycle.approve(step, None, message.human_feedback))
        by = approved.approval.by if approved.approval else f"{message.user_id} (not through the engine)"
        event = memory.event(
            EventType.step_approved,
            step,
            by,
            message.human_feedback or "",
            version=step.version,
            hash=approved.hash,
        )
        return approved, event
