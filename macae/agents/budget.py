"""What work may use: tokens, US dollars at list price, and for a plan seconds of work. Waiting for a person is free.

Each limit warns first; then the person is asked; and from so many times the limit on nothing more can be allowed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from macae.config import Settings
from macae.errors import LimitReached
from macae.models import Plan, Step
from macae.models.plans import Usage
from macae.monitoring.spending import Scope, Spending

__all__ = [
    "NAMES",
    "Limit",
    "check_budget",
    "held",
    "limits_of",
    "names_limit",
    "spent",
    "used_up",
    "warnings_due",
]

Kind = Literal["tokens", "usd", "seconds"]
KINDS: tuple[Kind, ...] = ("tokens", "usd", "seconds")
SCOPES: tuple[Scope, ...] = ("session", "user", "day")
NAMES = {"plan": "this plan", "session": "this session", "user": "all your sessions", "day": "today (UTC)"}
"""What a scope is called to people."""
_VARIABLES = tuple(f"MACAE_{scope.upper()}_" for scope in NAMES)


@dataclass(frozen=True)
class Limit:
    """One limit, and how it stands."""

    scope: str
    """plan, session, user or day."""
    kind: Kind
    limit: float
    """As the setting says."""
    used: float | None
    """None: a price is not known."""
    more: float
    """What the person has allowed beyond it."""
    stop: float
    """How many times the limit may be used at most."""

    @property
    def variable(self) -> str:
        """The setting's name."""
        return f"MACAE_{self.scope.upper()}_{self.kind.upper()}"

    @property
    def at(self) -> float:
        """Up to where it may be used now."""
        return min(self.limit + self.more, self.limit * self.stop)

    @property
    def reached(self) -> bool:
        """Whether no more work may begin. What nobody can count is above every limit."""
        return self.used is None or self.used >= self.at

    @property
    def stopped(self) -> bool:
        """Whether nothing more can be allowed."""
        return self.used is not None and self.used >= self.limit * self.stop

    @property
    def raisable(self) -> bool:
        """Whether a person can let it go on by allowing more."""
        return self.used is not None and not self.stopped

    @property
    def text(self) -> str:
        """How it stands, and what can be done, in a sentence or two."""
        if self.used is None:
            whose = {
                "plan": "The plan's cost",
                "session": "The session's cost",
                "user": "The cost of all your sessions",
            }
            return (
                f"{whose.get(self.scope, 'The cost of today')} is not known: the model has no list price. "
                f"Unset {self.variable}, or limit tokens."
            )
        end = ""
        if self.stopped:
            end = f" That is {self.stop:g} times the limit: nothing more can be allowed (MACAE_BUDGET_STOP)."
        return f"{self._told(self.used)}; {self._amount(self.at)} are allowed ({self.variable}).{end}"

    @property
    def warning(self) -> str:
        """That it is nearly used up."""
        used = self.used or 0.0
        return f"{self._told(used)}, {used / self.at:.0%} of what is allowed: {self._amount(self.at)} ({self.variable})."

    def _told(self, used: float) -> str:
        who = {"plan": "The plan has", "session": "This session has"}.get(self.scope, "You have")
        where = {"user": " in all your sessions", "day": " today (UTC)"}.get(self.scope, "")
        if self.kind == "usd":
            who = "Your sessions have" if self.scope in ("user", "day") else who
            return f"{who} cost {self._amount(used)}{where if self.scope == 'day' else ''}"
        return (
            f"{who} {'worked' if self.kind == 'seconds' else 'used'} {self._amount(used)}{self._unit}{where}"
        )

    def _amount(self, value: float) -> str:
        if self.kind == "usd":
            return f"${value:.4f}"
        if self.kind == "seconds":
            return f"{value:.0f} s" if value >= 10 else f"{value:.2g} s"
        return f"{int(value):,}"

    @property
    def _unit(self) -> str:
        return " tokens" if self.kind == "tokens" else ""


def spent(plan: Plan, steps: Iterable[Step]) -> Usage:
    """What planning and the steps have used so far."""
    return sum((Usage(tokens=s.tokens, usd=s.usd, seconds=s.seconds) for s in steps), plan.usage)


def limits_of(
    plan: Plan | None,
    steps: Iterable[Step],
    settings: Settings,
    running: Usage | None = None,
    spending: Spending | None = None,
    session_id: str = "",
) -> list[Limit]:
    """Every limit that is set, the plan's first. `running`: what an attempt under way has used so far.

    Without a plan (a goal that is yet to be planned) the limits of its session, user and day.
    """
    found: list[Limit] = []
    if plan is not None:
        if limits := limits_set(settings, "plan"):
            used = spent(plan, steps) + (running or Usage())
            used = used if spending is None else spending.used_by_plan(plan.id, used)
            found += stands("plan", limits, used, plan.allowed_more, settings.budget_stop)
        session_id = plan.session_id
    if spending is not None:
        for scope in SCOPES:
            if limits := limits_set(settings, scope):
                used, more = spending.used(scope, session_id), spending.allowed(scope, session_id)
                found += stands(scope, limits, used, more, settings.budget_stop)
    return found


def limits_set(settings: Settings, scope: str) -> dict[Kind, float]:
    """The limits of a scope. Mostly there is none; then nothing need be summed up."""
    fields = vars(settings)  # a setting that there is none of costs more to ask for than all others together
    limits = {kind: fields.get(f"{scope}_{kind}") for kind in KINDS}
    return {kind: limit for kind, limit in limits.items() if limit is not None}


def stands(scope: str, limits: dict[Kind, float], used: Usage, more: Usage, stop: float) -> list[Limit]:
    """How the limits of a scope stand."""
    return [
        Limit(scope, kind, limit, getattr(used, kind), getattr(more, kind) or 0.0, stop)
        for kind, limit in limits.items()
    ]


def held(
    plan: Plan | None,
    steps: Iterable[Step],
    settings: Settings,
    running: Usage | None = None,
    spending: Spending | None = None,
) -> Limit | None:
    """The limit that keeps work from going on; None while there is room. One that cannot be raised comes first."""
    reached = [limit for limit in limits_of(plan, steps, settings, running, spending) if limit.reached]
    return next((limit for limit in reached if not limit.raisable), reached[0] if reached else None)


def used_up(
    plan: Plan,
    steps: Iterable[Step],
    settings: Settings,
    running: Usage | None = None,
    spending: Spending | None = None,
) -> str | None:
    """Which limit is reached, in a sentence; None while there is room."""
    limit = held(plan, steps, settings, running, spending)
    return limit.text if limit is not None else None


def check_budget(
    plan: Plan, steps: Iterable[Step], settings: Settings, running: Usage, spending: Spending | None = None
) -> None:
    """Raise LimitReached when there is no room left for more work."""
    reason = used_up(plan, steps, settings, running, spending)
    if reason:
        raise LimitReached(reason)


def warnings_due(limits: Iterable[Limit], plan: Plan, spending: Spending) -> list[Limit]:
    """The limits that are nearly used up and were not warned of yet; each is warned of once for what is allowed then."""
    names = {"plan": plan.id, "session": plan.session_id, "user": plan.user_id, "day": spending.today}
    due = []
    for limit in limits:
        key = (limit.scope, names[limit.scope], limit.kind, limit.at)
        if (
            limit.used is None
            or limit.used < spending.settings.budget_warn * limit.at
            or key in spending.told
        ):
            continue
        spending.told.add(key)
        due.append(limit)
    return due


def names_limit(text: str | None) -> bool:
    """Whether an error's text is that of a limit: such a step is offered again when more is allowed."""
    return any(variable in (text or "") for variable in _VARIABLES)
