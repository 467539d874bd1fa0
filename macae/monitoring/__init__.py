"""Monitoring: telling the outside what happens."""

from __future__ import annotations

from macae.monitoring.telemetry import track_event_if_configured

__all__ = ["track_event_if_configured"]
