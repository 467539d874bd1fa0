"""A clause and the words in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Clause", "Mood", "Term", "Where"]


Where = Literal["verb", "head", "modifier", "tail", "name"]


Mood = Literal["request", "question", "statement"]


@dataclass(frozen=True)
class Term:
    """A word that tools are matched with, and the part it plays."""

    stem: str
    where: Where
    word: str
    start: int


@dataclass(frozen=True)
class Clause:
    """One thing that is asked, or a statement that gives facts."""

    text: str
    start: int
    end: int
    mood: Mood
    verb: str
    terms: tuple[Term, ...]
    implied: bool = False
    """Whether a statement asks for something by what it says ("my printer is broken")."""
    idiom: bool = False
    """Whether its words stand for others (see `idioms`)."""
