"""Finds challenges and exercises. Their modules are loaded when the first one is asked for."""

from __future__ import annotations

import pkgutil
import re
from functools import cache
from importlib import import_module

from macae.errors import InvalidInput
from macae.workshop import exercises
from macae.workshop.exercise import Challenge, Exercise

__all__ = ["challenges", "find", "the_challenge"]


@cache
def challenges() -> tuple[Challenge, ...]:
    """All challenges, in order."""
    names = [found.name for found in pkgutil.iter_modules(exercises.__path__) if re.match(r"c\d", found.name)]
    found = [import_module(f"{exercises.__name__}.{name}").CHALLENGE for name in names]
    return tuple(sorted(found, key=lambda challenge: challenge.number))


def the_challenge(number: int) -> Challenge:
    """The challenge of that number. Raises InvalidInput."""
    for challenge in challenges():
        if challenge.number == number and not isinstance(number, bool):
            return challenge
    known = ", ".join(str(challenge.number) for challenge in challenges())
    raise InvalidInput(f"There is no challenge {number!r:.40}. There are: {known}.")


def find(name: str) -> Exercise:
    """The exercise of that name. Raises InvalidInput with the names that there are."""
    for challenge in challenges():
        if name in challenge.exercises:
            return challenge.exercises[name]
    lines = "; ".join(f"{c.number}: {', '.join(c.exercises)}" for c in challenges())
    raise InvalidInput(f"No exercise is called {name!r:.80}. The exercises, by challenge: {lines}.")
