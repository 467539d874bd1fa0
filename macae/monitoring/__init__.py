"""Monitoring: what happens, told to the outside, recorded, replayed and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.monitoring.recording import Recording
    from macae.monitoring.telemetry import track_event_if_configured

__all__ = [
    "Recording",
    "track_event_if_configured",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Recording": "macae.monitoring.recording",
        "track_event_if_configured": "macae.monitoring.telemetry",
    },
)
