"""Durations, amounts and names as people read them: in figures, reports, notebooks and the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from macae.monitoring.texts import one_line

__all__ = [
    "STEP_WORDS",
    "brief",
    "clock",
    "count",
    "duration",
    "plural",
    "short_names",
    "step_word",
    "tokens",
    "took",
    "usd",
]


def duration(seconds: float) -> str:
    """Seconds as people read them: 0.4 ms, 12 ms, 2.8 s, 3 min 20 s, 2 h 5 min."""
    if not math.isfinite(seconds) or seconds <= 0:
        return "0 s"
    if seconds < 0.00995:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:,} h" + (f" {minutes} min" if minutes else "")


def took(seconds: float, lost: bool) -> str:
    """How long something took; of what was lost with its process only how long it is known to have gone on."""
    if not lost:
        return duration(seconds)
    return f"at least {duration(seconds)}" if seconds > 0 else "not known"


def brief(seconds: float) -> str:
    """A duration in one number: for small places."""
    if seconds < 600:
        return duration(seconds)
    return f"{seconds / 60:.0f} min" if seconds < 5940 else f"{seconds / 3600:.1f} h"


def clock(seconds: float, with_hours: bool) -> str:
    """A time since the start as a clock shows it: 3:07, or 1:03:07."""
    whole = round(seconds)
    if with_hours:
        return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}"


def tokens(number: float) -> str:
    """A number of tokens: 870, 13.0k, 2.4M."""
    if number < 1000:
        return f"{number:.0f}"
    if number < 999_950:
        return f"{number / 1000:.1f}k"
    return f"{number / 1_000_000:.1f}M"


def count(number: int, noun: str) -> str:
    """A number with its noun: 1 token, 1,200 tokens."""
    return f"{number:,} {plural(noun, number)}"


def plural(noun: str, number: int) -> str:
    """The noun as it stands behind the number: token, tokens."""
    return noun if number == 1 else f"{noun}s"


def usd(amount: float) -> str:
    """US dollars, with as many digits as say something: $0.00031, $0.066, $12.40."""
    if amount <= 0:
        return "$0.00"
    if amount >= 1:
        return f"${amount:,.2f}"
    if amount >= 0.01:
        return f"${amount:.3f}".removesuffix("0")
    digits = min(8, 1 - math.floor(math.log10(amount)))
    return f"${amount:.{digits}f}"


STEP_WORDS = {
    "planned": "Planned",
    "awaiting_feedback": "Awaiting approval",
    "approved": "Approved",
    "action_requested": "Running",
    "completed": "Completed",
    "failed": "Failed",
    "rejected": "Rejected",
    "skipped": "Skipped",
    "cancelled": "Cancelled",
    "superseded": "Replaced",
}
"""A step's status as people read it, by `StepStatus`: on the board, in the terminal, in reports."""


def step_word(status: str) -> str:
    """A step's status within a sentence: running, awaiting approval. What is not known stays as it is."""
    return STEP_WORDS.get(status, status.replace("_", " ")).lower()


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Agents' names without the "Agent" that ends each, unless two would then be the same."""
    short = {name: _short(name) for name in names}
    seen = list(short.values())
    return {name: one_line(name if seen.count(brief) > 1 else brief, 80) for name, brief in short.items()}


KNOWN = {"GroupChatManager": "Manager", "Hr": "HR"}
"""Names that people write otherwise."""


def _short(name: str) -> str:
    for end in ("_Agent", "_agent", " Agent", "Agent"):
        if name.endswith(end) and len(name) > len(end):
            name = name[: -len(end)]
            break
    return KNOWN.get(name, name) or "(no name)"
