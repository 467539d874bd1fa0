"""What the page shows, made from what the board knows: who stands where, and who needs help first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from macae.workshop.coach.board import Row
from macae.workshop.coach.pacing import furthest
from macae.workshop.coach.summary import ChallengeSummary
from macae.workshop.coach.tracks import TITLES

__all__ = ["RED", "YELLOW", "columns", "people", "teams"]

YELLOW, RED = 10, 20
"""Minutes since the last pass from which on to look over a shoulder, and to sit down."""
AWAY = 60
"""Minutes without any report after which somebody is taken to be away."""
FAILED = 6
"""So many failed checks in the challenge at hand are a reason to look, too."""


def person(row: Row, now: float) -> dict[str, Any]:
    """One learner, ready to be shown. Times in minutes."""
    summary, silent = row.summary, max(0.0, (now - row.received) / 60)
    current = next((c for c in summary.challenges if c.number == summary.challenge), None)
    stuck = None if current is None or current.stuck is None or current.done else current.stuck + silent
    zone = zone_of(stuck, silent, current)
    return {
        "learner": summary.learner,
        "team": summary.team,
        "name": summary.name or f"Learner {summary.learner[-4:].upper()}",
        "source": row.source,
        "challenge": summary.challenge,
        "exercise": summary.exercise,
        "zone": zone,
        "stuck": None if stuck is None else int(stuck),
        "silent": int(silent),
        "hints": sum(c.hints for c in summary.challenges),
        "failed": sum(c.failed for c in summary.challenges),
        "solutions": sum(c.solutions for c in summary.challenges),
        "cells": [cell(c, c is current, zone) for c in summary.challenges],
        "need": (stuck or 0) + min(2 * current.failed, FAILED * 2)
        if current is not None and zone in ("look", "help")
        else 0,
        "advice": advice(current, zone),
        "reached": furthest(c.number for c in summary.challenges if c.begun),
    }


def zone_of(stuck: float | None, silent: float, current: ChallengeSummary | None) -> str:
    """fine, look, help, away or new."""
    if silent >= AWAY:
        return "away"
    if current is None:
        return "new"
    if stuck is None:
        return "fine"
    if stuck >= RED:
        return "help"
    return "look" if stuck >= YELLOW or current.failed >= FAILED else "fine"


def cell(challenge: ChallengeSummary, current: bool, zone: str) -> dict[str, Any]:
    """One challenge of a learner."""
    state = "done" if challenge.done else "none" if not challenge.begun and not current else "left"
    if current and state == "left":
        state = {"help": "help", "look": "look"}.get(zone, "now")
    counted = {
        name: getattr(challenge, name)
        for name in ("number", "passed", "total", "hints", "failed", "solutions")
    }
    return {**counted, "state": state, "minutes": round(challenge.minutes)}


def advice(current: ChallengeSummary | None, zone: str) -> str:
    """What to do first."""
    if current is None or zone not in ("look", "help"):
        return ""
    if current.failed == 0:
        return "No check was run: ask what they are about to try."
    if current.hints == 0:
        return "No hint was taken: read the card together, then suggest hint()."
    if zone == "help" and current.solutions == 0:
        return "Sit down with them; if it takes longer than five minutes, solution()."
    return "Read the last card together: what was expected, what was seen?"


def people(rows: Sequence[Row], now: float) -> list[dict[str, Any]]:
    """Everybody, by team and name; without a team last."""
    found = [person(row, now) for row in rows]
    return sorted(
        found, key=lambda p: (not p["team"], p["team"].casefold(), p["name"].casefold(), p["learner"])
    )


def teams(found: Sequence[dict[str, Any]]) -> list[str]:
    """The teams' names."""
    return sorted({p["team"] for p in found if p["team"]}, key=str.casefold)


def columns(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The challenges to show: those that exist, and what else somebody reports."""
    titles = dict(enumerate(TITLES))
    for row in rows:
        for challenge in row.summary.challenges:
            titles.setdefault(challenge.number, challenge.title or f"Challenge {challenge.number}")
    return [{"number": number, "title": titles[number]} for number in sorted(titles)]
