"""What agents do beside changing a plan, put on the audit trail: model calls, thoughts, searches, messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autogen_core.models import ChatCompletionClient

from macae.agents.grants import Grants
from macae.agents.observing import observed
from macae.errors import MacaeError
from macae.models import Event, EventType
from macae.monitoring.capture.fitting import fitted
from macae.monitoring.scope import current_scope

if TYPE_CHECKING:
    from macae.agents.steprun import StepRun

__all__ = ["Noting"]

log = logging.getLogger(__name__)


class Noting(Grants):
    """A session's memory that takes notes. No work fails, or waits, because of a note."""

    def submit(self, *, events: Sequence[Event]) -> asyncio.Future[None]:
        """Write behind what was submitted before."""
        raise NotImplementedError

    def note(self, type: EventType, agent: str = "", text: str = "", **data: Any) -> None:
        """Put something that an agent did on the audit trail: with its step's next write, or at once where it carries none out.

        Nobody waits for it, and no work fails because of it: what is too long is cut, what no store takes is replaced by its type,
        and when it cannot be stored, the log says so.
        """
        agent = str(agent) or current_scope().agent
        run = self.gate.run_of(agent) if self.gate is not None else None
        self.note_for(run, type, agent, text, **data)

    def note_for(self, run: StepRun | None, type: EventType, agent: str, text: str, **data: Any) -> None:
        """As `note`, about the attempt of a step that is known, or about none."""
        text, data = fitted(text, data)
        event = self.event(type, run.step if run is not None else None, agent, text, **data)
        if run is not None and not run.over:
            run.note(event)
        else:
            self.tell([event])

    def tell(self, events: Sequence[Event]) -> None:
        """Store events by themselves. Nobody waits for it; when they cannot be stored, the log says so."""

        def look(error: BaseException | None) -> None:
            if error is not None:
                names = ", ".join(dict.fromkeys(event.type for event in events))
                log.warning("%d events (%s) were not stored: %s", len(events), names, error)

        try:
            write = self.submit(events=events)
        except MacaeError as error:
            look(error)
        else:
            write.add_done_callback(lambda done: None if done.cancelled() else look(done.exception()))

    def observe(self, client: ChatCompletionClient, agent: str = "") -> ChatCompletionClient:
        """A model client of an agent's own, so that its calls are seen, priced and masked like those of the one that it is given.

        Nobody can see the calls of a client that an agent makes for itself without this. `agent`: under which name they are told;
        by default, that of whoever calls.
        """
        return observed(client, self.gate, agent)
