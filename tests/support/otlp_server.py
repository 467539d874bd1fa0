"""Servers on 127.0.0.1 that take what the sinks send: an OTLP collector that reads real protobuf, and Application Insights.

::

    with OtlpServer() as server:
        ...                                 # send to server.url
        server.wait(lambda: len(server.spans) == 3)
        server.spans[0].name

`server.mode` says what it does with the next requests: "ok", "hang" (never answer), "drip" (never finish
the answer's headers), "drip body" (nor its body), "endless" (a body that is fast and has no end), "drop" (close the
connection), or a status. `server.answer` (content type, body) is said instead of what is usual, `server.limit` is
the largest body that is taken: above it the status is 413.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue


@dataclass
class Span:
    name: str
    trace: str
    id: str
    parent: str
    start: float
    end: float
    kind: int
    error: bool
    description: str
    attributes: dict[str, Any]
    events: dict[str, dict[str, Any]]
    resource: dict[str, Any]


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


class Taker:
    """An HTTP server in a thread; what it takes is kept."""

    def __init__(self) -> None:
        self.mode: str | int = "ok"
        self.requests: list[Request] = []
        self.released = threading.Event()
        self.answer: tuple[str, bytes] | None = None
        self.limit = 1 << 30
        self.refused = self.written = 0
        """Requests that were too large; bytes of an endless answer."""
        self.redirect = ""
        """Where requests are sent on to."""
        self._connections: list[socket.socket] = []
        taker = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # connections are kept open

            def setup(self) -> None:
                super().setup()
                taker._connections.append(self.connection)

            def do_POST(self) -> None:
                with contextlib.suppress(OSError):  # whoever asked may be gone
                    self.answer()

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                headers = {name.lower(): value for name, value in self.headers.items()}
                taker.requests.append(Request(self.path, headers, body))
                mode = taker.mode
                if mode == "hang":
                    taker.released.wait(30)
                if mode == "drip":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
                    while not taker.released.wait(0.3):
                        self.wfile.write(b"x")
                if mode == "drip body":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
                    while not taker.released.wait(0.3):
                        self.wfile.write(b"x")
                if mode == "endless":
                    self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                    while not taker.released.is_set():
                        taker.written += self.wfile.write(bytes(1 << 16))
                if mode in ("hang", "drip", "drip body", "endless", "drop"):
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                if taker.redirect:
                    mode = 307
                if len(body) > taker.limit:
                    mode, taker.refused = 413, taker.refused + 1
                status, answer = (mode, b"") if isinstance(mode, int) else taker.take(self.path, body)
                kind = "application/json" if answer[:1] == b"{" else ""
                if taker.answer is not None:
                    kind, answer = taker.answer
                self.send_response(status)
                self.send_header("content-length", str(len(answer)))
                if kind:
                    self.send_header("content-type", kind)
                if taker.redirect:
                    self.send_header("location", f"{taker.redirect}{self.path}")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def take(self, path: str, body: bytes) -> tuple[int, bytes]:
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def drop_connections(self) -> None:
        """Close what clients keep open."""
        while self._connections:
            with contextlib.suppress(OSError):
                self._connections.pop().shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self.drop_connections()
        self.server.shutdown()
        self.server.server_close()

    def wait(self, true: Callable[[], bool], seconds: float = 10) -> None:
        until = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < until, "it did not arrive"
            time.sleep(0.01)


class OtlpServer(Taker):
    """A collector."""

    def __init__(self, metrics: bool = True) -> None:
        super().__init__()
        self.spans: list[Span] = []
        self.metrics: dict[str, list[Any]] = {}
        """By name: the data points as they were reported last."""
        self.takes_metrics = metrics

    def take(self, path: str, body: bytes) -> tuple[int, bytes]:
        if path == "/v1/traces":
            request = ExportTraceServiceRequest.FromString(body)
            for part in request.resource_spans:
                resource = {a.key: plain(a.value) for a in part.resource.attributes}
                for scope in part.scope_spans:
                    self.spans += [span_of(span, resource) for span in scope.spans]
            return 200, b""
        if path == "/v1/metrics" and self.takes_metrics:
            for part in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scope in part.scope_metrics:
                    for metric in scope.metrics:
                        kind = metric.WhichOneof("data")
                        self.metrics[metric.name] = list(getattr(metric, kind or "").data_points)
            return 200, b""
        return 404, b""

    def named(self, start: str) -> list[Span]:
        return [span for span in self.spans if span.name.startswith(start)]


def span_of(span: Any, resource: dict[str, Any]) -> Span:
    return Span(
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        start=span.start_time_unix_nano / 1e9,
        end=span.end_time_unix_nano / 1e9,
        kind=span.kind,
        error=span.status.code == 2,
        description=span.status.message,
        attributes={a.key: plain(a.value) for a in span.attributes},
        events={e.name: {a.key: plain(a.value) for a in e.attributes} for e in span.events},
        resource=resource,
    )


def plain(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(item) for item in value.array_value.values]
    return None if kind is None else getattr(value, kind)


class InsightsServer(Taker):
    """Application Insights' ingestion endpoint."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[dict[str, Any]] = []

    @property
    def connection(self) -> str:
        return f"InstrumentationKey=11111111-2222-4333-8444-555555555555;IngestionEndpoint={self.url}/"

    def take(self, path: str, body: bytes) -> tuple[int, bytes]:
        if not path.startswith("/v2.1/track"):
            return 404, b""
        items = json.loads(body)
        self.items += items
        told = {"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []}
        return 200, json.dumps(told).encode()

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The base data of one kind: EventData, RemoteDependencyData, …"""
        return [item["data"]["baseData"] for item in list(self.items) if item["data"]["baseType"] == kind]
