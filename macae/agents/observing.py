"""Every model call of every agent, on the audit trail: the client that an agent is given tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autogen_core.models import ChatCompletionClient

from macae.agents.prompttext import waiting_text
from macae.models import EventType, Usage
from macae.monitoring.capture.client import ModelCall, ObservedClient
from macae.monitoring.capture.sent import SentBefore
from macae.monitoring.capture.told import call_data, calls_of, unsent, usage_of
from macae.monitoring.compliance.masking import MaskingClient
from macae.monitoring.scope import Scope, current_scope, in_scope

if TYPE_CHECKING:
    from macae.agents.steprun import StepRun

__all__ = ["observed"]

MOST_PLANS = 8
"""Plans of a session of which it is remembered what an agent's model was sent, so that only what is new is told."""


def observed(client: ChatCompletionClient, gate: Any, agent: str) -> ChatCompletionClient:
    """The client as this agent gets it. One that tells for it already stays as it is."""
    told = client.inner if isinstance(client, MaskingClient) else client
    if isinstance(told, ObservedClient) and isinstance(told.observer, CallRecorder):
        if told.observer.agent == agent and told.observer.gate is gate:
            return client
        told = told.inner
    # What is told is what was sent: the masking stands between the agent and the one who tells.
    masked: ChatCompletionClient = gate.masked(ObservedClient(told, CallRecorder(gate, agent)))
    return masked


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a call was begun. It is told and charged there, wherever it ends."""

    gate: Any
    run: StepRun | None
    scope: Scope


class CallRecorder:
    """Writes the model calls of one agent of a session down: with its step's next write, or at once where it carries none out.

    A client that an agent keeps may be used in a later session too: its calls are told in the session that is at work.
    """

    def __init__(self, gate: Any, agent: str) -> None:
        self.gate, self.agent = gate, agent
        self._sent: dict[str, SentBefore] = {}
        """By plan, or by trace where none is made yet."""

    def at_work(self) -> Any:
        """The gate of the session that is at work."""
        home = current_scope().home
        return self.gate if home is None or home.gate is None else home.gate

    def started(self, call: str, model: str) -> Asked:
        """Tell whoever watches."""
        gate, scope = self.at_work(), current_scope()
        gate.ledger.show(EventType.model_started, self.agent, call=call, model=model)
        return Asked(gate, gate.run_of(self.agent or scope.agent), scope)

    def waiting(self, why: str, seconds: float) -> None:
        """Tell whoever watches."""
        text = waiting_text(why, seconds)
        self.at_work().ledger.show(EventType.model_waiting, self.agent, text, why=why, seconds=seconds)

    def ended(self, call: ModelCall, begun: Asked) -> None:
        """Put the call, and the thought that came with it, on the audit trail; charge the step that it was made for.

        What nobody knows the use of is unpriced in the trail. Limits are charged with its estimate all the same: nothing would be
        too little, and a price that is not known would stop the whole plan because one call has failed.
        """
        gate, run = begun.gate, begun.run
        usage, estimated = usage_of(call)
        tokens = usage.prompt_tokens + usage.completion_tokens
        charged = 0.0 if unsent(call) else gate.price(usage.prompt_tokens, usage.completion_tokens)
        data = call_data(call, usage, estimated, None if estimated and charged else charged)
        if gate.settings.capture == "messages":
            data |= self.content(call, begun.scope.plan_id or begun.scope.trace_id)
        with in_scope(begun.scope):
            if run is not None and not run.over:
                run.usage += Usage(tokens=tokens, usd=charged)
            ledger, agent = gate.ledger, self.agent or begun.scope.agent
            if not unsent(call):
                ledger.spend(tokens, charged, call.model)
            ledger.note_for(run, EventType.model_called, agent, error_text(call.error), **data)
            if call.result is not None and call.result.thought:
                ledger.note_for(run, EventType.thought, agent, call.result.thought, call=call.call)

    def content(self, call: ModelCall, about: str) -> dict[str, Any]:
        """What was sent and answered; of what was sent, only what is new since this agent's last call for the same plan."""
        before = self._sent.pop(about, None) or SentBefore()
        if about:
            self._sent[about] = before
            while len(self._sent) > MOST_PLANS:
                del self._sent[next(iter(self._sent))]
        sent, told, left_out = before.new_texts(call.messages)
        reply, calls = calls_of(call)
        return {"sent": sent, "sent_before": told, "left_out": left_out, "reply": reply, "calls": calls}


def error_text(error: BaseException | None) -> str:
    """Why a call failed."""
    if error is None:
        return ""
    return (str(error) if isinstance(error, Exception) else "") or f"stopped ({type(error).__name__})"
