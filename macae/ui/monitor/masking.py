"""What may be shown on a screen: a function from text to text, put over each event before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from macae.models import Event

__all__ = ["HIDDEN", "Mask", "Shown", "shown_of"]

Shown = Callable[[str], str]
HIDDEN = "[hidden: the rule for screens failed]"
"""Shown instead of a text that the rule could not look at."""
TECHNICAL = frozenset({"id", "key", "call", "hash", "data_type", "version", "status", "state", "ts", "depends_on", "effect", "tool", "function", "kind", "rule", "model"})  # fmt: skip
"""Names of values that code reads, not people: they stay as they are."""


def shown_of(engine: Any) -> Shown | None:
    """The rule of the engine for what reaches a screen; None where it has none."""
    shown, compliance = getattr(engine, "shown", None), getattr(engine, "compliance", None)
    if not callable(shown) or (compliance is not None and not compliance.watches("screen")):
        return None
    return lambda text: str(shown(text))


class Mask:
    """Puts the rule over events, over each stored one only once. Without a rule, events stay as they are."""

    def __init__(self, shown: Shown | None) -> None:
        self._shown = shown
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
            "data": self._value(event.data),
            "changes": self._value(event.changes),
        }
        done = event.model_copy(update=new)
        if event.seq:
            self._done[key] = done
        return done

    def _text(self, text: str) -> str:
        if not text or self._shown is None:
            return text
        try:
            return str(self._shown(text))
        except Exception:  # a rule that fails must not let through what it was to hide
            return HIDDEN

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {name: one if _technical(name) else self._value(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(one) for one in value]
        return value


def _technical(name: Any) -> bool:
    return isinstance(name, str) and (name in TECHNICAL or name.endswith("_id"))
