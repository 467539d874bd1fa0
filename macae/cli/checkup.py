"""`macae doctor`: the doctor's findings, line by line."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from macae.cli import codes
from macae.cli.opening import Place
from macae.cli.output import Screen, one_line
from macae.errors import ConfigError
from macae.workshop.doctor import examine

if TYPE_CHECKING:
    from macae.workshop.findings import Finding

__all__ = ["show_doctor"]

STYLES = {"ok": "green", "warning": "yellow", "problem": "red"}


def show_doctor(place: Place, json: bool, fetch: bool = False) -> int:
    """Examine and tell; `fetch`: download the embedding model first. Gives the exit code: 1 when there is a problem, else 0."""
    screen = Screen(json)
    found: list[Finding] = []
    if fetch:
        found.append(fetch_shown(screen))
    try:
        settings = place.settings()
    except ConfigError:
        settings = None  # the doctor says so itself, after what does not need them
    for finding in examine(settings):
        found.append(finding)
        show(screen, finding)
    bad = sum(finding.status == "problem" for finding in found)
    unsure = sum(finding.status == "warning" for finding in found)
    if json:
        screen.emit({"ok": not bad, "findings": [asdict(finding) for finding in found]})
    elif bad or unsure:
        screen.say(
            f"{bad} problem{'' if bad == 1 else 's'}, {unsure} warning{'' if unsure == 1 else 's'}.", "bold"
        )
    else:
        screen.say("Everything is well.", "bold green")
    return codes.FAILED if bad else codes.COMPLETED


def show(screen: Screen, finding: Finding) -> None:
    """A finding, and its fix."""
    screen.say(f"{finding.status:<8} {finding.name}: {one_line(finding.text, 1_000)}", STYLES[finding.status])
    if finding.fix:
        screen.say(f"Fix: {one_line(finding.fix, 1_000)}", indent=9)


def fetch_shown(screen: Screen) -> Finding:
    """Download the embedding model, with a line for every tenth of it."""
    from macae.workshop.embedding import fetch_embedding

    tenths = 0

    def told(size: int, total: int) -> None:
        nonlocal tenths
        if total and size * 10 // total > tenths:
            tenths = size * 10 // total
            screen.say(f"{size // 1_000_000} of {total // 1_000_000} MB", indent=9)

    finding = fetch_embedding(told)
    show(screen, finding)
    return finding
