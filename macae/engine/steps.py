"""How a decision on a step is made: found as it is now, changed under the condition that nobody else was first."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from macae.agents import lifecycle
from macae.agents.budgeting import refuse_when_stopped
from macae.agents.covering import argument_errors, plain
from macae.agents.lifecycle import Arrow
from macae.agents.prompttext import quoted
from macae.agents.team import HUMAN, MANAGER, PLANNER
from macae.engine import given
from macae.engine.parts import EngineParts
from macae.engine.session import LiveSession
from macae.errors import Conflict, InvalidInput, NotAllowed, NotFound, StoreError
from macae.llm.replies import well_formed
from macae.models import (
    ApprovalRequest,
    Event,
    EventType,
    HumanFeedback,
    InputTask,
    Plan,
    PlanStatus,
    PlanWithSteps,
    Step,
    StepStatus,
)
from macae.monitoring.scope import Scope, in_scope

__all__ = ["StepChanges", "require_active"]


class StepChanges(EngineParts):
    """The engine's ways to change a step."""

    async def present(self, step: Step | str) -> tuple[LiveSession, Step]:
        """The step as it is now. Raises Conflict when the one given is older, NotFound, InvalidInput for what is no step."""
        step = given.step_given(step)
        if isinstance(step, str):
            found = await self.lookup.step(step)
            live = await self.live(found.session_id)
            held = live.memory.peek(found.plan_id, found.id)
            await live.memory.state(found.plan_id, fresh=held is None or held.version < found.version)
            return live, await live.memory.held_step(found.plan_id, found.id)
        held = self.held_step(step)
        if held is not None and held.version == step.version:
            return await self.live(step.session_id), held
        stored = await self.store.get(Step, step.id, user_id=self.user_id, session_id=step.session_id)
        if stored is None or stored.plan_id != step.plan_id:
            raise NotFound(f"There is no step {step.id[:100]!r} of yours in that plan.")
        live = await self.live(step.session_id)
        # The plan too is read again: whoever changed the step may have changed it.
        now = (await live.memory.state(step.plan_id, fresh=True)).steps[step.id]
        if now.version != step.version:
            raise Conflict(
                f"{lifecycle.describe(now)} has changed: it is {now.status} now.", now.model_copy()
            )
        return live, now

    def held_step(self, step: Step) -> Step | None:
        """The step as this process holds it. If another process was quicker, the write will say so."""
        live = self.live_sessions.get(self.user_id, step.session_id)
        return live.memory.peek(step.plan_id, step.id) if live else None

    async def decide(
        self,
        live: LiveSession,
        steps: list[Step],
        yes: bool,
        note: str | None,
        by: str | None,
        step_id: str | None,
    ) -> list[Step]:
        """Send a decision to the human agent. A yes is granted here and nowhere else."""
        first = steps[0]
        if yes:
            await self.take_turns(live, steps)
            for step in steps:
                live.memory.grant(step, lifecycle.approval_of(step, by or self.user_id, note))
        feedback = HumanFeedback(
            step_id=step_id,
            plan_id=first.plan_id,
            session_id=first.session_id,
            approved=yes,
            human_feedback=note,
            user_id=self.user_id,
            versions={step.id: step.version for step in steps},
        )
        before = set(live.tasks.of(first.plan_id))
        try:
            await live.send(feedback, HUMAN)
        except StoreError:
            await live.tasks.forget(first.plan_id, set(live.tasks.of(first.plan_id)) - before)
            raise
        finally:
            if yes:
                for step in steps:
                    live.memory.revoke(step)
        state = await live.memory.state(first.plan_id)
        return [state.steps[step.id].model_copy() for step in steps]

    @staticmethod
    async def take_turns(live: LiveSession, steps: list[Step]) -> None:
        """Wait while somebody else's yes to one of the steps is being stored. Raises Conflict if it then has changed."""
        await live.memory.ungranted(steps)
        for step in steps:
            now = await live.memory.held_step(step.plan_id, step.id)
            if now.version != step.version:
                raise Conflict(
                    f"{lifecycle.describe(now)} has changed: it is {now.status} now.", now.model_copy()
                )

    async def change(self, live: LiveSession, after: Step, *events: Event, plan: Plan | None = None) -> Step:
        """Store a changed step (and plan), with its question if it awaits one, and let the manager go on."""
        new = [live.memory.question(after)] if after.status is StepStatus.awaiting_feedback else []
        await live.memory.commit(*([plan] if plan else []), after, new=new, events=events)
        await live.send(
            ApprovalRequest(
                step_id=after.id, plan_id=after.plan_id, session_id=after.session_id, user_id=self.user_id
            ),
            MANAGER,
        )
        return (await live.memory.held_step(after.plan_id, after.id)).model_copy()

    async def moved(self, step: Step | str, arrow: Arrow, type: EventType, text: str, **changes: Any) -> Step:
        """A step after one of the plain decisions."""
        live, now = await self.present(step)
        state = await live.memory.state(now.plan_id)
        events = [live.memory.event(type, now, self.user_id, text)]
        reopened = None
        if state.plan.overall_status is PlanStatus.failed and arrow in (Arrow.retry, Arrow.skip):
            status = PlanStatus.in_progress
            reopened = state.plan.model_copy(update={"overall_status": status})
            events.append(
                live.memory.event(EventType.plan_changed, reopened, self.user_id, status, status=status)
            )
        else:
            require_active(now, state.plan, arrow)
        after = lifecycle.move(now, arrow, **changes)
        return await self.change(live, after, *events, plan=reopened)

    def checked_arguments(
        self, step: Step, function: str | None, arguments: dict[str, Any]
    ) -> dict[str, Any]:
        """The person's arguments as they are stored. Raises InvalidInput, naming what is wrong."""
        found = self.team.tool(function or "")
        if found is None or found[0].name != step.agent:
            raise InvalidInput(f"{step.agent} has no function {function!r}.")
        known = found[1].parameters
        if unknown := sorted(set(arguments) - set(known)):
            raise InvalidInput(
                f"{function} has no argument {', '.join(unknown)[:200]!r}; it has {', '.join(sorted(known))}."
            )
        try:
            return plain(found[1].args_type().model_validate(well_formed(arguments)))
        except ValidationError as error:
            raise InvalidInput(f"{function}: {argument_errors(error)}") from None

    async def bound_anew(
        self, live: LiveSession, step: Step, action: str
    ) -> tuple[str | None, dict[str, Any] | None]:
        """The call that goes with a person's own wording: the planner's, if it has one for the same agent; else none, and
        whatever change the agent then wants is asked for by itself."""
        if step.agent == HUMAN:
            return None, None
        await refuse_when_stopped(live.memory, self.settings, await live.memory.state(step.plan_id))
        task = InputTask(session_id=live.session_id, user_id=self.user_id, description=quoted(action))
        with in_scope(Scope(live.memory.trace_id(step.plan_id), step.plan_id, step.id)):
            planned = await live.send(task, PLANNER)
        steps = planned.steps if isinstance(planned, PlanWithSteps) else []
        mine = [s for s in steps if s.agent == step.agent and s.arguments is not None]
        return (mine[0].function, mine[0].arguments) if len(mine) == 1 and len(steps) == 1 else (None, None)


def require_active(step: Step, plan: Plan, arrow: Arrow) -> None:
    """Raise NotAllowed unless the plan is one in which steps move."""
    if plan.overall_status is not PlanStatus.in_progress:
        hint = (
            " Allow it more first: engine.allow(plan, …)." if plan.overall_status is PlanStatus.paused else ""
        )
        raise NotAllowed(
            f"{lifecycle.describe(step)} cannot be changed ({arrow}): its plan is {plan.overall_status}.{hint}"
        )
