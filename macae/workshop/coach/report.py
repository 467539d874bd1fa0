"""Reporting to the coach: only where an address and a join code, or a shared folder, are set; never in a cell's way."""

from __future__ import annotations

from macae.workshop.coach.summary import Summary

__all__ = ["send"]


def send(summary: Summary) -> None:
    """Hand over how the learner stands now. Returns at once and never raises."""
