"""A check without a display: a learner's object in, a verdict out."""

from __future__ import annotations

import logging
import tempfile
import time
from pathlib import Path
from typing import Any

from macae.workshop import diagnose
from macae.workshop.exercise import Exercise
from macae.workshop.harness import only_what_is_new, run
from macae.workshop.registry import find
from macae.workshop.trial import Trial
from macae.workshop.verdict import NotYet, Status, Verdict

__all__ = ["judge"]

QUIET = ("autogen_core", "autogen_core.events", "macae", "asyncio")
"""Loggers that would write of failures which the card explains better."""


def judge(name: str, thing: Any) -> Verdict:
    """Try `thing` as the answer to the exercise of that name. Never raises for what the learner wrote.

    Raises InvalidInput for a name that is no exercise's.
    """
    exercise = find(name)
    with only_what_is_new():
        return judged(exercise, thing)


def judged(exercise: Exercise, thing: Any) -> Verdict:
    """The verdict; what making it left behind goes with its frame."""
    name = exercise.name
    began = time.perf_counter()
    wrong = diagnose.kind_of(thing, exercise.kind, name) or diagnose.redefined(thing)
    if wrong is not None:
        return not_yet(exercise, wrong, (), began)
    names = diagnose.home_of(thing)
    with tempfile.TemporaryDirectory(prefix="macae-check-", ignore_cleanup_errors=True) as folder:
        trial = Trial(Path(folder))

        async def work() -> None:
            try:
                await exercise.check(thing, trial)
            finally:
                await trial.close()

        levels = {name: logging.getLogger(name).level for name in QUIET}
        for quiet in QUIET:
            logging.getLogger(quiet).setLevel(logging.CRITICAL + 1)
        try:
            outcome = run(work, exercise.seconds, diagnose.theirs(names))
        finally:
            for quiet, level in levels.items():
                logging.getLogger(quiet).setLevel(level)
    failure = diagnose.of_run(outcome, exercise.seconds, asked(exercise))
    if failure is None and outcome.error is not None:
        told = diagnose.explain(outcome.error, names, asked(exercise))
        if isinstance(told, diagnose.NotAttempted):
            return Verdict(name, Status.not_attempted, expected=asked(exercise), look=str(told))
        failure = told
    failure = diagnose.forgotten(outcome, failure)
    if failure is not None:
        return not_yet(exercise, failure, tuple(trial.lines), began)
    return Verdict(name, Status.passed, tuple(trial.lines), seconds=time.perf_counter() - began)


def asked(exercise: Exercise) -> str:
    """What is asked, without a full stop."""
    return exercise.asked.rstrip(".")


def not_yet(exercise: Exercise, failure: NotYet, proven: tuple[str, ...], began: float) -> Verdict:
    """The verdict of a failure."""
    return Verdict(
        exercise.name,
        Status.not_yet,
        proven,
        failure.kind,
        failure.expected,
        failure.seen,
        failure.look,
        failure.line,
        time.perf_counter() - began,
    )
