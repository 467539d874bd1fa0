"""What was said, as attributes: messages, arguments, results. Made only where content is asked for."""

from __future__ import annotations

import json
from typing import Any

from macae.models import Event
from macae.monitoring.otel import names as n
from macae.monitoring.texts import clip

__all__ = ["LONGEST", "clipped", "listed", "said_by_model", "shown"]

LONGEST = 8_000
"""Characters of one attribute. Application Insights takes 8,192, and a request to a collector has a limit too."""


def clipped(text: str) -> str:
    """The text, its end cut where it is too long for an attribute."""
    return clip(text, LONGEST)


def shown(value: Any) -> str:
    """A value as JSON, whatever it is."""
    if isinstance(value, str):
        return clipped(value)
    return clipped(json.dumps(value, ensure_ascii=False, default=str))


def listed(value: Any) -> list[Any]:
    """The list, or none where an event of somebody's own holds something else."""
    return value if isinstance(value, list) else []


def said_by_model(event: Event) -> dict[str, Any]:
    """What was sent and answered, in the form of the conventions: a list of messages, each of parts."""
    data = event.data
    sent = [
        {
            "role": str(m.get("role") or "user"),
            "parts": [{"type": "text", "content": str(m.get("text") or "")}],
        }
        for m in listed(data.get("sent"))
        if isinstance(m, dict)
    ]
    parts: list[dict[str, Any]] = []
    if data.get("reply"):
        parts.append({"type": "text", "content": str(data["reply"])})
    for call in listed(data.get("calls")):
        if isinstance(call, dict):
            parts.append(
                {"type": "tool_call", "name": str(call.get("name")), "arguments": call.get("arguments")}
            )
    found: dict[str, Any] = {}
    if sent:
        found[n.INPUT] = messages(sent)
    if parts:
        answer = {"role": "assistant", "parts": parts, "finish_reason": str(data.get("finish") or "")}
        found[n.OUTPUT] = messages([answer])
    return found


def messages(given: list[dict[str, Any]]) -> str:
    """The messages as JSON that can still be read when it is too long: then the oldest are left out, and the texts cut."""
    text = json.dumps(given, ensure_ascii=False, default=str)
    while len(text) > LONGEST and len(given) > 1:
        given = given[1:]
        text = json.dumps(given, ensure_ascii=False, default=str)
    if len(text) > LONGEST:
        short = {"type": "text", "content": f"{text[: LONGEST // 2]}…"}
        text = json.dumps([{"role": given[0]["role"], "parts": [short]}], ensure_ascii=False)
    return text
