"""The sinks that the settings name."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from importlib import import_module
from threading import Lock

from macae.config import Settings
from macae.errors import ConfigError
from macae.models import Event
from macae.monitoring.sinks.files import LineFile
from macae.monitoring.sinks.ndjson import STEM as EVENTS
from macae.monitoring.sinks.ndjson import SUFFIX as NDJSON
from macae.monitoring.sinks.ndjson import NdjsonSink
from macae.monitoring.sinks.runner import SinkRunner
from macae.monitoring.sinks.sink import Sink, checked_sink
from macae.monitoring.sinks.trace import STEM as TRACE
from macae.monitoring.sinks.trace import SUFFIX as LOG
from macae.monitoring.sinks.trace import TraceSink
from macae.monitoring.sinks.waiting import size_of

__all__ = ["files_of", "names_of", "open_sinks"]


def ndjson(settings: Settings) -> Sink:
    """The NDJSON file."""
    return NdjsonSink(settings.log_path, settings.sink_megabytes, settings.sink_days)


def trace(settings: Settings) -> Sink:
    """The human-readable file."""
    return TraceSink(settings.log_path, settings.sink_megabytes, settings.sink_days)


def built_by(module: str, function: str) -> Callable[[Settings], Sink]:
    """A builder whose module is heavy, loaded when the sink is asked for."""

    def build(settings: Settings) -> Sink:
        sink: Sink = getattr(import_module(module), function)(settings)
        return sink

    return build


BUILDERS: dict[str, Callable[[Settings], Sink]] = {
    "ndjson": ndjson,
    "trace": trace,
    "otlp": built_by("macae.monitoring.otel", "otlp_sink"),
    "azure": built_by("macae.monitoring.azure", "azure_sink"),
}

FILES = {"ndjson": (EVENTS, NDJSON), "trace": (TRACE, LOG)}
"""Of those that write files, how these begin and end."""


def names_of(settings: Settings) -> list[str]:
    """The sinks that MACAE_SINKS names. Raises ConfigError for a name that is unknown."""
    names = list(dict.fromkeys(name.strip().lower() for name in settings.sinks.split(",") if name.strip()))
    for name in names:
        if name not in BUILDERS:
            raise ConfigError(
                f"MACAE_SINKS names {name[:40]!r}, which is no sink. There are: {', '.join(BUILDERS)}."
            )
    return names


def files_of(settings: Settings) -> list[LineFile]:
    """The files of those of MACAE_SINKS that write some. Nothing is opened. Raises ConfigError."""
    return [
        LineFile(settings.log_path, *FILES[name], settings.sink_megabytes, settings.sink_days)
        for name in names_of(settings)
        if name in FILES
    ]


def open_sinks(
    settings: Settings, more: Iterable[Sink] = (), clean: Callable[[Event], Event] | None = None
) -> list[SinkRunner]:
    """A runner for each sink that MACAE_SINKS names, and for `more`; `clean` is applied to each event first.

    Raises ConfigError for a name that is unknown or a sink that cannot be set up, StoreError when its files cannot be written.
    """
    names = names_of(settings)
    given = [checked_sink(sink) for sink in more]
    sinks: list[Sink] = []
    try:
        for name in names:
            sinks.append(BUILDERS[name](settings))
    except BaseException:
        for sink in sinks:
            sink.close()
        raise
    sinks += given
    once = Once(clean) if clean is not None and len(sinks) > 1 else clean
    return [SinkRunner(sink, clean=once) for sink in sinks]


class Once:
    """Cleans an event for the first sink that asks, and gives the others what came of it, unless that was long ago."""

    def __init__(self, clean: Callable[[Event], Event], most: int = 2_000, megabytes: float = 16.0) -> None:
        self._clean, self._most, self._room, self._lock = clean, most, int(megabytes * 1_000_000), Lock()
        self._done: OrderedDict[int, tuple[Event, Event, int]] = OrderedDict()
        """By identity; the event itself is kept with it, so that no other can get its number. Last, its size in bytes, about."""
        self._bytes = 0

    def __call__(self, event: Event) -> Event:
        with self._lock:
            known = self._done.get(id(event))
        if known is not None:
            return known[1]
        cleaned = self._clean(event)
        size = size_of(cleaned)
        with self._lock:
            if id(event) not in self._done:  # two sinks may have asked at the same moment
                self._done[id(event)] = (event, cleaned, size)
                self._bytes += size
            while len(self._done) > self._most or self._bytes > self._room:
                self._bytes -= self._done.popitem(last=False)[1][2]
        return cleaned
