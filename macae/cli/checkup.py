"""`macae doctor`: the doctor's findings, line by line."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from macae.cli import codes
from macae.cli.opening import Place
from macae.cli.output import Screen, one_line
from macae.errors import ConfigError
from macae.workshop.doctor import checked, examine

if TYPE_CHECKING:
    from macae.config import Settings
    from macae.workshop.findings import Finding

__all__ = ["show_doctor"]

STYLES = {"ok": "green", "warning": "yellow", "problem": "red"}


def show_doctor(place: Place, json: bool, fetch: bool = False) -> int:
    """Examine and tell. Gives the exit code: 1 when there is a problem, else 0.

    `fetch`: download the embedding model first, and embed the documents with it where it is in use.
    """
    screen = Screen(json)
    found: list[Finding] = []
    if fetch:
        found.append(fetch_shown(screen))
    try:
        settings = place.settings()
    except ConfigError:
        settings = None  # the doctor says so itself, after what does not need them
    if fetch and settings is not None:
        found += index_shown(screen, settings)
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


def index_shown(screen: Screen, settings: Settings) -> list[Finding]:
    """Embed the documents with the model, where it is in use, so that the first search of a tool need not."""
    from macae.workshop.embedding import index_knowledge, uses_model

    if not uses_model(settings):
        return []

    def told(done: int, total: int) -> None:
        screen.say(f"{done} of {total} passages embedded", indent=9)

    findings = checked("Documents", lambda: [index_knowledge(settings, told)])
    for finding in findings:
        show(screen, finding)
    return findings
