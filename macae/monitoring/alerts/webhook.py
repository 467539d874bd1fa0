"""Alerts to a web address: a program of one's own, Slack, Teams. The address is a secret: it is the right to write there."""

from __future__ import annotations

import http.client
import json
import re
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from macae.errors import ConfigError
from macae.monitoring.alerts.alert import Alert
from macae.monitoring.alerts.couriers import Outcome
from macae.monitoring.alerts.formats import FORMATS
from macae.monitoring.alerts.texts import masked

__all__ = ["Webhook"]

MOST_READ = 300
"""Bytes of an answer that are looked at."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """An alert goes where it was told to go, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        """No other request."""
        return None


def parts_of(address: str, parts: SplitResult) -> set[str]:
    """All of an address that must not be shown: a server that answers with a part of its path or query shows as much as one with all."""
    whole = [parts.path, parts.query, parts.fragment]
    pieces = [piece for text in whole for piece in re.split(r"[^A-Za-z0-9_.~%+-]+", text) if len(piece) > 3]
    found = [address, *whole, *pieces]
    return {*found, *map(unquote, found), *map(unquote_plus, found)}


class Webhook:
    """Posts each alert as JSON. `format` is plain, slack or teams. Raises ConfigError for what is no web address.

    With the standard library alone: the usual clients log the addresses that they ask.
    """

    name = "webhook"

    def __init__(self, address: str, format: str = "plain", seconds: float = 5.0) -> None:
        if format not in FORMATS:
            raise ConfigError(f"MACAE_ALERT_FORMAT cannot be {format!r}: use {', '.join(FORMATS)}.")
        try:
            parts = urlsplit(address)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
            named = "@" in parts.netloc
        except ValueError:
            usable = named = False
        if not usable or not address.isascii() or not address.isprintable() or " " in address:
            raise ConfigError("MACAE_ALERT_WEBHOOK is no web address: write https://HOST/PATH.")
        if named:
            raise ConfigError(
                "MACAE_ALERT_WEBHOOK holds a user name or password, which would not be sent: write https://HOST/PATH."
            )
        self._address, self._format, self._seconds = address, format, seconds
        self._secrets = parts_of(address, parts)
        self.name = f"webhook ({format})"

    def __repr__(self) -> str:
        """Without the address."""
        return f"Webhook(format={self._format!r})"

    def send(self, alert: Alert) -> Outcome:
        """Post one alert. Any answer of 200 to 299 counts as delivered."""
        body = json.dumps(FORMATS[self._format](alert), ensure_ascii=True).encode("ascii")
        headers = {"Content-Type": "application/json", "User-Agent": "macae"}
        request = urllib.request.Request(self._address, body, headers, method="POST")
        try:
            with urllib.request.build_opener(NoRedirect).open(request, timeout=self._seconds) as answer:
                return Outcome(True, self._shown(f"{answer.status} {self._said(answer)}"))
        except urllib.error.HTTPError as error:
            with error:
                again = error.code >= 500 or error.code in (408, 429)
                return Outcome(False, self._shown(f"it answered {error.code} {self._said(error)}"), again)
        except (urllib.error.URLError, OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            return Outcome(False, self._shown(f"{type(reason).__name__}: {reason}"), again=True)

    @staticmethod
    def _said(answer: Any) -> str:
        try:
            return str(answer.read(MOST_READ), "utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return ""

    def _shown(self, text: str) -> str:
        return masked(text, self._secrets).rstrip(". ")
