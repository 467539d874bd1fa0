"""Every exercise: wrong answers are turned down for the reason that is meant, other right answers pass, and so does ours."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import pytest

from macae.workshop.exercise import Challenge, Exercise
from macae.workshop.judge import judge
from macae.workshop.registry import challenges
from macae.workshop.verdict import Status

from .cells import Cells

EXERCISES = [(c, e) for c in challenges() for e in c.exercises.values()]


def answers(challenge: Challenge) -> ModuleType:
    return import_module(f"tests.workshop.answers.c{challenge.number}")


def wrong() -> Iterator[object]:
    for challenge, exercise in EXERCISES:
        for i, (kind, source) in enumerate(answers(challenge).WRONG.get(exercise.name, ())):
            yield pytest.param(
                challenge, exercise, kind, source, id=f"c{challenge.number}-{exercise.name}-{kind}-{i}"
            )


def right() -> Iterator[object]:
    for challenge, exercise in EXERCISES:
        for i, source in enumerate(answers(challenge).RIGHT.get(exercise.name, ())):
            yield pytest.param(challenge, exercise, source, id=f"c{challenge.number}-{exercise.name}-{i}")


@pytest.mark.parametrize(("challenge", "exercise", "kind", "source"), list(wrong()))
def test_a_wrong_answer_is_told_what_is_wrong(
    challenge: Challenge, exercise: Exercise, kind: str, source: str
) -> None:
    cells = Cells.of_solution(challenge.notebook)
    verdict = judge(exercise.name, cells.run(source)[exercise.name])
    assert verdict.status is not Status.passed, f"it passed, and {kind} was meant"
    assert (verdict.kind or "not-attempted") == kind, str(verdict)
    if verdict.status is Status.not_yet:
        assert verdict.expected and verdict.seen, str(verdict)


@pytest.mark.parametrize(("challenge", "exercise", "source"), list(right()))
def test_another_right_answer_passes(challenge: Challenge, exercise: Exercise, source: str) -> None:
    cells = Cells.of_solution(challenge.notebook)
    verdict = judge(exercise.name, cells.run(source)[exercise.name])
    assert verdict.status is Status.passed, str(verdict)


@pytest.mark.parametrize(
    ("challenge", "exercise"), EXERCISES, ids=[f"c{c.number}-{e.name}" for c, e in EXERCISES]
)
def test_our_solution_passes(challenge: Challenge, exercise: Exercise) -> None:
    cells = Cells.of_solution(challenge.notebook)
    verdict = judge(exercise.name, cells.names[exercise.name])
    assert verdict.status is Status.passed, str(verdict)
    assert verdict.proven, "a passed card says what was proven"


@pytest.mark.parametrize(
    ("challenge", "exercise"), EXERCISES, ids=[f"c{c.number}-{e.name}" for c, e in EXERCISES]
)
def test_it_is_well_made(challenge: Challenge, exercise: Exercise) -> None:
    given = answers(challenge)
    assert len(given.WRONG.get(exercise.name, ())) >= 3
    assert len({kind for kind, _ in given.WRONG[exercise.name]}) >= 2, "learners go wrong in several ways"
    assert len(given.RIGHT.get(exercise.name, ())) >= 1
    assert len(exercise.hints) >= 3
    kinds = {kind for kind, _ in given.WRONG[exercise.name]}
    assert set(exercise.when) & kinds, "a hint of its own for at least one failure that learners have"


def test_the_challenges_are_of_the_right_size() -> None:
    for challenge in challenges():
        assert 3 <= len(challenge.exercises) <= 7
        names = [e.name for e in challenge.exercises.values()]
        assert set(answers(challenge).WRONG) | set(answers(challenge).RIGHT) == set(names)
    every = [exercise.name for _, exercise in EXERCISES]
    assert len(set(every)) == len(every), "a name belongs to one exercise"
