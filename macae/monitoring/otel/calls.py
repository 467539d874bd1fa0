"""What an agent calls, as spans: models, tools, memories. Each is complete when its event comes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from macae.models import Event
from macae.monitoring.otel import names as n
from macae.monitoring.otel.content import clipped, said_by_model, shown
from macae.monitoring.otel.drafts import Draft, span_id

__all__ = ["Form", "amount", "key_of"]

OFFLINE = "offline"
"""The rule-based model, and who answers then."""


def amount(value: Any) -> float:
    """A number that is 0 or more; 0.0 for whatever else an event of somebody's own may hold."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return max(0.0, float(value)) if good else 0.0


def key_of(event: Event) -> str:
    """What tells an event from all others of its trace, in every process."""
    return str(event.seq) if event.seq else f"{event.type}@{event.time!r}"


@dataclass(frozen=True, slots=True)
class Form:
    """How spans are written."""

    provider: str = ""
    """Who answers, in the conventions' words: `openai`, `azure.ai.openai`, …"""
    content: bool = False
    """Whether what people, models and tools said is written too."""

    def common(self, event: Event) -> dict[str, Any]:
        """What every span tells."""
        found: dict[str, Any] = {n.CONVERSATION: event.session_id}
        if event.plan_id:
            found[n.PLAN] = event.plan_id
        if event.step_id:
            found[n.STEP] = event.step_id
        return found

    def said(self, **texts: Any) -> dict[str, Any]:
        """These texts by attribute (dots as double underscores), where content is written."""
        if not self.content:
            return {}
        return {name.replace("__", "."): shown(value) for name, value in texts.items() if value}

    def words(self, event: Event) -> str:
        """The event's text, where content is written."""
        return clipped(event.text) if self.content else ""

    def chat(self, event: Event, trace_id: str, parent: int | None) -> Draft:
        """A model call."""
        data = event.data
        model = str(data.get("model") or "")
        attributes = self.common(event) | {n.OPERATION: "chat"}
        # A client that the engine was given is not the one that the settings name.
        if self.provider and (self.provider == OFFLINE) == (model == OFFLINE):
            attributes[n.PROVIDER] = self.provider
        if model:
            attributes[n.MODEL] = model
        if event.agent:
            attributes[n.AGENT] = event.agent
        if data.get("prompt_tokens") is not None:
            attributes[n.INPUT_TOKENS] = int(amount(data["prompt_tokens"]))
        if data.get("completion_tokens") is not None:
            attributes[n.OUTPUT_TOKENS] = int(amount(data["completion_tokens"]))
        if data.get("streamed") is not None:
            attributes[n.STREAM] = bool(data["streamed"])
        if data.get("first_token") is not None:
            attributes[n.FIRST_TOKEN] = amount(data["first_token"])
        if data.get("usd") is not None:
            attributes[n.COST] = amount(data["usd"])
        if data.get("finish"):
            attributes[n.FINISH] = [str(data["finish"])]
        if self.content:
            attributes |= said_by_model(event)
        draft = Draft(
            trace_id,
            span_id(trace_id, "chat", data.get("call") or key_of(event)),
            parent,
            f"chat {model}".strip(),
            event.time - amount(data.get("seconds")),
            attributes,
            client=True,
        )
        failed = data.get("ok") is False
        error = str(data.get("error_type") or "_OTHER") if failed else ""
        return draft.ended(event.time, error, self.words(event), **({n.ERROR: error} if error else {}))

    def tool(self, event: Event, trace_id: str, parent: int | None, known_start: bool = True) -> Draft:
        """A tool call that starts (or, where nobody saw it start, has ended)."""
        data = event.data
        name = str(data.get("tool") or "")
        attributes = self.common(event) | {n.OPERATION: "execute_tool", n.TOOL: name, n.TOOL_TYPE: "function"}
        if event.agent:
            attributes[n.AGENT] = event.agent
        if data.get("key"):
            attributes[n.TOOL_CALL] = str(data["key"])
        if data.get("effect"):
            attributes[n.EFFECT] = str(data["effect"])
        if not known_start:
            attributes[n.STARTED_ELSEWHERE] = True
        attributes |= self.said(gen_ai__tool__call__arguments=data.get("arguments"))
        start = event.time if known_start else event.time - amount(data.get("seconds"))
        number = span_id(trace_id, "tool", data.get("key") or "", key_of(event))
        return Draft(trace_id, number, parent, f"execute_tool {name}".strip(), start, attributes)

    def tool_ended(self, draft: Draft, event: Event) -> Draft:
        """The tool call, complete."""
        state = str(event.data.get("state") or "completed")
        error = "" if state == "completed" else state
        draft.attributes |= {n.STATE: state} | ({n.ERROR: error} if error else {})
        draft.attributes |= self.said(gen_ai__tool__call__result=event.text)
        return draft.ended(event.time, error, self.words(event))

    def memory(self, event: Event, trace_id: str, parent: int | None) -> Draft:
        """A search in documents or a memory."""
        data = event.data
        name = str(data.get("memory") or "")
        attributes = self.common(event) | {
            n.OPERATION: "retrieval",
            n.KIND: n.RETRIEVER,
            n.RESULTS: int(amount(data.get("results"))),
        }
        if name:
            attributes[n.SOURCE] = name
        if event.agent:
            attributes[n.AGENT] = event.agent
        attributes |= self.said(
            gen_ai__retrieval__query__text=event.text, macae__memory__sources=data.get("sources")
        )
        number = span_id(trace_id, "retrieval", key_of(event))
        start = event.time - amount(data.get("seconds"))
        return Draft(trace_id, number, parent, f"retrieval {name}".strip(), start, attributes).ended(
            event.time
        )
