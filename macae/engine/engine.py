"""Engine: a goal in, an approved, executed, remembered plan out."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from pydantic import ValidationError

from macae.agents.team import MANAGER
from macae.engine import given
from macae.engine.hub import copied
from macae.engine.plandecisions import PlanDecisions
from macae.errors import InvalidInput, NotAllowed, NotFound
from macae.models import (
    Event,
    EventSink,
    EventType,
    HumanClarification,
    InputTask,
    Plan,
    PlanWithSteps,
)
from macae.models.base import new_id
from macae.monitoring.capture.fitting import fitted
from macae.monitoring.compliance.cleaning import stored_event
from macae.monitoring.compliance.findingevents import FindingEvents
from macae.monitoring.feed import Feed
from macae.monitoring.scope import Scope, in_scope, trace_id_of

if TYPE_CHECKING:
    from macae import contoso
    from macae.memory.store import Page

__all__ = ["Engine"]

NOTED = frozenset(
    {
        EventType.message,
        EventType.thought,
        EventType.memory_queried,
        EventType.access_refused,
        EventType.reply_checked,
        EventType.violation_found,
        EventType.budget_warned,
        EventType.alert_raised,
        EventType.alert_resolved,
        EventType.goal_refused,
    }
)
"""The events that somebody else than the engine may add: none of them tells of a decision or of a tool."""
MOST_ROUNDS = 20
"""How often a setting may say yes to what a plan asks anew, before a person has to look."""


class Engine(PlanDecisions):
    """The one public way in: submit a goal, decide on its steps, watch them being carried out.

    Every part can be swapped. Use it as `async with Engine() as engine:`, from one event loop. Whatever it returns is a copy
    of what is stored.
    """

    # Goals ----------------------------------------------------------------------------------------------------------

    async def submit(self, goal: str, session_id: str | None = None) -> PlanWithSteps:
        """Have a goal planned and stored; its first steps are offered. Without a session: a new one.

        Raises InvalidInput for an empty or endless goal or one that holds a secret, NotAllowed when the safety check refuses it,
        PlanError, ModelError kinds, StoreError.
        """
        is_new = session_id is None
        session_id = new_id() if session_id is None else given.session_name(session_id)
        found = FindingEvents()
        text = given.words(goal, "goal")
        with in_scope(Scope(uuid.uuid4().hex)):
            text = await self.admission.words(text, "goal", session_id, order=True, found=found)
            live = await self.live(session_id, is_new)
            await self.admission.by_model(text, live)
            try:
                plan: PlanWithSteps = await live.send(
                    InputTask(session_id=live.session_id, description=text, user_id=self.user_id), MANAGER
                )
            finally:
                await self.admission.told(session_id, found)
        return await self.approved_by_setting(plan)

    async def clarify(self, plan: Plan | str, answer: str) -> PlanWithSteps:
        """Answer the planner's question; the steps that needed it are planned anew. Raises NotAllowed when none was asked."""
        text = given.words(answer, "answer", "Answer the planner's question.")
        text = await self.admission.words(text, "answer", plan, order=True)
        live, held = await self.find_plan(plan)
        clarified: PlanWithSteps = await live.send(
            HumanClarification(
                plan_id=held.id, session_id=live.session_id, human_clarification=text, user_id=self.user_id
            ),
            MANAGER,
        )
        return await self.approved_by_setting(clarified)

    async def approved_by_setting(self, plan: PlanWithSteps) -> PlanWithSteps:
        """The plan, with everything approved where MACAE_AUTO_APPROVE says so."""
        if not self.settings.auto_approve or not plan.awaiting_feedback:
            return plan
        await self.approve_all(plan, by="auto:env")
        return await self.plan(plan)

    # Looking --------------------------------------------------------------------------------------------------------

    async def plans(self, session_id: str) -> list[PlanWithSteps]:
        """All plans of a session, oldest first. Raises NotFound for a session that is not yours."""
        await self.lookup.session(session_id)
        found = await self.store.find(Plan, user_id=self.user_id, session_id=session_id, data_type="plan")
        return [await self.plan(plan) for plan in found]

    async def sessions(self, limit: int = 20, before: str | None = None) -> Page:
        """Your sessions, newest first, a page at a time. Raises InvalidInput for a page that cannot be."""
        given.page(limit, before)
        return await self.store.sessions(user_id=self.user_id, limit=limit, before=before)

    async def trail(self, plan: Plan | str) -> list[Event]:
        """The plan's audit trail: everything that happened, in order."""
        found = await self.lookup.plan(plan)
        return await self.store.events(user_id=self.user_id, session_id=found.session_id, plan_id=found.id)

    async def session_events(self, session_id: str, after: int = 0) -> list[Event]:
        """All stored events of a session after number `after`, in order: of all its plans, and of what was before a plan.

        Raises NotFound for a session that is not yours, InvalidInput.
        """
        given.amount(after, "after")
        await self.lookup.session(session_id)
        return await self.store.events(user_id=self.user_id, session_id=session_id, after=after)

    async def note(self, event: Event) -> None:
        """Store an event of your own (an alert, a finding) with its session, and show it to whoever watches.

        What is too long is cut. Raises NotFound (a session that is not yours), NotAllowed (a kind of the engine's own), InvalidInput, StoreError.
        """
        if event.type not in NOTED:
            raise NotAllowed(
                f"Only the engine tells of {event.type}; you may note {', '.join(sorted(NOTED))}."
            )
        if self.live_sessions.get(self.user_id, event.session_id) is None:
            await self.lookup.session(event.session_id)
        text, data = fitted(event.text, event.data)
        own = {"user_id": self.user_id, "changes": {}, "seq": 0, "text": text, "data": data}
        try:  # looked at again: it may have been changed after it was made
            mine = Event.model_validate(event.model_dump(warnings=False) | own)
        except ValidationError as error:
            raise InvalidInput(f"That is no event: {error.errors()[0]['msg']}.") from None
        if not mine.trace_id and mine.plan_id:
            plan = await self.lookup.plan(mine.plan_id, mine.session_id)
            mine.trace_id = plan.trace_id or trace_id_of(plan.id)
        stored_event(self.compliance, mine)
        await self.store.write(self.user_id, mine.session_id, (), [mine])
        self.hub.emit(mine)

    async def note_or_show(self, event: Event) -> None:
        """As `note`; of a session that there is not (its first goal was refused), sinks and whoever watches are told, and nothing is stored."""
        try:
            await self.note(event)
        except NotFound:
            self.hub.emit(event)

    @contextlib.asynccontextmanager
    async def watch(self, plan_id: str | None = None, size: int = 1000) -> AsyncIterator[Feed]:
        """A feed of the events of this process, of one plan if given: `async with engine.watch() as feed: async for event in feed`.

        At most `size` events wait for their reader; one that is too slow is told how many it has missed, and holds nobody up.
        """
        feed = Feed(size)
        unsubscribe = self.subscribe(feed.put, plan_id)
        self._feeds.add(feed)
        try:
            yield feed
        finally:
            unsubscribe()
            self._feeds.discard(feed)
            feed.close()

    def subscribe(self, sink: EventSink, plan_id: str | None = None) -> Callable[[], None]:
        """Call `sink` with a copy of each event of this process as soon as it is stored; the returned function ends that."""
        if not callable(sink):
            raise InvalidInput(f"Give a function that takes an event, not {type(sink).__name__}.")
        return self.hub.subscribe(lambda event: sink(copied(event)), plan_id)

    async def company_for(self, session_id: str) -> contoso.Company:
        """The session's copy of the sample company. Raises NotFound for a session that is not yours."""
        await self.lookup.session(session_id)
        return (await self.live(session_id)).resources.company

    # Waiting --------------------------------------------------------------------------------------------------------

    async def resume(self, session_id: str) -> list[PlanWithSteps]:
        """Take a session up again after a restart: approved steps go on, interrupted ones ask. Raises NotFound."""
        await self.lookup.session(session_id)
        known = self.live_sessions.get(self.user_id, session_id)
        live = await self.live(session_id)
        if known is not None:
            await live.recovery.recover(await self.lookup.recent(session_id))
        return await self.plans(session_id)

    async def wait(self, plan: Plan | str, timeout: float | None = None) -> PlanWithSteps:
        """Wait until the plan is over or only a person can move it on; at most `timeout` seconds.

        Raises TimeoutError then (the work goes on), and whatever kept work from being stored (StoreError, …).
        """
        if timeout is not None:
            given.amount(timeout, "timeout")
        live, held = await self.find_plan(plan)
        rounds = 0
        async with asyncio.timeout(timeout):
            while True:
                while busy := live.tasks.of(held.id):
                    # Woken often, so that a notebook's Stop button is heard.
                    await asyncio.wait(busy, timeout=0.25, return_when=asyncio.FIRST_COMPLETED)
                error = live.trouble(held.id)
                if error is not None:
                    raise error
                if not await live.recovery.catch_up(held.id):
                    rounds += 1
                    if (
                        rounds <= MOST_ROUNDS
                        and self.settings.auto_approve
                        and await self.approve_all(held.id, by="auto:env")
                    ):
                        continue  # what was offered meanwhile is approved by the same setting
                    return (await live.memory.state(held.id)).joined()
                if not live.tasks.of(held.id):
                    await asyncio.sleep(0.25)  # another process is at work, and cannot wake this one

    async def events(self, plan: Plan | str, after: int = 0) -> AsyncIterator[Event]:
        """The plan's events after number `after`: those stored, then each as it happens, until `wait` would end."""
        given.amount(after, "after")
        live, held = await self.find_plan(plan)
        news = asyncio.Event()
        unsubscribe = self.hub.subscribe(lambda event: news.set(), held.id)
        try:
            while True:
                news.clear()
                busy = held.id not in live.tasks.errors and await live.recovery.catch_up(held.id)
                for event in await self.store.events(
                    user_id=self.user_id, session_id=held.session_id, plan_id=held.id, after=after
                ):
                    after = event.seq
                    yield event
                if not busy and not news.is_set():
                    return
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.25):
                        await news.wait()
        finally:
            unsubscribe()
