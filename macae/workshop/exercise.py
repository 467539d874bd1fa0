"""What an exercise is: a class or function that the learner writes, its check and its hints."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from macae.errors import ConfigError

if TYPE_CHECKING:
    from macae.workshop.trial import Trial

__all__ = ["Challenge", "Check", "Exercise", "Kind", "Part"]

Kind = Literal["function", "class"]
Part = Literal["planner", "manager", "human", "agents"]
"""The engine's part that an exercise gives. `agents`: a function that returns an AgentSpec, or several."""
Check = Callable[[Any, "Trial"], Awaitable[None]]
"""Looks at what the learner's object does. Its docstring says in a sentence what is asked."""


@dataclass(frozen=True)
class Exercise:
    """One exercise. `name` is what the learner's class or function is called."""

    name: str
    challenge: Challenge = field(repr=False)
    title: str
    kind: Kind
    minutes: int
    hints: Sequence[str]
    """From a nudge to nearly the answer."""
    when: Mapping[str, str]
    """By the kind of failure: the hint that comes first after it."""
    ours: str | None
    """`module:name` of what stands in for the learner's object until it passed; None: our solution's."""
    part: Part | None
    seconds: float
    """The most that the check may take."""
    check: Check = field(repr=False)

    @property
    def asked(self) -> str:
        """What is asked, in a sentence."""
        return (self.check.__doc__ or self.title).strip().split("\n\n")[0]

    def hints_after(self, kind: str | None) -> list[str]:
        """The hints in the order in which they are given, after that failure (None: after none)."""
        first = self.when.get(kind or "")
        return [*([first] if first else []), *self.hints]


@dataclass
class Challenge:
    """A challenge notebook and its exercises."""

    number: int
    title: str
    minutes: int
    notebook: str
    """The name of its file, without the ending."""
    exercises: dict[str, Exercise] = field(default_factory=dict, repr=False)

    @property
    def file(self) -> str:
        """The notebook's file name."""
        return f"{self.notebook}.ipynb"

    def exercise(
        self,
        name: str,
        *,
        title: str,
        hints: Sequence[str],
        kind: Kind = "function",
        minutes: int = 8,
        when: Mapping[str, str] | None = None,
        ours: str | None = None,
        part: Part | None = None,
        seconds: float = 10.0,
    ) -> Callable[[Check], Check]:
        """Declare an exercise; the decorated function is its check. Raises ConfigError for a name that is taken."""

        def declare(check: Check) -> Check:
            if name in self.exercises or not name.isidentifier():
                raise ConfigError(
                    f"Challenge {self.number}: the exercise name {name!r} is taken, or is no Python name."
                )
            self.exercises[name] = Exercise(
                name, self, title, kind, minutes, tuple(hints), dict(when or {}), ours, part, seconds, check
            )
            return check

        return declare
