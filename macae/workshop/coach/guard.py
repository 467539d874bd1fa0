"""What stands before every request: the Host header, the size, the headers of every answer; and limited guessing of codes."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard", "Guesses", "same_code"]

BIGGEST = 16_000
"""Bytes of a request's body."""
SLOWEST = 10.0
"""Seconds that it may take."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
TRIES, WINDOW, ADDRESSES = 20, 60.0, 2_000


class Guard:
    """Middleware. `hosts` are the names by which the board may be asked, beside addresses and localhost."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self.known(head.get("host", "")):
            await refuse(
                send,
                421,
                "The board is not known by this name. Use the address that `python workshop.py coach` shows, or give it with --url.",
            )
            return
        length = head.get("content-length", "0")
        if not length.isdigit() or int(length) > BIGGEST:
            await refuse(send, 413, f"A report has at most {BIGGEST:,} bytes.")
            return
        try:
            async with asyncio.timeout(SLOWEST):
                body = await whole(receive)
        except TimeoutError:
            body = None
        if body is None:
            await refuse(
                send, 413, f"A report has at most {BIGGEST:,} bytes, and comes within {SLOWEST:g} seconds."
            )
            return

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *encoded(HEADERS)]
            await send(message)

        await self.app(scope, replayed(body, receive), guarded_send)

    def known(self, host: str) -> bool:
        """Whether the Host header is an address or one of our names: a page elsewhere that points its own name here is neither."""
        match = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?|([^:\[\]\s]+)(?::\d{1,5})?", host)
        if match is None:
            return False
        name = (match[1] or match[2]).lower().rstrip(".")
        if name in self.hosts or name == "localhost":
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """As ASGI wants them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


async def whole(receive: Receive) -> bytes | None:
    """The body; None when it is too long, or whoever sends it has gone."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += bytes(message.get("body", b""))
        if len(body) > BIGGEST:
            return None
        if not message.get("more_body", False):
            return body


def replayed(body: bytes, receive: Receive) -> Receive:
    """The body once more, for the application."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


async def refuse(send: Send, status: int, text: str) -> None:
    """Answer with a sentence."""
    head = encoded({"Content-Type": "application/json", "Connection": "close", **HEADERS})
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": json.dumps({"error": text}).encode()})


def same_code(given: str, right: str) -> bool:
    """Whether two codes are the same, but for case, spaces and dashes; compared in constant time."""
    return hmac.compare_digest(plain(given).encode(), plain(right).encode())


def plain(code: str) -> str:
    """Only what is compared."""
    return re.sub(r"[\s\-]", "", code).upper()


class Guesses:
    """Wrong codes by address: 20 a minute, then a pause. Any thread may call it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.lock = threading.Lock()
        self.wrong: dict[str, deque[float]] = {}

    def pause(self, address: str) -> int:
        """Seconds until this address may try again; 0 for now."""
        with self.lock:
            times = self.wrong.get(address)
            if times is None:
                return 0
            while times and times[0] <= self.clock() - WINDOW:
                times.popleft()
            return int(WINDOW - (self.clock() - times[0])) + 1 if len(times) >= TRIES else 0

    def note(self, address: str) -> None:
        """One more wrong code."""
        with self.lock:
            if len(self.wrong) >= ADDRESSES and address not in self.wrong:
                self.wrong.pop(next(iter(self.wrong)))
            self.wrong.setdefault(address, deque[Any](maxlen=TRIES)).append(self.clock())
