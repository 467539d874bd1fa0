"""What the command's exit codes mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macae.models import Plan

__all__ = [
    "COMPLETED",
    "EXIT_CODES",
    "FAILED",
    "IMPOSSIBLE",
    "INTERRUPTED",
    "WAITS_FOR_ANSWER",
    "WAITS_FOR_APPROVAL",
    "code_of",
]

COMPLETED, FAILED, WAITS_FOR_ANSWER, IMPOSSIBLE, WAITS_FOR_APPROVAL, INTERRUPTED = 0, 1, 2, 3, 4, 130
EXIT_CODES = (
    "Exit codes: 0 completed; 1 failed, cancelled, with --yes paused at a limit, or an error; 2 waits for your answer to a question; "
    "3 impossible; 4 waits for your approval; 130 stopped with Ctrl+C."
)


def code_of(plan: Plan) -> int:
    """The exit code that tells how a plan stands."""
    from macae.models.base import PlanStatus

    known = {
        PlanStatus.completed: COMPLETED,
        PlanStatus.awaiting_clarification: WAITS_FOR_ANSWER,
        PlanStatus.impossible: IMPOSSIBLE,
        PlanStatus.in_progress: WAITS_FOR_APPROVAL,
        PlanStatus.paused: WAITS_FOR_APPROVAL,
    }
    return known.get(plan.overall_status, FAILED)
