"""What a person may decide. Each decision is one conditional write; of two at once, one wins and the other is told the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from macae.agents import lifecycle
from macae.agents.gate import argument_errors, plain
from macae.agents.lifecycle import Arrow
from macae.agents.team import HUMAN, MANAGER, PLANNER
from macae.engine.parts import EngineParts
from macae.errors import Conflict, InvalidInput, NotAllowed, NotFound
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
from macae.models.plans import OPEN_STEP, OVER_PLAN

if TYPE_CHECKING:
    from macae.engine.session import LiveSession

__all__ = ["Decisions"]


class Decisions(EngineParts):
    """The deciding half of the engine. Steps are given as objects (a stale one raises Conflict) or ids."""

    async def approve(self, step: Step | str, note: str | None = None, by: str | None = None) -> Step:
        """Say yes to a step as it now stands, with its call. The stored step is returned; the work goes on behind.

        `note` reaches the agent. Approving a step that is approved already changes nothing. For a step of the person's own,
        the note is its result. Raises Conflict (stale), NotAllowed (not awaiting), NotFound, StoreError.
        """
        live, now = await self.present(step)
        if (
            now.status in (StepStatus.approved, StepStatus.action_requested, StepStatus.completed)
            and now.approval
        ):
            return now.model_copy()
        require_active(now, (await live.memory.state(now.plan_id)).plan, Arrow.approve)
        return (await self.decide(live, [now], True, note, by, now.id))[0]

    async def approve_all(self, plan: Plan | str, by: str | None = None) -> list[Step]:
        """Say yes to every step that awaits one; rejected and finished ones are left alone. May be an empty list."""
        live, held = await self.find_plan(plan)
        state = await live.memory.state(held.id, fresh=not live.busy(held.id))
        waiting = [
            step
            for step in state.steps.values()
            if step.status is StepStatus.awaiting_feedback and step.agent != HUMAN and not step.interrupted
        ]
        if not waiting:
            return []
        if len(waiting) == state.counts[StepStatus.awaiting_feedback]:
            return await self.decide(live, waiting, True, None, by, None)
        return [(await self.decide(live, [step], True, None, by, step.id))[0] for step in waiting]

    async def reject(self, step: Step | str, why: str | None = None) -> Step:
        """Say no to a step. Those that depend on it stay blocked until you retry or skip it, or finish the plan."""
        live, now = await self.present(step)
        return (await self.decide(live, [now], False, why, None, now.id))[0]

    async def edit(
        self,
        step: Step | str,
        action: str | None = None,
        *,
        function: str | None = None,
        arguments: dict[str, Any] | None = None,
    ) -> Step:
        """Change a step before it runs. It then awaits approval anew, with the call that goes with the new words.

        With `arguments` (and maybe `function`) the call is just that; with `action` alone the planner is asked for it. Raises
        InvalidInput for arguments that the tool does not take.
        """
        live, now = await self.present(step)
        text = (action or now.task).strip()
        if not text:
            raise InvalidInput("The action is empty. Say in a sentence what the agent is to do.")
        if now.status not in lifecycle.ARROWS[Arrow.edit][0]:
            lifecycle.move(now, Arrow.edit)
        if arguments is not None or function is not None:
            name = function or (now.pending_call.tool if now.pending_call else now.function)
            call: tuple[str | None, dict[str, Any] | None] = (
                name,
                self.checked_arguments(now, name, arguments or {}),
            )
        elif text == now.task:
            return now.model_copy()
        else:
            call = await self.bound_anew(live, now, text)
        after = lifecycle.edit(now, text, *call)
        event = live.memory.event(
            EventType.step_edited, now, self.user_id, text, function=call[0], arguments=call[1]
        )
        return await self.change(live, after, event)

    async def retry(self, step: Step | str) -> Step:
        """Offer a failed or rejected step again."""
        return await self.moved(step, Arrow.retry, EventType.step_retried, "", approval=None)

    async def skip(self, step: Step | str, why: str | None = None) -> Step:
        """Go on without a step; what depends on it may run."""
        return await self.moved(step, Arrow.skip, EventType.step_skipped, why or "", human_feedback=why)

    async def done(self, step: Step | str, result: str) -> Step:
        """Say that an interrupted step did its work. Raises NotAllowed for one that was not interrupted."""
        _, now = await self.present(step)
        if not now.interrupted:
            raise NotAllowed(
                f"{lifecycle.describe(now)} was not interrupted: approve, reject, retry or skip it."
            )
        return await self.moved(
            step,
            Arrow.done,
            EventType.step_completed,
            result,
            agent_reply=result,
            interrupted_calls=[],
            error=None,
        )

    async def cancel(self, plan: Plan | str, why: str | None = None) -> PlanWithSteps:
        """End a plan: running steps are stopped within a second, open ones cancelled; what is done stays done."""
        live, held = await self.find_plan(plan)
        return await self.end(live, held.id, PlanStatus.cancelled, why or "")

    async def finish(self, plan: Plan | str, why: str | None = None) -> PlanWithSteps:
        """Go on no further with a plan that waits for you: what is open or rejected counts as skipped, a failed step stays
        failed, and so does the plan then. With nothing completed it is cancelled. Raises NotAllowed while steps run."""
        live, held = await self.find_plan(plan)
        state = await live.memory.state(held.id)
        if state.counts[StepStatus.action_requested]:
            raise NotAllowed("A step is running. Wait for it (engine.wait), or cancel the plan.")
        status = (
            PlanStatus.failed
            if state.counts[StepStatus.failed]
            else PlanStatus.completed
            if state.counts[StepStatus.completed]
            else PlanStatus.cancelled
        )
        return await self.end(live, held.id, status, why or "")

    # How ------------------------------------------------------------------------------------------------------------

    async def present(self, step: Step | str) -> tuple[LiveSession, Step]:
        """The step as it is now. Raises Conflict when the one given is older, NotFound."""
        if isinstance(step, str):
            rows = await self.store.query(
                "SELECT * FROM c WHERE c.id=@id AND c.data_type=@kind",
                [{"name": "@id", "value": step}, {"name": "@kind", "value": "step"}],
                user_id=self.user_id,
            )
            if not rows:
                raise NotFound(f"There is no step {step[:100]!r} of yours.")
            found = Step.model_validate(rows[0])
            live = await self.live(found.session_id)
            return live, await live.memory.held_step(found.plan_id, found.id)
        stored = await self.store.get(Step, step.id, user_id=self.user_id, session_id=step.session_id)
        if stored is None or stored.plan_id != step.plan_id:
            raise NotFound(f"There is no step {step.id[:100]!r} of yours in that plan.")
        live = await self.live(step.session_id)
        state = await live.memory.state(step.plan_id)
        state.put(stored)
        now = state.steps[step.id]
        if now.version != step.version:
            raise Conflict(
                f"{lifecycle.describe(now)} has changed: it is {now.status} now.", now.model_copy()
            )
        return live, now

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
            for step in steps:
                live.memory.grant(step, lifecycle.approval_of(step, by or self.user_id, note))
        feedback = HumanFeedback(
            step_id=step_id,
            plan_id=first.plan_id,
            session_id=first.session_id,
            approved=yes,
            human_feedback=note,
            user_id=self.user_id,
        )
        try:
            await live.send(feedback, HUMAN)
        finally:
            for step in steps:
                live.memory.revoke(step)
        state = await live.memory.state(first.plan_id)
        return [state.steps[step.id].model_copy() for step in steps]

    async def change(self, live: LiveSession, after: Step, event: Event) -> Step:
        """Store a changed step, with its question if it awaits one, and let the manager go on."""
        new = [live.memory.question(after)] if after.status is StepStatus.awaiting_feedback else []
        await live.memory.commit(after, new=new, events=[event])
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
        if state.plan.overall_status is PlanStatus.failed and arrow in (Arrow.retry, Arrow.skip):
            reopened = state.plan.model_copy(update={"overall_status": PlanStatus.in_progress})
            await live.memory.commit(reopened)
        else:
            require_active(now, state.plan, arrow)
        after = lifecycle.move(now, arrow, **changes)
        return await self.change(live, after, live.memory.event(type, now, self.user_id, text))

    async def end(self, live: LiveSession, plan_id: str, status: PlanStatus, why: str) -> PlanWithSteps:
        """Store a plan's end. Raises NotAllowed when it is over already."""
        memory = live.memory
        for _ in range(5):
            state = await memory.state(plan_id, fresh=not live.busy(plan_id))
            plan = state.plan
            if plan.overall_status in OVER_PLAN:
                raise NotAllowed(f"The plan is {plan.overall_status} already.")
            cancelled = status is PlanStatus.cancelled
            arrow, type = (
                (Arrow.cancel, EventType.step_cancelled)
                if cancelled
                else (Arrow.skip, EventType.step_skipped)
            )
            mine = set(live.gate.runs)
            ending = [
                step
                for step in state.steps.values()
                if (step.status in OPEN_STEP or (step.status is StepStatus.rejected and not cancelled))
                and step.id not in mine
            ]
            changed = []
            for step in ending:
                base = (
                    lifecycle.move(step, Arrow.edit)
                    if step.status is StepStatus.approved and not cancelled
                    else step
                )
                changed.append(lifecycle.move(base, arrow))
            ended = plan.model_copy(update={"overall_status": status})
            events = [memory.event(type, step, self.user_id, why) for step in changed]
            events.append(
                memory.event(EventType.plan_changed, ended, self.user_id, why or status, status=status)
            )
            try:
                await memory.commit(ended, *changed, events=events)
            except Conflict:
                await memory.state(plan_id, fresh=True)
                continue
            for run in list(live.gate.runs.values()):
                if run.step.plan_id == plan_id:
                    run.stop(why or "The plan was cancelled.")
            return await self.plan(ended)
        raise Conflict("The plan is being changed by others without pause. Try again.")

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
                f"{function} has no argument {', '.join(unknown)}; it has {', '.join(sorted(known))}."
            )
        try:
            return plain(found[1].args_type().model_validate(arguments))
        except ValidationError as error:
            raise InvalidInput(f"{function}: {argument_errors(error)}") from None

    async def bound_anew(
        self, live: LiveSession, step: Step, action: str
    ) -> tuple[str | None, dict[str, Any] | None]:
        """The call that goes with a person's own wording: the planner's, if it has one for the same agent; else none, and
        whatever change the agent then wants is asked for by itself."""
        if step.agent == HUMAN:
            return None, None
        task = InputTask(session_id=live.session_id, user_id=self.user_id, description=action)
        planned = await live.send(task, PLANNER)
        steps = planned.steps if isinstance(planned, PlanWithSteps) else []
        mine = [s for s in steps if s.agent == step.agent and s.arguments is not None]
        return (mine[0].function, mine[0].arguments) if len(mine) == 1 and len(steps) == 1 else (None, None)


def require_active(step: Step, plan: Plan, arrow: Arrow) -> None:
    """Raise NotAllowed unless the plan is one in which steps move."""
    if plan.overall_status is not PlanStatus.in_progress:
        raise NotAllowed(
            f"{lifecycle.describe(step)} cannot be changed ({arrow}): its plan is {plan.overall_status}."
        )
