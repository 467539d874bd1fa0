"""What an alert rule says: which events are measured, over which window, against which threshold, for whom apart."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from macae.models import Event, EventType
from macae.monitoring.alerts.texts import amount

__all__ = ["GROUPS", "LIVE_ONLY", "MEASURES", "PLACEHOLDERS", "Absence", "Rule", "Window"]

MEASURES = ("count", "rate", "sum", "mean", "min", "max", "last", "p50", "p90", "p95", "p99", "share")
"""What can be measured. `rate` is events a minute, `share` the part of the events that `share_of` describes, 0 to 1."""
NO_FIELD = frozenset({"count", "rate", "share"})
GROUPS = ("session", "plan", "step", "agent", "user")
"""What a rule can be judged apart by, beside the fields of an event's data."""
PLACEHOLDERS = (
    "rule", "severity", "metric", "exceeded", "threshold", "value", "key", "agent", "session", "plan", "step", "text",
)  # fmt: skip
"""What `message` and `advice` may name in braces."""
LIVE_ONLY = frozenset(
    {EventType.session_opened, EventType.session_closed, EventType.model_started, EventType.model_waiting}
)
"""These are not stored: a replay does not see them."""
OWN = frozenset({EventType.alert_raised, EventType.alert_resolved, EventType.events_missed})
DEFAULT_MESSAGE = "Alert: {metric} {exceeded} {threshold} (Current: {value})"
MOST = 20_000
"""Events that one window holds where a sum is enough to know."""
STALE = 3600.0
"""Seconds after which an event counts no more where the window only says how many."""

Severity = Literal["info", "warning", "critical"]
Function = Callable[[Sequence[Event]], float | None]


def listed(value: Any) -> Any:
    """One name stands for a list of one."""
    return [value] if isinstance(value, str) else value


def known_event(value: Any) -> Any:
    """The event type of that name. Raises ValueError for others, and for the events that alerts themselves make."""
    try:
        found = EventType(value)
    except ValueError:
        raise ValueError(f"{value!r} is no event type") from None
    if found in OWN:
        raise ValueError(f"{value!r} comes from alerts and watchers themselves and cannot be watched")
    return found


def signs(value: Any) -> Any:
    """`any` stands for every event but the alerts' own."""
    return [type for type in EventType if type not in OWN] if value == "any" else listed(value)


Known = Annotated[EventType, BeforeValidator(known_event)]
Types = Annotated[list[Known], BeforeValidator(listed), Field(min_length=1)]
Names = Annotated[list[str], BeforeValidator(listed)]


class Part(BaseModel):
    """A part of a rules file: it takes the fields it knows, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, arbitrary_types_allowed=True)


class Window(Part):
    """Which events are looked at: the last so many, or those of the last so many seconds, or both."""

    last: int | None = Field(None, ge=1, le=1000)
    seconds: float | None = Field(None, gt=0, le=31 * 86_400)

    @model_validator(mode="after")
    def says_something(self) -> Window:
        """An empty window looks at nothing."""
        if self.last is None and self.seconds is None:
            raise ValueError("an empty window")
        return self

    @property
    def lasts(self) -> float:
        """Seconds after which an event is out of the window."""
        return STALE if self.seconds is None else self.seconds


class Absence(Part):
    """Something began and nothing that ends it came for so long."""

    seconds: float = Field(gt=0)
    until: Types
    """What ends it."""
    alive: Annotated[list[Known], BeforeValidator(signs)] = Field(default_factory=list)
    """What shows that it goes on, and starts the time anew; `any`: every event of the same group."""


class Rule(Part):
    """One rule. Times are in seconds.

    In Python `measure` may also be a function: it is given the events in the window, oldest first, and gives a number, or None
    when there is nothing to say.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    severity: Severity = "warning"
    active: bool = True
    events: Types
    """Which events are measured, or (with `absence`) what begins the wait."""
    where: dict[str, Any] = Field(default_factory=dict)
    """Only events whose data say so: `{field: value}`, `{field: [one, other]}`, `{field: {not: …}}`, `{field: {above: number}}`."""
    measure: str | Function = "count"
    field: Names = Field(default_factory=list)
    """The field of an event's data that is measured; several are added."""
    share_of: list[dict[str, Any]] = Field(default_factory=list)
    """For `share`: the events that count, as `where` does; one of several is enough."""
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    window: Window = Field(default_factory=lambda: Window(seconds=STALE))
    needs: int = Field(1, ge=1, le=1000)
    """How many events there must be before anything is said."""
    absence: Absence | None = None
    by: Names = Field(default_factory=lambda: ["session"])
    """What is judged apart: session, plan, step, agent, user, or a field of the data. An empty list: all together."""
    quiet: float = Field(60.0, ge=0)
    """How long the rule must not hold before the alert is resolved, so that it does not come and go."""
    metric: str = Field("", max_length=120)
    """What is measured, in words."""
    unit: str = Field("", max_length=20)
    """s, tokens, $, % (the number is then a part of 1), or any word."""
    message: str = Field(DEFAULT_MESSAGE, max_length=1000)
    advice: str = Field("", max_length=1000)
    """What to look at or do; stands behind the message."""

    @model_validator(mode="after")
    def fits_together(self) -> Rule:
        """What only the whole rule shows. Raises ValueError, the field's name first."""
        for name in ("message", "advice"):
            check_template(name, getattr(self, name))
        given = [name for name in LIMITS if getattr(self, name) is not None]
        if self.absence is not None:
            if given:
                raise ValueError(f"{given[0]}: an absence has its limit in absence: seconds")
            return self
        if len(given) != 1:
            raise ValueError(f"threshold: {'nothing' if not given else ' and '.join(given)} is given")
        if isinstance(self.measure, str):
            if self.measure not in MEASURES:
                raise ValueError(f"measure: {self.measure!r} cannot be measured")
            if self.measure in NO_FIELD and self.field:
                raise ValueError(f"field: {self.measure} counts events and measures no field")
            if self.measure not in NO_FIELD and not self.field:
                raise ValueError(f"field: it is not said of what the {self.measure} is taken")
            if (self.measure == "share") != bool(self.share_of):
                raise ValueError(f"share_of: it goes with measure: share, and here is {self.measure}")
        for condition in (self.where, *self.share_of):
            check_condition(condition)
        check_reach(self)
        return self

    @property
    def limit(self) -> tuple[str, float]:
        """How it is compared, and with what."""
        if self.absence is not None:
            return "above", self.absence.seconds
        return next((name, value) for name in LIMITS if (value := getattr(self, name)) is not None)

    def holds(self, value: float) -> bool:
        """Whether the threshold is passed."""
        how, limit = self.limit
        if self.absence is not None:
            return value >= limit
        return LIMITS[how][0](value, limit)

    @property
    def unit_told(self) -> str:
        """The unit as an alert tells it: a wait is in seconds, also where the rule does not say so."""
        return self.unit or ("s" if self.absence is not None else "")

    @property
    def exceeded(self) -> str:
        """What the value did to the threshold, in a word."""
        return LIMITS[self.limit[0]][1]


LIMITS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "above": (lambda value, limit: value > limit, "exceeded"),
    "at_least": (lambda value, limit: value >= limit, "reached"),
    "below": (lambda value, limit: value < limit, "fell below"),
    "at_most": (lambda value, limit: value <= limit, "fell to"),
}


def check_reach(rule: Rule) -> None:
    """Raise ValueError for a threshold that what is measured always or never passes."""
    window, measure = rule.window, rule.measure
    how, limit = rule.limit
    low = how in ("below", "at_most")
    if (
        window.last is not None
        and rule.needs > window.last
        and not (low and measure in ("count", "rate", "sum"))
    ):
        raise ValueError(f"needs: {rule.needs} events never come together in a window of {window.last}")
    if measure == "share":
        most, why = 1.0, "a share is a part of 1: 10 % is 0.1"
    elif measure in ("count", "rate"):
        held = MOST if window.last is None else window.last
        most = held * 60 / window.lasts if measure == "rate" else held
        why = f"with this window a {measure} is from 0 to {amount(most, '')}"
    else:
        return
    holds = LIMITS[how][0]
    if holds(0.0, limit) == holds(most, limit):
        always = "always" if holds(0.0, limit) else "never"
        raise ValueError(f"{how}: {amount(limit, '')} is {always} passed, because {why}")


def check_template(name: str, template: str) -> None:
    """Raise ValueError unless only known placeholders stand in it: a template is no way into the program."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    for _, field, spec, conversion in parts:
        if field is not None and (field not in PLACEHOLDERS or spec or conversion):
            raise ValueError(f"{name}: there is no placeholder {{{field}}}")


def check_condition(condition: dict[str, Any]) -> None:
    """Raise ValueError when a condition has another form than `where` allows."""
    for field, wanted in condition.items():
        if isinstance(wanted, dict):
            if not wanted or set(wanted) - {"not", "above", "below"}:
                raise ValueError(f"where: {field} compares with {', '.join(map(str, wanted)) or 'nothing'}")
            for how in ("above", "below"):
                value = wanted.get(how, 0)
                if isinstance(value, bool) or not isinstance(value, int | float):
                    raise ValueError(f"where: {field} is to be {how} {value!r}, which is no number")
