"""Which budget a recording's cost is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from macae.monitoring.recording import Recording

__all__ = ["Budgets"]


@dataclass(frozen=True, slots=True)
class Budgets:
    """What a plan, and a session, may cost: US dollars, None for no limit."""

    plan_usd: float | None = None
    session_usd: float | None = None

    @classmethod
    def set_in(cls, settings: object) -> Self:
        """Those of the settings."""
        return cls(getattr(settings, "plan_usd", None), getattr(settings, "session_usd", None))

    def of(self, recording: Recording, part: bool = False) -> float | None:
        """The plan's budget where there is one plan; of several, the session's. `part`: it is one plan's part of a session."""
        if part:
            return self.plan_usd
        alone = len(recording.plans) < 2
        return (self.plan_usd if alone else None) or self.session_usd
