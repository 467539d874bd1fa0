"""The HTTP session of the exporters: one request a try, no redirects, and it remembers why a request failed."""

from __future__ import annotations

from typing import Any

import requests
from requests.exceptions import ConnectionError, RequestException

__all__ = ["Session"]

LATER = frozenset({429, 502, 503, 504})
"""Statuses that OTLP says may be tried again."""


class Session(requests.Session):
    """A session for one destination, told by the part of its address that may be shown.

    Whatever fails is raised as a plain RequestException: the exporter then does not try again by itself. When to do so is the
    outbox's business alone.
    """

    def __init__(self, host: str) -> None:
        super().__init__()
        self.host = host
        self.why, self.again = f"{host} was not asked.", False
        self.max_redirects = 0  # the headers hold a key, and are for this server alone

    def post(self, *arguments: Any, **options: Any) -> requests.Response:
        """Send a request. Raises RequestException when it was not taken."""
        try:
            answer = super().post(*arguments, **options)
        except RequestException as error:
            # A late answer may mean that it has arrived; no connection cannot.
            self.again = isinstance(error, ConnectionError)
            self.why = f"{self.host} cannot be reached or does not answer ({type(error).__name__})."
            raise RequestException(self.why) from None
        if not answer.ok:
            self.again = answer.status_code in LATER
            self.why = f"{self.host} answered with the status {answer.status_code}."
            raise RequestException(self.why)
        return answer
