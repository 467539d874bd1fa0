"""What came of a tool call: how it ended, and the text that the model and the person read of it."""

from __future__ import annotations

import asyncio
from typing import Any

from macae.errors import LimitReached, ToolRefused
from macae.llm.replies import well_formed
from macae.tools import ActionTool

__all__ = ["clipped", "ending_of", "reason_of", "result_text"]

MAX_RESULT = 20_000
"""Characters of a tool's result that are kept and shown to the model."""


def ending_of(tool: ActionTool, error: BaseException, limit: float | None) -> tuple[str, BaseException]:
    """How a call ended that gave no result: its state ("failed", or "unknown" where it may have had its effect), and the error
    to raise for it. `limit`: the seconds that it had, where they were over; else None."""
    if limit is not None and isinstance(error, TimeoutError):
        hint = " It may have had its effect." if tool.effect == "change" else ""
        return "unknown", LimitReached(
            f"{tool.name} did not finish within {limit:g} s and was stopped.{hint}"
        )
    # Only a refusal says that nothing was done.
    unsure = tool.effect == "change" and not isinstance(error, ToolRefused)
    if isinstance(error, Exception):
        return "unknown" if unsure else "failed", error
    task = asyncio.current_task()
    stopped = isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0
    if not stopped and not isinstance(error, KeyboardInterrupt):
        # Its own doing: let through, SystemExit would end the program, and CancelledError the whole attempt.
        return "unknown" if unsure else "failed", ToolRefused(
            f"{tool.name} broke off: it raised {type(error).__name__}({error})."
        )
    return "unknown", error


def reason_of(error: BaseException) -> str:
    """What a tool's error tells the model and the person."""
    if isinstance(error, asyncio.CancelledError):
        return "stopped while it ran"
    try:
        text = str(error)
    except Exception:  # a tool's own error class may be broken too
        text = ""
    return clipped(text or type(error).__name__)


def result_text(tool: ActionTool, value: Any) -> str:
    """A tool's result as text. The tool has run, so a result that cannot be shown is no failure."""
    try:
        return clipped(tool.return_value_as_string(value))
    except Exception as error:
        return f"done; its result ({type(value).__name__}) cannot be shown as text: {reason_of(error)}"


def clipped(text: str) -> str:
    """The text, cut where it is too long, and saying so."""
    text = well_formed(text)
    if len(text) <= MAX_RESULT:
        return text
    return f"{text[:MAX_RESULT]}… ({len(text) - MAX_RESULT} more characters were cut)"
