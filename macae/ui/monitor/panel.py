"""The monitor's widgets: what stands where. What they show is computed elsewhere and put in here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import ipywidgets as widgets

from macae.ui import fragments as board
from macae.ui.monitor import fragments
from macae.ui.monitor.painting import CONVERSATION, MESSAGES, STEPS, TABS, THOUGHTS, Painted
from macae.ui.parts import Parts, show
from macae.ui.text import clean, esc

__all__ = ["Panel", "Presses", "stylesheet"]

EVERYONE = "Everyone"
MORE = 40
"""How many more lines of the conversation one press shows."""
MOST = 400
"""How many are shown at most: a browser has to carry them."""


class Presses(Protocol):
    """What the panel's controls do."""

    def look_again(self) -> None:
        """Something else is to be shown."""

    def export(self, kind: str) -> None:
        """Make a file: csv, png or html."""


@cache
def stylesheet() -> str:
    """The board's and the monitor's style sheets as an HTML element."""
    own = Path(__file__).with_name("monitor.css").read_text(encoding="utf-8")
    return f"{board.stylesheet()}<style>{own}</style>"


class Panel:
    """All widgets of one monitor; `root` is what is displayed."""

    def __init__(self, presses: Presses, player: Callable[[Parts], Any] | None = None) -> None:
        self.presses, self.parts = presses, Parts()
        parts = self.parts
        self.busy = False
        self.messages, self.thoughts = MESSAGES, THOUGHTS
        self._quiet = False
        self.head, self.clock, self.strip, self.notice = (parts.html() for _ in range(4))
        self.player = player(parts) if player else None
        self.agent = self._choice("Agent", [(EVERYONE, "")])
        self.step = self._choice("Step", [("Choose a step", "")])
        self.toolbar = parts.row(
            [
                self.agent,
                parts.button("CSV", "table", lambda: presses.export("csv"), tip="Download all events as CSV"),
                parts.button(
                    "PNG", "picture-o", lambda: presses.export("png"), tip="Download the figure as PNG"
                ),
                parts.button(
                    "Report",
                    "file-text-o",
                    lambda: presses.export("html"),
                    tip="Download a report as one HTML file",
                ),
            ],
            "macae-toolbar",
        )
        self.earlier = parts.button("Show earlier ones", "history", self._show_more, "macae-hidden")
        self.bodies = [parts.html("macae-pane") for _ in TABS]
        panes = [parts.column([body], "macae-tab") for body in self.bodies]
        panes[CONVERSATION].children = (self.earlier, self.bodies[CONVERSATION])
        panes[STEPS].children = (self.step, self.bodies[STEPS])
        self.tabs = widgets.Tab(children=panes, titles=list(TABS), layout=parts.layout)
        self.tabs._dom_classes = ("macae-tabs",)
        style = parts.html("macae-style", value=stylesheet())
        middle = [self.player.widget] if self.player else []
        self.root = parts.column(
            [
                style,
                parts.row([self.head, self.clock], "macae-headline"),
                self.strip,
                *middle,
                self.toolbar,
                self.notice,
                self.tabs,
            ],
            "macae-board",
            "macae-monitor",
        )
        self.root._view_count = 0  # from now on the browser says how often it is on a page
        for control, name in ((self.agent, "value"), (self.step, "value"), (self.tabs, "selected_index")):
            control.observe(self._chosen, name)

    @property
    def tab(self) -> int:
        """Which tab is open."""
        return int(self.tabs.selected_index or 0)

    def put(self, painted: Painted) -> None:
        """Show this. What is the same as before is not sent again."""
        self.head.value, self.clock.value, self.strip.value = painted.head, painted.clock, painted.strip
        if painted.body:
            self.bodies[painted.tab].value = painted.body
        if painted.tab == CONVERSATION:
            more = bool(painted.earlier) and self.messages < MOST
            self.earlier.description = f"Show earlier ones ({painted.earlier:,})"
            show(self.earlier, more)
        self._offer(self.agent, [(EVERYONE, ""), *((clean(name), name) for name in painted.agents)])
        self._offer(self.step, [("Choose a step", ""), *painted.steps])
        alerts = f"Alerts ({painted.troubles})" if painted.troubles else "Alerts"
        if self.tabs.titles[3] != alerts:
            self.tabs.titles = tuple(alerts if at == 3 else title for at, title in enumerate(TABS))

    def say(self, text: str) -> None:
        """Show what went wrong; an empty text takes it away."""
        self.notice.value = board.notice(esc(text), "bad", "exclamation-triangle", "alert") if text else ""

    def tell(self, html: str) -> None:
        """Show a sentence that is HTML already."""
        self.notice.value = html

    def working(self, under_way: bool) -> None:
        """Show that something takes its time."""
        if under_way:
            self.notice.value = board.waiting()

    def nothing_yet(self, text: str) -> None:
        """Show that there is nothing to show."""
        self.head.value = fragments.nothing(esc(text))

    def _choice(self, label: str, options: list[tuple[str, str]]) -> Any:
        made = widgets.Dropdown(options=options, value="", description=label, layout=self.parts.layout)
        made._dom_classes = ("macae-choice",)
        return made

    def _offer(self, choice: Any, options: list[tuple[str, str]]) -> None:
        if list(choice.options) == options:
            return
        held = choice.value
        self._quiet = True
        try:
            choice.options = options
            choice.value = held if held in {value for _, value in options} else ""
        finally:
            self._quiet = False

    def _chosen(self, _: Any) -> None:
        if not self._quiet:
            self.presses.look_again()

    def _show_more(self) -> None:
        self.messages, self.thoughts = min(MOST, self.messages + MORE), min(MOST, self.thoughts + MORE)
        self.presses.look_again()
