"""The result of a retrieval evaluation: by mode, by half and by kind, as text, as JSON, and as a table for the docs."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from macae.errors import InvalidInput

__all__ = ["RagReport", "RagResult", "Scores", "write_table"]

SPLITS = ("tune", "test")


@dataclass(frozen=True)
class RagResult:
    """One question in one mode. What does not apply (recall of an unanswerable question, an answer that was not asked for) is None."""

    id: str
    kind: str
    split: str
    mode: str
    first: float | None
    five: float | None
    reciprocal: float | None
    right: bool | None
    seconds: float
    """Of the search alone."""
    answer: str = ""


@dataclass(frozen=True)
class Scores:
    """Means from 0 to 1: recall at 1 and 5, reciprocal rank, right answers. None where nothing of the kind was measured."""

    questions: int
    recall_1: float | None
    recall_5: float | None
    mrr: float | None
    right: float | None
    milliseconds: float


@dataclass(frozen=True)
class RagReport:
    """All results, and the embedding that they hold for."""

    results: tuple[RagResult, ...]
    embedding: str = ""

    @property
    def modes(self) -> list[str]:
        """The modes' names, in the order of the run."""
        return list(dict.fromkeys(result.mode for result in self.results))

    def scores(self, mode: str, split: str | None = None, kind: str | None = None) -> Scores:
        """The scores of a mode, on one half or both, for one kind or all."""
        rows = [
            r for r in self.results if r.mode == mode and split in (None, r.split) and kind in (None, r.kind)
        ]
        right = [float(r.right) for r in rows if r.right is not None]
        times = sorted(r.seconds for r in rows)
        return Scores(
            len(rows),
            _mean([r.first for r in rows if r.first is not None]),
            _mean([r.five for r in rows if r.five is not None]),
            _mean([r.reciprocal for r in rows if r.reciprocal is not None]),
            _mean(right),
            1000 * times[len(times) // 2] if times else 0.0,
        )

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        halves = [split for split in SPLITS if any(r.split == split for r in self.results)]
        kinds = list(dict.fromkeys(r.kind for r in self.results))
        return {
            "embedding": self.embedding,
            "modes": {
                mode: {
                    split: {
                        **_plain(self.scores(mode, split)),
                        "by_kind": {kind: _plain(self.scores(mode, split, kind)) for kind in kinds},
                    }
                    for split in halves
                }
                for mode in self.modes
            },
            "results": [
                {"id": r.id, "kind": r.kind, "split": r.split, "mode": r.mode, "recall_1": r.first, "recall_5": r.five, "right": r.right, "answer": r.answer}
                for r in self.results
            ],
        }  # fmt: skip

    def to_json(self) -> str:
        """The report as one JSON object."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)

    def tables(self) -> str:
        """Markdown: a table for each half, and right answers by kind."""
        parts = []
        for split in SPLITS:
            if not any(r.split == split for r in self.results):
                continue
            count = self.scores(self.modes[0], split).questions
            lines = [
                f"| {split} half, {count} questions | recall@1 | recall@5 | MRR | answer right | ms a search |",
                "|---|---|---|---|---|---|",
            ]
            for mode in self.modes:
                s = self.scores(mode, split)
                cells = (_share(s.recall_1), _share(s.recall_5), _share(s.mrr), _share(s.right), f"{s.milliseconds:.0f}")  # fmt: skip
                lines.append(f"| {mode} | {' | '.join(cells)} |")
            parts.append("\n".join(lines))
        parts.append(self._by_kind())
        return "\n\n".join(parts)

    def _by_kind(self) -> str:
        kinds = list(dict.fromkeys(r.kind for r in self.results))
        lines = [
            f"| recall@5 / answer right, test half | {' | '.join(kinds)} |",
            "|---|" + "---|" * len(kinds),
        ]
        for mode in self.modes:
            scores = [self.scores(mode, "test", kind) for kind in kinds]
            cells = [f"{_share(s.recall_5)} / {_share(s.right)}" for s in scores]
            lines.append(f"| {mode} | {' | '.join(cells)} |")
        return "\n".join(lines)


def write_table(path: Path, report: RagReport) -> str:
    """Put the report's tables into a Markdown file, between the marks of its kind of embedding; returns which kind.

    Raises InvalidInput when the file or its marks are not there.
    """
    kind = "lexical" if "lexical" in report.embedding else "semantic"
    first, last = f"<!-- eval rag, {kind} -->", f"<!-- end of eval rag, {kind} -->"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}. Name the file that shows the table.") from None
    if first not in text or last not in text:
        raise InvalidInput(f"{path} has no place for the table. Put {first} and {last} where it belongs.")
    made = f"{first}\n\nEmbedding: {report.embedding}.\n\n{report.tables()}\n\n{last}"
    pattern = re.escape(first) + r".*?" + re.escape(last)
    path.write_text(re.sub(pattern, lambda _: made, text, count=1, flags=re.DOTALL), encoding="utf-8")
    return kind


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _plain(scores: Scores) -> dict[str, Any]:
    names = ("questions", "recall_1", "recall_5", "mrr", "right", "milliseconds")
    values = (getattr(scores, name) for name in names)
    return {n: round(v, 4) if isinstance(v, float) else v for n, v in zip(names, values, strict=True)}
