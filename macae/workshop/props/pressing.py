"""A person's eyes and fingers on a learner's card, however it is built: buttons by their words, fields, the text that is shown."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from macae.ui.auto import AUTO_BY, DELAY, auto_click

__all__ = ["WORDS", "Shown", "button", "descriptions", "fields", "press", "read", "show_card", "widgets_of"]

WORDS = {
    "approve": ("approve", "approved", "yes", "accept", "ok", "okay", "allow", "confirm", "agree"),
    "reject": ("reject", "no", "not", "don't", "deny", "refuse", "decline", "disapprove"),
    "edit": ("edit", "change", "modify", "update", "rewrite"),
    "save": ("save", "done", "apply", "send", "submit", "ok", "edit"),
}
"""The words by which a button is known, in its description or (where it has only an icon) its tooltip."""


def widgets_of(root: Any) -> Iterator[Any]:
    """The widget and all that it holds, from the top down."""
    yield root
    for child in getattr(root, "children", ()):
        yield from widgets_of(child)


def is_button(widget: Any) -> bool:
    """Whether it is an ipywidgets button: those can be reached with Tab and pressed with Enter or Space."""
    from ipywidgets import Button

    return isinstance(widget, Button)


def words_on(widget: Any) -> str:
    """What a button says, in small letters."""
    return str(widget.description or widget.tooltip or "").lower()


def descriptions(root: Any) -> str:
    """The buttons that there are, for a message."""
    return ", ".join(repr(words_on(w)) for w in widgets_of(root) if is_button(w)) or "no button at all"


def button(root: Any, what: str, other_than: Any = None) -> Any | None:
    """The first button for `what`: approve, reject, edit or save. None when there is none."""
    for widget in widgets_of(root):
        if is_button(widget) and widget is not other_than:
            said = set(re.findall(r"[a-z']+", words_on(widget)))
            negated = what == "approve" and said & set(WORDS["reject"])
            if said & set(WORDS[what]) and not negated:
                return widget
    return None


def press(widget: Any) -> list[Any]:
    """Press a button as a browser does: not while it is disabled. What its handlers return; what they raise is raised here.

    `widget.click()` runs the same handlers, but ipywidgets catches what they raise.
    """
    if widget.disabled:
        return []
    return [handler(widget) for handler in list(widget._click_handlers.callbacks)]


def fields(root: Any) -> list[Any]:
    """The places to type in that can be used."""
    from ipywidgets import Text, Textarea

    return [w for w in widgets_of(root) if isinstance(w, Text | Textarea) and not w.disabled]


class Shown(HTMLParser):
    """What a browser would make of a piece of HTML: the text that is read, the elements and attributes behind it."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.marks = "", set[str]()
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and its attributes."""
        self.marks |= {tag, *(name for name, _ in attrs)}

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


def read(root: Any) -> Shown:
    """All that a person reads on a card, and the marks of the HTML behind it."""
    from ipywidgets import HTML, HTMLMath, Label, Text, Textarea

    everything = Shown("")
    for widget in widgets_of(root):
        if isinstance(widget, HTML | HTMLMath):
            shown = Shown(widget.value)
            everything.text += shown.text + "\n"
            everything.marks |= shown.marks
        elif isinstance(widget, Label | Text | Textarea):
            everything.text += f"{widget.value}\n"
    return everything


def show_card(card: Any) -> None:
    """Show a card. Where nobody can click (`MACAE_AUTO_CLICK=1`), press its Approve, as the board presses its own.

    The note then says so: what is stored must not look like a person's click.
    """
    from IPython.display import display

    display(card)  # type: ignore[no-untyped-call]
    approve = button(card, "approve") if auto_click() else None
    if approve is not None:
        for field in [field for field in fields(card) if not field.value][:1]:
            field.value = f"{AUTO_BY}: the card pressed its own button"
        asyncio.get_running_loop().call_later(DELAY, approve.click)
