"""`macae coach rehearse`: the results as they come, then what is wrong in all."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path

from macae.cli import codes
from macae.cli.checkup import STYLES
from macae.cli.opening import Place
from macae.cli.output import Screen, one_line
from macae.config import checkout
from macae.workshop.coach.rehearsal import Result, rehearse

__all__ = ["show_rehearsal"]

NAME = 34
"""The width of the name's column."""


def show_rehearsal(
    place: Place, host: str, port: int, folder: Path | None, notebooks: Path | None, parallel: int, json: bool
) -> int:
    """Rehearse and tell. Gives the exit code: 1 when something is wrong, else 0."""
    screen = Screen(json)
    settings = place.settings()
    where = notebooks or checkout() / "solutions"
    began, results = time.perf_counter(), list[Result]()
    for result in rehearse(settings, where, host, port, folder or settings.coach_folder, parallel):
        results.append(result)
        found = result.finding
        name = one_line(found.name, NAME)
        screen.say(
            f"{found.status:<8} {name:<{NAME}} {result.seconds:>6.1f} s  {one_line(found.text, 1_000)}",
            STYLES[found.status],
        )
        if found.fix:
            screen.say(f"Fix: {one_line(found.fix, 1_000)}", indent=9)
    took = time.perf_counter() - began
    bad = sum(result.finding.status == "problem" for result in results)
    unsure = sum(result.finding.status == "warning" for result in results)
    if json:
        told = [{**asdict(result.finding), "seconds": round(result.seconds, 2)} for result in results]
        screen.emit({"ok": not bad, "seconds": round(took, 1), "results": told})
    elif bad:
        screen.say(
            f"{bad} problem{'' if bad == 1 else 's'}, {unsure} warning{'' if unsure == 1 else 's'}, in {took:.0f} s.",
            "bold red",
        )
    else:
        also = (
            f" {unsure} warning{'' if unsure == 1 else 's'}: read {'it' if unsure == 1 else 'them'}."
            if unsure
            else ""
        )
        screen.say(f"Ready for the day: everything ran, in {took:.0f} s.{also}", "bold green")
    return codes.FAILED if bad else codes.COMPLETED
