"""Events in, alerts out: each rule is judged for each group apart, by the time of the events.

Nothing here waits or looks at a clock, so a stored session gives the same alerts as it gave live.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import math
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from macae.models import Event, EventType
from macae.monitoring.alerts.alert import Alert, alert_of, ended
from macae.monitoring.alerts.matching import group_of, matches, measured
from macae.monitoring.alerts.rules import OWN, Rule
from macae.monitoring.alerts.samples import Samples

__all__ = ["Judge", "evaluate"]

log = logging.getLogger(__name__)

MOST_GROUPS = 10_000
"""Groups that are kept, all rules together; the one used longest ago goes first, but none with an open alert."""

Key = tuple[str, str, tuple[str, ...]]
"""A rule's name, the user, the group."""


@dataclass(slots=True)
class Group:
    """How one rule stands for one group."""

    rule: Rule
    samples: Samples | None
    begun: Event | None = None
    """For an absence: what began the wait, while it lasts."""
    since: float = 0.0
    """For an absence: when it last showed that it goes on."""
    alert: Alert | None = None
    clear_since: float | None = None
    due: float = math.inf
    """When it has to be looked at again."""


class Judge:
    """Judges events as they come. Every call gives the alerts that were raised or resolved by it."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = [rule for rule in rules if rule.active]
        self.now = 0.0
        """The time of the newest event, Unix seconds."""
        self.failed: Counter[str] = Counter()
        """By rule: how often a function of one's own has raised an error."""
        self._groups: OrderedDict[Key, Group] = OrderedDict()
        self._heap: list[tuple[float, int, Key]] = []
        self._number = itertools.count()
        self._measuring: dict[EventType, list[Rule]] = defaultdict(list)
        self._waiting: dict[EventType, list[Rule]] = defaultdict(list)
        for rule in self.rules:
            wait = rule.absence
            kinds = {*rule.events} if wait is None else {*rule.events, *wait.until, *wait.alive}
            for kind in kinds:
                (self._measuring if wait is None else self._waiting)[kind].append(rule)

    @property
    def due(self) -> float:
        """When something may change though no event comes, Unix time; endless when nothing can."""
        return self._heap[0][0] if self._heap else math.inf

    @property
    def open(self) -> list[Alert]:
        """The alerts that hold."""
        return [group.alert for group in self._groups.values() if group.alert is not None]

    def reads(self, event: Event) -> bool:
        """Whether a rule looks at events of this type."""
        return event.type in self._measuring or event.type in self._waiting

    def feed(self, event: Event) -> list[Alert]:
        """Take an event in. The events of alerts themselves count for nothing."""
        if event.type in OWN:
            return []
        changed = self.advance(event.time)
        for rule in self._measuring.get(event.type, ()):
            if not rule.where or matches(rule.where, event):
                self._measure(rule, event, changed)
        for rule in self._waiting.get(event.type, ()):
            self._wait(rule, event, changed)
        return changed

    def advance(self, now: float) -> list[Alert]:
        """Let time pass. Time never goes back: an event that comes late is judged at the time it comes."""
        changed: list[Alert] = []
        while self._heap and self._heap[0][0] <= now:
            due, _, key = heapq.heappop(self._heap)
            group = self._groups.get(key)
            if group is not None and group.due == due:
                self.now = max(self.now, due)
                group.due = math.inf
                self._look(key, group, changed)
        self.now = max(self.now, now)
        return changed

    def set_back(self, now: float) -> None:
        """The clock was set back to `now`, Unix seconds: what was later happened now, so that every wait and window goes on."""
        self.now, self._heap = now, []
        for key, group in [*self._groups.items()]:
            group.since, group.due = min(group.since, now), math.inf
            if group.clear_since is not None:
                group.clear_since = min(group.clear_since, now)
            if group.samples is not None:
                group.samples.set_back(now)
            self._plan(key, group)

    def has_slept(self, seconds: float) -> None:
        """The machine has slept so long, and so has all that an absence waits for: that time counts for no wait."""
        for key, group in [*self._groups.items()]:
            if group.samples is None and group.alert is None:
                group.since, group.due = group.since + seconds, math.inf
                self._plan(key, group)

    def _measure(self, rule: Rule, event: Event, changed: list[Alert]) -> None:
        number = measured(rule, event)
        if number is None:
            return
        key = (rule.name, event.user_id, group_of(rule, event))
        group = self._group(key, rule, changed)
        if group.samples is not None:
            group.samples.add(event, number)
        self._look(key, group, changed)

    def _wait(self, rule: Rule, event: Event, changed: list[Alert]) -> None:
        wait = rule.absence
        assert wait is not None
        key = (rule.name, event.user_id, group_of(rule, event))
        if event.type in wait.until:
            if event.type is EventType.session_closed:  # of no plan or step: it ends the waits of all
                ended = [k for k, g in self._groups.items() if k[0] == rule.name and of_session(g, event)]
            else:
                ended = [key] if key in self._groups else []
            for one in ended:
                self._end(one, changed)
        elif event.type in rule.events and matches(rule.where, event):
            group = self._group(key, rule, changed)
            group.begun, group.since = event, event.time
            self._look(key, group, changed)
        elif (held := self._groups.get(key)) is not None:
            held.since = max(held.since, event.time)
            self._look(key, held, changed)

    def _end(self, key: Key, changed: list[Alert]) -> None:
        group = self._groups.pop(key)
        if group.alert is not None:
            changed.append(ended(group.alert, self.now, group.rule, self._waited(group)))

    def _waited(self, group: Group) -> float | None:
        """How long a wait was that has ended; None where a sign of life came before its end, or it is no wait."""
        waited = self.now - group.since
        return waited if group.samples is None and waited >= group.rule.limit[1] else None

    def _group(self, key: Key, rule: Rule, changed: list[Alert]) -> Group:
        group = self._groups.get(key)
        if group is not None:
            self._groups.move_to_end(key)
            return group
        if len(self._groups) >= MOST_GROUPS:
            self._make_room(changed)
        group = self._groups[key] = Group(rule, None if rule.absence else Samples(rule))
        return group

    def _make_room(self, changed: list[Alert]) -> None:
        """Let go of the group used longest ago that has no open alert; where all have one, of the oldest, and say so."""
        for _ in range(len(self._groups)):
            key = next(iter(self._groups))
            if self._groups[key].alert is None:
                del self._groups[key]
                return
            self._groups.move_to_end(key)
        self._end(next(iter(self._groups)), changed)

    def _look(self, key: Key, group: Group, changed: list[Alert]) -> None:
        """Judge a group as it is now, and note when to look again."""
        value, last = self._value(group)
        if value is not None and last is not None and group.rule.holds(value):
            group.clear_since = None
            if group.alert is None:
                group.alert = alert_of(group.rule, key[2], value, self.now, last)
                group.alert.number = next(self._number)
                changed.append(replace(group.alert))
        elif group.alert is not None:
            if group.clear_since is None:
                group.clear_since = self.now
            if self.now >= group.clear_since + group.rule.quiet:
                changed.append(ended(group.alert, self.now, group.rule, value))
                group.alert = group.clear_since = None
        self._plan(key, group)

    def _value(self, group: Group) -> tuple[float | None, Event | None]:
        if group.samples is None:
            # The same sum as in `_plan`, so that rounding can't have it looked at too early again and again.
            over = self.now >= group.since + group.rule.limit[1]
            return (max(self.now - group.since, group.rule.limit[1]) if over else None), group.begun
        group.samples.expire(self.now)
        try:
            return group.samples.value(), group.samples.last
        except Exception as error:
            name = group.rule.name
            self.failed[name] += 1
            if self.failed[name] == 1:
                log.warning("The alert rule %s failed: %s: %s", name, type(error).__name__, error)
            return None, None

    def _plan(self, key: Key, group: Group) -> None:
        """Note when the group has to be looked at again, or let go of it."""
        due = math.inf
        if group.samples is not None:
            due = group.samples.expires
        elif group.alert is None:
            due = group.since + group.rule.limit[1]
        if group.clear_since is not None:
            due = min(due, group.clear_since + group.rule.quiet)
        if due == math.inf:
            if group.alert is None:
                self._groups.pop(key, None)
        elif due < group.due:  # one that is looked at too early is looked at again
            group.due = due
            heapq.heappush(self._heap, (due, next(self._number), key))


def of_session(group: Group, event: Event) -> bool:
    """Whether the group's wait began in the event's session."""
    return group.begun is not None and (group.begun.user_id, group.begun.session_id) == (
        event.user_id,
        event.session_id,
    )


def evaluate(rules: Sequence[Rule], events: Iterable[Event], until: float | None = None) -> list[Alert]:
    """The alerts that these events raise, in the order in which they do; `resolved` is None for those still open at the end.

    The end is the last event's time, or `until` (Unix time) where that is later.
    """
    judge = Judge(rules)
    told: list[Alert] = []
    for event in sorted(events, key=lambda event: event.time):
        told += judge.feed(event)
    if until is not None:
        told += judge.advance(until)
    found: dict[int, Alert] = {}
    for alert in told:  # as it was raised, and when that was over
        first = found.setdefault(alert.number, alert)
        found[alert.number] = replace(first, resolved=alert.resolved)
    return list(found.values())
