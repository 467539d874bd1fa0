"""Entries with a history."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from autogen_core import CancellationToken
from autogen_core.memory import ListMemory, Memory, MemoryContent, MemoryMimeType

from macae.errors import InvalidInput, NotAllowed, NotFound
from macae.memory.policies.entries import dumped, id_of, identified, revived, with_metadata
from macae.memory.policies.inner import add_to, delete_from, get_from
from macae.memory.policies.rebuilding import removable
from macae.memory.policies.turns import turn_of
from macae.memory.policies.wrapping import WrappedMemory

__all__ = ["VersionedMemory"]


class VersionedMemory(WrappedMemory):
    """Adding under a known id (`metadata["id"]`) makes version 2, 3, …; queries see the newest, `history` and `at` all.

    The last `keep` older versions of each entry go to the memory `history`, which must last as long as they are to: without one
    they are kept in this process. Deleting keeps the history; `clear` forgets it too. Times are Unix seconds. Several around the
    same inner memory object (each for a role, say) wait for each other; around other objects on the same file they do not.
    """

    def __init__(
        self, inner: Memory, history: Memory | None = None, keep: int = 20,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        super().__init__(removable(inner))
        self.past, self.keep, self.clock = removable(history or ListMemory()), keep, clock

    async def add_many(
        self, contents: Sequence[MemoryContent], cancellation_token: CancellationToken | None = None
    ) -> None:
        """Add each as the next version of its entry."""
        async with turn_of(self):
            for content in contents:
                async with self._put_away([id_of(content)] if id_of(content) else []) as older:
                    version = 1 + max(map(_version, older.get(id_of(content), [])), default=0)
                    now = with_metadata(identified(content), version=version, written=self.clock())
                    await add_to(self.inner, [now], cancellation_token)

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete; what was there goes to the history."""
        async with turn_of(self), self._put_away(ids):
            await super().delete(ids)

    async def clear(self) -> None:
        """Forget everything, and then its history."""
        async with turn_of(self):
            await super().clear()
            await self.past.clear()

    async def history(self, id: str) -> list[MemoryContent]:
        """All versions that are kept, oldest first: `metadata` has version, written and (where it was replaced) until."""
        now = await get_from(self.inner, [id])
        books = await get_from(self.past, [id])
        return [*[old for book in books for old in _versions(book) if not _same(old, now)], *now]

    async def at(self, id: str, version: int | None = None, time: float | None = None) -> MemoryContent:
        """The version with this number, or the one that held at this time (default: now). Raises NotFound."""
        moment = self.clock() if time is None else time
        for one in reversed(await self.history(id)):
            held = _number(one, "written", -math.inf) <= moment < _number(one, "until", math.inf)
            if (version is None and held) or (version is not None and _number(one, "version", 1) == version):
                return one
        raise NotFound(f"There is no such version of {id!r}. `await memory.history(id)` lists what is kept.")

    async def close(self) -> None:
        """Close both, where this `owns` them."""
        if self.owns:
            await self.past.close()
        await super().close()

    def _put_away(self, ids: Sequence[str]) -> AbstractAsyncContextManager[dict[str, list[MemoryContent]]]:
        return put_away(self.inner, self.past, ids, self.clock(), self.keep)


@asynccontextmanager
async def put_away(
    inner: Memory, past: Memory, ids: Sequence[str], until: float, keep: int
) -> AsyncIterator[dict[str, list[MemoryContent]]]:
    """Take what is there into the history first: a crash loses nothing. Out again where what follows is refused.

    Gives all that is known of each entry, oldest first.
    """
    before = {id_of(book): _versions(book) for book in await get_from(past, ids)}
    now = {id_of(one): one for one in await get_from(inner, ids)}
    after = {id: _closed(before.get(id, []), one, until, keep) for id, one in now.items()}
    await add_to(past, [_book(id, versions) for id, versions in after.items()])
    try:
        yield before | after
    except (InvalidInput, NotAllowed):
        await delete_from(past, [id for id in after if id not in before])
        await add_to(past, [_book(id, before[id]) for id in after if id in before])
        raise


def _closed(older: list[MemoryContent], now: MemoryContent, until: float, keep: int) -> list[MemoryContent]:
    older = [old for old in older if not _same(old, [now])]
    number = _number(now, "version", 1 + max(map(_version, older), default=0))
    return [*older, with_metadata(now, until=until, version=int(number))][-keep:]


def _same(old: MemoryContent, now: list[MemoryContent]) -> bool:
    """Whether it is put away and still there: a crash came between."""
    return any(
        old.content == one.content and _number(old, "written", 0) == _number(one, "written", 0) for one in now
    )


def _book(id: str, versions: list[MemoryContent]) -> MemoryContent:
    texts = {"versions": [dumped(one) for one in versions]}
    return MemoryContent(content=texts, mime_type=MemoryMimeType.JSON, metadata={"id": id})


def _versions(book: MemoryContent) -> list[MemoryContent]:
    return [revived(text) for text in book.content["versions"]] if isinstance(book.content, dict) else []


def _version(content: MemoryContent) -> int:
    return int(_number(content, "version", 1))


def _number(content: MemoryContent, name: str, otherwise: float) -> float:
    value = (content.metadata or {}).get(name, otherwise)
    return float(value) if isinstance(value, int | float) else otherwise
