"""Walking the graph: from a thing along its relations, fact by fact."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from macae.memory.policies.triplets import Chain, Triplet, is_noun, key, root

__all__ = ["Facts", "follow", "matching", "named_in"]

Path = tuple[list[Triplet], str]
"""The facts that lead to an answer, and the answer."""

_WIDEST = 200
"""Paths that are followed at the same time: one well-known thing must not make a question endless."""
_LONGEST_CHAIN = 6


class Facts(NamedTuple):
    """The facts that a question may use: of one user and collection, and of statements that a filter lets through."""

    which: str
    bound: tuple[Any, ...]

    @classmethod
    def of(cls, own: tuple[str, str], condition: str = "", bound: Sequence[Any] = ()) -> Facts:
        """`condition` is about the columns of graph_statements."""
        which = "user_id = ? AND collection = ?"
        if condition:
            which += f" AND statement IN (SELECT id FROM graph_statements WHERE {which}{condition})"
            return cls(which, (*own, *own, *bound))
        return cls(which, own)

    @property
    def sql(self) -> str:
        """All of them."""
        return f"SELECT subject, relation, object FROM graph_triplets WHERE {self.which}"


def follow(db: sqlite3.Connection, known: Facts, chain: Chain, k: int) -> list[Path]:
    """Where the chain leads. No answer where one of its steps has none."""
    paths: list[Path] = [([], name) for name in _things(db, known, chain.start)]
    for relation, way in chain.steps[:_LONGEST_CHAIN]:
        paths = [
            ([*facts, fact], reached)
            for facts, name in paths
            for fact, reached in _step(db, known, name, relation, way)
        ][:_WIDEST]
    return list({key(answer): (facts, answer) for facts, answer in reversed(paths)}.values())[::-1][:k]


def matching(db: sqlite3.Connection, known: Facts, pattern: Triplet, k: int) -> list[Path]:
    """The facts of a pattern. The answer is what the pattern leaves open: the object, else the subject, else the relation."""
    sql, bound = known.sql, [*known.bound]
    for column, wanted in (
        ("subject_key", pattern.subject and key(pattern.subject)),
        ("relation_root", pattern.relation and root(pattern.relation)),
        ("object_key", pattern.object and key(pattern.object)),
    ):
        if wanted:
            sql, bound = f"{sql} AND {column} = ?", [*bound, wanted]
    facts = [Triplet(*row) for row in db.execute(f"{sql} ORDER BY seq LIMIT ?", [*bound, k])]
    place = 2 if pattern.object is None else 0 if pattern.subject is None else 1
    return [([fact], str(fact[place])) for fact in facts]


def named_in(db: sqlite3.Connection, known: Facts, text: str, k: int) -> list[Path]:
    """The facts about the things that a text names; all of them where it is empty."""
    words = re.findall(r"[\w&.-]*\w", re.sub(r"['’]s?\b", "", text.casefold()))
    said = f" {' '.join(words)} "
    if not text.strip():
        where, bound = "", []
    else:
        where = " AND (instr(?, ' ' || subject_key || ' ') OR instr(?, ' ' || object_key || ' '))"
        bound = [said, said]
    rows = db.execute(f"{known.sql}{where} ORDER BY seq LIMIT ?", [*known.bound, *bound, k])
    return [([fact], str(fact.object)) for fact in (Triplet(*row) for row in rows)]


def _things(db: sqlite3.Connection, known: Facts, name: str) -> list[str]:
    """The thing of this name, or those whose name begins with it ("Jessica" for "Jessica Liu")."""
    for test, wanted in (
        ("= ?", key(name)),
        ("LIKE ? ESCAPE '!'", re.sub(r"([!%_])", r"!\1", key(name)) + " %"),
    ):
        sql = " UNION ".join(
            f"SELECT {side}_key FROM graph_triplets WHERE {known.which} AND {side}_key {test}"
            for side in ("subject", "object")
        )
        if found := [row[0] for row in db.execute(sql, (*known.bound, wanted, *known.bound, wanted))]:
            return found
    return []


def _step(
    db: sqlite3.Connection, known: Facts, name: str, relation: str, way: str
) -> list[tuple[Triplet, str]]:
    """The facts with this relation at this thing, and whom they lead to. Nouns lead to their object, verbs from it."""
    found: list[tuple[Triplet, str]] = []
    for here, there in (("subject", "object"), ("object", "subject")):
        sql = f"{known.sql} AND {here}_key = ? AND relation_root = ? ORDER BY seq LIMIT {_WIDEST}"
        rows: list[Any] = db.execute(sql, (*known.bound, key(name), root(relation))).fetchall()
        for fact in (Triplet(*row) for row in rows):
            noun = is_noun(fact.relation or "")
            if noun == ((here == "subject") == (way == "holder")):
                found.append((fact, str(getattr(fact, there))))
    return found
