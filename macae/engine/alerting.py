"""The engine's alerts: the rules are judged from its start to its close, beside the work and never in its way."""

from __future__ import annotations

import math
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from macae.config import Settings
from macae.engine.hub import Hub
from macae.models import Event

if TYPE_CHECKING:
    from macae.monitoring.alerts import AlertWatch, Receiver, Rule
    from macae.monitoring.alerts.couriers import Health

__all__ = ["Alerting"]

SECONDS = 2.5
"""How long closing waits for alerts that are on their way."""
MOST_SESSIONS = 10_000
"""Sessions of which it is kept that their past is known."""


class Alerting:
    """The rules and receivers that the settings name, and those that the engine was given."""

    def __init__(
        self,
        settings: Settings,
        rules: Sequence[Rule],
        receivers: Sequence[Receiver],
        hub: Hub,
        note: Any,
        clean: Callable[[str], str] | None = None,
        recent: Any = None,
    ) -> None:
        if rules or receivers:  # heavy to import, so only then
            check(rules, receivers)
        self._settings, self._rules, self._receivers = settings, tuple(rules), tuple(receivers)
        self._hub, self._clean = hub, clean
        # Weakly: a watch that still runs must not keep a forgotten engine alive.
        self._engines_note = weakref.WeakMethod(note)
        self._recent = weakref.WeakMethod(recent) if recent is not None else lambda: None
        self._sessions: OrderedDict[str, None] = OrderedDict()
        """Those whose past is known, the newest last."""
        self._unsubscribe: Callable[[], None] | None = None
        self.watch: AlertWatch | None = None
        """None where no rule is active, or the engine has not started."""

    def open(self) -> None:
        """Begin. Idempotent. Raises ConfigError for a wrong rules file or receiver."""
        if self._unsubscribe is not None:
            return
        from macae.monitoring.alerts import open_watch

        noted = partial(note_with, self._engines_note)
        past = partial(recent_of, self._recent)
        self.watch = open_watch(
            self._settings, noted, rules=self._rules, receivers=self._receivers, past=past
        )
        if self.watch is None:
            self._unsubscribe = lambda: None
            return
        self.watch.clean = self._clean
        self._unsubscribe = self._hub.subscribe(self.watch)
        self.watch.start()

    @property
    def since(self) -> float:
        """From when on stored events count for a rule, Unix time, seconds; endless where none does."""
        return time.time() - self.watch.judge.reach if self.watch is not None else math.inf

    def take_up(self, session_id: str, recent: Sequence[Event] = ()) -> None:
        """A session begins to work in this process: what is stored of it counts, once."""
        if self.watch is None or session_id in self._sessions:
            return
        self._sessions[session_id] = None
        if len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        self.watch.recall(recent)

    def health(self) -> list[Health]:
        """How each receiver is doing; after `close`, how it has done."""
        return [courier.health for courier in self.watch.couriers] if self.watch is not None else []

    async def stop(self) -> None:
        """Judge what is left, while its alerts can still be stored. Idempotent."""
        unsubscribe, self._unsubscribe = self._unsubscribe, None
        if unsubscribe is not None:
            unsubscribe()
        if self.watch is not None:
            await self.watch.stop()

    async def close(self) -> None:
        """End, within a bound; what receivers have not taken by then is lost. Idempotent."""
        await self.stop()
        if self.watch is not None:
            await self.watch.close(SECONDS)


async def note_with(method: weakref.WeakMethod[Any], event: Event) -> None:
    """Have the engine note an event, if it is still there."""
    note = method()
    if note is not None:
        await note(event)


async def recent_of(method: Callable[[], Any], session_id: str) -> Sequence[Event]:
    """The newest stored events of a session, while the engine is still there."""
    recent = method()
    return [] if recent is None else await recent(session_id)


def check(rules: Any, receivers: Any) -> None:
    """Raise InvalidInput for what is no rule, or no receiver."""
    from macae.errors import InvalidInput
    from macae.monitoring.alerts import Rule
    from macae.monitoring.given import kind_of

    for name, given in (("alert_rules", rules), ("alert_receivers", receivers)):
        if not isinstance(given, list | tuple):
            raise InvalidInput(f"Engine({name}=…) takes a list, not {kind_of(given)}.")
    for rule in rules:
        if not isinstance(rule, Rule):
            raise InvalidInput(
                f"Engine(alert_rules=…) takes Rule objects, not {kind_of(rule)}; MACAE_ALERTS names a rules file."
            )
    for receiver in receivers:
        if isinstance(receiver, type) or not hasattr(receiver, "name") or not hasattr(receiver, "send"):
            raise InvalidInput(
                f"Engine(alert_receivers=…) takes objects with name and send(alert), not {kind_of(receiver)}."
            )
