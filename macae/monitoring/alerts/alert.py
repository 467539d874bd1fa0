"""An alert: which rule was broken by whom, since when, and how far."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from macae.models import Event, EventType
from macae.monitoring.alerts.rules import Rule
from macae.monitoring.alerts.texts import amount
from macae.monitoring.texts import one_line

__all__ = ["Alert", "alert_event", "alert_of", "alert_told", "cleaned", "ended"]

log = logging.getLogger(__name__)


@dataclass
class Alert:
    """A rule that is broken. While it stays broken there is one alert a rule and key."""

    rule: str
    severity: str
    key: str
    """What it is about, where a rule judges several things apart: an agent, a step, …"""
    text: str
    value: float | None
    """What was measured; of one that is resolved what it was then, None where nothing was measured any more."""
    threshold: float
    raised: float
    """Unix time, seconds."""
    resolved: float | None = None
    """Unix time at which the rule had stopped to be broken; None while it is."""
    session_id: str = ""
    user_id: str = ""
    plan_id: str = ""
    step_id: str | None = None
    trace_id: str = ""
    agent: str = ""
    details: dict[str, str] = field(default_factory=dict)
    """The key by its parts."""
    number: int = 0
    """Tells the alerts of one judge apart."""

    @property
    def open(self) -> bool:
        """Whether it still holds."""
        return self.resolved is None


def alert_of(rule: Rule, group: tuple[str, ...], value: float, now: float, last: Event) -> Alert:
    """The alert that a group's value raises. `last` is the event that it was seen in."""
    details = dict(zip(rule.by, group, strict=True))
    # The session and the user are said beside the key anyway.
    key = " · ".join(
        one_line(part, 80) for name, part in details.items() if part and name not in ("session", "user")
    )
    metric = rule.metric or default_metric(rule)
    words = {
        "rule": rule.name,
        "severity": rule.severity,
        "metric": metric,
        "exceeded": rule.exceeded,
        "threshold": amount(rule.limit[1], rule.unit_told),
        "value": amount(value, rule.unit_told),
        "key": key,
        "agent": one_line(last.agent, 80),
        "session": one_line(last.session_id, 120),
        "plan": one_line(last.plan_id, 120),
        "step": one_line(last.step_id or "", 120),
        "text": one_line(last.text, 400),
    }
    said = [rule.message.format_map(words), rule.advice.format_map(words)]
    return Alert(
        rule=rule.name,
        severity=rule.severity,
        key=key,
        text=sentences(one_line(part, 1_000) for part in said),
        value=round(value, 6),
        threshold=rule.limit[1],
        raised=now,
        session_id=last.session_id,
        user_id=last.user_id,
        plan_id=last.plan_id if "plan" in rule.by or "step" in rule.by else "",
        step_id=last.step_id if "step" in rule.by else None,
        trace_id=last.trace_id,
        agent=last.agent,
        details={name: one_line(part, 200) for name, part in details.items()},
    )


def sentences(parts: Iterable[str]) -> str:
    """The parts as one text: what another follows ends with a full stop."""
    said = [part for part in parts if part]
    return " ".join(
        part if part.endswith((".", "!", "?", "…")) or part is said[-1] else f"{part}." for part in said
    )


def ended(alert: Alert, now: float, rule: Rule | None = None, value: float | None = None) -> Alert:
    """The alert once it holds no longer: its sentence tells the value that it has now, or none, and no advice."""
    found = RAISED.match(alert.text)
    text = alert.text
    if found is not None:
        now_is = (
            f" (in the end: {amount(value, rule.unit_told)})"
            if rule is not None and value is not None
            else ""
        )
        text = f"{found[1]}{now_is}"
    shown = None if value is None else round(value, 6)
    return replace(alert, resolved=now, value=shown, text=text)


RAISED = re.compile(r"Alert: (.+?) \(Current: [^()]*\)")
"""How the usual message begins; one of somebody's own stays as it is."""


def cleaned(alert: Alert, clean: Callable[[str], str]) -> Alert:
    """The alert as it may leave the house. What cannot be cleaned is left out."""

    def without(text: str) -> str:
        try:
            return clean(text) if text else text
        except Exception as error:
            log.warning("The text of the alert %s could not be cleaned: %s", alert.rule, type(error).__name__)
            return f"(left out: it could not be cleaned, {type(error).__name__})"

    details = {name: without(part) for name, part in alert.details.items()}
    return replace(alert, text=without(alert.text), key=without(alert.key), details=details)


def default_metric(rule: Rule) -> str:
    """What is measured, for a rule that does not say it in its own words."""
    events = " or ".join(rule.events[:3]) + (" …" if len(rule.events) > 3 else "")
    if rule.absence is not None:
        return f"time since {events}"
    if not isinstance(rule.measure, str):
        return rule.name
    return (
        f"{rule.measure} of {' + '.join(rule.field)} of {events}"
        if rule.field
        else f"{rule.measure} of {events}"
    )


def alert_event(alert: Alert) -> Event:
    """The event that tells of it: alert_raised, or alert_resolved once it is."""
    return Event(
        type=EventType.alert_raised if alert.open else EventType.alert_resolved,
        time=alert.raised if alert.resolved is None else alert.resolved,
        session_id=alert.session_id,
        user_id=alert.user_id,
        plan_id=alert.plan_id,
        step_id=alert.step_id,
        trace_id=alert.trace_id,
        agent=alert.agent,
        text=alert.text if alert.open else f"Resolved: {alert.text}",
        data={
            "rule": alert.rule,
            "key": alert.key,
            "severity": alert.severity,
            "value": alert.value,
            "threshold": alert.threshold,
        },
    )


def alert_told(event: Event) -> Alert:
    """The alert that an alert_raised event tells of."""
    value, threshold = (event.data.get(name) for name in ("value", "threshold"))
    return Alert(
        rule=str(event.data.get("rule")),
        severity=str(event.data.get("severity")),
        key=str(event.data.get("key")),
        text=event.text,
        value=float(value) if isinstance(value, int | float) else None,
        threshold=float(threshold) if isinstance(threshold, int | float) else 0.0,
        raised=event.time,
        session_id=event.session_id,
        user_id=event.user_id,
        plan_id=event.plan_id,
        step_id=event.step_id,
        trace_id=event.trace_id,
        agent=event.agent,
    )
