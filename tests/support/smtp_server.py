"""A small mail server on 127.0.0.1, in a thread of its own: it keeps what it is given, or hangs, or says no.

with SMTPServer() as server:          # mode: "take", "hang" (never says a word), "refuse" (every recipient), "busy"
    ...                               # server.port
    assert "Subject: …" in server.mails[0].text
"""

from __future__ import annotations

import asyncio
import base64
import threading
from dataclasses import dataclass, field
from email import message_from_string, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Literal

Mode = Literal["take", "hang", "refuse", "busy"]


@dataclass
class Mail:
    sender: str
    to: list[str] = field(default_factory=list)
    text: str = ""
    login: tuple[str, str] | None = None

    @property
    def message(self) -> EmailMessage:
        return message_from_string(self.text, policy=policy.default)  # type: ignore[arg-type,return-value]


class SMTPServer:
    """Without TLS: it offers no STARTTLS. `busy` answers 451 to the first recipient it is told, then takes mail."""

    def __init__(self, mode: Mode = "take", password: str | None = None) -> None:
        self.mode, self.password = mode, password
        self.mails: list[Mail] = []
        self.connections = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="smtp", daemon=True)
        self._ready = threading.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> SMTPServer:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        async def listen() -> asyncio.Server:
            return await asyncio.start_server(self._accept, "127.0.0.1", 0)

        server = self._loop.run_until_complete(listen())
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._end(server))
        self._loop.close()

    async def _end(self, server: asyncio.Server) -> None:
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if self.mode == "hang":
                await reader.read()  # until the client goes, or the server ends
            else:
                await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        mail, login = Mail(""), None
        say("220 ready")
        while line := (await reader.readline()).decode("utf-8", "replace").strip():
            verb = line.split(" ", 1)[0].upper()
            if verb == "EHLO":
                writer.write(b"250-hello\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n")
            elif verb == "AUTH":
                _, user, given = base64.b64decode(line.split()[2]).decode().split("\0")
                if given != self.password:
                    say(f"535 not with {given}")
                    continue
                login = (user, given)
                say("235 welcome")
            elif verb == "MAIL":
                mail = Mail(line, login=login)
                say("250 ok")
            elif verb == "RCPT" and self.mode == "refuse":
                say("550 nobody of that name")
            elif verb == "RCPT" and self.mode == "busy":
                self.mode = "take"
                say("451 come back later")
            elif verb == "RCPT":
                mail.to.append(line.partition("<")[2].rstrip(">"))
                say("250 ok")
            elif verb == "DATA":
                say("354 go on")
                lines = []
                while (row := (await reader.readline()).decode("utf-8", "replace").rstrip("\r\n")) != ".":
                    lines.append(row.removeprefix("."))
                mail.text = "\n".join(lines)
                self.mails.append(mail)
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                break
            else:
                say("250 ok")
        await writer.drain()
