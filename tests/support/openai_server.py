"""A small server that speaks OpenAI's chat completion and embedding protocols (and Azure's paths), told what to answer.

It listens on 127.0.0.1, on a free port, in a thread of its own, so it also serves tests that block or start processes::

    with OpenAIServer() as server:
        server.answer(text("Hello"))
        ...                               # call server.url (or server.azure_url) with any client
        assert server.requests[0].json["model"] == "gpt-4o"

What `text` and `calls` give is sent as one JSON object, or as a stream of events where the request asks for that. `vectors` answers
`/embeddings`, a vector for each text that was sent.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """What the server does with one request."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    message: dict[str, Any] | None = None
    """A completion's message: then the body is made from it."""
    finish: str = "stop"
    usage: dict[str, int] | None = field(default_factory=lambda: dict(USAGE))
    model: str | None = None
    hang: bool = False
    """Never end: before the headers, or, when streaming a message, after its first piece."""
    drop: bool = False
    """Close the connection: at once, or, when streaming a message, after its first piece."""
    gate: threading.Event | None = None
    """Wait for it before answering."""


def text(content: str | None, *, finish: str = "stop", **more: Any) -> Reply:
    return Reply(message={"role": "assistant", "content": content}, finish=finish, **more)


def calls(*named: tuple[str, dict[str, Any]], content: str | None = None, **more: Any) -> Reply:
    made = [
        {
            "id": f"call_{n}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        for n, (name, arguments) in enumerate(named, 1)
    ]
    message = {"role": "assistant", "content": content, "tool_calls": made}
    return Reply(message=message, finish="tool_calls", **more)


def vectors(embed: Callable[[list[str]], Sequence[Sequence[float]]]) -> Callable[[Request], Reply]:
    """Answers requests for embeddings with what `embed` makes of their texts, the last one first, as a server may."""

    def answer(request: Request) -> Reply:
        texts = request.json["input"]
        made = embed([texts] if isinstance(texts, str) else texts)
        data = [
            {"object": "embedding", "index": index, "embedding": [float(number) for number in vector]}
            for index, vector in enumerate(made)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        body = {"object": "list", "data": data[::-1], "model": request.json.get("model"), "usage": usage}
        return Reply(body=json.dumps(body).encode())

    return answer


def refusal(reason: str) -> Reply:
    return Reply(message={"role": "assistant", "content": None, "refusal": reason})


def error(status: int, message: str = "no", *, headers: dict[str, str] | None = None, **detail: Any) -> Reply:
    body = json.dumps({"error": {"message": message, "type": "error", "param": None, "code": None} | detail})
    return Reply(status, body.encode(), {"content-type": "application/json"} | (headers or {}))


def raw(body: str, *, status: int = 200, kind: str = "application/json") -> Reply:
    return Reply(status, body.encode(), {"content-type": kind})


def hang() -> Reply:
    return Reply(hang=True)


def drop() -> Reply:
    return Reply(drop=True)


class OpenAIServer:
    """See the module. `requests` holds what came in; `disconnected` is set when a client leaves a hanging reply."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.arrived = threading.Semaphore(0)
        self.disconnected = threading.Event()
        self.connections = 0
        self._replies: deque[Reply | Callable[[Request], Reply]] = deque()
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="openai-server", daemon=True)
        self._port: Future[int] = Future()
        self._handlers: set[asyncio.Task[None]] = set()

    def answer(self, *replies: Reply | Callable[[Request], Reply]) -> None:
        """Answer the next requests with these, one each; further requests get the last one again."""
        self._replies = deque(replies)

    @property
    def host(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port.result(10)}"

    @property
    def url(self) -> str:
        return f"{self.host}/v1"

    @property
    def azure_url(self) -> str:
        return self.host

    def __enter__(self) -> OpenAIServer:
        self._thread.start()
        self._port.result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._tls)
        self._port.set_result(server.sockets[0].getsockname()[1])
        await self._stop.wait()
        server.close()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        self.connections += 1
        try:
            while (request := await self._read(reader)) is not None:
                self.requests.append(request)
                self.arrived.release()
                if not await self._reply(request, reader, writer):
                    break
        except ConnectionError:
            writer.write(_head(400, {}))
        except asyncio.CancelledError:
            pass
        finally:
            self._handlers.discard(task)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            start = await reader.readexactly(1)
            if not start.isalpha():  # TLS, on a port that speaks none
                raise ConnectionError
            head = (start + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
        return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))

    async def _reply(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        reply = self._next(request)
        if reply.gate is not None:
            await asyncio.to_thread(reply.gate.wait, 10)
        if reply.message is not None and request.json.get("stream"):
            return await self._stream(request, reply, reader, writer)
        if reply.drop:
            return False
        if reply.hang:
            return await self._hang(reader)
        body = reply.body if reply.message is None else json.dumps(_completion(request, reply)).encode()
        writer.write(_head(reply.status, reply.headers | {"content-length": str(len(body))}) + body)
        await writer.drain()
        return True

    def _next(self, request: Request) -> Reply:
        known = ("/chat/completions", "/embeddings")
        if request.path.partition("?")[0].rpartition("/v1")[2] not in known and not (
            request.path.startswith("/openai/deployments/")
            and any(f"{end}?api-version=" in request.path for end in known)
        ):
            return raw("404 page not found", status=404, kind="text/plain")
        if not self._replies:
            return error(500, "nothing was scripted")
        chosen = self._replies.popleft() if len(self._replies) > 1 else self._replies[0]
        return chosen(request) if callable(chosen) else chosen

    async def _stream(
        self, request: Request, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        writer.write(_head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"}))
        wants_usage = (request.json.get("stream_options") or {}).get("include_usage")
        for number, chunk in enumerate(_chunks(request, reply, bool(wants_usage))):
            if number == 2 and reply.drop:
                return False
            if number == 2 and reply.hang:
                return await self._hang(reader)
            _event(writer, json.dumps(chunk))
            await writer.drain()
        _event(writer, "[DONE]")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _hang(self, reader: asyncio.StreamReader) -> bool:
        try:
            await reader.read()  # ends when the client leaves
        finally:
            self.disconnected.set()
        return False


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Scripted\r\n{lines}\r\n".encode("latin-1")


def _event(writer: asyncio.StreamWriter, data: str) -> None:
    payload = f"data: {data}\n\n".encode()
    writer.write(f"{len(payload):x}\r\n".encode() + payload + b"\r\n")


def _base(request: Request, reply: Reply, kind: str) -> dict[str, Any]:
    model = reply.model or request.json.get("model", "unknown")
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": model}


def _completion(request: Request, reply: Reply) -> dict[str, Any]:
    choice = {"index": 0, "message": reply.message, "finish_reason": reply.finish, "logprobs": None}
    return _base(request, reply, "chat.completion") | {"choices": [choice], "usage": reply.usage}


def _chunks(request: Request, reply: Reply, wants_usage: bool) -> list[dict[str, Any]]:
    message = reply.message or {}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    content = message.get("content") or ""
    deltas += [{"content": content[i : i + 4]} for i in range(0, len(content), 4)]
    if message.get("refusal"):
        deltas.append({"refusal": message["refusal"]})
    for index, call in enumerate(message.get("tool_calls") or []):
        function = call["function"]
        half = len(function["arguments"]) // 2
        start = {"name": function["name"], "arguments": function["arguments"][:half]}
        deltas.append(
            {"tool_calls": [{"index": index, "id": call["id"], "type": "function", "function": start}]}
        )
        deltas.append(
            {"tool_calls": [{"index": index, "function": {"arguments": function["arguments"][half:]}}]}
        )
    base = _base(request, reply, "chat.completion.chunk")
    chunks = [base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append(base | {"choices": [{"index": 0, "delta": {}, "finish_reason": reply.finish}]})
    if wants_usage:
        chunks.append(base | {"choices": [], "usage": reply.usage})
    return chunks
