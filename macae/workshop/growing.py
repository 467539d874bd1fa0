"""The learner's system grows: an engine with every part that they built, and ours where one is missing or breaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from autogen_core import Agent, BaseAgent, MessageContext

from macae.agents import default_team
from macae.agents.context import AgentContext, AgentFactory
from macae.agents.team import AgentSpec, Team
from macae.config import Settings
from macae.engine import Engine
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
)
from macae.workshop import parts
from macae.workshop.exercise import Exercise, Part
from macae.workshop.registry import challenges

__all__ = ["Growth", "grown", "my_engine"]

log = logging.getLogger(__name__)

HANDLES: dict[Part, list[type]] = {
    "planner": [InputTask],
    "manager": [InputTask, HumanClarification, ApprovalRequest],
    "human": [HumanFeedback],
}


@dataclass
class Growth:
    """Whose part is whose in one engine."""

    names: dict[str, str] = field(default_factory=dict)
    """By exercise: the engine's part that it gives."""
    theirs: set[str] = field(default_factory=set)
    broke: dict[str, str] = field(default_factory=dict)
    """By exercise: why ours stands in for it."""

    def break_(self, name: str, error: BaseException | str) -> None:
        """Note that a part of theirs broke; the first reason stays."""
        why = error if isinstance(error, str) else f"{type(error).__name__}: {error}".rstrip(": ")
        log.info("%s of the learner broke: %s", name, why)
        self.broke.setdefault(name, why[:500])


_last: Growth | None = None


def grown() -> Growth:
    """How the engine made last is put together; without one, how the next would be."""
    return _last if _last is not None else grow()[0]


def engine_parts() -> list[Exercise]:
    """The exercises that give a part of the engine."""
    return [one for challenge in challenges() for one in challenge.exercises.values() if one.part is not None]


def grow() -> tuple[Growth, dict[str, Any], list[AgentSpec]]:
    """What the learner has: the growth, the engine's parts by name, and the agents for the team."""
    growth = Growth()
    found: dict[str, Any] = {}
    agents: list[AgentSpec] = []
    for exercise in engine_parts():
        growth.names[exercise.name] = str(exercise.part)
        try:
            theirs = parts.kept(exercise.name)
        except Exception as error:
            growth.break_(exercise.name, error)
            theirs = None
        if theirs is None:
            continue
        growth.theirs.add(exercise.name)
        if exercise.part == "agents":
            agents += hired(exercise, theirs, growth)
        elif exercise.part is not None:
            found[exercise.part] = backed(exercise, theirs, parts.ours(exercise), growth)
    return growth, found, agents


def hired(exercise: Exercise, theirs: Any, growth: Growth) -> list[AgentSpec]:
    """The agents that the learner's function adds to the team, or ours where it breaks."""
    for mine in (True, False):
        try:
            made = theirs() if mine else parts.ours(exercise)()
            agents = [made] if isinstance(made, AgentSpec) else list(made)
            default_team().plus(*agents)
        except Exception as error:
            growth.break_(exercise.name, error)
        else:
            return agents
    return []


def backed(exercise: Exercise, theirs: AgentFactory, ours: AgentFactory, growth: Growth) -> AgentFactory:
    """A factory of the learner's part, with ours behind it."""

    def build(context: AgentContext) -> Agent:
        return Backed(exercise, theirs, ours, growth, context)

    return build


class Backed(BaseAgent):
    """Hands each message to the learner's agent; once that breaks, to ours."""

    def __init__(
        self, exercise: Exercise, theirs: AgentFactory, ours: AgentFactory, growth: Growth, context: AgentContext
    ) -> None:  # fmt: skip
        super().__init__(exercise.name)
        self.exercise, self.growth, self.context = exercise, growth, context
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
            growth.break_(exercise.name, error)

    def spawn(self, work: Coroutine[Any, Any, None], plan_id: str) -> asyncio.Task[None]:
        """As the engine's; what the learner's part raises behind the scenes is noted, and ours goes on from the store."""

        async def watched() -> None:
            try:
                await work
            except MacaeError:
                raise
            except (Exception, SystemExit) as error:
                self.growth.break_(self.exercise.name, error)
                self.theirs = None

        return self.context.spawn(watched(), plan_id)

    async def on_message_impl(self, message: Any, ctx: MessageContext) -> Any:
        """The learner's answer; where it breaks or is none, ours."""
        if self.theirs is None:
            return await self.ours.on_message_impl(message, ctx)
        leads = self.exercise.part == "manager" and isinstance(message, InputTask | HumanClarification)
        before = await self.plans() if leads else {}
        # A manager waits for a planner, which may take its time and then leave it to ours.
        limit = (8 if leads else 3) * self.context.settings.model_timeout
        try:
            async with asyncio.timeout(
                limit
            ):  # in this task: a `sys.exit` in a task of its own would end the kernel
                answer = await self.theirs.on_message_impl(message.model_copy(deep=True), ctx)
            self.fits(message, answer)
            return answer
        except TimeoutError as error:
            self.growth.break_(
                self.exercise.name, str(error) or f"It gave no answer within {limit:g} seconds."
            )
        except TeamError as error:
            self.growth.break_(self.exercise.name, error)
        except MacaeError:
            raise  # what the engine's rules say holds for theirs as for ours
        except (Exception, SystemExit) as error:
            self.growth.break_(self.exercise.name, error)
        self.theirs = None
        done = await self.stored_since(message, before) if leads else None
        if done is None:
            return await self.ours.on_message_impl(message, ctx)
        await self.ours.on_message_impl(
            ApprovalRequest(plan_id=done, session_id=self.context.session_id, user_id=self.context.user_id),
            ctx,
        )
        return (await self.context.memory.state(done)).joined()

    async def plans(self) -> dict[str, Plan]:
        """The session's stored plans, by id."""
        found = await self.context.memory.store.find(
            Plan, user_id=self.context.user_id, session_id=self.context.session_id, data_type="plan"
        )
        return {plan.id: plan for plan in found}

    async def stored_since(self, message: Any, before: dict[str, Plan]) -> str | None:
        """The plan that theirs stored for this message before it broke: ours goes on with it, and makes no second one."""
        for plan_id, plan in (await self.plans()).items():
            if isinstance(message, InputTask):
                its = plan_id not in before and plan.initial_goal == message.description
            else:
                its = plan_id == message.plan_id and plan.version != before[plan_id].version
            if its:
                state = await self.context.memory.state(plan_id, fresh=True)
                if state.steps or state.plan.overall_status is PlanStatus.awaiting_clarification:
                    return plan_id
        return None

    def fits(self, message: Any, answer: Any) -> None:
        """Raise TeamError unless the answer is of the kind that this message asks for."""
        if isinstance(message, InputTask | HumanClarification) and not isinstance(answer, PlanWithSteps):
            raise TeamError(f"It answered {type(message).__name__} with {type(answer).__name__}, not with a PlanWithSteps.")  # fmt: skip
        if isinstance(answer, PlanWithSteps) and not all(isinstance(step, Step) for step in answer.steps):
            raise TeamError(f"The steps of its answer to {type(message).__name__} are not all a Step.")


def my_engine(settings: Settings | None = None, team: Team | None = None, **more: Any) -> Engine:
    """The real engine, with every part that the learner has built. What is given here wins over theirs.

    Raises what `Engine` raises.
    """
    global _last
    growth, found, agents = grow()
    base = team or default_team()
    fresh = [agent for agent in agents if agent.name not in base]
    _last = growth
    return Engine(settings=settings, team=base.plus(*fresh) if fresh else base, **{**found, **more})
