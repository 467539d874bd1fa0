"""Alerts by the package apprise, which knows some hundred services."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from macae.errors import ConfigError
from macae.monitoring.alerts.alert import Alert
from macae.monitoring.alerts.couriers import Outcome
from macae.monitoring.alerts.formats import heading, letter

__all__ = ["Apprised"]

TALKATIVE = ("apprise", "urllib3.connectionpool")
"""These loggers write addresses down when a program asks for details."""
KINDS = {"info": "info", "warning": "warning", "critical": "failure"}


class Apprised:
    """Sends each alert to one address of apprise. Raises ConfigError without the package, and for an address it does not know.

    `number` is the address's place in MACAE_ALERT_URLS: the address itself is a secret.
    """

    def __init__(self, address: str, number: int = 1) -> None:
        self.name = f"apprise {number}"
        try:
            self._package: Any = import_module("apprise")
        except ImportError:
            raise ConfigError(
                "MACAE_ALERT_URLS needs the package apprise: pip install apprise, or unset MACAE_ALERT_URLS."
            ) from None
        self._sender = self._package.Apprise()
        with unheard():
            known = self._sender.add(address)
        if not known:
            raise ConfigError(
                f"MACAE_ALERT_URLS: apprise does not know the form of address number {number}. "
                "Write it as apprise's documentation does, such as mailto://… or json://HOST:PORT."
            )

    def __repr__(self) -> str:
        """Without the address."""
        return f"Apprised({self.name!r})"

    def send(self, alert: Alert) -> Outcome:
        """Send one alert. Apprise says only whether it worked."""
        kind = KINDS.get(alert.severity, "warning") if alert.open else "success"
        with unheard():
            sent = self._sender.notify(
                body=letter(alert),
                title=f"macae {heading(alert)}",
                notify_type=kind,
                body_format=self._package.NotifyFormat.TEXT,
                interpret_escapes=False,
            )
        return Outcome(True, "taken") if sent else Outcome(False, "apprise could not deliver it", again=True)


@contextmanager
def unheard() -> Iterator[None]:
    """Keep what this thread makes those loggers write, which holds the address, out of every log."""
    thread = threading.get_ident()

    def others(record: logging.LogRecord) -> bool:
        return record.thread != thread

    loggers = [logging.getLogger(name) for name in TALKATIVE]
    for logger in loggers:
        logger.addFilter(others)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(others)
