"""What a run says last, on stderr: which alerts were raised, and which sinks and receivers have lost something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.cli.output import Screen, one_line
from macae.models import Event, EventType
from macae.ui.text import count

if TYPE_CHECKING:
    from macae.engine import Engine

__all__ = ["Notices"]

MOST = 20
"""Alerts that are told one by one."""


def is_rewritten(event: Event) -> bool:
    """Whether a finding says that words of a person were changed before they were used."""
    return (event.data.get("route"), event.data.get("action")) == ("input", "mask")


class Notices:
    """An event sink that keeps the alerts of a run. `tell` when the engine is closed: only then all losses are known."""

    def __init__(self, screen: Screen, engine: Engine) -> None:
        self._screen, self._engine = screen, engine
        self._raised: list[str] = []
        self._more = 0
        engine.subscribe(self)

    def __call__(self, event: Event) -> None:
        """Keep it, if it tells of an alert that was raised. What a person typed and the policy changed is said at once."""
        if event.type is EventType.violation_found and is_rewritten(event):
            self._screen.warn(
                one_line(f"The policy changed what you gave (MACAE_COMPLIANCE): {event.text}.", 600)
            )
        if event.type is not EventType.alert_raised:
            return
        if len(self._raised) >= MOST:
            self._more += 1
            return
        key = f" · {event.data['key']}" if event.data.get("key") else ""
        text = self._engine.shown(event.text).removeprefix("Alert: ")
        self._raised.append(
            f"Alert raised ({event.data.get('severity')}): {event.data.get('rule')}{self._engine.shown(key)}: {text}"
        )

    def tell(self) -> None:
        """One line for each."""
        lines = [*self._raised, *([f"… and {count(self._more, 'more alert')}"] if self._more else [])]
        for kind, healths in (
            ("sink", self._engine.sink_health()),
            ("alerts' receiver", self._engine.alert_health()),
        ):
            lines += [
                f"The {kind} {health.name} {health.missed}{': ' if health.last_error else ''}{health.last_error}"
                for health in healths
                if health.missed
            ]
        for line in lines:
            self._screen.warn(one_line(line, 600))
