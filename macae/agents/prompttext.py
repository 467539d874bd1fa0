"""Small pieces of text that are said in more than one place."""

from __future__ import annotations

from datetime import date

__all__ = ["one_line", "quoted", "today_line", "waiting_text"]


def today_line(today: date) -> str:
    """How every prompt names the day, so that a model can work out "next Monday"."""
    return f"Today is {today.isoformat()} ({today:%A})."


def one_line(text: str, limit: int = 300) -> str:
    """The text on one line, cut at `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def quoted(text: str) -> str:
    """The text with its further lines marked as quoted: none of them can pass for a line of the prompt's own."""
    return "\n> ".join(text.splitlines())


def waiting_text(why: str, seconds: float) -> str:
    """What whoever watches is told while a model call waits; `seconds` is how long at most, 0 when that is not known."""
    return f"waiting for the model ({why}{f', {seconds:.0f} s' if seconds else ''})"
