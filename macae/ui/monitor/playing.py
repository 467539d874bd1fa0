"""Replay: a slider over the moments at which something happened, and a button that lets time pass."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Sequence

import ipywidgets as widgets

from macae.monitoring.words import duration
from macae.ui.parts import Parts
from macae.ui.text import esc

__all__ = ["Player"]

SPEEDS = {"1 ×": 1.0, "2 ×": 2.0, "5 ×": 5.0, "20 ×": 20.0}
LONGEST = 1.5
"""Seconds of real time that nothing happens while it plays, at most: a long wait for a person is cut short."""
SHORTEST = 0.05
"""Seconds between two looks at the time while it plays."""


class Player:
    """The widgets, and the time that is shown. `changed` is called with each new moment, `drawn` waits until it is seen."""

    def __init__(
        self,
        parts: Parts,
        changed: Callable[[], None],
        drawn: Callable[[], Awaitable[None]],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self._moments: list[float] = [0.0]
        self._loop = loop
        self._changed, self._drawn = changed, drawn
        self._task: asyncio.Task[None] | None = None
        self.slider = widgets.IntSlider(
            value=0, min=0, max=0, readout=False, description="Moment", layout=parts.layout
        )
        self.slider._dom_classes = ("macae-slider",)
        self.slider.observe(lambda _: self._moved(), "value")
        self.speed = widgets.Dropdown(
            options=list(SPEEDS), value="1 ×", description="Speed", layout=parts.layout
        )
        self.speed._dom_classes = ("macae-choice", "macae-speed")
        self.play = parts.button("Play", "play", self.toggle, "macae-play", tip="Play from this moment on")
        self.words = parts.html("macae-moment")
        # The slider's handle has no name that a screen reader could say; these two do the same, and have one.
        self.back = parts.button("", "step-backward", lambda: self.step(-1), tip="One moment back")
        self.ahead = parts.button("", "step-forward", lambda: self.step(1), tip="One moment ahead")
        self.widget = parts.row(
            [self.play, self.back, self.ahead, self.slider, self.words, self.speed], "macae-player"
        )
        self._say()

    def over(self, moments: Sequence[float]) -> None:
        """Go over these moments, seconds since the start; the last one is shown."""
        self._moments = list(moments) or [0.0]
        self.slider.max = len(self._moments) - 1
        self.slider.value = self.slider.max
        self._say()

    @property
    def at(self) -> float:
        """The moment that is shown, in seconds since the start."""
        return self._moments[int(self.slider.value)]

    @property
    def playing(self) -> bool:
        """Whether time passes."""
        return self._task is not None and not self._task.done()

    def go(self, seconds: float) -> None:
        """Show the last moment that is not after `seconds`."""
        self.slider.value = max(0, bisect_right(self._moments, seconds) - 1)

    def step(self, moments: int) -> None:
        """Show the moment that is so many later."""
        self.slider.value = min(max(0, self.slider.value + moments), self.slider.max)

    def toggle(self) -> None:
        """Play, or pause. On any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._toggle, self._loop)

    def _toggle(self, loop: asyncio.AbstractEventLoop) -> None:
        if self.playing:
            self.stop()
            return
        if self.slider.value >= self.slider.max:
            self.slider.value = 0
        self._task = loop.create_task(self._play(), name="a monitor's replay")
        self._button(True)

    def stop(self) -> None:
        """Pause. Idempotent."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._button(False)

    def _button(self, playing: bool) -> None:
        self.play.description = "Pause" if playing else "Play"
        self.play.icon = "pause" if playing else "play"
        self.play.tooltip = "Stop here" if playing else "Play from this moment on"

    def _moved(self) -> None:
        self._say()
        self._changed()

    def _say(self) -> None:
        end = self._moments[-1]
        self.words.value = f'<span class="macae-cost">{esc(duration(self.at))} of {esc(duration(end))}</span>'

    async def _play(self) -> None:
        try:
            at, place = self.at, self.slider.value
            while self.slider.value < self.slider.max:
                begun = time.monotonic()
                if self.slider.value != place:  # somebody has moved it meanwhile
                    at = self.at
                speed = SPEEDS[self.speed.value]
                upcoming = self._moments[self.slider.value + 1]
                await asyncio.sleep(max(SHORTEST, min(LONGEST, (upcoming - at) / speed)))
                at = max(at + (time.monotonic() - begun) * speed, upcoming)
                self.go(at)
                place = self.slider.value
                await self._drawn()  # never ahead of what can be seen
        finally:
            if self._task is asyncio.current_task():
                self._task = None
                self._button(False)
