"""How an alert is written for each place. Text from models and tools can be in it: each form takes it as text and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from macae.monitoring.alerts.alert import Alert
from macae.monitoring.texts import one_line

__all__ = ["FORMATS", "facts", "heading", "letter", "plain", "slack", "teams"]

MARKS = {"info": "INFO", "warning": "WARNING", "critical": "CRITICAL"}
COLOURS = {"info": "accent", "warning": "warning", "critical": "attention"}


def heading(alert: Alert) -> str:
    """One short line: [CRITICAL] stuck-step, or [RESOLVED] stuck-step."""
    mark = MARKS.get(alert.severity, "ALERT") if alert.open else "RESOLVED"
    return one_line(f"[{mark}] {alert.rule}{f' ({alert.key})' if alert.key else ''}", 140)


def facts(alert: Alert) -> list[tuple[str, str]]:
    """What belongs to it, as names and values; empty ones are left out."""
    when = datetime.fromtimestamp(alert.raised if alert.resolved is None else alert.resolved, UTC)
    found = [
        ("Rule", alert.rule),
        ("Severity", alert.severity),
        ("About", alert.key),
        ("Session", alert.session_id),
        ("Plan", alert.plan_id),
        ("Step", alert.step_id or ""),
        ("Time", when.strftime("%Y-%m-%d %H:%M:%S UTC")),
    ]
    return [(name, one_line(value, 200)) for name, value in found if value]


def text_of(alert: Alert, longest: int = 2_000) -> str:
    """The alert's sentence, and that it is over where it is."""
    return one_line(alert.text if alert.open else f"Resolved: {alert.text}", longest)


def plain(alert: Alert) -> dict[str, Any]:
    """A JSON object for a program."""
    return {
        "source": "macae",
        "state": "raised" if alert.open else "resolved",
        "rule": alert.rule,
        "severity": alert.severity,
        "key": one_line(alert.key, 400),
        "text": text_of(alert),
        "value": alert.value,
        "threshold": alert.threshold,
        "session_id": one_line(alert.session_id, 200),
        "plan_id": one_line(alert.plan_id, 200),
        "step_id": alert.step_id and one_line(alert.step_id, 200),
        "raised": alert.raised,
        "resolved": alert.resolved,
    }


def slack(alert: Alert) -> dict[str, Any]:
    """Blocks for a Slack webhook. Only plain_text objects, in which Slack reads no markup."""

    def said(text: str, longest: int) -> dict[str, Any]:
        return {"type": "plain_text", "text": one_line(text, longest), "emoji": False}

    fields = [said(f"{name}: {value}", 2_000) for name, value in facts(alert)]
    return {
        # What notifications show. Here Slack would read <!channel> and <https://…>, but not behind &lt;
        "text": escaped_for_slack(f"{heading(alert)} {text_of(alert, 1_000)}"),
        "mrkdwn": False,
        "blocks": [
            {"type": "header", "text": said(heading(alert), 150)},
            {"type": "section", "text": said(text_of(alert), 3_000)},
            {"type": "section", "fields": fields[:10]},
        ],
    }


def escaped_for_slack(text: str) -> str:
    """The three characters that Slack's own form gives a meaning."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def teams(alert: Alert) -> dict[str, Any]:
    """An adaptive card for a Teams webhook. Only text runs: other text blocks there read Markdown, links too."""

    def line(*runs: dict[str, Any]) -> dict[str, Any]:
        return {"type": "RichTextBlock", "inlines": list(runs)}

    def run(text: str, **look: Any) -> dict[str, Any]:
        # {{DATE(…)}} would be worked out on the reader's side.
        return {"type": "TextRun", "text": re.sub(r"([{}])(?=[{}])", r"\1 ", text), **look}

    colour = COLOURS.get(alert.severity, "default") if alert.open else "good"
    body = [
        line(run(heading(alert), weight="bolder", size="medium", color=colour)),
        line(run(text_of(alert))),
        *(line(run(f"{name}: ", weight="bolder"), run(value)) for name, value in facts(alert)),
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    return {
        "type": "message",
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        ],
    }


def letter(alert: Alert) -> str:
    """The body of a mail: plain text."""
    lines = [text_of(alert), "", *(f"{name}: {value}" for name, value in facts(alert))]
    return "\n".join([*lines, "", "Sent by macae. The rules are explained in docs/alerts.md.", ""])


FORMATS: dict[str, Callable[[Alert], dict[str, Any]]] = {"plain": plain, "slack": slack, "teams": teams}
"""By the name in MACAE_ALERT_FORMAT."""
