"""The workshop: exercises with their checks and hints, what a learner has built, and what coaches need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.workshop.coach.learner import coach_join, coach_off, coach_on, coach_report
    from macae.workshop.growing import my_engine
    from macae.workshop.learner import begin, check, hint, my_parts, progress, solution
    from macae.workshop.parts import mine

__all__ = [
    "begin",
    "check",
    "coach_join",
    "coach_off",
    "coach_on",
    "coach_report",
    "hint",
    "mine",
    "my_engine",
    "my_parts",
    "progress",
    "solution",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "begin": "macae.workshop.learner",
        "check": "macae.workshop.learner",
        "coach_join": "macae.workshop.coach.learner",
        "coach_off": "macae.workshop.coach.learner",
        "coach_on": "macae.workshop.coach.learner",
        "coach_report": "macae.workshop.coach.learner",
        "hint": "macae.workshop.learner",
        "mine": "macae.workshop.parts",
        "my_engine": "macae.workshop.growing",
        "my_parts": "macae.workshop.learner",
        "progress": "macae.workshop.learner",
        "solution": "macae.workshop.learner",
    },
)
