"""Starts the peer, tells it what to do wrong, and asks what was asked of it."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import threading
import urllib.request
from typing import Any, Self

from tests.cosmos.install import HERE, installed

__all__ = ["Peer"]


class Peer:
    """A running server. `endpoint` is what a client is given; `secure` is the same over TLS, with a certificate nobody signed."""

    key = base64.b64encode(hashlib.sha512(b"for tests").digest()).decode()

    def start(self) -> Self:
        """Raises NoNode with the reason where it cannot run."""
        self._process = subprocess.Popen(
            [installed(), str(HERE / "peer.js"), self.key],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        watch = threading.Timer(30, self._process.kill)
        watch.start()
        line = self._process.stdout.readline()
        watch.cancel()
        ports = json.loads(line)
        self.endpoint = f"http://127.0.0.1:{ports['plain']}/"
        self.secure = f"https://127.0.0.1:{ports['encrypted']}/"
        return self

    def stop(self) -> None:
        """End it. It also ends by itself when this process does."""
        with self._process:  # closes its pipes, too
            self._process.kill()

    def fail(self, action: str = "answer", **fault: Any) -> None:
        """The next `times` requests (all, unless given) of that `kind`, `method` and `path` go wrong: see faults.js."""
        self._control("POST", "faults", {"action": action, **fault})

    def heal(self) -> None:
        """No more faults; who hangs is cut off. The clock is right again."""
        self._control("DELETE", "faults")
        self.sleep(0)

    def sleep(self, seconds: float) -> None:
        """Set its clock ahead by so much, without waiting."""
        self._control("POST", "clock", {"ahead": seconds})

    def requests(self, kind: str | None = None) -> list[dict[str, Any]]:
        """What was asked since `forget`, oldest first, the kinds as in peer.js: read, query, batch, create_container, …"""
        asked: list[dict[str, Any]] = self._control("GET", "requests")
        return [request for request in asked if kind in (None, request["kind"])]

    def forget(self) -> None:
        """Begin a new list of requests."""
        self._control("DELETE", "requests")

    def _control(self, method: str, what: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}_peer/{what}", data, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return json.load(answer)
