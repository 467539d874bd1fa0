"""From the outbox to an exporter."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from macae.monitoring.otel.outbox import NotSent

__all__ = ["ExporterSender"]

EVERY = 10.0
"""Seconds between two reports of metrics."""
TRIES = 3
"""Reports in a row that a destination may refuse: many take spans alone."""


class ExporterSender:
    """Hands spans (or log records) to an OpenTelemetry exporter, and metrics to another."""

    def __init__(
        self,
        exporter: Any,
        metrics: Any = None,
        read: Callable[[], Any] | None = None,
        *,
        failed: Callable[[], NotSent] = lambda: NotSent("The exporter did not take them."),
    ) -> None:
        self._exporter, self._metrics, self._read, self._failed = exporter, metrics, read, failed
        self._refused = 0
        self._reported = time.monotonic()

    def send(self, items: Sequence[Any]) -> None:
        """Send a batch. Raises NotSent."""
        if self._exporter.export(items).name != "SUCCESS":
            raise self._failed()

    def tick(self, last: bool) -> None:
        """Report the metrics when they are due."""
        due = last or time.monotonic() - self._reported >= EVERY
        if self._metrics is None or self._read is None or self._refused >= TRIES or not due:
            return
        self._reported = time.monotonic()
        data = self._read()
        if data is not None:
            taken = self._metrics.export(data, timeout_millis=2_000).name == "SUCCESS"
            self._refused = 0 if taken else self._refused + 1

    def close(self) -> None:
        """Let go of both."""
        self._exporter.shutdown()
        if self._metrics is not None:
            self._metrics.shutdown()
