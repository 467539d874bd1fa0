"""What an alert says arrives as text, whatever somebody has written into it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from macae.monitoring.alerts.alert import alert_of
from macae.monitoring.alerts.formats import FORMATS, heading, letter, plain, slack, teams
from macae.monitoring.alerts.mail import Mail
from macae.monitoring.alerts.texts import amount, masked
from tests.monitoring.alerts.conftest import START, alert, happened, rule

HOSTILE = (
    "<!channel> <https://evil.example|click> [link](javascript:alert(1)) **bold** {{DATE(2020-01-01,SHORT)}}\r\n"
    "Bcc: eve@evil.example\r\n\r\n<script>alert(1)</script> \x1b[2J\u202eevil\u2028line & more"
)


def everything(value: Any) -> list[tuple[str, str]]:
    """Every text in it, with its name."""
    if isinstance(value, dict):
        return [
            pair
            for name, part in value.items()
            for pair in ([(name, part)] if isinstance(part, str) else everything(part))
        ]
    return [pair for part in value for pair in everything(part)] if isinstance(value, list) else []


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("resolved", [None, START + 90])
def test_no_form_lets_foreign_text_become_more_than_text(form: str, resolved: float | None) -> None:
    made = FORMATS[form](
        alert(text=HOSTILE, key=HOSTILE, session_id=HOSTILE, step_id=HOSTILE, resolved=resolved)
    )
    assert json.loads(json.dumps(made)) == made
    for _, text in everything(made):
        assert text.isprintable() or not text, "no line ends, escapes or direction marks"
    assert ("Resolved" in json.dumps(made)) is (resolved is not None)


def test_slack_reads_no_markup_in_it() -> None:
    made = slack(alert(text=HOSTILE))
    assert "<" not in made["text"] and "&lt;!channel&gt;" in made["text"] and made["mrkdwn"] is False
    header, section, fields = made["blocks"]
    assert (
        header["text"]["type"] == section["text"]["type"] == "plain_text"
        and len(header["text"]["text"]) <= 150
    )
    assert {one["type"] for one in fields["fields"]} == {"plain_text"} and len(fields["fields"]) <= 10
    assert "Rule: model-slow" in [one["text"] for one in fields["fields"]]


def test_teams_gets_text_runs_alone_and_works_nothing_out() -> None:
    made = teams(alert(text=HOSTILE, severity="critical"))
    card = made["attachments"][0]["content"]
    assert card["type"] == "AdaptiveCard" and made["type"] == "message"
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert {run["type"] for run in runs} == {"TextRun"}
    assert not any("{{" in run["text"] or "}}" in run["text"] for run in runs)
    assert runs[0]["text"] == "[CRITICAL] model-slow (HrAgent)" and runs[0]["color"] == "attention"


def test_plain_is_for_programs() -> None:
    assert plain(alert()) == {
        "source": "macae", "state": "raised", "rule": "model-slow", "severity": "warning", "key": "HrAgent",
        "text": "Alert: it exceeded 3 s (Current: 4 s)", "value": 4.0, "threshold": 3.0, "session_id": "s1",
        "plan_id": "", "step_id": None, "raised": START, "resolved": None,
    }  # fmt: skip


def test_a_mails_headers_are_its_own() -> None:
    mail = Mail("localhost", "ann@example.org", sender="macae@example.org").message(
        alert(text=HOSTILE, key=HOSTILE)
    )
    assert mail["Bcc"] is None and mail["To"] == "ann@example.org"
    assert "\n" not in mail["Subject"] and mail["Subject"].startswith(
        "macae [WARNING] model-slow (<!channel>"
    )
    raw = mail.as_bytes().replace(b"\r\n", b"\n")
    head, _, body = raw.partition(b"\n\n")
    assert b"\nBcc" not in head and b"\x1b" not in body and mail.get_content_type() == "text/plain"


def test_the_engines_texts_are_made_harmless_where_the_alert_is_made() -> None:
    last = happened("budget_warned", text=HOSTILE, agent=HOSTILE, step_id="x", scope=HOSTILE)
    made = alert_of(rule(above=0, advice="{text} {agent}", by=["scope"]), (HOSTILE,), 1.0, START, last)
    assert made.text.isprintable() and made.key.isprintable() and len(made.text) < 1_500
    assert "{{DATE" in made.text, "braces in what is filled in are not filled in again"


def test_words() -> None:
    assert heading(alert(key="", resolved=START)) == "[RESOLVED] model-slow"
    assert "docs/alerts.md" in letter(alert()) and "Session: s1" in letter(alert())
    assert [amount(v, u) for v, u in ((6.21, "s"), (0.104, "%"), (0.00412, "$"), (3, "$"), (123456, "tokens"), (12.34, ""))] == [
        "6.2 s", "10.4 %", "$0.0041", "$3.00", "123,456 tokens", "12.3",
    ]  # fmt: skip
    assert (
        masked("at https://h/secret?k=v: secret", ["https://h/secret?k=v", "/secret", None, "", "k"])
        == "at ***: secret"
    )
