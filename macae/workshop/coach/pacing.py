"""How the room stands against the agenda: what the plan said by now, what is so, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from macae.workshop.coach.tracks import SHARE, TRACKS, clock

__all__ = ["furthest", "pacing"]

MINUTE = 60.0


def furthest(numbers: Iterable[int]) -> int:
    """The furthest challenge that somebody has begun; -1 for none."""
    return max(numbers, default=-1)


def pacing(track: str, begins: str, since: float, now: float, reached: Sequence[int]) -> dict[str, Any]:
    """The pacing line. `since` is when the first day began, in seconds since 1970; `reached` is where each learner is."""
    milestones = TRACKS[track].milestones
    minute = (now - since) / MINUTE
    past = [m for m in milestones if m.minute <= minute]
    ahead = [m for m in milestones if m.minute > minute]
    found: dict[str, Any] = {"state": "before", "text": "", "next": "", "share": None, "challenge": None}
    found["stones"] = [
        {
            "time": clock(begins, m.minute),
            "challenge": m.challenge,
            "past": m.minute <= minute,
            "share": share_of(reached, m.challenge),
        }
        for m in milestones
    ]
    if ahead:
        when = clock(begins, ahead[0].minute)
        day = f"day {ahead[0].minute // 1440 + 1}, " if len(TRACKS[track].days) > 1 else ""
        found["next"] = f"Next: by {day}{when}, {SHARE}% in challenge {ahead[0].challenge}."
    if not past:
        found["text"] = f"The agenda begins at {begins}." if minute < 0 else "The workshop has begun."
        return found
    wanted = past[-1].challenge
    found["challenge"] = wanted
    share = share_of(reached, wanted)
    if share is None:
        found["text"] = (
            f"Nobody has reported yet; plan: {SHARE}% in challenge {wanted} or further by {clock(begins, past[-1].minute)}."
        )
        return found
    found |= {
        "state": "ok" if share >= SHARE else "near" if share >= SHARE - 20 else "behind",
        "share": share,
    }
    found["text"] = (
        f"Now {share}% are in challenge {wanted} or further; plan: {SHARE}% by {clock(begins, past[-1].minute)}."
    )
    return found


def share_of(reached: Sequence[int], challenge: int) -> int | None:
    """Per cent of the learners who are in this challenge or further; None where there are none."""
    return round(100 * sum(where >= challenge for where in reached) / len(reached)) if reached else None
