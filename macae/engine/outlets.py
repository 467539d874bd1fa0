"""The engine's sinks: opened when it starts, given every event of this process, closed in bounded time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from macae.config import Settings
from macae.engine.hub import Hub
from macae.errors import InvalidInput
from macae.models import Event

if TYPE_CHECKING:
    from macae.monitoring.sinks import Health, Sink, SinkRunner

__all__ = ["Outlets"]

log = logging.getLogger(__name__)

SECONDS = 2.5
"""How long closing waits for all sinks together to write what they have."""


class Outlets:
    """The sinks that the settings name, and those that the engine was given; `clean` is applied to each event first.

    Closing closes them all. An engine that is used again makes those of the settings anew; those that it was given are spent.
    """

    def __init__(
        self,
        settings: Settings,
        given: Sequence[Sink],
        hub: Hub,
        clean: Callable[[Event], Event] | None = None,
    ) -> None:
        if not isinstance(given, list | tuple):
            raise InvalidInput(
                f"Engine(sinks=…) takes a list of Sink objects, not {type(given).__name__}; MACAE_SINKS names the built-in ones."
            )
        self._settings, self._given, self._hub, self._clean = settings, tuple(given), hub, clean
        self._runners: list[SinkRunner] = []
        self._unsubscribe: list[Callable[[], None]] = []
        self._is_open = self._are_spent = False

    def open(self) -> None:
        """Open them. Idempotent. Raises ConfigError, StoreError, InvalidInput for what is no sink."""
        if self._is_open:
            return
        if self._are_spent and self._given:
            log.warning(
                "The engine's own sinks were closed with it and get no more events: %s. Make an engine with new ones.",
                ", ".join(str(sink.name) for sink in self._given),
            )
            self._given = ()
        self._runners = []
        if self._given or self._settings.sinks.strip():
            from macae.monitoring.sinks import open_sinks

            self._runners = open_sinks(self._settings, self._given, self._clean)
            self._are_spent = True
            self._unsubscribe = [self._hub.subscribe(runner.put) for runner in self._runners]
        self._is_open = True

    async def close(self) -> None:
        """Have them write what waits, side by side; what a slow or hanging one has not written in time is lost and counted."""
        while self._unsubscribe:
            self._unsubscribe.pop()()
        self._is_open = False
        if self._runners:
            from macae.monitoring.sinks import close_runners

            await asyncio.to_thread(close_runners, self._runners, SECONDS)
        for health in self.health():
            if health.missed:
                log.warning("The sink %s %s: %s", health.name, health.missed, health.last_error)

    def health(self) -> list[Health]:
        """How each is doing; after `close`, how it has done."""
        return [runner.health for runner in self._runners]
