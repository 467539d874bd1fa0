"""The time axis: seconds to places between 0 and 1, also where people are waited for a thousand times longer than anybody works.

Where long stretches without work would squeeze the work to nothing, those stretches are drawn shortened (all that are longer
than a certain length get the same, small width), the axis is marked as broken there, and its ticks tell the clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from macae.monitoring.words import clock, duration

__all__ = ["TimeScale", "time_scale"]

STEPS = (
    *(digit * 10.0**power for power in range(-6, 0) for digit in (1, 2, 5)),
    *(1, 2, 5, 10, 15, 30),
    *(60 * n for n in (1, 2, 5, 10, 15, 30)),
    *(3600 * n for n in (1, 2, 3, 6, 12, 24, 48, 96, 240, 480, 960)),
)
"""Distances between ticks, in seconds."""
WIDEST = 0.085
"""The share of the axis that a shortened stretch keeps at most."""


@dataclass(frozen=True)
class TimeScale:
    """From seconds to places. `breaks` are the stretches that are drawn shortened."""

    total: float
    stops: tuple[float, ...]
    """Seconds at which the scale bends, from 0 to the end."""
    places: tuple[float, ...]
    """Where these are, from 0 to 1."""
    breaks: tuple[tuple[float, float], ...] = ()

    def at(self, seconds: float) -> float:
        """The place of a moment, from 0 to 1."""
        seconds = min(max(seconds, self.stops[0]), self.stops[-1])
        index = min(max(bisect_right(self.stops, seconds) - 1, 0), len(self.stops) - 2)
        low, high = self.stops[index], self.stops[index + 1]
        share = (seconds - low) / (high - low) if high > low else 0.0
        return self.places[index] + share * (self.places[index + 1] - self.places[index])

    def ticks(self, width: float, room: float = 0.75) -> list[tuple[float, str]]:
        """Moments to mark with their words, at least `room` inches apart on an axis of this width."""
        if not self.breaks:
            step = self._step(self.total, width, room)
            count = int(self.total / step + 1e-6) + 1
            return [(step * n, _words(step * n, self.total, step)) for n in range(count)]
        starts = [start for start, _ in self._unbroken()]
        between: list[float] = []
        for start, end in self._unbroken():
            step = self._step(end - start, width * (self.at(end) - self.at(start)), room)
            between += [n * step for n in range(int(start / step) + 1, int(end / step) + 1)]
        shown: list[float] = []
        for seconds in [*starts, *between]:  # where work begins again comes first
            if all(abs(self.at(seconds) - self.at(other)) * width >= room for other in shown):
                shown.append(seconds)
        told = {
            self._told(seconds): seconds for seconds in sorted(shown, reverse=True)
        }  # a word twice says nothing
        return sorted((seconds, word) for word, seconds in told.items())

    def _told(self, seconds: float) -> str:
        """A moment on a broken axis: the clock's time, in a short session the seconds."""
        return duration(seconds) if self.total < 60 else clock(seconds, self.total >= 3600)

    def _unbroken(self) -> list[tuple[float, float]]:
        edges = [0.0, *(edge for pair in self.breaks for edge in pair), self.total]
        return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]

    @staticmethod
    def _step(total: float, width: float, room: float) -> float:
        """The shortest usual distance whose ticks are far enough apart."""
        fitting = (step for step in STEPS if width <= 0 or step * width >= total * room)
        return float(next(fitting, max(total, 1.0)))


def _words(seconds: float, total: float, step: float) -> str:
    """A tick's words in the unit that suits the whole axis; with seconds at each tick, or at none."""
    if total < 1:
        return f"{seconds * 1000:g} ms" if seconds else "0 ms"
    if total < 180:
        return f"{seconds:g} s"
    if total < 7200:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes}:{rest:02d} min" if step % 60 else f"{minutes} min"
    hours = seconds / 3600
    return f"{hours:.2f}".rstrip("0").rstrip(".") + " h"


def time_scale(
    total: float, work: Iterable[tuple[float, float]], shorten: bool | None = None, most: int = 40
) -> TimeScale:
    """The scale for a session of `total` seconds in which the stretches `work` are worked.

    `shorten`: True shortens what can be, False never does, None does where work would else have less than half the axis it
    could have. At most `most` stretches are shortened.
    """
    total = max(total, 1e-6)
    plain = TimeScale(total, (0.0, total), (0.0, 1.0))
    if shorten is False:
        return plain
    busy = _joined([(max(a, 0.0), min(b, total)) for a, b in work])
    gaps = _between(busy, total)
    if not busy or not gaps:
        return plain
    long = sorted(gaps, key=lambda gap: gap[0] - gap[1])[:most]
    breaks = long
    for _ in range(6):  # each time only with those that are still worth it
        rest = total - sum(b - a for a, b in breaks)
        share = min(WIDEST, 0.45 / len(breaks))
        keep = max(rest, total * 1e-6) * share / (1 - share * len(breaks))
        breaks = sorted(gap for gap in breaks if gap[1] - gap[0] > 2 * keep)
        if not breaks:
            return plain
    drawn = total - sum(b - a - keep for a, b in breaks)
    if shorten is None and drawn > 0.5 * total:
        return plain
    stops, places = [0.0], [0.0]
    for start, end in breaks:
        if start > stops[-1]:
            places.append(places[-1] + start - stops[-1])
            stops.append(start)
        stops.append(end)
        places.append(places[-1] + keep)
    if total > stops[-1]:
        places.append(places[-1] + total - stops[-1])
        stops.append(total)
    return TimeScale(total, tuple(stops), tuple(place / places[-1] for place in places), tuple(breaks))


def _joined(stretches: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The stretches without overlaps, in order."""
    out: list[tuple[float, float]] = []
    for start, end in sorted((a, b) for a, b in stretches if b >= a):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def _between(busy: Sequence[tuple[float, float]], total: float) -> list[tuple[float, float]]:
    """What lies before, between and after them."""
    edges = [0.0, *(edge for pair in busy for edge in pair), total]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
