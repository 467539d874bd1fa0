"""Every model call of every agent, on the audit trail: the client that an agent is given tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autogen_core.models import ChatCompletionClient, LLMMessage

from macae.agents.prompttext import waiting_text
from macae.models import EventType, Usage
from macae.monitoring.capture.client import ModelCall, ObservedClient
from macae.monitoring.capture.told import already_sent, call_data, calls_of, sent_texts
from macae.monitoring.compliance.masking import MaskingClient

__all__ = ["observed"]

MOST_REMEMBERED = 8
"""Attempts of one agent whose last request is remembered, so that only what is new is told."""


def observed(client: ChatCompletionClient, gate: Any, agent: str) -> ChatCompletionClient:
    """The client as this agent gets it. One that tells for it already stays as it is."""
    told = client.inner if isinstance(client, MaskingClient) else client
    if isinstance(told, ObservedClient) and isinstance(told.observer, CallRecorder):
        if told.observer.agent == agent:
            return client
        told = told.inner
    # What is told is what was sent: the masking stands between the agent and the one who tells.
    masked: ChatCompletionClient = gate.masked(ObservedClient(told, CallRecorder(gate, agent)))
    return masked


class CallRecorder:
    """Writes the model calls of one agent of a session down: with its step's next write, or at once where it carries none out."""

    def __init__(self, gate: Any, agent: str) -> None:
        self.gate, self.agent = gate, agent
        self._sent: dict[str, Sequence[LLMMessage]] = {}

    def started(self, call: str, model: str) -> None:
        """Tell whoever watches."""
        self.gate.ledger.show(EventType.model_started, self.agent, call=call, model=model)

    def waiting(self, why: str, seconds: float) -> None:
        """Tell whoever watches."""
        text = waiting_text(why, seconds)
        self.gate.ledger.show(EventType.model_waiting, self.agent, text, why=why, seconds=seconds)

    def ended(self, call: ModelCall) -> None:
        """Put the call, and the thought that came with it, on the audit trail; charge the step that it was made for."""
        data = call_data(call, None)
        prompt, completion = data["prompt_tokens"], data["completion_tokens"]
        data["usd"] = self.gate.price(prompt, completion)
        run = self.gate.run_of(self.agent)
        if run is not None:
            run.usage += Usage(tokens=prompt + completion, usd=data["usd"])
        if self.gate.settings.capture == "messages":
            data |= self.content(call, run.step.id if run is not None else "")
        ledger = self.gate.ledger
        ledger.spend(prompt + completion, data["usd"])
        ledger.note(EventType.model_called, self.agent, error_text(call.error), **data)
        if call.result is not None and call.result.thought:
            ledger.note(EventType.thought, self.agent, call.result.thought, call=call.call)

    def content(self, call: ModelCall, attempt: str) -> dict[str, Any]:
        """What was sent and answered; of what was sent, only what is new since this agent's last call for the same step."""
        before = self._sent.pop(attempt, ()) if attempt else ()
        if attempt:
            self._sent[attempt] = call.messages
            while len(self._sent) > MOST_REMEMBERED:
                del self._sent[next(iter(self._sent))]
        sent, left_out = sent_texts(call.messages, already_sent(call.messages, before))
        reply, calls = calls_of(call)
        return {"sent": sent, "sent_before": left_out, "reply": reply, "calls": calls}


def error_text(error: BaseException | None) -> str:
    """Why a call failed."""
    if error is None:
        return ""
    return (str(error) if isinstance(error, Exception) else "") or f"stopped ({type(error).__name__})"
