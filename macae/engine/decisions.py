"""What a person may decide on a step. Each decision is one conditional write; of two at once, one wins and the other is told the state."""

from __future__ import annotations

from typing import Any

from macae.agents import lifecycle
from macae.agents.lifecycle import Arrow
from macae.agents.team import HUMAN
from macae.engine import given
from macae.engine.steps import StepChanges, require_active
from macae.errors import Conflict, NotAllowed
from macae.models import EventType, Plan, PlanWithSteps, Step, StepStatus

__all__ = ["StepDecisions"]


class StepDecisions(StepChanges):
    """The engine's decisions on steps. Steps are given as objects (a stale one raises Conflict) or ids."""

    async def approve(self, step: Step | str, note: str | None = None, by: str | None = None) -> Step:
        """Say yes to a step as it now stands, with its call. The stored step is returned; the work goes on behind.

        `note` reaches the agent. Approving a step that is approved already changes nothing. For a step of the person's own,
        the note is its result. Raises Conflict (stale), NotAllowed (not awaiting), NotFound, StoreError.
        """
        note, by = given.words_or_none(note, "note"), by and given.who(by, "name of who approves")
        note = await self.admission.words_or_none(note, "note", step)
        live, now = await self.present(step)
        if (
            now.status in (StepStatus.approved, StepStatus.action_requested, StepStatus.completed)
            and now.approval
        ):
            await live.memory.settled()
            return (await live.memory.held_step(now.plan_id, now.id)).model_copy()
        require_active(now, (await live.memory.state(now.plan_id)).plan, Arrow.approve)
        return (await self.decide(live, [now], True, note, by, now.id))[0]

    async def approve_all(self, plan: Plan | str, by: str | None = None) -> list[Step]:
        """Say yes to every step that awaits one; rejected and finished ones are left alone. May be an empty list.

        Given a plan with its steps, only what stands in it is approved: a step that has changed since was not shown. Given an id,
        whatever waits now.
        """
        shown = {s.id: s.version for s in plan.steps} if isinstance(plan, PlanWithSteps) else None
        by = by and given.who(by, "name of who approves")
        live, held = await self.find_plan(plan)
        state = await live.memory.state(held.id, fresh=not live.tasks.of(held.id))
        waiting = [
            step
            for step in state.steps.values()
            if step.status is StepStatus.awaiting_feedback
            and step.agent != HUMAN
            and not step.interrupted
            and (shown is None or shown.get(step.id) == step.version)
        ]
        if not waiting:
            return []
        if len(waiting) == state.counts[StepStatus.awaiting_feedback]:
            return await self.decide(live, waiting, True, None, by, None)
        approved: list[Step] = []
        refusal: Conflict | NotAllowed | None = None
        for step in waiting:
            try:
                approved += await self.decide(live, [step], True, None, by, step.id)
            except (Conflict, NotAllowed) as error:  # it is another's by now; the others are not
                refusal = error
        if refusal is not None and not approved:
            raise refusal
        return approved

    async def reject(self, step: Step | str, why: str | None = None) -> Step:
        """Say no to a step. Those that depend on it stay blocked until you retry or skip it, or finish the plan."""
        why = await self.admission.words_or_none(given.words_or_none(why, "reason"), "reason", step)
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
        if action is not None:
            action = given.words(action, "action", "Say in a sentence what the agent is to do.")
            action = await self.admission.words(action, "action", step, order=True)
        if arguments is not None or function is not None:
            arguments = given.arguments({} if arguments is None else arguments, function)
            await self.admission.values(arguments, step)
        live, now = await self.present(step)
        text = action or now.task
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
        why = await self.admission.words_or_none(given.words_or_none(why, "reason"), "reason", step)
        return await self.moved(step, Arrow.skip, EventType.step_skipped, why or "", human_feedback=why)

    async def done(self, step: Step | str, result: str) -> Step:
        """Say that an interrupted step did its work. Raises NotAllowed for one that was not interrupted."""
        result = given.words(result, "result", "Say in a sentence what was done.")
        result = await self.admission.words(result, "result", step)
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
