"""The result of an evaluation: what passed, what failed and why, by tag, as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from macae.evals.outcomes import PlannedOutcome

__all__ = ["CaseResult", "Report"]


@dataclass(frozen=True)
class CaseResult:
    """One goal's result. `seconds` covers all calls for it."""

    id: str
    goal: str
    tags: tuple[str, ...]
    problems: tuple[str, ...]
    seconds: float
    outcome: PlannedOutcome | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong with the plan."""
        return not self.problems


@dataclass(frozen=True)
class Report:
    """All goals' results."""

    results: tuple[CaseResult, ...] = field(default=())

    @property
    def total(self) -> int:
        """How many goals there were."""
        return len(self.results)

    @property
    def passed(self) -> int:
        """How many passed."""
        return sum(r.passed for r in self.results)

    @property
    def score(self) -> float:
        """The share that passed, 0 to 1 (0 of an empty set)."""
        return self.passed / self.total if self.total else 0.0

    @property
    def failures(self) -> list[CaseResult]:
        """The goals that did not pass."""
        return [r for r in self.results if not r.passed]

    def by_tag(self) -> dict[str, tuple[int, int]]:
        """For each tag: how many passed, and how many there were."""
        found: dict[str, tuple[int, int]] = {}
        for result in self.results:
            for tag in result.tags:
                passed, total = found.get(tag, (0, 0))
                found[tag] = (passed + result.passed, total + 1)
        return dict(sorted(found.items()))

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "passed": self.passed,
            "total": self.total,
            "score": round(self.score, 4),
            "seconds": round(sum(r.seconds for r in self.results), 3),
            "prompt_tokens": sum(r.outcome.prompt_tokens for r in self.results if r.outcome),
            "completion_tokens": sum(r.outcome.completion_tokens for r in self.results if r.outcome),
            "by_tag": {tag: {"passed": p, "total": t} for tag, (p, t) in self.by_tag().items()},
            "results": [
                {
                    "id": r.id,
                    "goal": r.goal,
                    "tags": list(r.tags),
                    "passed": r.passed,
                    "problems": list(r.problems),
                    "seconds": round(r.seconds, 4),
                }
                for r in self.results
            ],
        }

    def to_json(self) -> str:
        """The report as one JSON object."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)

    def __str__(self) -> str:
        lines = [f"{self.passed} of {self.total} goals passed ({self.score:.0%})."]
        lines += [f"  {tag}: {p} of {t}" for tag, (p, t) in self.by_tag().items()]
        for result in self.failures:
            lines.append(f"✗ {result.id}: {result.goal}")
            lines += [f"    {problem}" for problem in result.problems]
        return "\n".join(lines)
