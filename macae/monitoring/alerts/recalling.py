"""What was stored before this process took a session up, or by another one since: windows and waits go on from there."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from macae.models import Event, EventType
from macae.monitoring.alerts.alert import Alert, alert_of, alert_told, ended
from macae.monitoring.alerts.judge import Group, Judge, Key
from macae.monitoring.alerts.matching import group_of, matches, measured
from macae.monitoring.alerts.rules import LIVE_ONLY, Rule

__all__ = ["RecallingJudge", "last_told"]

GRACE = 5.0
"""Seconds that whoever takes a session up has to end a wait that ran out while nobody was there."""
Stored = dict[tuple[str, str], Event]
"""By rule and key: the event that tells of an alert."""


def last_told(events: Iterable[Event]) -> Stored:
    """What these events of a session tell last of each alert: that it is raised, or resolved."""
    return {
        (str(event.data.get("rule")), str(event.data.get("key"))): event
        for event in events
        if event.type in (EventType.alert_raised, EventType.alert_resolved)
    }


class RecallingJudge(Judge):
    """A judge that can be told of the past. It still looks at no clock: `now` is given."""

    @property
    def reach(self) -> float:
        """How far back events count, in seconds."""
        lasts = (rule.absence.seconds if rule.absence else rule.window.lasts for rule in self.rules)
        return max(lasts, default=0.0)

    def recall(self, events: Sequence[Event], now: float) -> list[Alert]:
        """Take in stored events of one session, of which none was taken in yet. What is raised or resolved by it; an alert that
        is stored as raised goes on in silence."""
        changed = self.advance(now)
        touched: dict[Key, None] = {}
        for event in events:
            for rule in self._measuring.get(event.type, ()):
                if matches(rule.where, event) and (number := measured(rule, event)) is not None:
                    key = (rule.name, event.user_id, group_of(rule, event))
                    if (samples := self._group(key, rule, changed).samples) is not None:
                        samples.add(event, number)
                    touched[key] = None
        touched |= self._follow_all(events)
        stored = {
            name: event for name, event in last_told(events).items() if event.type is EventType.alert_raised
        }
        for key in touched:
            if (group := self._groups.get(key)) is None:
                continue
            self._restore(key, group, stored)
            if group.begun is None or group.alert is not None:
                self._look(key, group, changed)
            else:
                self._await(key, group, now + GRACE)
        rules = {rule.name: rule for rule in self.rules}
        over = [
            event
            for (name, _), event in stored.items()
            if name in rules and self._is_over(rules[name], event)
        ]
        return [*changed, *(ended(alert_told(event), self.now) for event in over)]

    def await_again(self, events: Iterable[Event]) -> None:
        """Follow the waits through stored events, some of which were seen here and some made elsewhere."""
        for key in self._follow_all(events):
            if (group := self._groups.get(key)) is not None and group.alert is None:
                self._await(key, group, 0.0)

    def overdue(self, now: float) -> set[str]:
        """The sessions of the waits that have run out by `now` and are not told yet."""
        if self.due > now:
            return set()
        return {
            group.begun.session_id
            for group in self._groups.values()
            if group.begun is not None and group.alert is None and now >= group.since + group.rule.limit[1]
        }

    def _await(self, key: Key, group: Group, earliest: float) -> None:
        """Look at a wait when its time is over, but not before `earliest`."""
        group.due = max(group.since + group.rule.limit[1], earliest)
        heapq.heappush(self._heap, (group.due, next(self._number), key))

    def _follow_all(self, events: Iterable[Event]) -> dict[Key, None]:
        """Where the waits stand after these events, without judging them. The groups that were touched."""
        touched: dict[Key, None] = {}
        for event in events:
            for rule in self._waiting.get(event.type, ()):
                key = (rule.name, event.user_id, group_of(rule, event))
                self._follow(rule, key, event)
                touched[key] = None
        return touched

    def _follow(self, rule: Rule, key: Key, event: Event) -> None:
        wait, group = rule.absence, self._groups.get(key)
        assert wait is not None
        begun = -math.inf if group is None or group.begun is None else group.begun.time
        if event.time < begun:
            return
        if event.type in wait.until:
            if group is not None and group.alert is None:
                del self._groups[key]
        elif event.type in rule.events and matches(rule.where, event):
            group = group or self._group(key, rule, [])
            group.begun, group.since = event, max(group.since, event.time)
        elif group is not None:
            group.since = max(group.since, event.time)

    def _restore(self, key: Key, group: Group, stored: Stored) -> None:
        """Have the group's alert go on where it is stored as raised; it is then taken out of `stored`."""
        last = group.begun if group.samples is None else group.samples.last
        if last is None or group.alert is not None:
            return
        made = alert_of(group.rule, key[2], group.rule.limit[1], self.now, last)
        if (event := stored.pop((made.rule, made.key), None)) is None:
            return
        told = alert_told(event)
        group.alert = replace(
            made, text=told.text, value=told.value, raised=told.raised, number=next(self._number)
        )
        if not within_session(group.rule):  # what happened in other sessions is not known here
            group.clear_since = told.raised + group.rule.window.lasts

    def _is_over(self, rule: Rule, raised: Event) -> bool:
        """Whether an alert of which nothing is left holds no longer."""
        return within_session(rule) or raised.time + rule.window.lasts <= self.now


def within_session(rule: Rule) -> bool:
    """Whether the stored events of one session tell all that the rule looks at."""
    return not {"session", "plan", "step"}.isdisjoint(rule.by) and LIVE_ONLY.isdisjoint(rule.events)
