"""What a person may decide. Each decision is one conditional write; of two at once, one wins and the other is told the state."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from macae.agents import lifecycle
from macae.agents.budget import NAMES, Limit, held, names_limit
from macae.agents.lifecycle import Arrow
from macae.agents.planstate import UNDECIDED, PlanState
from macae.agents.team import HUMAN, MANAGER
from macae.engine import given
from macae.engine.steps import StepChanges, require_active
from macae.errors import Conflict, InvalidInput, NotAllowed
from macae.models import (
    ApprovalRequest,
    EventType,
    Plan,
    PlanStatus,
    PlanWithSteps,
    ReplanRequest,
    Step,
    StepStatus,
    Usage,
)
from macae.models.plans import OPEN_STEP, OVER_PLAN
from macae.models.spending import UsageRecord

if TYPE_CHECKING:
    from macae.engine.session import LiveSession

__all__ = ["Decisions"]


class Decisions(StepChanges):
    """The deciding half of the engine. Steps are given as objects (a stale one raises Conflict) or ids."""

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

    async def revise(self, plan: Plan | str, words: str | None = None) -> PlanWithSteps:
        """Have the rest of a plan planned anew, given what was done, what failed and your words; you see it before anything
        of it runs. Unchanged steps keep their approval. Raises PlanError when the planner sees no other way, NotAllowed."""
        words = given.words_or_none(words, "wish")
        words = await self.admission.words_or_none(words, "wish", plan, order=True)
        live, held = await self.find_plan(plan)
        request = ReplanRequest(
            plan_id=held.id, session_id=live.session_id, user_id=self.user_id, reason=words or ""
        )
        revised: PlanWithSteps = await live.send(request, MANAGER)
        return revised

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

    async def allow(
        self,
        plan: Plan | str,
        *,
        tokens: int = 0,
        usd: float = 0.0,
        seconds: float = 0.0,
        scope: str | None = None,
    ) -> PlanWithSteps:
        """Let a plan that is paused at a limit go on, with so much more allowed; nothing more is needed once the limit is raised.
        Steps that the limit had stopped are offered again.

        `scope` says for what: plan, session, user (all your sessions) or day (today); default: for that at whose limit it stands.
        Raises NotAllowed when it is not paused, or when the limit lets nothing more be allowed; InvalidInput for what is no amount.
        """
        usd, seconds = given.amount(usd, "usd"), given.amount(seconds, "seconds")
        tokens = int(given.amount(tokens, "tokens"))
        live, found = await self.find_plan(plan)
        state = await live.memory.state(found.id, fresh=not live.tasks.of(found.id))
        if state.plan.overall_status is not PlanStatus.paused:
            raise NotAllowed(f"The plan is {state.plan.overall_status}, not paused at a limit.")
        await self.spending.refresh(live.session_id, force=True)
        limit = held(state.plan, state.steps.values(), self.settings, spending=self.spending)
        if limit is not None and limit.stopped:
            raise NotAllowed(f"{limit.text} Finish the plan, or raise {limit.variable}.")
        if limit is not None and not (tokens or usd or seconds):
            raise InvalidInput(
                f"Say how much more {NAMES[limit.scope]} may use: tokens=…, usd=…"
                f"{' or seconds=…' if limit.scope == 'plan' else ''}."
            )
        scope = scope or (limit.scope if limit is not None else "plan")
        if scope not in NAMES:
            raise InvalidInput(f"The scope {str(scope)[:40]!r} is none of {', '.join(NAMES)}.")
        if seconds and scope != "plan":
            raise InvalidInput(f"Seconds are limited for a plan alone, not for {NAMES[scope]}.")
        more = Usage(tokens=tokens, usd=usd, seconds=seconds)
        after = state.plan.model_copy(update={"overall_status": PlanStatus.in_progress})
        records: list[UsageRecord] = []
        if scope == "plan":
            after.allowed_more = state.plan.allowed_more + more
        else:
            records.append(
                UsageRecord.model_validate(
                    {
                        "session_id": live.session_id,
                        "user_id": self.user_id,
                        "day": self.spending.today,
                        "allowed_scope": scope,
                        "allowed": more,
                    }
                )
            )
        parts = [(tokens, f"{tokens:,} tokens"), (usd, f"${usd:g}"), (seconds, f"{seconds:g} s")]
        text = f"{', '.join(said for value, said in parts if value) or 'nothing'} more allowed for {NAMES[scope]}"
        event = live.memory.event(
            EventType.plan_changed, after, self.user_id, text, status=after.overall_status
        )
        await live.memory.commit(after, new=records, events=[event])
        for record in records:
            self.spending.take(record)
        for step in list((await live.memory.state(found.id)).steps.values()):
            if step.status is StepStatus.failed and names_limit(step.error):
                with suppress(Conflict, NotAllowed):  # decided elsewhere meanwhile, or paused once more
                    await self.retry(step)
        await live.send(
            ApprovalRequest(plan_id=found.id, session_id=found.session_id, user_id=self.user_id), MANAGER
        )
        return await self.plan(after)

    def held_by(self, plan: PlanWithSteps) -> Limit | None:
        """The limit that keeps a plan from going on: its scope, how it stands, and why in words. None where there is room."""
        return held(plan, plan.steps, self.settings, spending=self.spending)

    async def cancel(self, plan: Plan | str, why: str | None = None) -> PlanWithSteps:
        """End a plan: running steps are stopped within a second, open ones cancelled; what is done stays done."""
        why = await self.admission.words_or_none(given.words_or_none(why, "reason"), "reason", plan)
        live, held = await self.find_plan(plan)
        return await self.end(live, held.id, PlanStatus.cancelled, why or "")

    async def finish(self, plan: Plan | str, why: str | None = None) -> PlanWithSteps:
        """Go on no further with a plan that waits for you: what is open or rejected counts as skipped, a failed step stays
        failed, and so does the plan then. With nothing completed it is cancelled. Raises NotAllowed while steps run."""
        why = await self.admission.words_or_none(given.words_or_none(why, "reason"), "reason", plan)
        live, held = await self.find_plan(plan)
        return await self.end(live, held.id, None, why or "")

    async def end(
        self, live: LiveSession, plan_id: str, wanted: PlanStatus | None, why: str
    ) -> PlanWithSteps:
        """Store a plan's end: the status `wanted`, or else what its steps have come to. Raises NotAllowed when it is over already."""
        memory = live.memory
        for _ in range(5):
            state = await memory.state(plan_id, fresh=not live.tasks.of(plan_id))
            plan = state.plan
            if plan.overall_status in OVER_PLAN:
                raise NotAllowed(f"The plan is {plan.overall_status} already.")
            status = wanted or come_to(state)
            cancelled = status is PlanStatus.cancelled
            arrow, type = (
                (Arrow.cancel, EventType.step_cancelled)
                if cancelled
                else (Arrow.skip, EventType.step_skipped)
            )
            ending = [
                step
                for step in state.steps.values()
                if (step.status in OPEN_STEP or (step.status is StepStatus.rejected and not cancelled))
                # What runs here ends by itself: its outcome then knows of the plan's end.
                and not (step.status is StepStatus.action_requested and step.id in live.gate.runs)
            ]
            changed = [
                lifecycle.cancel(step)
                if cancelled
                else lifecycle.move(
                    lifecycle.move(step, Arrow.edit) if step.status is StepStatus.approved else step, arrow
                )
                for step in ending
            ]
            # Written too, as they are: whoever holds such a step in another process must not go on from before the end.
            over = [
                step.model_copy()
                for step in state.steps.values()
                if step.status in UNDECIDED and step not in ending
            ]
            ended = plan.model_copy(update={"overall_status": status})
            events = [memory.event(type, step, self.user_id, why) for step in changed]
            events.append(
                memory.event(EventType.plan_changed, ended, self.user_id, why or status, status=status)
            )
            try:
                await memory.commit(ended, *changed, *over, events=events)
            except Conflict:
                await memory.state(plan_id, fresh=True)
                continue
            for run in list(live.gate.runs.values()):
                if run.step.plan_id == plan_id:
                    run.stop(why or "The plan was cancelled.")
            return await self.plan(ended)
        raise Conflict("The plan is being changed by others without pause. Try again.")


def come_to(state: PlanState) -> PlanStatus:
    """What a plan is when nothing more is done. Raises NotAllowed while a step runs."""
    if state.counts[StepStatus.action_requested]:
        raise NotAllowed("A step is running. Wait for it (engine.wait), or cancel the plan.")
    if state.counts[StepStatus.failed]:
        return PlanStatus.failed
    return PlanStatus.completed if state.counts[StepStatus.completed] else PlanStatus.cancelled
