"""One session in this process, from its start to its close. The store could rebuild all of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from autogen_core import AgentId
from autogen_core.models import ChatCompletionClient

from macae import contoso
from macae.agents.context import AgentContext, AgentFactory
from macae.agents.execution import abandon
from macae.agents.gate import Gate
from macae.agents.ledger import Ledger
from macae.agents.team import Team
from macae.config import Settings
from macae.engine.recovery import Recovery
from macae.engine.registration import register_agents
from macae.engine.resources import ToolResources
from macae.engine.runtime import QuietRuntime
from macae.engine.tasks import BackgroundTasks
from macae.errors import LimitReached, MacaeError, NotAllowed, StoreError
from macae.memory.store import Store
from macae.models import Event, EventSink, EventType
from macae.monitoring.compliance.compliance import Compliance
from macae.monitoring.compliance.findingevents import OnceEach, finding_text
from macae.monitoring.compliance.masking import MaskingClient
from macae.monitoring.compliance.storing import masking_store
from macae.monitoring.scope import current_scope
from macae.monitoring.spending import Spending

__all__ = ["LiveSession", "SessionParts"]

log = logging.getLogger(__name__)

CLOSED = "The engine is closed. Open another one: what is stored goes on there."


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
    """A session that this process is working on: its agents on their runtime, and what they share."""

    def __init__(self, parts: SessionParts, session_id: str, user_id: str) -> None:
        self.parts = parts
        self.session_id, self.user_id = session_id, user_id
        self.findings = OnceEach(self.found)
        """Told of whatever the compliance check finds in this session."""
        store = masking_store(parts.store, parts.compliance, self.findings)
        self.memory = Ledger(store, session_id, user_id, parts.emit)
        self.memory.count_with(parts.spending)
        self.tasks = BackgroundTasks()
        self.resources = ToolResources(parts, self.memory)
        self.gate = Gate(
            self.memory,
            parts.settings,
            did_run=self.resources.did_run,
            today=parts.today,
            around=self.resources.in_use,
            price=parts.price,
            masked=self.masked,
        )
        self.memory.gate = self.gate
        self.recovery = Recovery(self)
        self.runtime = QuietRuntime(self.memory)
        self.asked = 0
        """Questions to its agents that are not answered yet."""
        self.closing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.used = time.monotonic()

    def masked(self, client: ChatCompletionClient) -> ChatCompletionClient:
        """The client with the policy's route `model` around it, where the policy wants anything there."""
        compliance = self.parts.compliance
        return MaskingClient(client, compliance, self.findings) if compliance.watches("model") else client

    def found(self, data: dict[str, Any], about: Event | None) -> None:
        """Put a finding on the audit trail, in a write of its own: often it is found in the midst of another. `about`: the event
        that it was found in, where it was not found by whoever works now."""
        event = self.memory.event(
            EventType.violation_found, None, current_scope().agent, finding_text(data), **data
        )
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
            spawn=self.tasks.spawn,
        )
        await register_agents(self.runtime, context, parts.planner, parts.manager, parts.human)
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

    def trouble(self, plan_id: str) -> MacaeError | None:
        """Why work on a plan ended without a stored outcome; told once, and then the work may be taken up again."""
        error = self.tasks.errors.pop(plan_id, None)
        if error is not None:
            self.recovery.ask_anew(plan_id)
        return error

    def idle_for(self, seconds: float) -> bool:
        """Whether nothing runs in it, and nobody has used it for so long."""
        return not self.tasks and not self.asked and time.monotonic() - self.used >= seconds

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
        # At once: a store that hangs keeps back what is shown behind its writes.
        self.memory.emit(self.memory.event(EventType.session_closed))
        await self.resources.close()
