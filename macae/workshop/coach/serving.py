"""Starting the board: the port, the addresses at which a room reaches it, and the server."""

from __future__ import annotations

import os
import re
import socket
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from macae.errors import ConfigError, InvalidInput
from macae.workshop.coach.board import Board
from macae.workshop.coach.folder import Folder
from macae.workshop.coach.server import Room, create_app

__all__ = ["PORT", "check_port", "lan_address", "listen", "names", "open_room", "run"]

PORT = 8900
SHORTEST = 6
"""Characters of a join code that a coach chooses."""
LOCAL = ("127.0.0.1", "localhost", "::1")


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises ConfigError with what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        found = socket.socket(family, socket.SOCK_STREAM)
        try:
            if (
                sys.platform == "win32"
            ):  # elsewhere this is for a port that is closing, there for two servers on one port
                found.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind((host, port))
            found.listen(128)
        except BaseException:
            found.close()
            raise
    except OverflowError:
        raise ConfigError(f"There is no port {port}: choose one from 1024 to 65535 with --port.") from None
    except OSError as error:
        raise ConfigError(
            f"The board cannot use port {port} on {host} ({error.strerror or error}). If another board runs there, use or stop that one;"
            f" else choose another port, for example --port {port + 1 if port < 65535 else PORT}."
        ) from None
    return found


def check_port(host: str, port: int) -> str:
    """Why the board could not listen there, in a sentence; empty when it can."""
    try:
        listen(host, port).close()
    except ConfigError as error:
        return str(error)
    return ""


def lan_address() -> str:
    """This machine's address in the network it is joined to; empty for none. Nothing is sent."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # an address for documentation: this only asks which way it would be
        found = str(probe.getsockname()[0])
        return "" if found.startswith(("127.", "0.")) else found
    return ""


def names() -> set[str]:
    """The names that this machine has."""
    name = socket.gethostname().lower().rstrip(".")
    first = name.partition(".")[0]
    return {name, first, f"{first}.local"} - {""}


def public_url(host: str, port: int, url: str = "") -> str:
    """What learners are told: `url` where it is given, else this machine's address; empty where only this machine can ask."""
    if url:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput(f"--url is {url!r}; it should look like https://board.example.org.")
        return url.rstrip("/")
    space, domain = (
        os.environ.get("CODESPACE_NAME"),
        os.environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN"),
    )
    if space and domain:
        return f"https://{space}-{port}.{domain}"
    if host in LOCAL:
        return ""
    shown = (lan_address() or socket.gethostname()) if host in ("0.0.0.0", "::") else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def open_room(
    board: Board, host: str, port: int, code: str = "", folder: Path | None = None, url: str = ""
) -> Room:
    """What a board is started with: the codes are those of the last time, unless a join code is given. Raises InvalidInput."""
    if code:
        if not re.fullmatch(rf"[A-Za-z0-9-]{{{SHORTEST},40}}", code):
            raise InvalidInput(
                f"A join code has {SHORTEST} to 40 letters, digits and dashes (no accents, no spaces)."
            )
        board.set(join=code)
    join = board.setting("join") or board.secret("join", 8)
    told = public_url(host, port, url)
    hosts = {*names(), *([urlsplit(told).hostname or ""] if told else []), host.lower()}
    if re.fullmatch(r"[0-9A-Z]{8}", join):
        join = f"{join[:4]}-{join[4:]}"
    return Room(
        join,
        board.secret("key"),
        told,
        frozenset(hosts - {"", "0.0.0.0", "::"}),
        Folder(folder, board) if folder else None,
    )


def run(board: Board, room: Room, bound: socket.socket) -> None:
    """Serve until Ctrl+C."""
    config = uvicorn.Config(
        create_app(board, room),
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whoever could say where they come from could guess for ever
        lifespan="on",
        limit_concurrency=500,
        timeout_graceful_shutdown=2,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[bound])
