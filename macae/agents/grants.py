"""Approvals: a yes comes from the engine's approve calls, and from nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from macae.agents.telling import Telling
from macae.errors import NotAllowed
from macae.memory.store import Store
from macae.models import Approval, EventSink, Step, StepStatus

__all__ = ["Grants"]


class Grants(Telling):
    """A session's memory that keeps approvals out of the agents' hands."""

    def __init__(self, store: Store, session_id: str, user_id: str, emit: EventSink) -> None:
        super().__init__(store, session_id, user_id, emit)
        self._grants: dict[tuple[str, int], Approval] = {}
        self._revoked = asyncio.Event()

    def grant(self, step: Step, approval: Approval) -> None:
        """Note a person's yes, so that it is stored with the step's next change. Only the engine's approve calls do this."""
        self._grants[step.id, step.version] = approval

    def is_granted(self, step: Step) -> bool:
        """Whether a person's yes to just this version waits to be stored."""
        return (step.id, step.version) in self._grants

    def revoke(self, step: Step) -> None:
        """Forget a yes that was not used, or was stored."""
        self._grants.pop((step.id, step.version), None)
        self._revoked.set()
        self._revoked = asyncio.Event()

    async def ungranted(self, steps: Sequence[Step]) -> None:
        """Wait until nobody else's yes to one of these steps waits to be stored."""
        while any(self.is_granted(step) for step in steps):
            await self._revoked.wait()

    def sealed(self, step: Step) -> Step:
        """The step as it may be written: a yes is kept while its attempt goes on, and otherwise comes from the engine alone.

        Raises NotAllowed for a step that is to become approved although nobody said yes to it.
        """
        state = self._plans.get(step.plan_id)
        before = state.steps.get(step.id) if state else None
        kept = before.approval if before is not None else None
        if step.status in (StepStatus.approved, StepStatus.action_requested):
            going_on = before is not None and before.status in (
                StepStatus.approved,
                StepStatus.action_requested,
            )
            if not going_on:
                granted = self._grants.get((step.id, step.version))
                kept = granted if granted is not None and granted.hash == step.hash else None
            if kept is None:
                raise NotAllowed(
                    f'Step {step.index} ("{step.task[:80]}") was not approved: no person said yes to it as it stands. '
                    "Approve it through the engine: await engine.approve(step)."
                )
        elif step.status in (StepStatus.planned, StepStatus.awaiting_feedback):
            kept = None
        return step if step.approval == kept else step.model_copy(update={"approval": kept})
