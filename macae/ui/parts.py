"""The few widgets the board is made of. Looks come from the style sheet, by class; one layout object serves them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

__all__ = ["Parts", "show"]


class Parts:
    """Makes widgets that share one (empty) layout and style: each of those is one more message to the browser."""

    def __init__(self) -> None:
        self.layout = widgets.Layout()
        self.button_style = widgets.ButtonStyle()
        self.text_style = widgets.Textarea.style.klass()
        self.html_style = widgets.HTML.style.klass()

    def html(self, *classes: str, value: str = "") -> Any:
        """A place for HTML that is escaped already."""
        return self._dress(widgets.HTML(value=value, layout=self.layout, style=self.html_style), classes)

    def button(
        self, label: str, icon: str, press: Callable[[], None], *classes: str, tip: str | None = None
    ) -> Any:
        """A button with words and an icon; `tip` is read out by screen readers, and shown under the mouse."""
        made = widgets.Button(
            description=label, icon=icon, tooltip=tip, layout=self.layout, style=self.button_style
        )
        made.on_click(lambda _: press())
        return self._dress(made, ("macae-button", *classes))

    def field(self, label: str, placeholder: str = "", value: str = "", *classes: str, rows: int = 1) -> Any:
        """A labelled field of text.

        It reports when it is left, not at every key: a click that follows at once then finds all of the text.
        """
        made = widgets.Textarea(
            value=value,
            placeholder=placeholder,
            description=label,
            rows=rows,
            continuous_update=False,
            layout=self.layout,
            style=self.text_style,
        )
        return self._dress(made, ("macae-field", *classes))

    def row(self, children: Sequence[Any], *classes: str) -> Any:
        """Children side by side, wrapping where it is narrow."""
        return self._dress(widgets.Box(children=list(children), layout=self.layout), ("macae-row", *classes))

    def column(self, children: Sequence[Any], *classes: str) -> Any:
        """Children below each other."""
        return self._dress(
            widgets.VBox(children=list(children), layout=self.layout), ("macae-column", *classes)
        )

    @staticmethod
    def _dress(widget: Any, classes: Sequence[str]) -> Any:
        widget._dom_classes = tuple(classes)
        return widget


def show(widget: Any, shown: bool) -> None:
    """Show or hide a widget, sending a message only when that changes something."""
    if shown:
        widget.remove_class("macae-hidden")
    else:
        widget.add_class("macae-hidden")
