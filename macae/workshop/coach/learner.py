"""What a learner sees of the reporting, and the switch: `coach_report()`, `coach_off()`, `coach_on()`."""

from __future__ import annotations

import html
import os
import time
from dataclasses import dataclass
from pathlib import Path

from macae.config import checkout, load_settings
from macae.workshop.coach import report
from macae.workshop.coach.delivery import Refused, Unreachable, deliver, destination
from macae.workshop.coach.member import is_off, set_off
from macae.workshop.record import record
from macae.workshop.standing import summarise

__all__ = ["CoachReport", "coach_join", "coach_off", "coach_on", "coach_report"]

ONLY = "Numbers and the two names, no source code and no other text. coach_off() stops it."
FRAME = (
    "font-family: var(--jp-ui-font-family, system-ui, sans-serif); color: var(--jp-ui-font-color0, inherit); max-width: 46rem;"
    " border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-radius: 6px; padding: 9px 14px"
)


@dataclass(frozen=True)
class CoachReport:
    """Whether anything goes to the coach, where to, and word for word what. Shows itself in a notebook."""

    active: bool
    text: str
    """Whether, where to, and what became of it, in sentences."""
    sent: str = ""
    """What is sent, exactly; empty when nothing is."""

    def __repr__(self) -> str:
        return f"{self.text}\n{self.sent}".strip()

    def _repr_html_(self) -> str:
        """The same as a card."""
        body = (
            f'<pre style="margin: 8px 0 0; white-space: pre-wrap; color: inherit">{html.escape(self.sent)}</pre>'
            if self.sent
            else ""
        )
        state = "Reporting is on" if self.active else "Nothing is sent"
        return f'<div style="{FRAME}"><b>{state}.</b> {html.escape(self.text)}{body}</div>'


def coach_report() -> CoachReport:
    """Show what your notebooks tell the coach, exactly, or that they tell nothing and why. Nothing is sent by it.

    Raises ConfigError, StoreError, and OSError where the home cannot be written.
    """
    settings = load_settings()
    to = destination(settings)
    if to is None:
        return CoachReport(False, without(settings.coach_url, settings.coach_code))
    if is_off(settings.home):
        return CoachReport(False, "You turned it off; coach_on() turns it on again.")
    last = report.state()
    shown = report.complete(summarise(record().entries()), settings)
    text = f"After each check and hint this goes to {to}. {ONLY} {became(last)}"
    return CoachReport(True, text, shown.model_dump_json(indent=2))


def coach_join(where: str, code: str = "", team: str = "", name: str = "") -> CoachReport:
    """Report to the coach from now on: writes the settings into `.env`, and sends how you stand, to see whether it works.

    `where` and `code` are what the coach tells: the board's address and its join code, or a shared folder (which needs no code).
    `team` and `name` are shown on the board, `name` only if you give one. Raises ConfigError, StoreError, and OSError where the
    file or the home cannot be written.
    """
    from dotenv import set_key

    folder = "://" not in where and Path(where).is_dir()
    place = (
        {"COACH_FOLDER": str(Path(where).absolute())} if folder else {"COACH_URL": where, "COACH_CODE": code}
    )
    given = {**place, "TEAM": team, "NAME": name}
    for key, value in given.items():
        if value:
            set_key(checkout() / ".env", f"MACAE_{key}", clean_line(value), encoding="utf-8")
    settings = load_settings()
    to = destination(settings)
    if to is None:
        return CoachReport(False, without(settings.coach_url, settings.coach_code))
    set_off(settings.home, False)
    shown = report.complete(summarise(record().entries()), settings)
    others = [key for key in given if given[key] and os.environ.get(f"MACAE_{key}", given[key]) != given[key]]
    also = f" (But MACAE_{others[0]} is set in the environment, and wins over .env.)" if others else ""
    try:
        deliver(shown, to)
    except (Refused, Unreachable) as error:
        return CoachReport(False, f"It does not work yet. {error}{also}")
    return CoachReport(
        True, f"The board has taken your first report. {ONLY}{also}", shown.model_dump_json(indent=2)
    )


def clean_line(value: str) -> str:
    """A value that fits into a line of `.env`."""
    return " ".join(value.split())


def without(url: object, code: object) -> str:
    """Why nothing is sent."""
    if url and not code:
        return "MACAE_COACH_URL is set, but MACAE_COACH_CODE (the join code that the coach tells) is not."
    if code and not url:
        return "MACAE_COACH_CODE is set, but MACAE_COACH_URL (the address that the coach tells) is not."
    return (
        "No coach's board is set: it would take MACAE_COACH_URL and MACAE_COACH_CODE, or MACAE_COACH_FOLDER."
    )


def became(last: report.State) -> str:
    """What became of the newest report."""
    if last.summary is None:
        return "This notebook has sent nothing yet."
    when = time.strftime("%H:%M:%S", time.localtime(last.at))
    return (
        f"The newest was accepted at {when}."
        if last.accepted
        else f"The newest was not accepted ({when}): {last.said}"
    )


def coach_off() -> CoachReport:
    """Send nothing to the coach from now on, in every notebook, until `coach_on()`. Raises OSError where the home cannot be written."""
    set_off(load_settings().home, True)
    report.forget()
    return CoachReport(
        False,
        "It stays off until you say coach_on(). What was sent before is still on the board; the coach can remove it.",
    )


def coach_on() -> CoachReport:
    """Report to the coach again, where a board or a shared folder is set. Raises OSError where the home cannot be written."""
    set_off(load_settings().home, False)
    return coach_report()
