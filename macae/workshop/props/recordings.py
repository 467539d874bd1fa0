"""Recorded sessions for challenge 8, and a model that thinks aloud."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from macae.errors import InvalidInput
from macae.models import Event

if TYPE_CHECKING:
    from autogen_core.models import ChatCompletionClient

__all__ = ["SESSIONS", "a_thinking_model", "recorded"]

SESSIONS = Path(__file__).with_name("sessions")
"""Made by `python -m tests.notebooks.recordings`."""


@cache
def _lines(name: str) -> tuple[str, ...]:
    path = SESSIONS / f"{name}.ndjson"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in SESSIONS.glob("*.ndjson")))
        raise InvalidInput(f"No recorded session is called {name!r:.60}. There are: {known}.")
    return tuple(line for line in path.read_text(encoding="utf-8").split("\n") if line)


def recorded(name: str) -> list[Event]:
    """The events of a recorded session, in order; new objects each time. Raises InvalidInput for another name."""
    return [Event.model_validate_json(line) for line in _lines(name)]


def a_thinking_model() -> ChatCompletionClient:
    """A model client that follows a script: a thought beside a tool call, then an answer."""
    from autogen_core import FunctionCall
    from autogen_core.models import CreateResult, RequestUsage

    from macae.workshop.scripted import ScriptedModel

    call = FunctionCall(id="call-1", name="stock", arguments='{"item": "chair"}')
    spent = RequestUsage(prompt_tokens=40, completion_tokens=12)
    thinks = CreateResult(
        content=[call], finish_reason="function_calls", usage=spent, cached=False,
        thought="I do not know the stock. I look it up.",
    )  # fmt: skip
    return ScriptedModel(thinks, "Yes, four chairs are in stock.")
