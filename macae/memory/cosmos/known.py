"""What this process knows of a partition, and how long it may believe it.

Every batch replaces the partition's head. So while the head's etag is the same, nothing in the partition has changed, and
what was read under it is still true. Writes do not rely on that: they name the etag of every item that they replace.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Head", "Known", "Meta", "Shelf"]

_MOST_PARTITIONS = 64
_MOST_METAS = 1000
_MOST_ANSWERED = 2000
"""Items in kept answers, a partition."""


@dataclass(frozen=True, slots=True)
class Head:
    """A partition's head. `next` numbers what is written next; `writers` says which of its batches each store made last."""

    etag: str
    next: int
    at: int
    writers: dict[str, int]


@dataclass(frozen=True, slots=True)
class Meta:
    """What a write must know of a stored document."""

    etag: str
    version: int
    user_id: str
    data_type: str
    seq: int
    at: int


class Known:
    """What is known of one partition. A document that is known to be absent is None."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self.keys = keys
        self.head: Head | None = None
        self.is_read = False
        """Whether `head` was looked up (None then means that there is none)."""
        self.metas: dict[str, Meta | None] = {}
        self.numbered = 0
        """Batches that this process has sent."""
        self._answers: dict[Any, tuple[str, list[dict[str, Any]]]] = {}
        self._asked: set[Any] = set()

    def take_head(self, item: dict[str, Any] | None, *, ours: bool = False) -> None:
        """Note the head as it is stored now. `ours`: this process has just written it, and nobody else before."""
        etag = item["_etag"] if item else None
        if not self.is_read or etag != (self.head.etag if self.head else None):
            self._answers.clear()
            if not ours:
                self.metas.clear()
        self.is_read = True
        self.head = Head(item["_etag"], item["next"], item["at"], item["writers"]) if item else None

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

    def answer(self, question: Any) -> list[dict[str, Any]] | None:
        """What was answered before, if the head is still that one (`take_head` first)."""
        found = self._answers.get(question)
        return found[1] if found and self.head and found[0] == self.head.etag else None

    def worth_a_look(self, question: Any) -> bool:
        """Whether asking for the head first may save, or later saves, the question: it was asked before."""
        again = question in self._asked
        if len(self._asked) > 100:
            self._asked.clear()
        self._asked.add(question)
        return again

    def keep(self, question: Any, head: Head | None, items: list[dict[str, Any]]) -> None:
        """Keep an answer that was read after `head` was; it holds while that stays the head."""
        held = sum(len(kept) for _, kept in self._answers.values())
        if held + len(items) > _MOST_ANSWERED:
            self._answers.clear()
        if head is not None and len(items) <= _MOST_ANSWERED:
            self._answers[question] = (head.etag, items)


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

    def clear(self) -> None:
        """Forget all."""
        self._known.clear()
