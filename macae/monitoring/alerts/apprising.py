"""Alerts by the package apprise, which knows some hundred services."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Collection, Iterator
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
        self._parts = {part for part in re.split(r"[^A-Za-z0-9_.~%-]+", address) if len(part) > 3}
        with unheard(self._parts), warnings.catch_warnings():
            # Its plug-ins are loaded now, some of them with modules that Python is about to drop.
            warnings.simplefilter("ignore", DeprecationWarning)
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
        with unheard(self._parts):
            sent = self._sender.notify(
                body=letter(alert),
                title=f"macae {heading(alert)}",
                notify_type=kind,
                body_format=self._package.NotifyFormat.TEXT,
                interpret_escapes=False,
            )
        return Outcome(True, "taken") if sent else Outcome(False, "apprise could not deliver it", again=True)


@contextmanager
def unheard(parts: Collection[str]) -> Iterator[None]:
    """Keep what apprise writes meanwhile, and every line with a part of the address, out of all logs. It uses threads of its own."""

    def harmless(record: logging.LogRecord) -> bool:
        return record.name != "apprise" and not any(part in record.getMessage() for part in parts)

    loggers = [logging.getLogger(name) for name in TALKATIVE]
    for logger in loggers:
        logger.addFilter(harmless)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(harmless)
