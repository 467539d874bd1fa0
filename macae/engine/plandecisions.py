"""What a person may decide on a whole plan: have the rest planned anew, allow it more, end it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from macae.agents.budget import Limit, first_reached, held, limits_of, names_limit
from macae.agents.team import MANAGER
from macae.engine import given
from macae.engine.allowance import allowance
from macae.engine.decisions import StepDecisions
from macae.engine.ending import come_to, ended_steps
from macae.errors import Conflict, NotAllowed
from macae.models import (
    ApprovalRequest,
    EventType,
    Plan,
    PlanStatus,
    PlanWithSteps,
    ReplanRequest,
    StepStatus,
    Usage,
)
from macae.models.plans import OVER_PLAN

if TYPE_CHECKING:
    from macae.engine.session import LiveSession

__all__ = ["PlanDecisions"]


class PlanDecisions(StepDecisions):
    """The engine's decisions on plans."""

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
        What is beyond that which can ever be used is not allowed, and the event of it says so. Raises NotAllowed when it is not
        paused, or when the limit lets nothing more be allowed; InvalidInput for what is no amount, or none of what the limit is on.
        """
        usd, seconds = given.amount(usd, "usd"), given.amount(seconds, "seconds")
        tokens = int(given.amount(tokens, "tokens"))
        live, found = await self.find_plan(plan)
        state = await live.memory.state(found.id, fresh=not live.tasks.of(found.id))
        if state.plan.overall_status is not PlanStatus.paused:
            raise NotAllowed(f"The plan is {state.plan.overall_status}, not paused at a limit.")
        await self.spending.refresh(live.session_id, force=True)
        limits = limits_of(state.plan, state.steps.values(), self.settings, spending=self.spending)
        more = Usage(tokens=tokens, usd=usd, seconds=seconds)
        allowed = allowance(more, scope, first_reached(limits), limits)
        after, records = allowed.resumed(state.plan), allowed.records(state.plan, self.spending.today)
        status = after.overall_status
        event = live.memory.event(EventType.plan_changed, after, self.user_id, allowed.text, status=status)
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
            changed, stay = ended_steps(state, cancelled, live.gate.runs)
            # Written too, as they are: whoever holds such a step in another process must not go on from before the end.
            over = [step.model_copy() for step in stay]
            ended = plan.model_copy(update={"overall_status": status})
            type = EventType.step_cancelled if cancelled else EventType.step_skipped
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
