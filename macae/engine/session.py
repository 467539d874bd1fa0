"""One session in this process: its agents, its runtime, the work under way. The store could rebuild all of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autogen_core import AgentId, AgentInstantiationContext
from autogen_core.models import ChatCompletionClient

from macae import contoso, models
from macae.agents import lifecycle
from macae.agents.context import AgentContext, AgentFactory
from macae.agents.execution import abandon
from macae.agents.gate import Gate
from macae.agents.ledger import Ledger
from macae.agents.team import HUMAN, MANAGER, PLANNER, Team
from macae.config import Settings
from macae.engine.registration import build_part, build_specialist
from macae.engine.runtime import QuietRuntime
from macae.errors import Conflict, LimitReached, MacaeError, NotAllowed, StoreError
from macae.memory.store import Store
from macae.models import Event, EventSink, EventType, Plan, PlanStatus, Step, StepStatus
from macae.monitoring.compliance.compliance import Compliance
from macae.monitoring.compliance.findingevents import OnceEach
from macae.monitoring.compliance.masking import MaskingClient
from macae.monitoring.compliance.storing import masking_store
from macae.monitoring.scope import current_scope
from macae.monitoring.spending import Spending

if TYPE_CHECKING:
    from macae.memory.retrieval import KnowledgeBase

__all__ = ["LiveSession", "SessionParts"]

log = logging.getLogger(__name__)

MOST_RELEASES = 3
"""How often a step may be taken back from this very process before the person is asked about it."""
CLOSED = "The engine is closed. Open another one: what is stored goes on there."

SETTLED = frozenset({PlanStatus.completed, PlanStatus.failed, PlanStatus.impossible})
"""A plan in one of these leaves nothing to take up. In a cancelled one a step may still have been running."""


@dataclass(frozen=True)
class SessionParts:
    """What the sessions of one engine are made of."""

    settings: Settings
    model: ChatCompletionClient
    store: Store
    team: Team
    planner: AgentFactory
    manager: AgentFactory
    human: AgentFactory
    today: Callable[[], date]
    price: Callable[[int, int], float | None]
    emit: EventSink
    spending: Spending
    compliance: Compliance
    company: contoso.Company | None
    """The company that all sessions share, or None: each has a copy of its own."""


class LiveSession:
    """A session that this process is working on."""

    def __init__(self, parts: SessionParts, session_id: str, user_id: str) -> None:
        self.parts = parts
        self.session_id, self.user_id = session_id, user_id
        self.findings = OnceEach(self.found)
        """Told of whatever the compliance check finds in this session."""
        store = masking_store(parts.store, parts.compliance, self.findings)
        self.memory = Ledger(store, session_id, user_id, parts.emit)
        self.memory.count_with(parts.spending)
        self.gate = Gate(
            self.memory,
            parts.settings,
            did_run=self.did_run,
            today=parts.today,
            around=self.at_work,
            price=parts.price,
            masked=self.masked,
        )
        self.memory.gate = self.gate
        self.runtime = QuietRuntime(self.memory)
        self._company: contoso.Company | None = None
        self._knowledge: KnowledgeBase | None = None
        self.asked = 0
        """Questions to its agents that are not answered yet, and callers who wait for one of its plans."""
        self.closing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._released: Counter[str] = Counter()
        """By step: how often it was taken back although this very process carried it out."""
        self.used = time.monotonic()
        self.tasks: dict[asyncio.Task[None], str] = {}
        """Work under way, with the plan it belongs to."""
        self.errors: dict[str, MacaeError] = {}
        """By plan: why work on it ended without a stored outcome."""
        self._shown: dict[str, tuple[int, ...]] = {}
        """By plan: the versions with which the manager was last asked to go on."""

    def masked(self, client: ChatCompletionClient) -> ChatCompletionClient:
        """The client with the policy's route `model` around it, where the policy wants anything there."""
        compliance = self.parts.compliance
        return MaskingClient(client, compliance, self.findings) if compliance.watches("model") else client

    def found(self, data: dict[str, Any], about: Event | None) -> None:
        """Put a finding on the audit trail, in a write of its own: often it is found in the midst of another. `about`: the event
        that it was found in, where it was not found by whoever works now."""
        event = self.memory.event(EventType.violation_found, None, current_scope().agent, **data)
        if about is not None:
            names = ("plan_id", "step_id", "trace_id", "agent")
            event = event.model_copy(update={name: getattr(about, name) for name in names})

        def write() -> None:
            with suppress(StoreError):
                self.memory.submit(events=[event]).add_done_callback(
                    lambda done: done.cancelled() or done.exception()
                )

        asyncio.get_running_loop().call_soon(write)

    async def start(self) -> None:
        """Build and register the agents. Raises TeamError when one of them could not do its work."""
        parts = self.parts
        context = AgentContext(
            session_id=self.session_id,
            user_id=self.user_id,
            memory=self.memory,
            model_client=parts.model,
            team=parts.team,
            settings=parts.settings,
            gate=self.gate,
            today=parts.today,
            spawn=self.spawn,
        )
        builds: dict[str, Any] = {
            PLANNER: lambda: build_part("planner", parts.planner, context, [models.InputTask]),
            MANAGER: lambda: build_part(
                "manager",
                parts.manager,
                context,
                [models.InputTask, models.HumanClarification, models.ApprovalRequest],
            ),
            HUMAN: lambda: build_part("human", parts.human, context, [models.HumanFeedback]),
        }
        for spec in parts.team:
            builds[spec.name] = lambda spec=spec: build_specialist(spec, context)
        for name, build in builds.items():
            agent_id = AgentId(name, self.session_id)
            with AgentInstantiationContext.populate_context((self.runtime, agent_id)):
                agent = build()
            await self.runtime.register_agent_instance(agent, agent_id)
        self.runtime.start()
        self.memory.show(EventType.session_opened, text=f"{len(parts.team.agents)} agents are ready")

    async def send(self, message: Any, agent: str) -> Any:
        """Send a message to one of the session's agents and give its answer.

        Raises LimitReached when there is none within the time for a step, NotAllowed when the engine is closed meanwhile.
        """
        limit = self.parts.settings.step_timeout
        with self.in_use():
            if self.closing.done():
                raise NotAllowed(CLOSED)
            sent = asyncio.ensure_future(self.runtime.send_message(message, AgentId(agent, self.session_id)))
            try:
                await asyncio.wait({sent, self.closing}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
                if sent.done():
                    return sent.result()
            finally:
                if not sent.done():
                    abandon(sent)
            if self.closing.done():
                raise NotAllowed(CLOSED)
            raise LimitReached(f"{agent} did not answer within {limit:g} s (MACAE_STEP_TIMEOUT). Try again.")

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """While inside, the session is not let go."""
        self.asked += 1
        try:
            yield
        finally:
            self.asked -= 1
            self.used = time.monotonic()

    def spawn(self, work: Coroutine[Any, Any, None], plan_id: str) -> asyncio.Task[None]:
        """Run `work` behind the scenes. What it raises is kept for whoever waits for the plan."""
        task = asyncio.get_running_loop().create_task(self._run(work, plan_id), name=f"plan {plan_id}")
        self.tasks[task] = plan_id
        task.add_done_callback(lambda done: self.tasks.pop(done, None))
        return task

    async def _run(self, work: Coroutine[Any, Any, None], plan_id: str) -> None:
        try:
            await work
        except MacaeError as error:
            log.warning("Work on plan %s ended: %s", plan_id, error)
            self.errors[plan_id] = error
        except Exception as error:
            log.exception("Work on plan %s failed", plan_id)
            self.errors[plan_id] = MacaeError(
                f"Unexpected {type(error).__name__} while working on the plan: {error}"
            )

    def trouble(self, plan_id: str) -> MacaeError | None:
        """Why work on a plan ended without a stored outcome; told once."""
        error = self.errors.pop(plan_id, None)
        if error is not None:
            self._shown.pop(plan_id, None)
        return error

    async def forget(self, plan_id: str, work: set[asyncio.Task[None]]) -> None:
        """Let work end that was begun behind a decision that could not be stored: whoever decided is told why, and only once."""
        if work:
            await asyncio.wait(work, timeout=1)
        self.errors.pop(plan_id, None)

    def idle_for(self, seconds: float) -> bool:
        """Whether nothing runs in it, and nobody has used it for so long."""
        return not self.tasks and not self.asked and time.monotonic() - self.used >= seconds

    def busy(self, plan_id: str) -> list[asyncio.Task[None]]:
        """The work under way for a plan."""
        return [task for task, plan in self.tasks.items() if plan == plan_id]

    @property
    def company(self) -> contoso.Company:
        """The session's copy of the sample company, made when it is first needed."""
        if self._company is None:
            self._company = self.parts.company or contoso.Company.open(self.company_path, self.parts.today())
        return self._company

    @property
    def company_path(self) -> Path:
        """Where the session's own copy is kept."""
        from macae.contoso.company import company_file

        return company_file(self.parts.settings.home, self.user_id, self.session_id)

    @property
    def knowledge(self) -> KnowledgeBase:
        """The documents that the session's user may search, opened when they are first searched."""
        from macae.monitoring.capture.knowledge import ObservedKnowledge

        if self._knowledge is None:
            self._knowledge = ObservedKnowledge(self.parts.settings, self.memory.note, user_id=self.user_id)
        return self._knowledge

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Lets the tools called inside work on the session's company, and search its user's documents."""
        from macae.memory.retrieval import use_knowledge

        with contoso.use(lambda: self.company), use_knowledge(lambda: self.knowledge):
            yield

    def did_run(self, key: str) -> str | None:
        """What the company's own records say of a call: its result if it had its effect, else None."""
        effect = self.company.effect(key)
        return None if effect is None else str(effect["summary"])

    async def recover(self) -> None:
        """Take up what a process that is gone has left: its running steps are released or shown as interrupted, and whatever
        had still to follow from the last thing that it stored, follows."""
        for plan in await self.memory.store.find(
            Plan, user_id=self.user_id, session_id=self.session_id, data_type="plan"
        ):
            if plan.overall_status not in SETTLED:
                await self.parts.spending.refresh(self.session_id)
                await self.catch_up(plan.id)

    async def catch_up(self, plan_id: str) -> bool:
        """Look at what is stored and go on with it. Whether anything is under way, here or elsewhere: if not, only a person
        can move the plan on."""
        if self.busy(plan_id):
            return True
        state = await self.memory.state(plan_id, fresh=True)
        elsewhere = False
        for step in list(state.steps.values()):
            if step.status is not StepStatus.action_requested:
                continue
            if await self.is_owned(step):
                elsewhere = True
            else:
                await self.release(step, state.plan)
        state = await self.memory.state(plan_id)
        follow = state.follow_up(list(state.steps.values()), self.memory.store.owner)
        seen = (state.plan.version, *(step.version for step in state.steps.values()))
        # A manager of somebody's own may see nothing to do here: it is asked once.
        if (follow.steps or follow.plan is not None) and self._shown.get(plan_id) != seen:
            self._shown[plan_id] = seen
            await self.send(
                models.ApprovalRequest(plan_id=plan_id, session_id=self.session_id, user_id=self.user_id),
                MANAGER,
            )
            return True
        return elsewhere

    async def is_owned(self, step: Step) -> bool:
        """Whether a living process carries the step out."""
        if step.owner == self.memory.store.owner:
            return step.id in self.gate.runs
        return step.owner is not None and await self.memory.store.owner_alive(step.owner)

    async def release(self, step: Step, plan: Plan) -> None:
        """Store that a step's owner is gone."""
        if plan.overall_status is PlanStatus.cancelled:
            freed = lifecycle.cancel(step)
            event = self.memory.event(EventType.step_cancelled, freed, step.agent, freed.error or "")
        else:
            if step.owner == self.memory.store.owner:
                self._released[step.id] += 1
            # If its outcome can't be stored again and again, going on by itself would only cost.
            in_vain = self._released[step.id] >= MOST_RELEASES
            freed = lifecycle.release(step, self.gate.known_effects(step), in_vain)
            text = "; ".join(freed.interrupted_calls) or "no changing call had started; it runs again"
            event = self.memory.event(
                EventType.step_interrupted, freed, step.agent, text, calls=freed.interrupted_calls
            )
        new = [self.memory.question(freed)] if freed.status is StepStatus.awaiting_feedback else []
        try:
            await self.memory.commit(freed, new=new, events=[event])
        except Conflict:
            log.info("%s was taken up elsewhere", lifecycle.describe(step))

    async def close(self, seconds: float) -> None:
        """Let work under way finish for so long, then stop it; let go of everything."""
        if self.tasks:
            _, late = await asyncio.wait(set(self.tasks), timeout=seconds)
            for run in list(self.gate.runs.values()):
                run.stop("The engine was closed.", release=True)
            if late:
                _, late = await asyncio.wait(late, timeout=2)
            for task in late:
                task.cancel()
        if not self.closing.done():
            self.closing.set_result(None)
        try:
            await asyncio.wait_for(self.runtime.stop(), 2)
        except (TimeoutError, RuntimeError):
            log.debug("The runtime of session %s did not stop cleanly", self.session_id)
        self.memory.keep_usage()
        with suppress(TimeoutError):  # what nobody waited for: questions of a long plan, notes
            await asyncio.wait_for(self.memory.settled(), 2)
        self.memory.show(EventType.session_closed)
        if self._company is not None and self._company is not self.parts.company:
            self._company.close()
        if self._knowledge is not None:
            await self._knowledge.close()
