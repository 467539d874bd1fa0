"""A memory of facts: who is what to whom, and questions over several of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from autogen_core import CancellationToken
from autogen_core.memory import Memory, MemoryContent, MemoryMimeType, MemoryQueryResult, UpdateContextResult
from autogen_core.model_context import ChatCompletionContext
from autogen_core.models import ChatCompletionClient

from macae.errors import InvalidInput
from macae.memory.options import checked_k, nothing_else
from macae.memory.policies.entries import dumped, id_of, identified, revived, text_of, with_metadata
from macae.memory.policies.hops import Facts, follow, matching, named_in
from macae.memory.policies.sqlfile import SQLFile, where_sql
from macae.memory.policies.statements import read_statement
from macae.memory.policies.triplets import Chain, Triplet, key, read_question, root
from macae.memory.semantic.context import recall

__all__ = ["GraphMemory"]

TABLES = """
CREATE TABLE IF NOT EXISTS graph_statements (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (user_id, collection, id)
);
CREATE TABLE IF NOT EXISTS graph_triplets (
    seq INTEGER PRIMARY KEY, user_id TEXT NOT NULL, collection TEXT NOT NULL, statement TEXT NOT NULL,
    subject TEXT NOT NULL, relation TEXT NOT NULL, object TEXT NOT NULL,
    subject_key TEXT NOT NULL, relation_root TEXT NOT NULL, object_key TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS graph_subject ON graph_triplets (user_id, collection, subject_key);
CREATE INDEX IF NOT EXISTS graph_object ON graph_triplets (user_id, collection, object_key);
CREATE INDEX IF NOT EXISTS graph_statement ON graph_triplets (user_id, collection, statement);
"""
_OWN = "user_id = ? AND collection = ?"


class GraphMemory(Memory):
    """Facts as triplets in the SQLite file `path`, each user and collection apart.

    `add` takes a plain statement ("Jessica's mentor is Daniel.") or a triplet as a dict; what states no fact is refused (InvalidInput).
    With a `client` the model reads statements, bounded by `seconds`, and only facts whose names stand in the text are taken; where it
    fails, and without one, rules do (plain English). `query` takes a question over one or more facts ("Who is the manager of Jessica's
    mentor?"), a Triplet with None for what is asked, or any text: then the facts about the things it names.
    A result's `metadata["answer"]` is the answer; its content says the facts that lead there.
    """

    def __init__(
        self, path: str | Path, collection: str = "graph", user_id: str = "local", k: int = 10,
        *, client: ChatCompletionClient | None = None, seconds: float = 20.0,
    ) -> None:  # fmt: skip
        self.k, self.client, self.seconds = checked_k(k), client, seconds
        self._own, self._file = (user_id, collection), SQLFile(path, TABLES)

    async def add(self, content: MemoryContent, cancellation_token: CancellationToken | None = None) -> None:
        """Store a statement and its facts; `metadata["id"]` replaces the statement of that id."""
        await self.add_many([content])

    async def add_many(self, contents: Sequence[MemoryContent]) -> list[str]:
        """Store all of them or none. Gives their ids."""
        read = [(one, await self.triplets(one)) for one in map(identified, contents)]
        await self._file.run(lambda db: _put(db, self._own, read))
        return [id_of(one) for one, _ in read]

    async def triplets(self, content: MemoryContent) -> list[Triplet]:
        """The facts of an entry. Raises InvalidInput when there are none, or the entry is longer than 20,000 characters."""
        if isinstance(content.content, dict):
            facts = [_given(content.content)]
        else:
            facts = await read_statement(text_of(content), self.client, self.seconds)
        if not facts or not all(part and part.strip() for fact in facts for part in fact):
            raise InvalidInput(
                "No fact was found in this entry. Say it plainly: “Jessica's mentor is Daniel.”"
            )
        return facts

    async def query(
        self, query: str | MemoryContent | Triplet = "", cancellation_token: CancellationToken | None = None,
        *, k: int | None = None, where: Mapping[str, Any] | None = None, **unknown: Any,
    ) -> MemoryQueryResult:  # fmt: skip
        """See the class. At most `k` results (1 to 1,000), from facts of statements with the metadata `where`. Nothing known: none.

        Raises InvalidInput for any other option.
        """
        nothing_else(unknown, "A graph memory", "k and where")
        facts = Facts.of(self._own, *where_sql(where))
        if isinstance(query, MemoryContent) and isinstance(query.content, dict):
            query = _given(query.content)
        asked = query if isinstance(query, Triplet) else text_of(query).strip()
        most = checked_k(k) if k is not None else self.k if asked else -1
        paths = await self._file.read(lambda db: _paths(db, facts, asked, most))
        return MemoryQueryResult(results=[_result(path, answer) for path, answer in paths])

    async def update_context(self, model_context: ChatCompletionContext) -> UpdateContextResult:
        """Tell the model the facts that the last message asks for."""
        return await recall(self, model_context)

    async def ids(self) -> list[str]:
        """The ids of all statements, oldest first."""
        sql = f"SELECT id FROM graph_statements WHERE {_OWN} ORDER BY seq"
        return [row[0] for row in await self._file.read(lambda db: db.execute(sql, self._own).fetchall())]

    async def get(self, ids: Sequence[str]) -> list[MemoryContent]:
        """The statements with these ids that are there."""
        sql = f"SELECT id, body FROM graph_statements WHERE {_OWN} AND id = ?"
        rows = await self._file.read(
            lambda db: [row for id in ids for row in db.execute(sql, (*self._own, id))]
        )
        return [with_metadata(revived(body), id=id) for id, body in rows]

    async def delete(self, ids: Sequence[str]) -> None:
        """Remove statements and their facts."""
        await self._file.run(lambda db: _remove(db, self._own, ids))

    async def clear(self) -> None:
        """Remove all of this user's collection."""
        await self._file.run(lambda db: _remove(db, self._own, None))

    async def close(self) -> None:
        """Nothing stays open."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _given(body: dict[str, Any]) -> Triplet:
    parts = [body.get(name) for name in Triplet._fields]
    if set(body) - set(Triplet._fields) or not all(part is None or isinstance(part, str) for part in parts):
        raise InvalidInput("A triplet has the texts subject, relation and object, and nothing else.")
    return Triplet(*parts)


def _put(
    db: sqlite3.Connection, own: tuple[str, str], read: list[tuple[MemoryContent, list[Triplet]]]
) -> None:
    into = "INSERT INTO graph_triplets (user_id, collection, statement, subject, relation, object, subject_key, relation_root, object_key)"
    for content, facts in read:
        id = id_of(content)
        _remove(db, own, [id])
        statement = (*own, id, dumped(content))
        db.execute(
            "INSERT INTO graph_statements (user_id, collection, id, body) VALUES (?, ?, ?, ?)", statement
        )
        rows = [
            (*own, id, *fact, key(fact[0] or ""), root(fact[1] or ""), key(fact[2] or "")) for fact in facts
        ]
        db.executemany(f"{into} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _remove(db: sqlite3.Connection, own: tuple[str, str], ids: Sequence[str] | None) -> None:
    """These statements; None: all."""
    for table, column in (("graph_triplets", "statement"), ("graph_statements", "id")):
        if ids is None:
            db.execute(f"DELETE FROM {table} WHERE {_OWN}", own)
        else:
            db.executemany(f"DELETE FROM {table} WHERE {_OWN} AND {column} = ?", [(*own, id) for id in ids])


def _paths(
    db: sqlite3.Connection, known: Facts, asked: str | Triplet, k: int
) -> list[tuple[list[Triplet], str]]:
    if isinstance(asked, Triplet):
        return matching(db, known, asked, k)
    chain: Chain | None = read_question(asked)
    found = follow(db, known, chain, k) if chain else []
    return found or named_in(db, known, asked, k)


def _result(path: list[Triplet], answer: str) -> MemoryContent:
    told = " ".join(map(str, path))
    facts = json.dumps([list(fact) for fact in path], ensure_ascii=False)
    return MemoryContent(
        content=told, mime_type=MemoryMimeType.TEXT, metadata={"answer": answer, "facts": facts}
    )
