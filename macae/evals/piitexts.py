"""How well personal data and secrets are found: texts in which they are marked, and look-alikes in which there are none.

    - id: test-pii-01
      split: test                       # tune: detectors may be changed after a look at it; test: they may not
      text: Charge <<CREDIT_CARD|4242 4242 4242 4242>>, please.

A finding counts as right when it has the same entity and overlaps what is marked, and reaches beyond it by at most a few characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict

from macae.errors import InvalidInput
from macae.evals.sets import Case, read_set
from macae.monitoring.compliance.detecting import ENTITIES, Patterns, Search
from macae.monitoring.compliance.findings import Detector

__all__ = ["PiiReport", "PiiScore", "PiiText", "evaluate_pii", "load_texts"]

MARK = re.compile(r"<<([A-Z][A-Z0-9_]*)\|(.*?)>>(?!>)", re.DOTALL)
SLACK = 2
"""Characters by which a finding may be longer or shorter at each end: a quotation mark, a plus."""


class PiiText(Case):
    """One text of the set."""

    model_config = ConfigDict(extra="forbid")

    split: Literal["tune", "test"]
    text: str
    """With marks. Every ¦ is taken out: with it, no key of the set looks like one that has leaked."""

    def plain(self) -> tuple[str, list[tuple[str, int, int]]]:
        """The text without marks, and what was marked: entity, start, end."""
        parts: list[str] = []
        spans: list[tuple[str, int, int]] = []
        at = length = 0
        whole = self.text.replace("¦", "")
        for match in MARK.finditer(whole):
            before = whole[at : match.start()]
            start = length + len(before)
            length = start + len(match[2])
            parts += (before, match[2])
            spans.append((match[1], start, length))
            at = match.end()
        return "".join((*parts, whole[at:])), spans


@dataclass(frozen=True)
class PiiScore:
    """Counts for one entity."""

    entity: str
    right: int
    missed: int
    wrong: int
    """Found where nothing was marked."""

    @property
    def precision(self) -> float | None:
        """The share of what was found that was marked, 0..1; None when nothing was found."""
        found = self.right + self.wrong
        return self.right / found if found else None

    @property
    def recall(self) -> float | None:
        """The share of what was marked that was found, 0..1; None when nothing was marked."""
        marked = self.right + self.missed
        return self.right / marked if marked else None


@dataclass(frozen=True)
class PiiReport:
    """What an evaluation has come to."""

    texts: int
    clean: int
    """Texts in which nothing is marked."""
    scores: tuple[PiiScore, ...]
    """By entity."""
    mistakes: tuple[str, ...]
    """One line each."""

    @property
    def total(self) -> PiiScore:
        """All entities together."""
        counted = [(s.right, s.missed, s.wrong) for s in self.scores]
        right, missed, wrong = (sum(column) for column in zip(*counted, strict=True)) if counted else (0, 0, 0)  # fmt: skip
        return PiiScore("all", right, missed, wrong)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        rows = [
            {"entity": s.entity, "right": s.right, "missed": s.missed, "wrong": s.wrong, "precision": s.precision, "recall": s.recall}
            for s in (*self.scores, self.total)
        ]  # fmt: skip
        return {"texts": self.texts, "clean": self.clean, "scores": rows, "mistakes": list(self.mistakes)}


def load_texts(path: Path | None = None) -> list[PiiText]:
    """The texts of a file, or those that come along. Raises InvalidInput naming the text."""
    file = path if path is not None else resources.files("macae.evals") / "pii" / "texts.yaml"
    name = str(path) if path is not None else "texts.yaml"
    texts = read_set(
        file, name, PiiText, "texts", "macae/evals/piitexts.py says what such a file looks like."
    )
    for text in texts:
        for entity, start, end in text.plain()[1]:
            if entity not in ENTITIES or start == end:
                raise InvalidInput(
                    f"Text {text.id} in {name} marks {entity!r}; there are {', '.join(ENTITIES)}."
                )
    return texts


def evaluate_pii(texts: Sequence[PiiText], detectors: Sequence[Detector] | None = None) -> PiiReport:
    """Look for everything in each text, and count."""
    search = Search(detectors if detectors is not None else [Patterns()])
    counts = {entity: [0, 0, 0] for entity in ENTITIES}
    mistakes: list[str] = []
    clean = 0
    for one in texts:
        text, marked = one.plain()
        clean += not marked
        left = [(f.entity, f.start, f.end) for f in search.find(text, frozenset(ENTITIES))]
        for span in marked:
            hit = next((found for found in left if fits(found, span)), None)
            if hit is not None:
                left.remove(hit)
                counts[span[0]][0] += 1
            else:
                counts[span[0]][1] += 1
                mistakes.append(f"{one.id}: {span[0]} was not found")
        for entity, _, _ in left:
            counts[entity][2] += 1
            mistakes.append(f"{one.id}: {entity} was found where there is none")
    scores = tuple(PiiScore(entity, *count) for entity, count in counts.items() if any(count))
    return PiiReport(len(texts), clean, scores, tuple(mistakes))


def fits(found: tuple[str, int, int], marked: tuple[str, int, int]) -> bool:
    """Whether a finding is what was marked."""
    return found[0] == marked[0] and abs(found[1] - marked[1]) <= SLACK and abs(found[2] - marked[2]) <= SLACK
