"""What a sink is, and how one is doing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Protocol

from macae.errors import InvalidInput
from macae.models import Event

__all__ = ["Health", "Sink", "checked_sink"]


class Sink(Protocol):
    """Where events go. Both functions are called in the sink's own thread: they may be slow, fail, or hang.

    A sink that sends later may also have `lost` (how many of its parcels did not arrive) and `trouble` (why, in words).
    """

    name: str
    """Its name, for people."""

    def write(self, events: Sequence[Event]) -> None:
        """Take these events, in order. What raises is tried again with the same events, so some may come twice."""

    def close(self) -> None:
        """Nothing more comes: let go of what is held."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a sink is doing: numbers of events, but `failed` counts failed writes."""

    name: str
    written: int = 0
    dropped: int = 0
    """Events that the sink never got: the queue was full, writing failed too often, cleaning failed, or time ran out."""
    failed: int = 0
    last_error: str = ""
    waiting: int = 0
    """Events in the queue, and those that are being written."""
    busy: float = 0.0
    """Seconds that the present write has taken: a sink that hangs shows here."""
    lost: int = 0
    """What a sink that sends later could not deliver, as it counts itself (spans, requests)."""

    @property
    def missed(self) -> str:
        """What was lost, in words; empty where nothing was."""
        parts = [f"did not get {self.dropped:,} events"] if self.dropped else []
        parts += [f"could not deliver {self.lost:,} items"] if self.lost else []
        return " and ".join(parts)


def checked_sink(sink: Sink) -> Sink:
    """The sink, if it is one. Raises InvalidInput naming what it lacks."""
    lacking = [part for part in ("name", "write", "close") if not hasattr(sink, part)]
    if lacking or isinstance(sink, type):
        what = f"the class {sink.__name__}" if isinstance(sink, type) else f"a {type(sink).__name__}"
        raise InvalidInput(
            f"A sink is an object with name, write(events) and close(), not {what}"
            f"{' without ' + ', '.join(lacking) if lacking else ''}. A plain function goes to engine.subscribe."
        )
    if iscoroutinefunction(sink.write) or iscoroutinefunction(sink.close):
        raise InvalidInput(
            f"write and close of the sink {sink.name!r} are called in a thread of their own: write them without async."
        )
    return sink
