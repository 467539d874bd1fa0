"""`macae alerts`: rules in plain words, a test alert to what is configured, and what the rules say of a stored session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from macae.memory import Change, SQLiteStore
from macae.models import Event, EventType, Session
from tests.cli.conftest import Inside, object_in
from tests.monitoring.alerts.conftest import START, Hook, hook
from tests.support.smtp_server import SMTPServer

__all__ = ["hook"]


@pytest.fixture
def mail() -> Iterator[SMTPServer]:
    with SMTPServer() as server:
        yield server


def test_the_rules_are_shown_in_plain_words(
    inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = inside("alerts", "check")
    assert shown.returncode == 0
    assert (
        "model-slow (warning), mean time of the last model calls: raised when the mean of seconds in the last 5 model calls"
        in shown.stdout
    )
    assert "11 rules, 10 of them active. Alerts go to: log." in shown.stdout
    own = tmp_path / "own.yaml"
    own.write_text(
        "rules: [{name: mine, events: model_started, above: 3, window: {last: 9}}]", encoding="utf-8"
    )
    said = inside("alerts", "check", str(own))
    assert "Note: model_started: not stored" in said.stdout and "1 rule, 1 of them active" in said.stdout
    own.write_text("rules: [{name: mine, events: model_called, abvoe: 3}]", encoding="utf-8")
    monkeypatch.setenv("MACAE_ALERTS", str(own))
    wrong = inside("alerts", "check")
    assert (
        wrong.returncode == 1
        and "rule 'mine': " in wrong.stderr
        and "abvoe: there is no such field; write above." in wrong.stderr
    )
    assert object_in(inside("alerts", "check", "--json"))["type"] == "ConfigError"
    monkeypatch.setenv("MACAE_ALERTS", "off")
    assert object_in(inside("alerts", "check", "--json"))["rules"] == []


def test_a_test_alert_says_what_came_back(
    inside: Inside, hook: Hook, mail: SMTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's own write somewhere
    only = inside("alerts", "test")
    assert only.returncode == 0 and "Only the log is told" in only.stdout
    assert "log: sent (to the logger macae.alerts, but no handler writes its lines anywhere)" in only.stdout
    for name, value in {
        "ALERT_WEBHOOK": hook.url, "ALERT_FORMAT": "teams", "ALERT_EMAIL": "ann@example.org", "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mail.port), "SMTP_TLS": "false", "ALERT_URLS": f"json://{hook.host}/a",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"MACAE_{name}", value)
    told = inside("alerts", "test")
    assert told.returncode == 0, told.stderr
    for line in (
        "log: sent",
        "webhook (teams): sent (200 ok)",
        "e-mail: sent (taken)",
        "apprise 1: sent (taken)",
    ):
        assert line in told.stdout
    assert hook.posts[0]["type"] == "message" and mail.mails[0].message["Subject"] == "macae [INFO] test"
    hook.answers.extend([(403, f"not you, {hook.url}"), (403, "")])
    bad = inside("alerts", "test", "--json")
    rows = {row["receiver"]: row for row in object_in(bad)["receivers"]}
    assert bad.returncode == 1 and rows["e-mail"]["sent"] and not rows["apprise 1"]["sent"]
    assert rows["webhook (teams)"]["answer"].startswith("it answered 403 not you")
    assert "SECRET" not in bad.stdout + bad.stderr


def test_a_replay_shows_what_the_rules_would_have_raised(inside: Inside, tmp_path: Path) -> None:
    def event(at: float, type: EventType, **more: object) -> Event:
        basics: dict[str, object] = {"session_id": "session1", "user_id": "local", "time": START + at}
        return Event.model_validate({"type": type, **basics, **more})

    calls = [
        event(n, EventType.model_called, agent="Hr\x1b[1mAgent", data={"seconds": 9.0, "ok": True})
        for n in range(4)
    ]
    events = [
        *calls,
        event(10, EventType.step_started, step_id="st1"),
        event(300, EventType.step_completed, step_id="st1"),
    ]

    async def fill() -> None:
        async with SQLiteStore(tmp_path / "home" / "macae.db") as store:
            row = Session(id="session1", session_id="session1", user_id="local")
            await store.write("local", "session1", [Change(row, 0)], events)

    asyncio.run(fill())
    told = inside("alerts", "replay", "sess")
    assert told.returncode == 0 and "\x1b" not in told.stdout
    assert "+2.0 s  critical  model-very-slow  (open at the end)" in told.stdout
    assert "+2 min 10 s  critical  stuck-step · st1  (resolved after 2 min 50 s)" in told.stdout
    assert "Alert: mean time of the last model calls exceeded 5 s (Current: 9 s)" in told.stdout
    assert "6 events judged by 10 rules: 3 alerts." in told.stdout
    found = object_in(inside("alerts", "replay", "session1", "--json"))
    assert [(row["rule"], row["raised"], row["resolved"]) for row in found["alerts"]] == [
        ("model-slow", 2, None), ("model-very-slow", 2, None), ("stuck-step", 130, 300),
    ]  # fmt: skip
    own = tmp_path / "own.yaml"
    own.write_text("rules: [{name: mine, events: step_started, above: 0}]", encoding="utf-8")
    own_rules = inside("alerts", "replay", "session1", "--rules", str(own))
    assert "6 events judged by 1 rule: 1 alert." in own_rules.stdout
    assert "no session or plan 'nobody'" in inside("alerts", "replay", "nobody").stderr
