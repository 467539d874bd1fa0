"""Metrics of one's own: a name and a function of the recording. One that fails or takes too long says so in its own place."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from macae.errors import InvalidInput

__all__ = ["Metric", "Metrics"]

Measure = Callable[[Any], float]
PATIENCE = 2.0
"""Seconds that one metric may take for one picture."""
HISTORY = 0.4
"""Seconds that looking back at what it was before may take."""
STOPS = 24
"""How many moments of the past are looked at when a metric is new."""
MOST = 240
"""How many values are kept of each."""


@dataclass
class Metric:
    """One metric, and what came of it last."""

    name: str
    function: Measure
    value: float | None = None
    error: str = ""
    values: dict[float, float] = field(default_factory=dict)
    """By second of the session."""
    known: bool = False
    """Whether its past was looked at."""
    asked: threading.Thread | None = None

    @property
    def text(self) -> str:
        """The value as people read it; what went wrong instead, when something did."""
        if self.error:
            return self.error
        if self.value is None or math.isnan(self.value):
            return "–"
        return f"{self.value:,.0f}" if float(self.value).is_integer() else f"{self.value:,.3g}"

    def look(self, whole: Any, now: Any) -> None:
        """Measure `now`, and, when that is new, some moments of the `whole`."""
        try:
            self.value = _number(self.function(now))
        except (
            Exception
        ) as error:  # it is somebody's own code: what it raises is shown to them, and nothing else stops
            self.value, self.error = None, f"{type(error).__name__}: {error}"[:300]
            return
        self.error = ""
        self.values[now.seconds] = self.value
        if not self.known:
            self.known = True
            self._look_back(whole)
        if len(self.values) > MOST:
            self.values = dict(sorted(self.values.items())[::2])

    def _look_back(self, whole: Any) -> None:
        until = time.monotonic() + HISTORY
        moments = list(whole.moments)
        for moment in moments[:: max(1, len(moments) // STOPS)]:
            if time.monotonic() > until:
                return
            try:
                self.values[moment] = _number(self.function(whole.until(moment)))
            except Exception:  # it may need what had not happened by then; what it says of now is what counts
                continue


class Metrics:
    """All of them, in the order in which they were added."""

    def __init__(self) -> None:
        self._metrics: dict[str, Metric] = {}
        self.version = 0
        """Grows when a metric is added or removed."""

    def add(self, name: str, function: Measure) -> None:
        """Add one, or replace the one of that name. Raises InvalidInput for what is no name or no function."""
        if not isinstance(name, str) or not name.strip():
            raise InvalidInput('A metric needs a name: monitor.add_metric("orders", lambda recording: …).')
        if not callable(function):
            raise InvalidInput(
                f"The metric {name!r} needs a function that takes a recording and gives a number,"
                f" not {type(function).__name__}."
            )
        self._metrics[name.strip()] = Metric(name.strip(), function)
        self.version += 1

    def measure(self, whole: Any, now: Any) -> None:
        """Ask each for its value of `now`. Takes at most a bounded time for each, also when a function never ends."""
        for metric in self:
            if metric.asked is not None and metric.asked.is_alive():
                continue  # it is still busy with an earlier question
            metric.asked = threading.Thread(target=metric.look, args=(whole, now), daemon=True)
            metric.asked.start()
            metric.asked.join(PATIENCE)
            if metric.asked.is_alive():
                metric.error = f"It takes more than {PATIENCE:.0f} s; it is asked again when it has ended."

    def forget(self) -> None:
        """Another session is shown: what was measured of the last one counts no more."""
        for metric in self:
            metric.values, metric.known = {}, False

    def series(self, until: float) -> list[tuple[str, list[tuple[float, float]]]]:
        """The values by second, as far as they are known, for a figure."""
        found = []
        for metric in self:
            points = [(at, value) for at, value in sorted(metric.values.items()) if at <= until]
            if points:
                found.append((metric.name, points))
        return found

    def __iter__(self) -> Any:
        return iter(list(self._metrics.values()))

    def __len__(self) -> int:
        return len(self._metrics)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise TypeError(f"a metric gives a number, not {type(value).__name__}")
    return float(value)
