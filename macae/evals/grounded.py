"""How well the grounding check tells invented facts: a set of replies, what is wrong in them, and what was flagged.

    - id: order-w-total
      split: tune                       # tune: rules were made looking at these; test: they were not
      asked: Order 5 laptops …
      sources: [the tools' results]
      reply: I ordered 5 laptops for $6,950.
      wrong: [{text: "$6,950", kind: number}]     # none for a grounded reply

Negations and relations (`kind`) are faults that the check cannot see; they are in the set so that this is measured too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from macae.evals.sets import Case, read_set
from macae.monitoring.grounding import check_reply

__all__ = ["GroundingReport", "GroundingResult", "Reply", "evaluate_grounding", "load_replies"]

UNSEEN = frozenset({"negation", "relation"})
"""Faults whose words are all in the sources."""


class Wrong(BaseModel):
    """One thing that is wrong in a reply."""

    model_config = ConfigDict(extra="forbid")

    text: str
    kind: Literal["number", "date", "time", "code", "address", "name", "negation", "relation"]


class Reply(Case):
    """One reply of the set."""

    model_config = ConfigDict(extra="forbid")

    split: Literal["tune", "test"]
    asked: str
    sources: list[str]
    reply: str
    wrong: list[Wrong] = Field(default_factory=list)


@dataclass(frozen=True)
class GroundingResult:
    """One reply, checked."""

    id: str
    split: str
    claims: int
    flagged: tuple[str, ...]
    found: tuple[Wrong, ...]
    """What is wrong and was flagged."""
    missed: tuple[Wrong, ...]
    false: tuple[str, ...]
    """What was flagged and is right."""


@dataclass(frozen=True)
class GroundingReport:
    """All results."""

    results: tuple[GroundingResult, ...]

    def of(self, split: str | None) -> list[GroundingResult]:
        """The results of one half, or of both."""
        return [result for result in self.results if split in (None, result.split)]

    def precision(self, split: str | None = None) -> float:
        """The share of flags that are right, 0 to 1."""
        right = sum(len(r.found) for r in self.of(split))
        flags = right + sum(len(r.false) for r in self.of(split))
        return right / flags if flags else 1.0

    def recall(self, split: str | None = None, kind: str | None = None) -> float | None:
        """The share of faults that were flagged: of one kind, or of all that can be looked up. None where there are none."""
        wanted = [
            (wrong, wrong in result.found)
            for result in self.of(split)
            for wrong in (*result.found, *result.missed)
            if (wrong.kind == kind if kind else wrong.kind not in UNSEEN)
        ]
        return sum(seen for _, seen in wanted) / len(wanted) if wanted else None

    @property
    def kinds(self) -> list[str]:
        """The kinds of faults, in the order of the set."""
        return list(dict.fromkeys(w.kind for r in self.results for w in (*r.found, *r.missed)))

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            split: {
                "replies": len(self.of(split)),
                "claims": sum(r.claims for r in self.of(split)),
                "precision": round(self.precision(split), 4),
                "recall": self.recall(split),
                "recall_by_kind": {kind: self.recall(split, kind) for kind in self.kinds},
            }
            for split in ("tune", "test")
        }


def load_replies(source: Path | str | None = None) -> list[Reply]:
    """The built-in replies, or those of a YAML file. Raises InvalidInput that names file and reply."""
    built_in = resources.files("macae.evals") / "grounding" / "replies.yaml"
    file = built_in if source is None else Path(source)
    return read_set(file, str(source or "built in"), Reply, "replies", "Check the path.")


def evaluate_grounding(replies: Sequence[Reply]) -> GroundingReport:
    """Check every reply. A fault counts as found when a flagged text and the wrong one are the same, or one holds the other."""
    return GroundingReport(tuple(_checked(reply) for reply in replies))


def _checked(reply: Reply) -> GroundingResult:
    checked = check_reply(reply.reply, reply.sources, reply.asked)
    flagged = tuple(claim.text for claim in checked.ungrounded)
    found = tuple(w for w in reply.wrong if w.kind not in UNSEEN and any(_same(w.text, f) for f in flagged))
    return GroundingResult(
        id=reply.id,
        split=reply.split,
        claims=len(checked.claims),
        flagged=flagged,
        found=found,
        missed=tuple(wrong for wrong in reply.wrong if wrong not in found),
        false=tuple(f for f in flagged if not any(_same(wrong.text, f) for wrong in reply.wrong)),
    )


def _same(wrong: str, flagged: str) -> bool:
    return wrong in flagged or flagged in wrong
