"""Monitoring: what happens, told to the outside, recorded, replayed and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.monitoring.analysis import Summary, aggregate, compare, summary
    from macae.monitoring.explaining import Explanation, explain
    from macae.monitoring.process import ProcessUse, process_use
    from macae.monitoring.recording import Recording
    from macae.monitoring.tables import to_csv
    from macae.monitoring.telemetry import track_event_if_configured

__all__ = [
    "Explanation",
    "ProcessUse",
    "Recording",
    "Summary",
    "aggregate",
    "compare",
    "explain",
    "process_use",
    "summary",
    "to_csv",
    "track_event_if_configured",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Explanation": "macae.monitoring.explaining",
        "ProcessUse": "macae.monitoring.process",
        "Recording": "macae.monitoring.recording",
        "Summary": "macae.monitoring.analysis",
        "aggregate": "macae.monitoring.analysis",
        "compare": "macae.monitoring.analysis",
        "explain": "macae.monitoring.explaining",
        "process_use": "macae.monitoring.process",
        "summary": "macae.monitoring.analysis",
        "to_csv": "macae.monitoring.tables",
        "track_event_if_configured": "macae.monitoring.telemetry",
    },
)
