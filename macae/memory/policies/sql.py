"""A memory in a SQLite file: durable, and found again by its words."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from autogen_core import CancellationToken
from autogen_core.memory import Memory, MemoryContent, MemoryQueryResult, UpdateContextResult
from autogen_core.model_context import ChatCompletionContext

from macae.memory.options import checked_k, checked_threshold, nothing_else
from macae.memory.policies.entries import dumped, id_of, identified, revived, text_of, with_metadata
from macae.memory.policies.sqlfile import SQLFile, has_fts5, where_sql
from macae.memory.semantic.context import recall
from macae.memory.semantic.lexical import COMMON_WORDS, folded

__all__ = ["SQLMemory"]

TABLES = """
CREATE TABLE IF NOT EXISTS memories (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL,
    written REAL NOT NULL, words TEXT NOT NULL, body TEXT NOT NULL, searchable INTEGER NOT NULL,
    UNIQUE (user_id, collection, id)
);
CREATE INDEX IF NOT EXISTS memories_unsearchable ON memories (searchable) WHERE searchable = 0;
"""
FTS = "CREATE VIRTUAL TABLE IF NOT EXISTS memory_words USING fts5(words, tokenize='porter unicode61');"
_OWN = "user_id = ? AND collection = ?"


class SQLMemory(Memory):
    """Entries in a table of the SQLite file `path`, each user and collection apart; what `add` returned from is on the disk.

    A query gives at most `k` entries that share words with it, the best first (SQLite's full-text search and its BM25; without it, by
    the number of shared words); `metadata` has the `id` and a `score` from 0 to 1. An empty query gives all, oldest first.
    `threshold` is the least score; `where={"kind": "note"}` keeps to entries with just this metadata. The file may be shared by processes, and be any SQLite file.
    """

    def __init__(
        self, path: str | Path, collection: str = "memory", user_id: str = "local", k: int = 10,
        *, fts: bool | None = None,
    ) -> None:  # fmt: skip
        self.k, self._own, self._fts = checked_k(k), (user_id, collection), has_fts5() if fts is None else fts
        self._file = SQLFile(path, TABLES + (FTS if self._fts else ""))

    async def add(self, content: MemoryContent, cancellation_token: CancellationToken | None = None) -> None:
        """Store it; `metadata["id"]` replaces the entry of that id."""
        await self.add_many([content])

    async def add_many(self, contents: Sequence[MemoryContent]) -> list[str]:
        """Store all of them or none, with one commit. Gives their ids."""
        named = {id_of(content): content for content in map(identified, contents)}
        rows = [(*self._own, id, time.time(), folded(text_of(c)), dumped(c)) for id, c in named.items()]
        await self._file.run(lambda db: _put(db, rows, self._fts))
        return list(named)

    async def query(
        self, query: str | MemoryContent = "", cancellation_token: CancellationToken | None = None,
        *, k: int | None = None, threshold: float | None = None, where: Mapping[str, Any] | None = None, **unknown: Any,
    ) -> MemoryQueryResult:  # fmt: skip
        """The best entries, at most `k` (1 to 1,000). Raises InvalidInput for any other option, or value of one."""
        nothing_else(unknown, "A SQL memory", "k, threshold and where")
        condition, least = where_sql(where), checked_threshold(threshold) or 0.0
        text = text_of(query)
        words = keywords(text)
        if text.strip() and not words:
            return MemoryQueryResult(results=[])
        most = checked_k(k) if k is not None else self.k if words else -1
        find = _by_words if words and self._fts else _by_parts

        def search(db: sqlite3.Connection) -> list[tuple[str, str, float]]:
            return find(db, self._own, words, most, condition)

        if find is _by_words and await self._file.read(_unindexed):
            await self._file.run(_index)  # a build without full-text search wrote into this file
        rows = await self._file.read(search)
        found = [
            with_metadata(revived(body), id=id, score=score) for id, body, score in rows if score >= least
        ]
        return MemoryQueryResult(results=found)

    async def update_context(self, model_context: ChatCompletionContext) -> UpdateContextResult:
        """Tell the model what a query with the last message finds."""
        return await recall(self, model_context)

    async def ids(self) -> list[str]:
        """All ids, in the order in which they were written."""
        sql = f"SELECT id FROM memories WHERE {_OWN} ORDER BY seq"
        return [row[0] for row in await self._file.read(lambda db: db.execute(sql, self._own).fetchall())]

    async def get(self, ids: Sequence[str]) -> list[MemoryContent]:
        """The entries with these ids that are there."""
        sql = f"SELECT id, body FROM memories WHERE {_OWN} AND id = ?"
        rows = await self._file.read(
            lambda db: [row for id in ids for row in db.execute(sql, (*self._own, id))]
        )
        return [with_metadata(revived(body), id=id) for id, body in rows]

    async def delete(self, ids: Sequence[str]) -> None:
        """Remove them; those that are not there are passed over."""
        await self._file.run(lambda db: _remove(db, [(*self._own, id) for id in ids], f"{_OWN} AND id = ?"))

    async def clear(self) -> None:
        """Remove all of this user's collection."""
        await self._file.run(lambda db: _remove(db, [self._own], _OWN))

    async def close(self) -> None:
        """Nothing stays open."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def keywords(text: str) -> list[str]:
    """The words to look for, at most 40; the common ones only where there are no others."""
    words = list(dict.fromkeys(re.findall(r"\w+", folded(text))))
    return ([word for word in words if word not in COMMON_WORDS] or words)[:40]


def _put(db: sqlite3.Connection, rows: list[tuple[Any, ...]], fts: bool) -> None:
    _remove(db, [row[:3] for row in rows], f"{_OWN} AND id = ?")
    columns = "(user_id, collection, id, written, words, body, searchable)"
    db.executemany(f"INSERT INTO memories {columns} VALUES (?, ?, ?, ?, ?, ?, 0)", rows)
    if fts:
        _index(db)


def _unindexed(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM memories WHERE searchable = 0 LIMIT 1").fetchone() is not None


def _index(db: sqlite3.Connection) -> None:
    new = "FROM memories WHERE searchable = 0"
    db.execute(f"INSERT INTO memory_words (rowid, words) SELECT seq, words {new}")
    db.execute("UPDATE memories SET searchable = 1 WHERE searchable = 0")


def _remove(db: sqlite3.Connection, keys: Sequence[tuple[Any, ...]], where: str) -> None:
    if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'memory_words'").fetchone() and has_fts5():
        inner = f"SELECT seq FROM memories WHERE {where} AND searchable = 1"
        db.executemany(f"DELETE FROM memory_words WHERE rowid IN ({inner})", keys)
    db.executemany(f"DELETE FROM memories WHERE {where}", keys)


def _by_words(
    db: sqlite3.Connection, own: tuple[str, str], words: list[str], k: int, where: tuple[str, list[Any]]
) -> list[tuple[str, str, float]]:
    match = " OR ".join(f'"{word}"' for word in words)
    sql = (
        "SELECT id, body, -bm25(memory_words) FROM memory_words JOIN memories ON seq = memory_words.rowid"
        f" WHERE memory_words MATCH ? AND {_OWN}{where[0]} ORDER BY bm25(memory_words), seq LIMIT ?"
    )
    found = db.execute(sql, (match, *own, *where[1], k)).fetchall()
    return [(id, body, max(score, 0.0) / (1 + max(score, 0.0))) for id, body, score in found]


def _by_parts(
    db: sqlite3.Connection, own: tuple[str, str], words: list[str], k: int, where: tuple[str, list[Any]]
) -> list[tuple[str, str, float]]:
    shared = " + ".join("(words LIKE ? ESCAPE '!')" for _ in words) or "1"
    parts = ["%" + re.sub(r"([!%_])", r"!\1", word) + "%" for word in words]
    sql = (
        f"SELECT id, body, shared FROM (SELECT *, {shared} AS shared FROM memories WHERE {_OWN}{where[0]})"
        " WHERE shared > 0 ORDER BY shared DESC, seq LIMIT ?"
    )
    found = db.execute(sql, (*parts, *own, *where[1], k)).fetchall()
    return [(id, body, shared / max(len(words), 1)) for id, body, shared in found]
