"""The HTTP session of the exporters: one request a try, no redirects, an end in time, and it remembers why a request failed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from requests.exceptions import ConnectionError, RequestException
from requests.utils import get_auth_from_url
from urllib3.exceptions import HTTPError

from macae.monitoring.otel.answers import MOST, refusal_in
from macae.monitoring.otel.outbox import NotSent

__all__ = ["TIMEOUT", "Session"]

LATER = frozenset({429, 502, 503, 504})
"""Statuses that OTLP says may be tried again."""
TOO_LARGE = 413
TIMEOUT = 2.0
"""Seconds for a request, its answer included. Without it a dead destination costs 8 to 10."""


class Session(requests.Session):
    """A session for one destination, told by the part of its address that may be shown. `secrets`: its headers' values.

    Whatever fails is raised as a plain RequestException: the exporter then does not try again by itself. When to do so is the
    outbox's business alone; `refusal` is for it.
    """

    def __init__(self, host: str, secrets: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.host, self._secrets = host, tuple((secrets or {}).values())
        self.refusal = NotSent(f"{host} was not asked.")
        """Why the last request that failed did."""
        self.auth = _as_addressed
        self._adapter = _Adapter()
        self.mount("http://", self._adapter)
        self.mount("https://", self._adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: the headers hold a key, and are for this server alone."""

    def post(self, *arguments: Any, **options: Any) -> requests.Response:
        """Send a request. Raises RequestException when it was not taken, or not answered in time."""
        done = threading.Event()
        watch = _Watch(self._adapter, float(options.get("timeout") or TIMEOUT), done)
        watch.start()
        try:
            with super().post(*arguments, **options, stream=True) as answer:
                # No more than is needed is read of an answer: it may never end.
                body = answer.raw.read(MOST + 1, decode_content=False) if _is_taken(answer) else b""
        except (RequestException, HTTPError, OSError) as error:
            # A late answer may mean that it has arrived; no connection cannot.
            again = isinstance(error, ConnectionError) and not watch.has_cut
            why = f"{self.host} cannot be reached or does not answer ({type(error).__name__})."
            self._fail(NotSent(why, again))
        finally:
            done.set()
        if watch.has_cut:  # what was cut may look complete
            self._fail(NotSent(f"{self.host} did not answer in time."))
        if not _is_taken(answer):
            status = answer.status_code
            why = f"{self.host} answered with the status {status}."
            self._fail(NotSent(why, status in LATER, too_large=status == TOO_LARGE))
        refusal = refusal_in(body, answer.headers, self.host, self._secrets)
        if refusal is not None:
            self._fail(refusal)
        return answer

    def _fail(self, refusal: NotSent) -> None:
        self.refusal = refusal
        raise RequestException(str(refusal)) from None


def _is_taken(answer: requests.Response) -> bool:
    return 200 <= answer.status_code < 300


def _as_addressed(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Log in only as the address says. Without this, requests lets a password in ~/.netrc replace the key in the headers."""
    name, password = get_auth_from_url(request.url or "")
    return HTTPBasicAuth(name, password)(request) if name or password else request


class _Adapter(HTTPAdapter):
    """Knows the connection that it made last: the one in use, as there is one request at a time."""

    connection: Any = None

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        """The pool for a request."""
        pool = super().get_connection_with_tls_context(*arguments, **options)
        if "ConnectionCls" not in vars(pool):
            make = pool.ConnectionCls

            def made(**given: Any) -> Any:
                self.connection = make(**given)
                return self.connection

            vars(pool)["ConnectionCls"] = made
        return pool

    @property
    def sock(self) -> Any:
        """Its socket, None before there is one."""
        return getattr(self.connection, "sock", None)


class _Watch(threading.Thread):
    """Cuts the connection of a request that takes too long: a socket's own timeout begins anew with each byte."""

    def __init__(self, adapter: _Adapter, seconds: float, done: threading.Event) -> None:
        super().__init__(name="macae-send-watch", daemon=True)
        self.has_cut = False
        self._adapter, self._seconds, self._done = adapter, max(0.0, seconds), done

    def run(self) -> None:
        """Wait for the end of the request, for so long."""
        while not self._done.wait(self._seconds or 0.1):
            if (sock := self._adapter.sock) is not None:
                self.has_cut = True  # said first: the request ends at once
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
