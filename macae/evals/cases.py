"""A goal and what a right plan for it looks like, as data in YAML files.

    - id: order-laptops
      goal: Order 5 laptops for the marketing team.
      tags: [easy]
      expect:
        steps:
          - {agent: ProcurementAgent, tool: order_hardware, arguments: {item_name: laptop, quantity: 5}}

`arguments` names what must be there; more may be. A value may be a list: then any one of its values is right; `"*"` is any value,
`"~words"` any value that holds these words. `tool` and `agent` may be lists of which any one is right. A step may be `optional`.
`expect: {impossible: true}`, or `expect: {asks: [words the question must hold]}`; with `answer` the goal is planned again with
that answer, and `steps` holds for the second plan. `ordered: false`: steps in any order; `extra: true`: more steps are fine.
"""

from __future__ import annotations

from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from macae.evals.sets import Case, read_set

__all__ = ["Expected", "ExpectedStep", "GoalCase", "builtin_sets", "load_goals"]

TODAY = date(2026, 11, 21)
"""The day that a goal is planned on unless it says another: a Saturday."""


class ExpectedStep(BaseModel):
    """One step of a right plan."""

    model_config = ConfigDict(extra="forbid")

    agent: str | list[str] | None = None
    tool: str | list[str] | None = None
    """The function, or None where an agent does it without one."""
    arguments: dict[str, Any] = {}
    optional: bool = False


class Expected(BaseModel):
    """What a right plan looks like."""

    model_config = ConfigDict(extra="forbid")

    steps: list[ExpectedStep] = []
    ordered: bool = True
    extra: bool = False
    impossible: bool = False
    asks: list[str] = []
    """Words that the clarification question must hold; `a|b` is either. Empty with `clarification`: any question."""
    clarification: bool = False

    @model_validator(mode="after")
    def _some(self) -> Expected:
        if not (self.steps or self.impossible or self.asks or self.clarification):
            raise ValueError("expect says nothing: give steps, impossible, clarification or asks")
        return self

    @property
    def asking(self) -> bool:
        """Whether the right answer to the goal is a question."""
        return self.clarification or bool(self.asks)


class GoalCase(Case):
    """One goal of a set."""

    model_config = ConfigDict(extra="forbid")

    goal: str
    today: date = TODAY
    answer: str | None = None
    """The answer to give when the planner asks."""
    tags: list[str] = Field(default_factory=list)
    expect: Expected
    question: str | None = Field(None, exclude=True)
    """Set when the goal is planned again: the question that the planner asked; then `answer` answers it."""

    @property
    def text(self) -> str:
        """The goal as a planner is sent it, with question and answer once it asked."""
        if self.question is None:
            return self.goal
        return f"{self.goal}\nQuestion asked: {self.question}\nAnswer: {self.answer}"


def builtin_sets() -> list[str]:
    """The names of the goal sets that come with the package."""
    folder = resources.files("macae.evals") / "goals"
    return sorted(p.name.removesuffix(".yaml") for p in folder.iterdir() if p.name.endswith(".yaml"))


def load_goals(source: str | Path) -> list[GoalCase]:
    """The goals of a built-in set (by name) or of a YAML file. Raises InvalidInput that names the file and the goal."""
    name = str(source)
    built_in = resources.files("macae.evals") / "goals" / f"{name}.yaml"
    file = built_in if name in builtin_sets() else Path(source)
    return read_set(file, name, GoalCase, "goals", f"Built-in sets: {', '.join(builtin_sets())}.")
