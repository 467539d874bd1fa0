"""AutoGen's runtime, without its own spans, and with the scope of each message."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from autogen_core import AgentId, CancellationToken, SingleThreadedAgentRuntime
from opentelemetry.trace import NoOpTracerProvider

from macae.monitoring.scope import Scope, current_scope, in_scope, scope_of

__all__ = ["QuietRuntime"]


class NoSpans:
    """Stands where the runtime keeps its tracer."""

    def trace_block(self, *arguments: Any, **more: Any) -> AbstractContextManager[None]:
        """No span."""
        return nullcontext()


class QuietRuntime(SingleThreadedAgentRuntime):
    """Makes no spans of its own: they would hold the full text of every message, some 250 a run.

    A no-op tracer provider alone still costs a fifth of a step. What an agent does while it handles a message has that message's
    scope (see `macae.monitoring.scope`). This reaches into autogen-core, which is pinned exactly.
    """

    def __init__(self, home: Any = None) -> None:
        super().__init__(tracer_provider=NoOpTracerProvider())
        self._tracer_helper: Any = NoSpans()
        self._home = home
        """The session's ledger, for the scope of its messages."""
        self._senders: dict[str, Scope] = {}
        """By message id: the scope that it was sent from, until it is delivered."""

    def start(self) -> None:
        """Begin to deliver messages."""
        super().start()
        context: Any = self._run_context
        # An engine that was not closed (its cell ran again) may be collected with this task. All is stored; without this,
        # asyncio would write "Task was destroyed but it is pending" in red under whatever cell runs just then.
        context._run_task._log_destroy_pending = False

    async def send_message(
        self,
        message: Any,
        recipient: AgentId,
        *,
        sender: AgentId | None = None,
        cancellation_token: CancellationToken | None = None,
        message_id: str | None = None,
    ) -> Any:
        """Send a message and give its answer."""
        message_id = message_id or str(uuid.uuid4())
        self._senders[message_id] = current_scope()
        try:
            return await super().send_message(
                message,
                recipient,
                sender=sender,
                cancellation_token=cancellation_token,
                message_id=message_id,
            )
        finally:
            self._senders.pop(message_id, None)

    async def _process_send(self, message_envelope: Any) -> None:
        # Each delivery is a task of its own, and that task's alone is the context.
        sent_from = self._senders.get(message_envelope.message_id, Scope())
        scope = scope_of(message_envelope.message, message_envelope.recipient.type, sent_from)
        with in_scope(replace(scope, home=self._home)):
            await super()._process_send(message_envelope)

    async def _create_otel_attributes(self, *arguments: Any, **more: Any) -> Mapping[str, str]:
        return {}
