"""The monitor: what a session's agents do, live, or replayed moment by moment, in a notebook."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Self

from macae.errors import InvalidInput
from macae.monitoring.analysis.budgets import Budgets
from macae.monitoring.given import kind_of
from macae.monitoring.recording import Recording
from macae.ui.monitor import cells, exports, painting
from macae.ui.monitor.comparing import Comparison
from macae.ui.monitor.masking import Shown
from macae.ui.monitor.panel import Panel
from macae.ui.monitor.playing import Player
from macae.ui.monitor.showing import Limits, Showing
from macae.ui.monitor.stories import Kept, Live, running_loop, words_of
from macae.ui.work import Place, Worker

__all__ = ["Monitor"]

EMPTY = "Nothing has happened yet. Give the engine a goal: what its agents do appears here."


class Monitor:
    """Shows what happens in a session: `Monitor(engine)` the one that was given a goal last, `Monitor(engine, plan)` that one.

    It lives in the background and follows until the cell is run again, `stop()`, or the engine is closed; what it showed last
    stays, and can be saved. `await monitor` waits until it has read what there is. `Monitor.replay(…)` shows a session that is
    over, moment by moment; `Monitor.compare(a, b)` two beside each other.

    `shown` is put over every text before it is shown (default: the engine's own rule for screens). `budget_usd` (US dollars) and
    `limit_seconds` (of a model call) are drawn as lines. Raises InvalidInput where no event loop runs.
    """

    panel: Panel
    showing: Showing

    def __init__(
        self,
        engine: Any,
        plan_or_session: Any = None,
        *,
        shown: Shown | None = None,
        budget_usd: float | None = None,
        limit_seconds: float = 5.0,
    ) -> None:
        if not hasattr(engine, "session_events"):
            raise InvalidInput(
                f"A live monitor needs an engine, not {kind_of(engine)}: Monitor(engine). Monitor.replay(…) shows a recording."
            )
        subject = plan_or_session
        if not (subject is None or isinstance(subject, str) or hasattr(subject, "session_id")):
            raise InvalidInput(f"A plan, a session or the id of one is needed, not {kind_of(subject)}.")
        loop = running_loop()
        if loop is None:
            raise InvalidInput("A live monitor needs a running event loop: make it in a notebook's cell.")
        budgets = Budgets.set_in(engine.settings)
        story = Live(engine, plan_or_session, shown, self._changed, lambda text: self.panel.say(text))
        self._begin(story, loop, Limits(budget_usd, limit_seconds, budgets), None)
        self.panel.nothing_yet(EMPTY)
        story.following.start()
        self.showing.beat(loop)

    @classmethod
    def replay(
        cls,
        what: Any,
        session_id: Any = None,
        *,
        shown: Shown | None = None,
        budget_usd: float | None = None,
        limit_seconds: float = 5.0,
    ) -> Self:
        """A session that is kept, at any moment of it: a slider, and a button that plays it.

        `what` is a Recording, or events; or an engine, with the id of a session (or plan): then `await Monitor.replay(engine,
        session_id)` waits until it is read, and raises NotFound or StoreError. Raises InvalidInput for what has no events.
        """
        story = Kept((what, session_id) if session_id is not None else what, shown)
        loop = running_loop()
        if story.recording is None and loop is None:
            raise InvalidInput("To read a session needs a running event loop: do it in a notebook's cell.")
        made = cls.__new__(cls)
        made._begin(
            story,
            loop,
            Limits(budget_usd, limit_seconds),
            lambda parts: Player(parts, made.look_again, made._settled, loop),
        )
        if story.recording is not None:
            made._opened(story.recording)
        elif loop is not None:
            made.panel.nothing_yet("Reading the session …")
            made._reading = loop.create_task(made._read(story), name="monitor: reads a session")
        return made

    @staticmethod
    def compare(a: Any, b: Any, *, shown: Shown | None = None) -> Comparison:
        """Two sessions beside each other. Each is a Recording, events, or (engine, session id): then `await` it."""
        return Comparison(a, b, shown)

    def _begin(
        self,
        story: Live | Kept,
        loop: asyncio.AbstractEventLoop | None,
        limits: Limits,
        player: Callable[[Any], Player] | None,
    ) -> None:
        self._story = story
        self._reading: asyncio.Task[None] | None = None
        self._worker = Worker(loop, self._after) if loop is not None else None
        self.panel = Panel(self, player)
        self.showing = Showing(story, self.panel, limits, loop)
        cells.replace_earlier(self, cells.running_cell())

    # For whoever writes code ----------------------------------------------------------------------------------------

    @property
    def recording(self) -> Recording:
        """All that is known of the session now. Raises InvalidInput while there is nothing."""
        return self.showing.known().copy()

    @property
    def at(self) -> float | None:
        """The moment that a replay shows, in seconds since the session's start; None for a live monitor."""
        return self.panel.player.at if self.panel.player is not None else None

    def go(self, seconds: float) -> None:
        """Have a replay show this moment, in seconds since the session's start. Raises InvalidInput for a live monitor."""
        if self.panel.player is None:
            raise InvalidInput(
                "A live monitor shows what is now; Monitor.replay(monitor.recording) can go back."
            )
        self.panel.player.go(seconds)

    def add_metric(self, name: str, function: Callable[[Recording], float]) -> None:
        """Show a number of your own: `monitor.add_metric("tool calls", lambda recording: len(recording.tool_calls))`.

        The function gets the recording as of the moment that is shown. What it raises is shown in the number's place. Raises
        InvalidInput for what is no name or no function.
        """
        self.showing.metrics.add(name, function)
        self.look_again()

    def explain(self, step: Any) -> Any:
        """What a step was sent, thought, called and replied. `step`: its number, its id, or the step. Raises NotFound."""
        from macae.monitoring.explaining import explain

        known = self.showing.known()
        return explain(known, painting.step_id(known, step))

    def snapshot(self) -> Any:
        """What is shown, as static HTML that needs no kernel: for exports and saved notebooks. Raises InvalidInput."""
        from IPython.display import HTML

        return HTML(exports.page(self.showing.shot()))  # type: ignore[no-untyped-call]

    def save_png(self, path: str | Path, theme: str = "light") -> Path:
        """Write the figure as it is shown (theme: light or dark); where it was put. Raises InvalidInput."""
        return self._put_down(path, exports.png(self.showing.shot(), theme))

    def save_report(self, path: str | Path) -> Path:
        """Write a report on the whole session as one HTML file; where it was put. Raises InvalidInput."""
        return self._put_down(path, exports.report(self.showing.shot()))

    def save_csv(self, path: str | Path, kind: exports.Table = "events") -> Path:
        """Write a table of the whole session (events, calls, steps or tools); where it was put. Raises InvalidInput."""
        return self._put_down(path, exports.csv(self.showing.shot(), kind))

    def stop(self) -> None:
        """Follow the session no longer. What is shown stays, and can still be saved. Idempotent."""
        if self.showing.stopped:
            return
        self.showing.stopped = True
        if isinstance(self._story, Live):
            self._story.following.stop()
        if self._reading is not None:
            self._reading.cancel()
        if self.panel.player is not None:
            self.panel.player.stop()
        self.look_again()

    def __await__(self) -> Generator[Any, None, Self]:
        """Wait until it has read and drawn what there is. Raises what kept it from that (NotFound, StoreError)."""
        return self._ready().__await__()

    def _repr_mimebundle_(self, **_: Any) -> Any:
        self.showing.displayed = True
        self.look_again()
        bundle = dict(self.panel.root._repr_mimebundle_())
        if self.showing.whole is not None or (
            isinstance(self._story, Kept) and self._story.recording is not None
        ):
            # Where there are no widgets, on GitHub or in an exported page, the figure stands for them.
            bundle["image/png"] = exports.png(self.showing.shot(), "light", 1.0)
        return bundle

    # What the controls do -------------------------------------------------------------------------------------------

    def look_again(self) -> None:
        """Something else is to be shown."""
        self.showing.at_once()

    def export(self, kind: str) -> None:
        """Make a file of this kind (csv, png, html), and a link to it."""
        if self._worker is not None:
            self._worker.act(lambda: self._export(kind), self.panel)

    async def _export(self, kind: str) -> None:
        shot = self.showing.shot()
        self.panel.tell(await asyncio.to_thread(exports.offer, kind, shot))

    async def _after(self, place: Place, went_well: bool) -> None:
        """Nothing to do: what was made is told by then."""

    # What happens behind --------------------------------------------------------------------------------------------

    async def _ready(self) -> Self:
        if isinstance(self._story, Live):
            following = self._story.following
            await following.tried.wait()
            if following.error is not None:
                raise following.error
            self.look_again()
        elif self._reading is not None:
            await asyncio.wait({self._reading})
            if self._story.error is not None:
                raise self._story.error
        await self._settled()
        return self

    async def _settled(self) -> None:
        await self.showing.settled()

    async def _read(self, story: Kept) -> None:
        try:
            await story.read()
        except Exception as error:  # told here, and raised where it is awaited
            self.panel.nothing_yet(words_of(error))
        if story.recording is not None:
            self._opened(story.recording)

    def _opened(self, recording: Recording) -> None:
        if self.panel.player is not None:
            self.panel.player.over(recording.moments)
        self.look_again()

    def _put_down(self, path: str | Path, content: bytes) -> Path:
        where = exports.write(path, content)
        self.panel.tell(exports.saved(where))
        return where

    def _changed(self) -> None:
        self.showing.changed()
