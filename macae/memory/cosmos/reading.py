"""Questions to a container: Cosmos SQL with parameters, never with text from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from macae.errors import InvalidInput
from macae.memory import query as language
from macae.memory.cosmos.connection import Connection
from macae.memory.cosmos.formats import readable
from macae.memory.documents import STAMPS

__all__ = ["PAGE", "Question", "ask", "in_order"]

PAGE = 200
"""Items that are asked for at once; the rest follow by continuation token."""

_EXACT = 2**53
"""Whole numbers beyond this are not exact in Cosmos DB, so nothing can be said to equal them."""


@dataclass(slots=True)
class Question:
    """One SELECT in the making, of one partition or (`keys` None) of all."""

    keys: tuple[str, ...] | None
    where: str
    values: dict[str, Any] = field(default_factory=dict)
    order: str = ""
    limit: int | None = None
    topic: str | None = None
    """The kind of documents that it is about, or events."""
    fields: str = "*"
    """What is wanted of each item."""

    def given(self, **values: Any) -> Self:
        """Set parameters."""
        self.values |= values
        return self

    def equal(self, path: str, value: Any) -> Self:
        """Only items in which this path (of ours, or looked through already) equals the value."""
        if isinstance(value, str):
            try:
                value.encode()
            except UnicodeEncodeError:
                raise InvalidInput(f"{value!r} is no Unicode text: nothing stored can equal it.") from None
        elif isinstance(value, int | float) and not -_EXACT <= value <= _EXACT:
            raise InvalidInput(f"The number {value} cannot be asked for: Cosmos DB's numbers end at 2**53.")
        name = f"p{len(self.values)}"
        self.where += f" AND {path} = @{name}"
        return self.given(**{name: value})

    def sorted(self, newest_first: bool, limit: int | None) -> Self:
        """In the order of the first write, or the other way round; at most `limit`."""
        way = "DESC" if newest_first else "ASC"
        if self.keys is not None:
            self.order = f" ORDER BY c.seq {way}"
        elif limit is not None:  # without a limit all come anyway, and are sorted here
            self.order = f" ORDER BY c.at {way}, c.session_id {way}"
        self.limit = limit
        return self

    def matching(self, parsed: language.Query) -> Self:
        """The conditions of the guide's query."""
        for path, value in parsed.where:
            self.equal(path_of(path), value)
        return self

    @property
    def text(self) -> str:
        """The whole SELECT."""
        top = "" if self.limit is None else f"TOP {int(self.limit)} "
        return f"SELECT {top}{self.fields} FROM c WHERE {self.where}{self.order}"

    @property
    def name(self) -> tuple[Any, ...]:
        """What tells it from others."""
        return self.text, *((key, repr(value)) for key, value in self.values.items())


def path_of(field: str) -> str:
    """Where a document's field is in its item. In brackets: it may be a word of the language."""
    if field in STAMPS:
        return "c.name" if field == "id" else f"c.{field}"
    return 'c["body"]' + "".join(f'["{part}"]' for part in field.split("."))


async def ask(connection: Connection, question: Question) -> list[dict[str, Any]]:
    """All that the question finds, page after page. Raises what the client raises, and StoreError for what a newer macae wrote."""
    place = connection.place
    values = dict(question.values)
    text = question.text
    given: dict[str, Any] = {}
    if question.keys is not None:
        given = {"partition_key": place.key_value(question.keys)}
        fields = place.key_fields(question.keys)
        values |= {f"k_{name}": value for name, value in fields.items()}
        named = "".join(f"c.{name} = @k_{name} AND " for name in fields)
        text = text.replace(" WHERE ", f" WHERE {named}", 1)
    parameters = [{"name": f"@{name}", "value": value} for name, value in values.items()]

    async def all_pages(container: Any) -> list[dict[str, Any]]:
        pages = container.query_items(text, parameters=parameters, max_item_count=PAGE, **given).by_page()
        return [item async for page in pages async for item in page]

    found = await connection.read(all_pages)
    return [readable(item) for item in found] if question.fields == "*" else found


def in_order(rows: list[dict[str, Any]], parsed: language.Query) -> list[dict[str, Any]]:
    """Sort what a query gave as SQLite does: nothing, then numbers, then texts; equal ones stay as they were."""
    if parsed.order_by is None:
        return rows
    parts = parsed.order_by.split(".")
    # Reversed also keeps equal ones as they were.
    return sorted(rows, key=lambda row: _rank(row, parts), reverse=parsed.descending)


def _rank(row: Any, parts: Sequence[str]) -> tuple[int, Any]:
    for part in parts:
        row = row.get(part) if isinstance(row, dict) else None
    if row is None:
        return 0, 0
    if isinstance(row, bool | int | float):
        return 1, row
    return 2, row if isinstance(row, str) else repr(row)
