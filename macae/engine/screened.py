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

    def shown(self, text: str, name: str = "") -> str:
        """A text as the screen may have it: replies, errors and whatever else was said. Never for a call that is to be approved.

        `name`: what it is called where it stands, such as the argument of a call that is over.
        """
        return self.compliance.clean(text, "screen", name=name)

    def shown_plan(self, plan: PlanWithSteps) -> PlanWithSteps:
        """The plan as the screen may have it: see `shown`. What a person is to approve stands in it as it is."""
        shown: PlanWithSteps = shown_plan(self.compliance, plan)
        return shown
