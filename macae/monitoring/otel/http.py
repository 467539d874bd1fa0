"""The HTTP session of the exporters: it remembers why a request failed, and follows no redirect."""

from __future__ import annotations

from typing import Any

import requests

__all__ = ["Session"]

LATER = frozenset({429, 502, 503, 504})
"""Statuses that OTLP says may be tried again."""


class Session(requests.Session):
    """A session for one destination, told by the part of its address that may be shown."""

    def __init__(self, host: str) -> None:
        super().__init__()
        self.host = host
        self.why, self.again = f"{host} was not asked.", False
        self.max_redirects = 0  # the headers hold a key, and are for this server alone

    def post(self, *arguments: Any, **options: Any) -> requests.Response:
        """Send a request, and remember how it ended."""
        try:
            answer = super().post(*arguments, **options)
        except requests.exceptions.RequestException as error:
            # Where the answer was late, or broke off, it may have arrived all the same.
            self.again = isinstance(error, requests.exceptions.ConnectionError)
            self.why = f"{self.host} cannot be reached or does not answer ({type(error).__name__})."
            raise
        self.again = answer.status_code in LATER
        self.why = f"{self.host} answered with the status {answer.status_code}."
        return answer
