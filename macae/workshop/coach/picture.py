"""The whole of what the page shows, and the choice of a track."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from macae.errors import InvalidInput
from macae.workshop.coach.board import Board
from macae.workshop.coach.folder import Folder
from macae.workshop.coach.pacing import pacing
from macae.workshop.coach.tracks import TRACKS
from macae.workshop.coach.view import columns, people, teams

__all__ = ["choose", "shown"]


def choose(board: Board, track: str, begins: str, now: float) -> None:
    """Keep the chosen track, and its beginning today at HH:MM; the same again changes nothing. Raises InvalidInput."""
    if track not in TRACKS:
        raise InvalidInput(f"There is no track {track[:40]!r}: choose one of {', '.join(TRACKS)}.")
    try:
        time_of_day = datetime.strptime(begins, "%H:%M").time()
    except ValueError:
        raise InvalidInput(f"The beginning is {begins[:40]!r}; it should look like 09:00.") from None
    begins = time_of_day.strftime("%H:%M")
    if (track, begins) == (board.setting("track"), board.setting("begins")) and later(board, track, now):
        return
    since = datetime.combine(datetime.fromtimestamp(now).date(), time_of_day).timestamp()
    board.set(track=track, begins=begins, since=str(since))


def later(board: Board, track: str, now: float) -> bool:
    """Whether this is a day of the workshop that was chosen before."""
    return 0 <= now - float(board.setting("since", "0")) < 86_400 * len(TRACKS[track].days)


def shown(board: Board, url: str, code: str, folder: Folder | None, now: float) -> dict[str, Any]:
    """Everything that the page shows."""
    rows = board.rows()
    found = people(rows, now)
    track, begins = board.setting("track"), board.setting("begins")
    paced = None
    if track in TRACKS:
        reached = [person["reached"] for person in found if person["zone"] != "away"]
        paced = pacing(track, begins, float(board.setting("since", "0")), now, reached)
    first = sorted((p for p in found if p["need"]), key=lambda p: (p["zone"] != "help", -p["need"]))
    return {
        "people": found,
        "columns": columns(rows),
        "teams": teams(found),
        "first": [person["learner"] for person in first[:6]],
        "pacing": paced,
        "plan": {"track": track, "begins": begins},
        "tracks": [{"name": t.name, "title": t.title, "begins": t.begins} for t in TRACKS.values()],
        "join": {"url": url, "code": code},
        "folder": folder.status if folder else "",
        "time": time.strftime("%H:%M", time.localtime(now)),
    }
