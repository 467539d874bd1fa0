"""The coach board as a web application. Learners may only report; everything else takes the coach's key."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from macae.errors import InvalidInput, MacaeError
from macae.workshop.coach.board import Board
from macae.workshop.coach.folder import Folder
from macae.workshop.coach.guard import Guard, Guesses, same_code
from macae.workshop.coach.picture import choose, shown
from macae.workshop.coach.summary import Summary

__all__ = ["Room", "create_app"]

PAUSE = 2.0
"""Seconds between two looks into the shared folder."""
ASSETS = {
    "/": ("page.html", "text/html"),
    "/coach.css": ("page.css", "text/css"),
    "/coach.js": ("page.js", "text/javascript"),
}


@dataclass(frozen=True)
class Room:
    """What a board is started with. `hosts` are names by which it may be asked; `url` is what learners are told, empty for nobody else."""

    join: str
    key: str
    url: str = ""
    hosts: frozenset[str] = field(default_factory=frozenset)
    folder: Folder | None = None


class Denied(Exception):
    """The answer is a refusal with this status and sentence."""

    def __init__(self, status: int, text: str, after: int = 0) -> None:
        super().__init__(text)
        self.status = status
        self.after = after


def create_app(board: Board, room: Room, clock: Callable[[], float] = time.time) -> FastAPI:
    """The application. It keeps nothing but what the board keeps, and who guessed wrongly of late."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(watch(room.folder)) if room.folder else None
        yield
        if watching:
            watching.cancel()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, hosts=room.hosts)
    app.add_exception_handler(Denied, denied)
    app.add_exception_handler(MacaeError, unusable)
    guesses, peeks = Guesses(), Guesses()

    def allowed(request: Request, tries: Guesses, given: str, right: bool, name: str, variable: str) -> None:
        """Raise Denied unless the code is right, and this address has not guessed too often."""
        address = request.client.host if request.client else ""
        if pause := tries.pause(address):
            raise Denied(429, f"Too many wrong codes from this address. Try again in {pause} seconds.", pause)
        if not given:
            raise Denied(401, f"This takes the {name} ({variable}).")
        if not right:
            tries.note(address)
            raise Denied(403, f"This is not the {name}. Ask the coach for it ({variable}).")

    def coach(request: Request) -> None:
        """Only with the coach's key."""
        given = request.headers.get("x-coach-key", "")
        right = hmac.compare_digest(given.encode(), room.key.encode())
        allowed(
            request,
            peeks,
            given,
            right,
            "coach's key",
            "in the address that `python workshop.py coach` shows",
        )

    @app.post("/api/report")
    async def report(request: Request) -> dict[str, bool]:
        """A learner's report."""
        given = request.headers.get("x-join-code", "")
        right = same_code(given, room.join)
        known = await run_in_threadpool(board.knows, request.headers.get("x-learner", "")[:40])
        if not (right and known):  # learners who share an address with somebody who guesses go on reporting
            allowed(request, guesses, given, right, "join code", "MACAE_COACH_CODE")
        try:
            summary = Summary.model_validate_json(await request.body())
        except ValueError:
            raise InvalidInput(
                "This is no report. Is this the same version of the workshop as the coach's?"
            ) from None
        await run_in_threadpool(board.take, summary, "http")
        return {"ok": True}

    @app.get("/api/board")
    async def look(request: Request) -> dict[str, Any]:
        """Everything that the page shows."""
        coach(request)
        return await run_in_threadpool(shown, board, room.url, room.join, room.folder, clock())

    @app.post("/api/code")
    async def code(request: Request) -> dict[str, Any]:
        """A code that the coach pasted."""
        coach(request)
        given = await words(request)
        kept = await run_in_threadpool(board.take_code, given.get("code", ""), given.get("team", ""))
        return {"ok": True, "challenge": kept.challenge, "team": kept.team}

    @app.post("/api/plan")
    async def plan(request: Request) -> dict[str, bool]:
        """The track and when it began."""
        coach(request)
        given = await words(request)
        await run_in_threadpool(choose, board, given.get("track", ""), given.get("begins", ""), clock())
        return {"ok": True}

    @app.post("/api/remove")
    async def remove(request: Request) -> dict[str, bool]:
        """Take a learner off the board."""
        coach(request)
        await run_in_threadpool(board.remove, (await words(request)).get("learner", ""))
        return {"ok": True}

    def asset(path: str) -> None:
        """One of the page's files. They hold nothing of anybody."""
        name, kind = ASSETS[path]
        text = (files("macae.workshop.coach") / name).read_text(encoding="utf-8")
        app.add_api_route(path, lambda: Response(text, media_type=f"{kind}; charset=utf-8"), methods=["GET"])

    for path in ASSETS:
        asset(path)
    return app


async def words(request: Request) -> dict[str, str]:
    """The texts of a small JSON object. Raises InvalidInput."""
    try:
        given = json.loads(await request.body())
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise InvalidInput("This is no JSON object of texts.")
    return given


async def watch(folder: Folder) -> None:
    """Look into the shared folder again and again; a share that hangs holds nothing else up."""
    while True:
        await asyncio.to_thread(folder.scan)
        await asyncio.sleep(PAUSE)


async def denied(request: Request, error: Exception) -> JSONResponse:
    """A refusal."""
    assert isinstance(error, Denied)
    after = {"Retry-After": str(error.after)} if error.after else {}
    return JSONResponse({"error": str(error)}, error.status, after)


async def unusable(request: Request, error: Exception) -> JSONResponse:
    """What was given cannot be used, or the file cannot be written."""
    return JSONResponse({"error": str(error)}, 400 if isinstance(error, InvalidInput) else 503)
