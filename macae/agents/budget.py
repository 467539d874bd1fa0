"""What work may use: tokens, US dollars at list price, and for a plan seconds of work. Waiting for a person is free.

Each limit warns first; then the person is asked; and from so many times the limit on nothing more can be allowed.
"""

from __future__ import annotations

from collections.abc import Iterable

from macae.agents.limit import KINDS, NAMES, Kind, Limit
from macae.config import Settings
from macae.errors import LimitReached
from macae.models import Plan, Step
from macae.models.plans import Usage
from macae.monitoring.bills import Bill
from macae.monitoring.spending import Scope, Spending

__all__ = [
    "NAMES",
    "Limit",
    "check_budget",
    "first_reached",
    "held",
    "limits_of",
    "names_limit",
    "spent",
    "used_up",
    "warnings_due",
]

SCOPES: tuple[Scope, ...] = ("session", "user", "day")
_VARIABLES = tuple(f"MACAE_{scope.upper()}_" for scope in NAMES)


def spent(plan: Plan, steps: Iterable[Step]) -> Usage:
    """What planning and the steps have used so far."""
    return sum((used_by(step) for step in steps), plan.usage)


def used_by(step: Step) -> Usage:
    """What one step has used."""
    return Usage(tokens=step.tokens, usd=step.usd, seconds=step.seconds)


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
            parts = [plan.usage, running or Usage(), *(used_by(step) for step in steps)]
            used = sum(parts, Usage())
            used = used if spending is None else spending.used_by_plan(plan.id, used)
            bill = Bill(sum(part.usd or 0.0 for part in parts)) if used.usd is None else None
            if bill is not None and spending is not None:
                bill = bill.at_least(spending.bill("plan", plan.id))
            found += stands("plan", limits, used, plan.allowed_more, settings.budget_stop, bill)
        session_id = plan.session_id
    if spending is not None:
        for scope in SCOPES:
            if limits := limits_set(settings, scope):
                used, more = spending.used(scope, session_id), spending.allowed(scope, session_id)
                bill = spending.bill(scope, session_id) if used.usd is None else None
                found += stands(scope, limits, used, more, settings.budget_stop, bill)
    return found


def limits_set(settings: Settings, scope: str) -> dict[Kind, float]:
    """The limits of a scope. Mostly there is none; then nothing need be summed up."""
    fields = vars(settings)  # a setting that there is none of costs more to ask for than all others together
    limits = {kind: fields.get(f"{scope}_{kind}") for kind in KINDS}
    return {kind: limit for kind, limit in limits.items() if limit is not None}


def stands(
    scope: str, limits: dict[Kind, float], used: Usage, more: Usage, stop: float, bill: Bill | None = None
) -> list[Limit]:
    """How the limits of a scope stand."""
    return [
        Limit(scope, kind, limit, getattr(used, kind), getattr(more, kind) or 0.0, stop, bill)
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
    return first_reached(limits_of(plan, steps, settings, running, spending))


def first_reached(limits: Iterable[Limit]) -> Limit | None:
    """The limit among these that keeps work from going on, if there is one."""
    reached = [limit for limit in limits if limit.reached]
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
