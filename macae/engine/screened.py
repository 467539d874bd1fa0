"""What the policy lets a screen have of an engine's texts."""

from __future__ import annotations

from macae.models import PlanWithSteps
from macae.monitoring.compliance.cleaning import shown_plan
from macae.monitoring.compliance.compliance import Compliance

__all__ = ["Screened"]


class Screened:
    """The engine's ways to show texts."""

    compliance: Compliance
    """The policy at work."""

    def shown(self, text: str) -> str:
        """A text as the screen may have it: replies, errors and whatever else was said. Never for a call that is to be approved."""
        return self.compliance.clean(text, "screen")

    def shown_plan(self, plan: PlanWithSteps) -> PlanWithSteps:
        """The plan as the screen may have it: see `shown`. What a person is to approve stands in it as it is."""
        shown: PlanWithSteps = shown_plan(self.compliance, plan)
        return shown
