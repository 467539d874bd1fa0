"""Goal sets and their scores: how well a planner turns goals into agents, tools and arguments, whatever model is behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.evals.cases import Expected, ExpectedStep, GoalCase, builtin_sets, load_goals
    from macae.evals.outcomes import PlannedCall, PlannedOutcome
    from macae.evals.planners import client_planner
    from macae.evals.reports import CaseResult, Report
    from macae.evals.running import evaluate
    from macae.evals.scoring import normalise, score

__all__ = [
    "CaseResult",
    "Expected",
    "ExpectedStep",
    "GoalCase",
    "PlannedCall",
    "PlannedOutcome",
    "Report",
    "builtin_sets",
    "client_planner",
    "evaluate",
    "load_goals",
    "normalise",
    "score",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "CaseResult": "macae.evals.reports",
        "Expected": "macae.evals.cases",
        "ExpectedStep": "macae.evals.cases",
        "GoalCase": "macae.evals.cases",
        "PlannedCall": "macae.evals.outcomes",
        "PlannedOutcome": "macae.evals.outcomes",
        "Report": "macae.evals.reports",
        "builtin_sets": "macae.evals.cases",
        "client_planner": "macae.evals.planners",
        "evaluate": "macae.evals.running",
        "load_goals": "macae.evals.cases",
        "normalise": "macae.evals.scoring",
        "score": "macae.evals.scoring",
    },
)
