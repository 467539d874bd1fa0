"""What this process knows of a partition, and how long it may believe it.

Every batch replaces the partition's head. So while the head's etag is the same, nothing in the partition has changed, and
what was read under it is still true. Writes do not rely on that: they name the etag of every item that they replace.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["GLANCE", "Head", "Known", "Meta", "Shelf"]

_MOST_PARTITIONS = 64
_MOST_METAS = 1000
_MOST_ANSWERED = 500
"""Items in kept answers, a partition."""

GLANCE = 0.1
"""Seconds that one look at a head serves for: reads that belong together cost one. What another process writes is seen that
much later at most."""


@dataclass(frozen=True, slots=True)
class Head:
    """A partition's head. `next` numbers what is written next; `writers` says which of its batches each store made last.

    `ends` is when all of the partition outlives its time (Unix time; None: never).
    """

    etag: str
    next: int
    at: int
    writers: dict[str, int]
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Meta:
    """What a write must know of a stored document."""

    etag: str
    version: int
    user_id: str
    data_type: str
    seq: int
    at: int


@dataclass(frozen=True, slots=True)
class _Answer:
    topic: str | None
    items: list[dict[str, Any]]


def topics_of(item: dict[str, Any]) -> tuple[str, ...]:
    """What an answer may be about that this item touches: itself, and its kind."""
    return item["id"], item["data_type"] if item["kind"] == "document" else item["kind"]


class Known:
    """What is known of one partition. A document that is known to be absent is None."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self.keys = keys
        self.head: Head | None = None
        self.is_read = False
        """Whether `head` was looked up (None then means that there is none)."""
        self.metas: dict[str, Meta | None] = {}
        self._answers: dict[Any, _Answer] = {}
        self._asked: set[Any] = set()
        self._seen = 0.0

    def take_head(self, item: dict[str, Any] | None, began: float) -> None:
        """Note the head as it is stored: it was asked for when the monotonic clock was `began`."""
        etag = item["_etag"] if item else None
        if not self.is_read or etag != (self.head.etag if self.head else None):
            self._answers.clear()
            self.metas.clear()
        self._note(item, began)

    def take_batch(self, head: dict[str, Any], items: list[dict[str, Any]], began: float) -> None:
        """Note what this process has just written on top of what it knew: whatever that did not touch is still true."""
        touched = {topic for item in items for topic in topics_of(item)}
        self._answers = {
            question: answer
            for question, answer in self._answers.items()
            if answer.topic is not None and answer.topic not in touched
        }
        self._note(head, began)
        self.take(items)
        for item in items:
            self.keep(item["id"], item["id"], [item])

    def _note(self, item: dict[str, Any] | None, began: float) -> None:
        self._seen = began
        self.is_read = True
        self.head = None
        if item:
            self.head = Head(item["_etag"], item["next"], item["at"], item["writers"], item.get("ends"))

    def take(self, items: Iterable[dict[str, Any]], asked: Iterable[str] = ()) -> None:
        """Note documents as they are stored now; those of `asked` (ids of items) that are not among them do not exist."""
        if len(self.metas) > _MOST_METAS:
            self.metas.clear()
        for id in asked:
            self.metas[id] = None
        for item in items:
            if item["kind"] == "document":
                known = (item["version"], item["user_id"], item["data_type"], item["seq"], item["at"])
                self.metas[item["id"]] = Meta(item["_etag"], *known)

    def forget(self) -> None:
        """Believe nothing any more."""
        self.head, self.is_read = None, False
        self.metas.clear()
        self._answers.clear()

    @property
    def is_recent(self) -> bool:
        """Whether the head was looked at, or written, so shortly ago that it is not looked at again."""
        return self.is_read and time.monotonic() - self._seen <= GLANCE

    def holds(self, question: Any) -> bool:
        """Whether there is an answer, true if the head is still the same."""
        return question in self._answers

    def answer(self, question: Any) -> list[dict[str, Any]] | None:
        """What was answered under the head that is known (make sure of that one first)."""
        found = self._answers.get(question)
        return found.items if found is not None and self.head is not None else None

    def worth_a_look(self, question: Any) -> bool:
        """Whether to look up an unknown head before asking, so that the answer can be kept: where it was asked before."""
        again = question in self._asked
        if len(self._asked) > 100:
            self._asked.clear()
        self._asked.add(question)
        return again and self.head is None

    def keep(self, question: Any, topic: str | None, items: list[dict[str, Any]]) -> None:
        """Keep an answer that is true under the head that is known. Writes that touch its topic end it; None: every write."""
        held = sum(len(answer.items) + 1 for answer in self._answers.values())
        if held + len(items) > _MOST_ANSWERED:
            self._answers.clear()
        if self.head is not None and len(items) <= _MOST_ANSWERED:
            self._answers[question] = _Answer(topic, items)


class Shelf:
    """The partitions used last."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, ...], Known] = OrderedDict()

    def of(self, keys: tuple[str, ...]) -> Known:
        """What is known of this partition."""
        known = self._known.pop(keys, None) or Known(keys)
        self._known[keys] = known
        while len(self._known) > _MOST_PARTITIONS:
            self._known.popitem(last=False)
        return known

    def keep(self, known: Known) -> None:
        """Put back what somebody has held on to: there is one for each partition."""
        self._known.pop(known.keys, None)
        self._known[known.keys] = known

    def clear(self) -> None:
        """Forget all."""
        self._known.clear()
