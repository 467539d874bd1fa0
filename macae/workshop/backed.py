"""A learner's part with ours behind it: each message goes to theirs; where theirs breaks, ours goes on from what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from autogen_core import Agent, AgentId, BaseAgent, MessageContext

from macae.agents.context import AgentContext, AgentFactory
from macae.agents.team import MANAGER
from macae.engine.registration import check_handlers
from macae.errors import MacaeError, TeamError
from macae.models import (
    ApprovalRequest,
    HumanClarification,
    HumanFeedback,
    InputTask,
    Plan,
    PlanStatus,
    PlanWithSteps,
    Step,
    StepStatus,
)
from macae.workshop.diagnose import home_of, reason
from macae.workshop.exercise import Exercise, Part
from macae.workshop.growth import Growth

__all__ = ["backed"]

HANDLES: dict[Part, list[type]] = {
    "planner": [InputTask],
    "manager": [InputTask, HumanClarification, ApprovalRequest],
    "human": [HumanFeedback],
}


def backed(exercise: Exercise, theirs: AgentFactory, ours: AgentFactory, growth: Growth) -> AgentFactory:
    """A factory of the learner's part, with ours behind it."""
    kinds: dict[str | None, type[Backed]] = {"manager": BackedManager, "human": BackedHuman}
    kind = kinds.get(exercise.part, Backed)

    def build(context: AgentContext) -> Agent:
        return kind(exercise, theirs, ours, growth, context)

    return build


class Backed(BaseAgent):
    """Hands each message to the learner's agent; once that breaks, to ours."""

    patience = 3
    """How many times as long as a model call theirs may take for a message."""

    def __init__(
        self, exercise: Exercise, theirs: AgentFactory, ours: AgentFactory, growth: Growth, context: AgentContext
    ) -> None:  # fmt: skip
        super().__init__(exercise.name)
        self.exercise, self.growth, self.context = exercise, growth, context
        self.home = home_of(theirs)
        self.ours: Any = ours(context)
        self.theirs: Any = None
        if exercise.name in growth.broke:
            return
        try:
            made: Any = theirs(replace(context, spawn=self.spawn))
            if exercise.part is not None:
                check_handlers(exercise.name, made, HANDLES[exercise.part])
            self.theirs = made
        except (Exception, SystemExit) as error:
            self.breaks(error)

    def breaks(self, why: BaseException | str) -> None:
        """From now on it is ours."""
        self.growth.break_(self.exercise.name, reason(why, self.home))
        self.theirs = None

    def spawn(self, work: Coroutine[Any, Any, None], plan_id: str) -> asyncio.Task[None]:
        """As the engine's; what the learner's part raises behind the scenes is noted, and ours goes on from the store."""
        return self.context.spawn(self.watched(work, plan_id), plan_id)

    async def watched(self, work: Coroutine[Any, Any, None], plan_id: str) -> None:
        """Their work behind the scenes."""
        try:
            await work
        except MacaeError:
            raise
        except (Exception, SystemExit) as error:
            self.breaks(error)

    async def on_message_impl(self, message: Any, ctx: MessageContext) -> Any:
        """The learner's answer; where it breaks or is none, ours."""
        if self.theirs is None:
            return await self.ours.on_message_impl(message, ctx)
        before = await self.look(message)
        limit = self.patience * self.context.settings.model_timeout
        try:
            # In this task: a `sys.exit` in a task of its own would end the kernel.
            async with asyncio.timeout(limit):
                answer = await self.theirs.on_message_impl(message.model_copy(deep=True), ctx)
            await self.fits(message, answer, before)
            return answer
        except TimeoutError as error:
            self.breaks(str(error) or f"It gave no answer within {limit:g} seconds.")
        except TeamError as error:
            self.breaks(error)
        except MacaeError:
            raise  # what the engine's rules say holds for theirs as for ours
        except (Exception, SystemExit) as error:
            self.breaks(error)
        return await self.take_over(message, ctx, before)

    async def look(self, message: Any) -> Any:
        """What is stored before theirs gets the message."""
        return None

    async def fits(self, message: Any, answer: Any, before: Any) -> None:
        """Raise TeamError unless the answer is of the kind that this message asks for."""
        if isinstance(message, InputTask | HumanClarification) and not isinstance(answer, PlanWithSteps):
            raise TeamError(f"It answered {type(message).__name__} with {type(answer).__name__}, not with a PlanWithSteps.")  # fmt: skip
        if not isinstance(answer, PlanWithSteps):
            return
        if not all(isinstance(step, Step) for step in answer.steps):
            raise TeamError(f"The steps of its answer to {type(message).__name__} are not all a Step.")
        said = answer.human_clarification_request or answer.overall_status is PlanStatus.impossible
        if self.exercise.part == "planner" and not answer.steps and not said:
            raise TeamError("Its plan has no step, asks nothing, and is not impossible.")

    async def take_over(self, message: Any, ctx: MessageContext, before: Any) -> Any:
        """What ours makes of the message that theirs broke at."""
        return await self.ours.on_message_impl(message, ctx)

    def go_on(self, plan_id: str) -> ApprovalRequest:
        """What tells a manager to look at a plan and go on."""
        return ApprovalRequest(
            plan_id=plan_id, session_id=self.context.session_id, user_id=self.context.user_id
        )


class BackedManager(Backed):
    """A manager stores: what theirs stored before it broke is not stored twice, and what it leaves lying ours takes up."""

    patience = 8  # it waits for a planner, which may take its time and then leave it to ours

    def __init__(self, *parts: Any) -> None:
        self.under_way = 0
        super().__init__(*parts)

    def spawn(self, work: Coroutine[Any, Any, None], plan_id: str) -> asyncio.Task[None]:
        """As above. From here on it counts as under way, also while it has not had its turn yet."""
        self.under_way += 1
        return super().spawn(work, plan_id)

    async def watched(self, work: Coroutine[Any, Any, None], plan_id: str) -> None:
        """Their work behind the scenes; when the last of it has ended, nothing that could start is left lying."""
        try:
            await super().watched(work, plan_id)
        finally:
            self.under_way -= 1
        if self.theirs is not None and await self.is_idle(plan_id):
            self.breaks("A step was approved and ready, and it did not start it.")
        if self.theirs is None:
            await self.ours.process_next_step(plan_id)

    async def is_idle(self, plan_id: str) -> bool:
        """Whether theirs does nothing although an approved step could run."""
        if self.under_way:
            return False
        state = await self.context.memory.state(plan_id)
        follow = state.follow_up(list(state.steps.values()), self.context.memory.store.owner)
        return any(step.status is StepStatus.action_requested for step, _ in follow.steps)

    async def look(self, message: Any) -> dict[str, Plan]:
        """The session's stored plans, by id."""
        found = await self.context.memory.store.find(
            Plan, user_id=self.context.user_id, session_id=self.context.session_id, data_type="plan"
        )
        return {plan.id: plan for plan in found}

    async def fits(self, message: Any, answer: Any, before: Any) -> None:
        """Also: told of a decision, it has to start what can start."""
        await super().fits(message, answer, before)
        if isinstance(message, ApprovalRequest) and await self.is_idle(message.plan_id):
            raise TeamError("It was told of a decision, and did not start the step that was ready.")

    async def take_over(self, message: Any, ctx: MessageContext, before: dict[str, Plan]) -> Any:
        """Ours goes on with the plan that theirs stored for this message, if it did, and makes no second one."""
        if isinstance(message, ApprovalRequest):
            return await self.ours.on_message_impl(message, ctx)
        stored = await self.stored_since(message, before)
        if stored is None:
            return await self.ours.on_message_impl(message, ctx)
        await self.ours.on_message_impl(self.go_on(stored), ctx)
        return (await self.context.memory.state(stored)).joined()

    async def stored_since(self, message: Any, before: dict[str, Plan]) -> str | None:
        """The plan that theirs stored for this message before it broke."""
        for plan_id, plan in (await self.look(message)).items():
            if isinstance(message, InputTask):
                its = plan_id not in before and plan.initial_goal == message.description
            else:
                its = plan_id == message.plan_id and plan.version != before[plan_id].version
            if its:
                state = await self.context.memory.state(plan_id, fresh=True)
                if state.steps or state.plan.overall_status is PlanStatus.awaiting_clarification:
                    return plan_id
        return None


class BackedHuman(Backed):
    """A human's agent stores decisions: one that stored nothing has broken, one that stored it is not asked again."""

    async def look(self, message: Any) -> dict[str, int]:
        """The versions of the plan's steps, by id."""
        state = await self.context.memory.state(message.plan_id)
        return {step.id: step.version for step in state.steps.values()}

    async def fits(self, message: Any, answer: Any, before: dict[str, int]) -> None:
        """A decision has to be stored."""
        if await self.look(message) == before:
            raise TeamError("It was given a decision, and stored nothing.")

    async def take_over(self, message: Any, ctx: MessageContext, before: dict[str, int]) -> Any:
        """Ours stores the decision, unless theirs had done so before it broke: then only the manager is told."""
        if await self.look(message) == before:
            return await self.ours.on_message_impl(message, ctx)
        await self.send_message(self.go_on(message.plan_id), AgentId(MANAGER, self.id.key))
        return None
