"""What one event says by itself: whose row it belongs to, and whether a model call failed."""

from __future__ import annotations

from macae.models import Event
from macae.monitoring.replay.views import HUMAN

__all__ = ["failed", "row_of"]


def row_of(event: Event) -> str:
    """The agent's name; the person's events, and what a setting said in the person's place, are in the row of HumanAgent."""
    by = event.agent
    person = bool(by) and (by == event.user_id or by.startswith(("auto:", f"{event.user_id} (")))
    return HUMAN if person else by


def failed(event: Event) -> bool:
    """Whether a model call failed; calls of an earlier version say so by their text alone."""
    ok = event.data.get("ok")
    return not ok if isinstance(ok, bool) else bool(event.text)
