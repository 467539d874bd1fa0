"""How much more a person allows a plan that is paused at a limit: held against that limit, and in the form that is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from macae.agents.limit import NAMES, Limit
from macae.errors import InvalidInput, NotAllowed
from macae.models import Plan, PlanStatus, Usage
from macae.models.spending import UsageRecord

__all__ = ["Allowance", "allowance"]


@dataclass(frozen=True)
class Allowance:
    """So much more for a scope: plan, session, user or day."""

    scope: str
    more: Usage
    asked: Usage | None = None
    """What was asked for, where that is more than can ever be used."""
    why: str = ""
    """And why it cannot."""

    @property
    def text(self) -> str:
        """How the audit trail tells of it."""
        told = f"{amounts(self.more)} more allowed for {NAMES[self.scope]}"
        return told if self.asked is None else f"{told}, not {amounts(self.asked)}: {self.why}"

    def resumed(self, plan: Plan) -> Plan:
        """The paused plan as it goes on; what is allowed for a plan alone stands in it."""
        after = plan.model_copy(update={"overall_status": PlanStatus.in_progress})
        if self.scope == "plan":
            after.allowed_more = plan.allowed_more + self.more
        return after

    def records(self, plan: Plan, day: str) -> list[UsageRecord]:
        """The record of what is allowed for more than the plan, made on `day` (UTC); none where it is for the plan alone."""
        if self.scope == "plan":
            return []
        owner = {"session_id": plan.session_id, "user_id": plan.user_id, "day": day}
        return [UsageRecord.model_validate({**owner, "allowed_scope": self.scope, "allowed": self.more})]


def amounts(of: Usage) -> str:
    """Tokens, dollars and seconds in words."""
    parts = [
        (of.tokens, f"{of.tokens:,} tokens"),
        (of.usd, f"${of.usd:g}"),
        (of.seconds, f"{of.seconds:g} s"),
    ]
    return ", ".join(said for value, said in parts if value) or "nothing"


def allowance(more: Usage, scope: str | None, limit: Limit | None, limits: Sequence[Limit] = ()) -> Allowance:
    """What is allowed, given the limit at which the plan stands (None: it has room by now). Without a scope: that limit's.

    What is beyond that which can ever be used of one of `limits` is cut. Raises NotAllowed when the limit lets nothing more be
    allowed, InvalidInput for what is no amount for the scope, or no scope, or does not help the limit.
    """
    if limit is not None and limit.stopped:
        raise NotAllowed(f"{limit.text} Finish the plan, or raise {limit.variable}.")
    if limit is not None and not limit.raisable:
        raise NotAllowed(limit.text)
    if limit is not None and not (more.tokens or more.usd or more.seconds):
        raise InvalidInput(
            f"Say how much more {NAMES[limit.scope]} may use: tokens=…, usd=…"
            f"{' or seconds=…' if limit.scope == 'plan' else ''}."
        )
    scope = scope or (limit.scope if limit is not None else "plan")
    if scope not in NAMES:
        raise InvalidInput(f"The scope {str(scope)[:40]!r} is none of {', '.join(NAMES)}.")
    if more.seconds and scope != "plan":
        raise InvalidInput(f"Seconds are limited for a plan alone, not for {NAMES[scope]}.")
    if limit is not None and scope == limit.scope and not getattr(more, limit.kind):
        raise InvalidInput(f"{limit.text} {amounts(more)} more do not help there: give {limit.kind}=….")
    return within(Allowance(scope, more), limits)


def within(allowed: Allowance, limits: Sequence[Limit]) -> Allowance:
    """No more of each kind than can ever be used."""
    more, why = allowed.more, ""
    for limit in limits:
        if limit.scope == allowed.scope and limit.used is not None and getattr(more, limit.kind) > limit.room:
            more, why = more.model_copy(update={limit.kind: limit.room}), limit.most
    return Allowance(allowed.scope, more, allowed.more, why) if why else allowed
