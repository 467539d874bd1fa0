"""The ledger: the one place through which plans and steps are changed.

It holds the plans of a session, writes each change under the condition that nobody else was first, keeps approvals out of
the agents' hands, and tells everybody what happened once it is durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from macae.agents.budget import spent
from macae.agents.lifecycle import describe, may_follow
from macae.agents.noting import Noting
from macae.agents.team import HUMAN
from macae.errors import NotAllowed
from macae.memory.rules import plain, unearned, version_of
from macae.memory.store import ANY, Change, Store
from macae.models import (
    ApprovalRequest,
    BaseDataModel,
    Event,
    EventSink,
    EventType,
    Plan,
    Step,
    StepStatus,
)
from macae.models.plans import OVER_PLAN
from macae.monitoring.changes import tell_changes
from macae.monitoring.scope import current_scope, trace_id_of
from macae.monitoring.spending import Spending, Tally

__all__ = ["Ledger"]

MOST_TOGETHER = 60
"""Documents of one write. Cosmos DB takes 100 items in a transaction, and a long plan has as many with its questions."""

TOLD = {
    StepStatus.awaiting_feedback: EventType.step_offered,
    StepStatus.approved: EventType.step_approved,
    StepStatus.rejected: EventType.step_rejected,
    StepStatus.completed: EventType.step_completed,
    StepStatus.failed: EventType.step_failed,
    StepStatus.skipped: EventType.step_skipped,
    StepStatus.cancelled: EventType.step_cancelled,
}
"""The event that goes with a status, for changes that bring none of their own."""


class Ledger(Noting):
    """A session's memory as its agents get it: the guide's methods, and writes that carry their events.

    `emit` is called with each event after it was stored.
    """

    def __init__(self, store: Store, session_id: str, user_id: str, emit: EventSink) -> None:
        super().__init__(store, session_id, user_id, emit)
        self.spending: Spending | None = None
        """What the user has used; None where nobody counts."""
        self._tally: Tally | None = None
        self._is_ours = False
        """Whether something was written here: a session that is another user's takes nothing."""
        self._under_way: dict[str, asyncio.Future[None]] = {}
        """By document: its newest write that is not answered yet."""

    async def commit(
        self,
        *changed: Plan | Step,
        new: Sequence[BaseDataModel] = (),
        events: Sequence[Event] = (),
        also: Sequence[Change] = (),
    ) -> None:
        """Store these changes, new documents and events together, then show the events. All or nothing, and in the order of the calls.

        Raises Conflict (`.current` is the stored state) when somebody else was first; StoreError when the store fails.
        """
        # Shielded: a write that was submitted is made, and must be told of, also when its caller is stopped.
        await asyncio.shield(self.submit(*changed, new=new, events=events, also=also))

    def submit(
        self,
        *changed: Plan | Step,
        new: Sequence[BaseDataModel] = (),
        events: Sequence[Event] = (),
        also: Sequence[Change] = (),
    ) -> asyncio.Future[None]:
        """Like `commit`, but returns at once; the writes are made in the order of these calls."""
        documents = [self.sealed(item) if isinstance(item, Step) else item for item in changed]
        for document in documents:
            if isinstance(document, Plan) and not document.trace_id:
                fresh = "" if document.version else current_scope().trace_id
                document.trace_id = fresh or trace_id_of(document.id)
        pairs = [(self._before(document), document) for document in documents]
        standing = self._never_told(documents)
        events = tell_changes(pairs, events, lambda d: self.event(EventType.document_changed, d), standing)
        for event in events:
            if not event.trace_id:
                event.trace_id = trace_id_of(event.plan_id or self.session_id)
        changes = [Change(document, expect=version_of(document)) for document in documents]
        later: list[BaseDataModel] = []
        if len(documents) + len(new) + len(also) > MOST_TOGETHER:
            # Nothing is decided by a question's row: the step says that it waits. So these can follow in a write of their own.
            later = [document for document in new if isinstance(document, ApprovalRequest)]
            new = [document for document in new if not isinstance(document, ApprovalRequest)]
        changes += [Change(document, expect=0) for document in new]
        counted = self._tally is not None and (self._is_ours or bool(documents or new or also))
        used = self._tally.unsaved() if self._tally is not None and counted else []
        changes += [Change(record, 0 if is_new else ANY) for record, is_new in used]
        # A version alone would not do: had somebody else made the version that this builds on, it would fit by chance.
        behind = [self._under_way[d.id] for d in documents if d.id in self._under_way]
        try:
            write: asyncio.Future[None] = asyncio.ensure_future(
                self.store.submit(self.user_id, self.session_id, [*changes, *also], events, after=behind)
            )
        except BaseException:
            if self._tally is not None:
                self._tally.not_saved(used)
            raise
        for document in documents:
            # Held at once, so that what follows can be written behind it without waiting; writes are made in order, so
            # nothing that follows becomes durable before it.
            document.version += 1
            self._under_way[document.id] = write
            self._hold(document)
        self._told.update({document.id: document.version for document in (*documents, *standing)})
        self._last = write
        if later:
            rows = [Change(document, expect=0) for document in later]
            self._last = self.store.submit(self.user_id, self.session_id, rows, after=[write])
            self._last.add_done_callback(lambda done: done.cancelled() or done.exception())

        def stored(done: asyncio.Future[None]) -> None:
            for document in documents:
                if self._under_way.get(document.id) is done:
                    del self._under_way[document.id]
            if done.cancelled() or done.exception() is not None:
                if self._tally is not None:
                    self._tally.not_saved(used)
                for document in documents:
                    document.version -= 1
                    self._told.pop(document.id, None)
                    held = self._plans.get(document.id if isinstance(document, Plan) else document.plan_id)
                    if held is not None:
                        held.stale = True
                return
            if documents or new or also:
                self._is_ours = True
            for event in events:
                self.emit(event)

        write.add_done_callback(stored)
        return write

    # What was used --------------------------------------------------------------------------------------------------

    def count_with(self, spending: Spending) -> None:
        """Count what this session's model calls use."""
        self.spending, self._tally = spending, spending.tally(self.session_id)

    def spend(self, tokens: int, usd: float | None, model: str = "") -> None:
        """Count one call of a model; it is stored with the next write."""
        if self._tally is None or self.spending is None:
            return
        plan_id = current_scope().plan_id
        state = self._plans.get(plan_id)
        if state is not None and not self.spending.counts_plan(plan_id):
            self.spending.begin_plan(plan_id, spent(state.plan, state.steps.values()))
        self._tally.add(tokens, usd, plan_id, model)

    def keep_usage(self) -> None:
        """Store what was counted and has met no write that takes it along: planning that came to nothing."""
        if self._is_ours and self._tally is not None and self._tally.has_unsaved:
            self.submit()

    # The guide's methods, so that a learner's agent and the engine see the same --------------------------------------

    async def add_plan(self, plan: Plan) -> None:
        """Store a new plan."""
        await self.commit(plan)

    async def update_plan(self, plan: Plan) -> None:
        """Store a changed plan. Raises Conflict when it was changed elsewhere, NotAllowed for one that is over."""
        state = self._plans.get(plan.id)
        before = state.plan if state and not state.stale else await self.get_plan(plan.id)
        was = before.overall_status if before else plan.overall_status
        if was in OVER_PLAN and plan.overall_status != was:
            raise NotAllowed(f"The plan is {was}: it is over, and stays so.")
        await self.commit(plan)

    async def add_step(self, step: Step) -> None:
        """Store a new step. Raises NotAllowed: see `update_step`."""
        await self.update_step(step)

    async def update_step(self, step: Step) -> None:
        """Store a changed step, as a plain Step. Raises Conflict when it was changed elsewhere.

        Raises NotAllowed for a status that does not follow from the one before, for an approval that the engine did not give,
        and for a step that is to become `completed` though it was not approved (a person's own step needs no yes).
        """
        after: Step = plain(step)
        before = self.peek(after.plan_id, after.id) or await self.store.get(
            Step, after.id, user_id=self.user_id, session_id=self.session_id
        )
        if before is not None and not may_follow(before.status, after.status):
            raise NotAllowed(
                f"{describe(before)} is {before.status}; {after.status} does not follow from that."
            )
        own = before is not None and before.agent == HUMAN
        if after.status is StepStatus.completed and unearned(before, after) and not own:
            raise NotAllowed(f"{describe(after)} cannot become {after.status}: it was not approved.")
        sealed = self.sealed(after)
        told = TOLD.get(sealed.status) if before is None or before.status is not sealed.status else None
        by = sealed.approval.by if sealed.approval else self.user_id
        await self.commit(
            sealed, events=[self.event(told, sealed, by, sealed.human_feedback or "")] if told else ()
        )
        step.version, step.ts = sealed.version, sealed.ts

    async def _write_plain(self, document: Plan | Step, expect: int) -> Plan | Step:
        """However a plan or step is written, the same rules hold."""
        if isinstance(document, Step):
            await self.update_step(document)
        else:
            await self.update_plan(document)
        return document
