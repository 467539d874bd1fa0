"""One limit on what work may use: how it stands, and what can be done about it, in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from macae.monitoring.bills import Bill

__all__ = ["KINDS", "NAMES", "Kind", "Limit"]

Kind = Literal["tokens", "usd", "seconds"]
KINDS: tuple[Kind, ...] = ("tokens", "usd", "seconds")
NAMES = {"plan": "this plan", "session": "this session", "user": "all your sessions", "day": "today (UTC)"}
"""What a scope is called to people."""


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
    bill: Bill | None = None
    """Where a price is not known: what is known of the cost, and which calls have no price."""

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
    def room(self) -> float:
        """How much more can still be allowed: what is beyond could never be used."""
        if not self.raisable:
            return 0.0
        room = max(0.0, self.limit * self.stop - self.limit - self.more)
        return math.ceil(room) if self.kind == "tokens" else room

    @property
    def most(self) -> str:
        """Why no more than `room` can be allowed."""
        return f"nothing beyond {self.stop:g} times the limit can be used (MACAE_BUDGET_STOP)"

    def said(self, value: float) -> str:
        """So much of what is limited: `6,000 tokens`, `$0.5000`, `30 s`."""
        return f"{self._amount(value)}{self._unit}"

    @property
    def text(self) -> str:
        """How it stands, and what can be done, in a sentence or two."""
        if self.used is None:
            return self._unknown
        end = ""
        if self.stopped:
            end = f" That is {self.stop:g} times the limit: nothing more can be allowed (MACAE_BUDGET_STOP)."
        return f"{self._told(self.used)}; {self._amount(self.at)} are allowed ({self.variable}).{end}"

    @property
    def warning(self) -> str:
        """That it is nearly used up."""
        used = self.used or 0.0
        return f"{self._told(used)}, {used / self.at:.0%} of what is allowed: {self._amount(self.at)} ({self.variable})."

    @property
    def _unknown(self) -> str:
        bill = self.bill or Bill()
        way_out = f"{self.variable}, or limit tokens."
        if bill.usd >= self.at:
            return (
                f"{self._told(bill.usd)}, not counting {bill.text} without a list price; {self._amount(self.at)} are allowed "
                f"({self.variable}). Nothing more can be allowed while a price is not known: unset {way_out}"
            )
        whose = {
            "plan": "The plan's cost",
            "session": "The session's cost",
            "user": "The cost of all your sessions",
        }.get(self.scope, "The cost of today")
        return f"{whose} is not known: there is no list price for {bill.text}. Unset {way_out}"

    def _told(self, used: float) -> str:
        who = {"plan": "The plan has", "session": "This session has"}.get(self.scope, "You have")
        where = {"user": " in all your sessions", "day": " today (UTC)"}.get(self.scope, "")
        if self.kind == "usd":
            who = "Your sessions have" if self.scope in ("user", "day") else who
            return f"{who} cost {self._amount(used)}{where if self.scope == 'day' else ''}"
        return f"{who} {'worked' if self.kind == 'seconds' else 'used'} {self.said(used)}{where}"

    def _amount(self, value: float) -> str:
        if self.kind == "usd":
            return f"${value:.4f}"
        if self.kind == "seconds":
            return f"{value:.0f} s" if value >= 10 else f"{value:.2g} s"
        return f"{int(value):,}"

    @property
    def _unit(self) -> str:
        return " tokens" if self.kind == "tokens" else ""
