"""Small pieces of prompt text."""

from __future__ import annotations

from datetime import date

__all__ = ["one_line", "today_line"]


def today_line(today: date) -> str:
    """How every prompt names the day, so that a model can work out "next Monday"."""
    return f"Today is {today.isoformat()} ({today:%A})."


def one_line(text: str, limit: int = 300) -> str:
    """The text on one line, cut at `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
