"""Events made by hand, and a web server that keeps what is posted to it."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from macae.models import Event, EventType
from macae.monitoring.alerts import Alert, Rule

START = 1_795_000_000.0


def happened(type: str, at: float = 0.0, **given: Any) -> Event:
    """An event `at` seconds after the start; what is no field of an event goes into its data."""
    fields = {name: given.pop(name) for name in list(given) if name in Event.model_fields}
    basics = {"session_id": "s1", "user_id": "ann", "plan_id": "p1"} | fields
    return Event(type=EventType(type), time=START + at, data=given, **basics)


def rule(**fields: Any) -> Rule:
    """A rule with the fields that most tests do not care about."""
    return Rule(**{"name": "mine", "events": ["model_called"], "quiet": 0} | fields)


def alert(**fields: Any) -> Alert:
    """An alert."""
    basics: dict[str, Any] = {
        "rule": "model-slow", "severity": "warning", "key": "HrAgent", "text": "Alert: it exceeded 3 s (Current: 4 s)",
        "value": 4.0, "threshold": 3.0, "raised": START, "session_id": "s1", "user_id": "ann",
    }  # fmt: skip
    return Alert(**basics | fields)


class Hook:
    """A web server on 127.0.0.1 that keeps what is posted to it, and answers 200 or what is in `answers`."""

    def __init__(self) -> None:
        self.posts: list[Any] = []
        self.paths: list[str] = []
        self.answers: deque[tuple[int, str]] = deque()
        self.hang = threading.Event()
        self.hang.set()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.paths.append(self.path)
                hook.posts.append(json.loads(body))
                hook.hang.wait(30)
                status, text = hook.answers.popleft() if hook.answers else (200, "ok")
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/services/T0SECRET/B0SECRET"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def close(self) -> None:
        self.hang.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    """The web server."""
    made = Hook()
    yield made
    made.close()
