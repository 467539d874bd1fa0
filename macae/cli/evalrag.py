"""`macae eval rag`: how well documents are found and questions answered from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from macae.cli import codes
from macae.cli.opening import Place
from macae.cli.output import Screen
from macae.errors import InvalidInput
from macae.evals.rag import MODES, RagMode, RagQuestion, evaluate_rag, load_questions
from macae.evals.ragreports import SPLITS, RagReport, RagResult, Scores, write_table
from macae.llm import create_client, describe
from macae.memory.retrieval import KnowledgeBase
from macae.memory.retrieval.opening import own_name

__all__ = ["run_eval_rag"]

STEP = 25
"""A line of progress for so many questions."""


async def run_eval_rag(
    place: Place,
    questions: Path | None,
    documents: Path | None,
    modes: Sequence[str],
    split: str | None,
    search_only: bool,
    write: Path | None,
    json: bool,
) -> int:
    """Ask all questions in all modes and show the scores. Exit code 0 whatever they are. Raises MacaeError."""
    screen = Screen(json)
    settings = place.settings()
    chosen = _modes(modes)
    cases = [q for q in load_questions(questions) if split in (None, q.split)]
    if not cases:
        raise InvalidInput(f"There are no questions of the half {split!r}. Choose from {', '.join(SPLITS)}.")
    client = None if search_only else create_client(settings)
    try:
        name = (
            own_name("eval", documents) if documents else None
        )  # never the vectors that the user works with
        async with KnowledgeBase(settings=settings, documents=documents, name=name) as kb:
            screen.say(
                f"Model: {describe(settings) if client else 'none, only the search is measured'}", "dim"
            )
            screen.say(kb.describe(), "dim")
            progress = Progress(screen, cases, chosen)
            report = await evaluate_rag(kb, client, cases, chosen, on_result=progress.one_more)
    finally:
        if client is not None:
            await client.close()
    show(screen, report)
    if write is not None:
        screen.say(f"The table for {write_table(write, report)} embeddings in {write} is new.", "dim")
    if json:
        screen.emit({"model": describe(settings) if client else None, **report.to_dict()})
    return codes.COMPLETED


def _modes(names: Sequence[str]) -> Sequence[RagMode]:
    by_name = {mode.name: mode for mode in MODES}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise InvalidInput(f"There is no mode {unknown[0]!r}. There are: {', '.join(by_name)}.")
    return [by_name[name] for name in names] or MODES


class Progress:
    """Says how far the evaluation is."""

    def __init__(self, screen: Screen, cases: Sequence[RagQuestion], modes: Sequence[RagMode]) -> None:
        self._screen, self._total, self._done = screen, len(cases) * len(modes), 0

    def one_more(self, result: RagResult) -> None:
        """Count a question; now and then a line."""
        self._done += 1
        if self._done % STEP == 0 or self._done == self._total:
            self._screen.say(f"{self._done} of {self._total} asked ({result.mode})", "dim")


def show(screen: Screen, report: RagReport) -> None:
    """The scores by mode, each half apart, and by kind."""
    kinds = list(dict.fromkeys(result.kind for result in report.results))
    for split in SPLITS:
        if not any(result.split == split for result in report.results):
            continue
        screen.say()
        screen.say(f"{split} half, {report.scores(report.modes[0], split).questions} questions", "bold")
        for mode in report.modes:
            screen.say(f"{mode}: {_told(report.scores(mode, split))}", indent=2)
            for kind in kinds:
                screen.say(f"{kind}: {_told(report.scores(mode, split, kind))}", "dim", indent=4)


def _told(scores: Scores) -> str:
    parts = (
        ("recall@1", scores.recall_1),
        ("recall@5", scores.recall_5),
        ("MRR", scores.mrr),
        ("answer right", scores.right),
    )
    return ", ".join(f"{name} {value:.2f}" for name, value in parts if value is not None)
