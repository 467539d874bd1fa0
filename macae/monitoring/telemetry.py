"""Custom events for Azure Application Insights, where that is configured."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from macae.monitoring.otel.connection import OURS, THEIRS, checked_connection
from macae.monitoring.otel.content import shown
from macae.monitoring.scope import current_scope

if TYPE_CHECKING:
    from macae.monitoring.otel.outbox import Outbox

__all__ = ["flush_tracked_events", "track_event_if_configured"]

log = logging.getLogger(__name__)

_boxes: dict[str, Outbox] = {}
_registered: list[bool] = []
_lock = threading.Lock()


def track_event_if_configured(name: str, properties: Mapping[str, Any] | None = None) -> None:
    """Send a custom event when APPLICATIONINSIGHTS_CONNECTION_STRING (or MACAE_AZURE_MONITOR) is set; otherwise do nothing.

    Never waits: a thread of its own sends it, at the latest when the program ends (for at most 2.5 seconds). Inside an agent
    or a tool the event belongs to the plan's trace. Raises ConfigError when the connection string is wrong, or the package that
    sends (azure-monitor-opentelemetry-exporter) is not installed.
    """
    variable = OURS if os.environ.get(OURS) else THEIRS
    connection = os.environ.get(variable, "")
    if not connection.strip():
        return
    told = {str(key): shown(value) for key, value in (properties or {}).items()}
    box = _boxes.get(connection) or _open(connection, variable)
    box.put([(str(name), told, time.time(), current_scope().trace_id)])


def flush_tracked_events(seconds: float = 2.5) -> int:
    """Send what waits, for at most so long; gives how many events could not be sent. Called when the program ends."""
    with _lock:
        boxes = list(_boxes.values())
        _boxes.clear()
    until = time.monotonic() + seconds
    for box in boxes:
        box.finish()
    for box in boxes:
        box.close(until - time.monotonic())
    return sum(box.lost for box in boxes)


def _at_exit() -> None:
    lost = flush_tracked_events()
    if lost:
        log.warning(
            "%d custom events could not be sent to Application Insights before the program ended", lost
        )


def _open(connection: str, variable: str) -> Outbox:
    """The queue for a connection string, made once."""
    checked = checked_connection(connection, variable)
    from macae.monitoring.otel.appinsights import event_outbox

    with _lock:
        if not _registered:
            _registered.append(True)
            # Before Python stops its threads: once that has begun, the package that sends cannot be loaded any more.
            import concurrent.futures.thread  # noqa: F401  (what it registers is then called after ours)

            getattr(threading, "_register_atexit", atexit.register)(_at_exit)
        if connection not in _boxes:
            _boxes[connection] = event_outbox(checked)
        return _boxes[connection]
