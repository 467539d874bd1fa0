"""Two sessions beside each other: their numbers with the difference, and who did what when on one time axis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Self

from macae.errors import InvalidInput
from macae.monitoring.recording import Recording
from macae.ui import fragments as board
from macae.ui.monitor import exports
from macae.ui.monitor.frames import Frames
from macae.ui.monitor.masking import Shown
from macae.ui.monitor.painting import WIDTH
from macae.ui.monitor.panel import stylesheet
from macae.ui.monitor.picture import sheet, themed
from macae.ui.monitor.stories import Kept, running_loop, words_of
from macae.ui.parts import Parts
from macae.ui.text import esc
from macae.ui.work import Place, Worker

__all__ = ["Comparison"]


class Comparison:
    """Two sessions, `Monitor.compare(a, b)`; `await` it when they have to be read first.

    Each is a Recording, events, or (engine, session id). Raises InvalidInput for anything else.
    """

    def __init__(self, a: Any, b: Any, shown: Shown | None = None) -> None:
        self._stories = (Kept(a, shown), Kept(b, shown))
        loop = running_loop()
        self.busy = False
        self._loop = loop
        self._reading: asyncio.Task[None] | None = None
        self.frames = Frames(loop, self._draw) if loop is not None else None
        self._worker = Worker(loop, self._after) if loop is not None else None
        parts = Parts()
        self.notice, self.body = parts.html(), parts.html("macae-pane")
        buttons = [
            ("PNG", "picture-o", "png", "Download the figure as PNG"),
            ("Report", "file-text-o", "html", "Download a report on both as one HTML file"),
        ]
        toolbar = [
            parts.button(label, icon, self._press(kind), tip=tip) for label, icon, kind, tip in buttons
        ]
        self.root = parts.column(
            [
                parts.html("macae-style", value=stylesheet()),
                parts.row(toolbar, "macae-toolbar"),
                self.notice,
                self.body,
            ],
            "macae-board",
            "macae-monitor",
        )
        if all(story.recording is not None for story in self._stories):
            self._begin()
        elif loop is None:
            raise InvalidInput("To read a session needs a running event loop: do it in a notebook's cell.")
        else:
            self._reading = loop.create_task(self._read(), name="monitor: reads two sessions")

    @property
    def recordings(self) -> tuple[Recording, Recording]:
        """Both. Raises InvalidInput while they are being read."""
        first, second = (story.recording for story in self._stories)
        if first is None or second is None:
            raise InvalidInput("The sessions are not read yet: `await` the comparison first.")
        return first, second

    def snapshot(self) -> Any:
        """Both beside each other, as static HTML that needs no kernel: for exports and saved notebooks. Raises InvalidInput."""
        from IPython.display import HTML

        picture = exports.pictured(self._png("light", 1.5), self._spoken())
        return HTML(exports.still(picture))  # type: ignore[no-untyped-call]

    def save_png(self, path: str | Path, theme: str = "light") -> Path:
        """Write the figure (theme: light or dark); where it was put. Raises InvalidInput."""
        return exports.write(path, self._png(theme))

    def save_report(self, path: str | Path) -> Path:
        """Write a report on both as one HTML file; where it was put. Raises InvalidInput."""
        return exports.write(path, self._report())

    def __await__(self) -> Generator[Any, None, Self]:
        """Wait until both are read and drawn. Raises what kept them from it (NotFound, StoreError)."""
        return self._ready().__await__()

    def _repr_mimebundle_(self, **_: Any) -> Any:
        bundle = dict(self.root._repr_mimebundle_())
        if all(story.recording is not None for story in self._stories):
            bundle["image/png"] = self._png("light", 1.0)
        return bundle

    # Where a button's error or progress is shown ----------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Show what went wrong; an empty text takes it away."""
        self.notice.value = board.notice(esc(text), "bad", "exclamation-triangle", "alert") if text else ""

    def working(self, under_way: bool) -> None:
        """Show that something takes its time."""
        if under_way:
            self.notice.value = board.waiting()

    # What happens behind --------------------------------------------------------------------------------------------

    def _press(self, kind: str) -> Callable[[], None]:
        async def export() -> None:
            content = await asyncio.to_thread(self._png if kind == "png" else self._report)
            name = exports.file_name("-".join(one.session_id[:8] for one in self.recordings), kind)
            self.notice.value = await asyncio.to_thread(exports.handed, name, kind, content)

        return lambda: self._worker.act(export, self) if self._worker is not None else None

    def _begin(self) -> None:
        if self.frames is not None:
            self.frames.want(now=True)
        else:
            self.body.value = self._painted()

    async def _read(self) -> None:
        try:
            for story in self._stories:
                if story.recording is None:
                    await story.read()
        except Exception as error:  # told here, and raised where it is awaited
            self.say(words_of(error))
        else:
            self._begin()

    async def _ready(self) -> Self:
        if self._reading is not None:
            await asyncio.wait({self._reading})
        for story in self._stories:
            if story.error is not None:
                raise story.error
        if self.frames is not None:
            await self.frames.settled()
        return self

    async def _draw(self) -> None:
        try:
            self.body.value = await asyncio.to_thread(self._painted)
        except Exception as error:  # one who waits for a picture must not wait for ever
            self.say(f"The comparison cannot be shown: {words_of(error)}")

    async def _after(self, place: Place, went_well: bool) -> None:
        """Nothing to do: what was made is told by then."""

    def _painted(self) -> str:
        from macae.monitoring.figures import compare_figure

        return themed(compare_figure(*self.recordings, theme=sheet(), width=WIDTH), self._spoken())

    def _spoken(self) -> str:
        """What a screen reader says of the figure."""
        from macae.monitoring.figures.differences import differences

        a, b = self.recordings
        told = "; ".join(f"{row.name} {row.first} and {row.second}" for row in differences(a, b))
        return f"{a.title} (A) and {b.title} (B): {told}"

    def _png(self, theme: str = "light", scale: float = 2.0) -> bytes:
        from macae.monitoring.figures import compare_figure, png

        return png(compare_figure(*self.recordings, theme=theme, width=WIDTH), scale)

    def _report(self) -> bytes:
        from macae.monitoring.report import report_html

        a, b = self.recordings
        return report_html(a, compare=b).encode()
