"""The manager: stores plans, offers steps to the person, and sends approved ones to the specialists."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from autogen_core import AgentId, MessageContext, RoutedAgent, message_handler

from macae.agents.advancing import advance
from macae.agents.budgeting import budget_warnings, refuse_when_stopped
from macae.agents.context import AgentContext
from macae.agents.execution import carry_out
from macae.agents.planstate import PlanState
from macae.agents.prompttext import quoted
from macae.agents.proposal import proposed_plan, stamped
from macae.agents.replanning import plan_again
from macae.agents.team import MANAGER, PLANNER
from macae.agents.unplanned import planning_failed
from macae.errors import Conflict, InvalidInput, NotAllowed
from macae.models import (
    ApprovalRequest,
    EventType,
    HumanClarification,
    InputTask,
    PlanStatus,
    PlanWithSteps,
    ReplanRequest,
    Step,
)

__all__ = ["GroupChatManager", "stamped"]


class GroupChatManager(RoutedAgent):
    """Keeps a session's plans going. It holds nothing that the store lacks."""

    def __init__(self, context: AgentContext) -> None:
        super().__init__("Leads the group.")
        self.context = context
        self.memory = context.memory

    # From the person ------------------------------------------------------------------------------------------------

    @message_handler
    async def handle_input_task(self, message: InputTask, ctx: MessageContext) -> PlanWithSteps:
        """Have the goal planned, store the plan, offer its steps. Raises what the planner raises; the goal stays stored.

        Raises LimitReached before anything is done when the session, the user or the day may use no more at all.
        """
        await refuse_when_stopped(self.memory, self.context.settings)
        said = self.memory.said(message.user_id, message.description, "")
        owner = self.memory.store.owner
        received = self.memory.event(
            EventType.goal_received, None, message.user_id, message.description, owner=owner
        )
        # Not waited for: it becomes durable while the planner thinks, and so outlives a planner that fails.
        kept = self.memory.submit(new=[said], also=[self.memory.session_row("active")], events=[received])
        task = message.model_copy(update={"description": quoted(message.description)})
        try:
            plan, steps = stamped(await self.ask_planner(task), message)
        except BaseException as error:
            await self.goal_kept(kept, message.session_id)
            await planning_failed(self.memory, error)
            raise
        await self.goal_kept(kept, message.session_id)
        state = PlanState(plan, steps)
        follow = state.follow_up(steps, owner)
        offered = {step.id: step for step, _ in follow.steps}
        stored = [offered.get(step.id, step) for step in steps]
        events = [
            self.memory.event(EventType.plan_created, plan, PLANNER, plan.summary or "", steps=len(steps))
        ]
        if plan.human_clarification_request:
            ask = plan.human_clarification_request
            events.append(self.memory.event(EventType.clarification_asked, plan, PLANNER, ask))
        events += [self.memory.event(type, step, MANAGER, step.task) for step, type in follow.steps]
        note = self.memory.said(PLANNER, plan.human_clarification_request or plan.summary or "", plan.id)
        questions = [self.memory.question(step) for step in offered.values()]
        events += budget_warnings(self.memory, self.context.settings, plan, steps)
        await self.memory.commit(plan, *stored, new=[note, *questions], events=events)
        return (await self.memory.state(plan.id)).joined()

    @staticmethod
    async def goal_kept(write: Awaitable[None], session_id: str) -> None:
        """Wait until the goal is stored. Raises InvalidInput when the session is another user's, StoreError."""
        try:
            await write
        except Conflict:
            raise InvalidInput(
                f"The session id {session_id!r} is taken. Choose another, or leave it out."
            ) from None

    @message_handler
    async def handle_human_clarification(
        self, message: HumanClarification, ctx: MessageContext
    ) -> PlanWithSteps:
        """Have the rest planned anew with the answer. Steps that stay the same keep what is stored of them."""
        state = await self.memory.state(message.plan_id)
        if state.plan.overall_status is not PlanStatus.awaiting_clarification:
            raise NotAllowed(f"The plan asks nothing now; it is {state.plan.overall_status}.")
        return await plan_again(self, state, message.user_id, answer=message.human_clarification)

    @message_handler
    async def handle_replan(self, message: ReplanRequest, ctx: MessageContext) -> PlanWithSteps:
        """Have the rest planned anew, given what was done, what failed and the person's words.

        Nothing of the new plan runs before it was shown and approved. Raises NotAllowed after too many revisions.
        """
        state = await self.memory.state(message.plan_id)
        most = self.context.settings.max_revisions
        if state.plan.overall_status not in (PlanStatus.in_progress, PlanStatus.failed):
            raise NotAllowed(f"The plan is {state.plan.overall_status}; it cannot be revised.")
        if state.plan.revisions >= most:
            raise NotAllowed(
                f"The plan was revised {most} times already. Retry, edit or skip the step, or finish the plan."
            )
        return await plan_again(self, state, message.user_id, words=message.reason)

    @message_handler
    async def handle_approval(self, message: ApprovalRequest, ctx: MessageContext) -> None:
        """A decision was stored: go on, behind the scenes. `step_id` None: any of the plan's steps may have changed."""
        steps = [message.step_id] if message.step_id else None
        self.context.spawn(self.process_next_step(message.plan_id, steps), message.plan_id)

    # Going on -------------------------------------------------------------------------------------------------------

    async def process_next_step(self, plan_id: str, step_ids: Sequence[str] | None = None) -> None:
        """Offer and carry out whatever is ready after these steps (None: all) have changed."""
        state = await self.memory.state(plan_id)
        steps = [state.steps[i] for i in step_ids] if step_ids is not None else list(state.steps.values())
        await advance(self, state, look_at=steps)

    def execute(self, steps: Sequence[tuple[Step, EventType]]) -> None:
        """Start the steps that were claimed."""
        for step, type in steps:
            if type is EventType.step_started:
                self.context.spawn(self.execute_step(step), step.plan_id)

    async def execute_step(self, step: Step) -> None:
        """Have a claimed step carried out, store what came of it, and go on."""
        await carry_out(self, step)

    async def ask_planner(self, task: InputTask) -> PlanWithSteps:
        """The planner's plan. Raises PlanError when it is not one, and what the planner raises."""
        answer = await self.send_message(task, AgentId(PLANNER, self.id.key))
        return proposed_plan(answer, self.context.team)
