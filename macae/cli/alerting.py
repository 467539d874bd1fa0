"""`macae alerts`: look at the rules, try the receivers, and see what the rules say of a stored session."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from macae.cli.options import Home, Json, User, place

if TYPE_CHECKING:
    from macae.cli.opening import Place
    from macae.config import Settings
    from macae.models import Event
    from macae.monitoring.alerts import Alert, Receiver

__all__ = ["alerts"]

alerts = typer.Typer(
    help="Check the alert rules, send a test alert, and see what the rules say of a stored session.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RulesFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="FILE", help="A rules file (YAML). Default: MACAE_ALERTS, or the rules that come along."
    ),
]


@alerts.callback()
def of_the_alerts() -> None:
    """Check the alert rules, send a test alert, and see what the rules say of a stored session."""


@alerts.command()
def check(
    context: typer.Context, file: RulesFile = None, json: Json = False, home: Home = None, user: User = None
) -> int:
    """Read a rules file and show its rules in plain words. Exit code 1 when something in it is wrong."""
    return check_rules(place(context, home, user), file, json)


@alerts.command("test")
def test_alert(context: typer.Context, json: Json = False, home: Home = None, user: User = None) -> int:
    """Send a test alert to everything that is configured, and say what came back. Exit code 1 when one did not take it."""
    return send_test(place(context, home, user), json)


@alerts.command()
def replay(
    context: typer.Context,
    session: Annotated[
        str,
        typer.Argument(
            metavar="SESSION|PLAN", help="An id, or the first characters (4 or more) of a session's."
        ),
    ],
    rules: Annotated[
        Path | None, typer.Option("--rules", help="A rules file (YAML). Default: as for `alerts check`.")
    ] = None,
    json: Json = False,
    home: Home = None,
    user: User = None,
) -> int:
    """Show which alerts the rules would have raised in a stored session. Nothing is sent or stored."""
    return asyncio.run(replay_session(place(context, home, user), session, rules, json))


def check_rules(place: Place, file: Path | None, json: bool) -> int:
    """Show the rules. Gives the exit code. Raises ConfigError."""
    from macae.cli import codes
    from macae.cli.output import Screen, one_line
    from macae.monitoring.alerts import load_rules, words_of
    from macae.monitoring.alerts.opening import receivers_of
    from macae.monitoring.alerts.wording import notes_on
    from macae.ui.text import count

    screen, settings = Screen(json), place.settings()
    rules = load_rules(file or settings.alerts)
    receivers = [receiver.name for receiver in receivers_of(settings)]
    if json:
        rows = [
            {
                "name": rule.name, "severity": rule.severity, "active": rule.active,
                "says": words_of(rule), "notes": notes_on(rule),
            }
            for rule in rules
        ]  # fmt: skip
        screen.emit(
            {"file": str(file or settings.alerts or "default"), "rules": rows, "receivers": receivers}
        )
        return codes.COMPLETED
    for rule in rules:
        screen.say(one_line(words_of(rule), 1_000), "" if rule.active else "dim")
        for note in notes_on(rule):
            screen.say(f"Note: {one_line(note)}", "yellow", 2)
    active = sum(rule.active for rule in rules)
    screen.say(
        f"{count(len(rules), 'rule')}, {active} of them active. Alerts go to: {', '.join(receivers)}.", "dim"
    )
    return codes.COMPLETED


def send_test(place: Place, json: bool) -> int:
    """Send it. Gives the exit code. Raises ConfigError."""
    from macae.cli import codes
    from macae.cli.output import Screen, one_line
    from macae.monitoring.alerts import Courier
    from macae.monitoring.alerts.opening import receivers_of

    screen, settings = Screen(json), place.settings()
    receivers: list[Receiver] = receivers_of(settings)
    alert = test_alert_of(settings)
    rows = []
    for receiver in receivers:
        outcome = Courier(receiver, attempts=1).deliver(alert)
        rows.append({"receiver": receiver.name, "sent": outcome.sent, "answer": outcome.text})
        what = "sent" if outcome.sent else "not sent"
        screen.say(f"{receiver.name}: {what} ({one_line(outcome.text)})", "green" if outcome.sent else "red")
    if len(receivers) == 1:
        screen.say(
            "Only the log is told. MACAE_ALERT_WEBHOOK, MACAE_ALERT_EMAIL or MACAE_ALERT_URLS name others "
            "(docs/alerts.md).",
            "dim",
        )
    if json:
        screen.emit({"receivers": rows})
    return codes.COMPLETED if all(row["sent"] for row in rows) else codes.FAILED


def test_alert_of(settings: Settings) -> Alert:
    """An alert that says that it is only a test."""
    from macae.monitoring.alerts import Alert

    return Alert(
        rule="test",
        severity="info",
        key="",
        text=f"Alert: this is a test, sent by `macae alerts test` for {settings.user}. Nothing is wrong.",
        value=1.0,
        threshold=0.0,
        raised=time.time(),
        user_id=settings.user,
    )


async def replay_session(place: Place, session: str, file: Path | None, json: bool) -> int:
    """Judge a stored session. Gives the exit code. Raises MacaeError."""
    from macae.cli import codes
    from macae.cli.archives import find_stored, opened_archive
    from macae.cli.output import Screen
    from macae.memory.atwork import at_work
    from macae.monitoring.alerts import evaluate, load_rules
    from macae.ui.text import count

    screen, settings = Screen(json), place.settings()
    rules = load_rules(file or settings.alerts)
    async with opened_archive(settings) as store:
        found = await find_stored(store, settings.user, session, plans=True)
        events: list[Event] = await store.events(user_id=settings.user, session_id=found)
        over = (await at_work(store, settings.user, found)).over
    # A wait that is still open goes on, whether anybody works on the session or not.
    raised = evaluate(rules, events, until=None if over else time.time())
    began = min((event.time for event in events), default=0.0)
    if json:
        screen.emit(
            {"session_id": found, "events": len(events), "alerts": [row_of(a, began) for a in raised]}
        )
        return codes.COMPLETED
    for alert in raised:
        show(screen, alert, began)
    active = sum(rule.active for rule in rules)
    judged = f"{count(len(events), 'event')} judged by {count(active, 'rule')}"
    screen.say(f"{judged}: {count(len(raised), 'alert')}.", "dim")
    return codes.COMPLETED


def row_of(alert: Alert, began: float) -> dict[str, Any]:
    """One alert for a program; seconds from the session's first event."""
    return {
        "rule": alert.rule,
        "severity": alert.severity,
        "key": alert.key,
        "text": alert.text,
        "value": alert.value,
        "threshold": alert.threshold,
        "raised": round(alert.raised - began, 3),
        "resolved": None if alert.resolved is None else round(alert.resolved - began, 3),
    }


def show(screen: Any, alert: Alert, began: float) -> None:
    """One alert for a person."""
    from macae.cli.output import one_line
    from macae.monitoring.words import duration

    style = {"critical": "red", "warning": "yellow"}.get(alert.severity, "")
    end = (
        "open at the end"
        if alert.resolved is None
        else f"resolved after {duration(alert.resolved - alert.raised)}"
    )
    what = f" · {one_line(alert.key, 100)}" if alert.key else ""
    screen.say(f"+{duration(alert.raised - began)}  {alert.severity}  {alert.rule}{what}  ({end})", style)
    screen.say(one_line(alert.text, 600), "", 6)
