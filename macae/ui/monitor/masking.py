"""What may be shown on a screen: a function from text to text, put over each event before anything is made of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from macae.models import Event
from macae.monitoring.compliance.values import TECHNICAL as CODE
from macae.monitoring.compliance.values import walked

__all__ = ["HIDDEN", "Mask", "Shown", "shown_of"]

Shown = Callable[..., str]
"""Given a text, and the name that it stands under when it takes a second argument called `name`."""
HIDDEN = "[hidden: the rule for screens failed]"
"""Shown instead of a text that the rule could not look at."""
TECHNICAL = frozenset({"id", "key", "call", "hash", "data_type", "version", "status", "state", "ts", "depends_on", "effect", "tool", "function", "kind", "rule", "model"})  # fmt: skip
"""Names of values that code reads, not people: as fields of events and documents they stay as they are, in a call never."""


def shown_of(engine: Any) -> Shown | None:
    """The rule of the engine for what reaches a screen; None where it has none."""
    shown: Shown | None = getattr(engine, "shown", None)
    compliance = getattr(engine, "compliance", None)
    if not callable(shown) or (compliance is not None and not compliance.watches("screen")):
        return None
    return shown


class Mask:
    """Puts the rule over events, over each stored one only once. Without a rule, events stay as they are."""

    def __init__(self, shown: Shown | None) -> None:
        self._shown = shown
        self._named = shown is not None and takes_name(shown)
        self._done: dict[tuple[str, int], Event] = {}

    def __call__(self, events: Iterable[Event]) -> list[Event]:
        """The events as they may be shown."""
        if self._shown is None:
            return list(events)
        return [self._event(event) for event in events]

    def _event(self, event: Event) -> Event:
        key = (event.session_id, event.seq)
        if event.seq and (known := self._done.get(key)) is not None:
            return known
        new = {
            "text": self._text(event.text),
            "data": self._fields(event.data),
            "changes": {document: self._fields(fields) for document, fields in event.changes.items()},
        }
        done = event.model_copy(update=new)
        if event.seq:
            self._done[key] = done
        return done

    def _fields(self, fields: dict[str, Any]) -> dict[str, Any]:
        """An event's data, or the fields of a document."""
        return {
            name: one if _technical(name) else walked(one, self._text, name=name, technical=CODE)
            for name, one in fields.items()
        }

    def _text(self, text: str, name: str = "") -> str:
        if not text or self._shown is None:
            return text
        try:
            return str(self._shown(text, name=name) if self._named and name else self._shown(text))
        except Exception:  # a rule that fails must not let through what it was to hide
            return HIDDEN


def takes_name(shown: Shown) -> bool:
    """Whether a rule wants to know what a text is called."""
    try:
        return "name" in inspect.signature(shown).parameters
    except (TypeError, ValueError):  # a builtin that does not say
        return False


def _technical(name: Any) -> bool:
    return isinstance(name, str) and (name in TECHNICAL or name.endswith("_id"))
