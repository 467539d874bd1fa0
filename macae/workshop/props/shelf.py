"""A small library that nobody knows by heart, for the checks of challenge 7."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.workshop.trial import Trial

if TYPE_CHECKING:
    from macae.memory.retrieval import KnowledgeBase

__all__ = ["BADGES", "COFFEE", "LUNCH", "PERMIT", "SHELF", "before", "given_of", "shelf"]

PERMIT = "A parking permit costs 12 euros a month. It is ordered at the front desk."
LUNCH = "Lunch is served in the canteen from half past eleven to two o'clock."
BADGES = tuple(
    f"A lost badge in building {n} is reported to reception {n}." for n in ("A", "B", "C", "D", "E")
)
SHELF = {
    "Getting here": {"Cars": PERMIT, "Bicycles": "Bicycles stand in the yard, under the roof."},
    "Eating well": {"Noon": LUNCH, "Coffee": "Coffee is free on every floor."},
    "Doors and keys": {f"Building {text.split()[5]}": text for text in BADGES},
}
"""By title and heading: what stands there."""
COFFEE = SHELF["Eating well"]["Coffee"]


def shelf(trial: Trial) -> KnowledgeBase:
    """A small library that nobody knows by heart."""
    from macae.memory.retrieval import Document, KnowledgeBase

    documents = [
        Document(
            id=title.split()[0].lower(),
            title=title,
            text=f"# {title}\n" + "".join(f"\n## {heading}\n\n{text}\n" for heading, text in parts.items()),
            kind="markdown",
        )
        for title, parts in SHELF.items()
    ]
    settings = trial.settings.model_copy(update={"embedding": "lexical"})
    return KnowledgeBase(settings, documents, name="check", user_id="check", size=160, overlap=0, on="memory")


def given_of(text: str) -> list[str]:
    """The shelf's passages that an answer holds, also in part, in their order there."""
    flat = " ".join(text.split())
    every = [words for parts in SHELF.values() for words in parts.values()]
    return sorted((words for words in every if words[:40] in flat), key=lambda words: flat.index(words[:40]))


def before(text: str, passage: str) -> str:
    """What stands before a passage: from the passage before it, or from the beginning."""
    flat = " ".join(text.split())
    start = flat.index(passage[:40])
    ends = [flat.index(words[:40]) + len(words) for words in given_of(text)]
    return flat[max((end for end in ends if end <= start), default=0) : start]
