"""The part of Cosmos SQL that every store understands: equality, AND, ORDER BY."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from macae.errors import InvalidInput

__all__ = ["COLUMNS", "Query", "parse", "to_sqlite"]

COLUMNS = frozenset({"id", "session_id", "user_id", "data_type", "plan_id", "version", "ts"})
"""The fields that are kept beside a document's body."""

_FORM = "SELECT * FROM c WHERE c.field=@name [AND …] [ORDER BY c.field [DESC]]"
_FIELD = r"(?P<alias>\w+)\.(?P<field>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
_SELECT = re.compile(r"\s*SELECT\s+\*\s+FROM\s+(?P<alias>[A-Za-z_]\w*)\b(?P<rest>.*)", re.I | re.S | re.A)
_ORDER = re.compile(r"\s*" + _FIELD + r"(?:\s+(?P<way>ASC|DESC))?\s*", re.I | re.A)
_EQUAL = re.compile(r"\s*" + _FIELD + r"\s*=\s*@(?P<name>\w+)\s*", re.I | re.A)
_MAX_CONDITIONS = 50


@dataclass(frozen=True, slots=True)
class Query:
    """A query taken apart: fields that must equal values, and the field to sort by."""

    where: tuple[tuple[str, Any], ...]
    order_by: str | None = None
    descending: bool = False


def parse(query: str, parameters: Sequence[dict[str, Any]]) -> Query:
    """Take a query apart. Raises InvalidInput naming the part that is not understood."""
    select = _SELECT.fullmatch(query)
    if select is None:
        raise _not_understood(query, query)
    alias, rest = select["alias"], select["rest"]
    values = _values(parameters)
    rest, order, descending = _take_order(query, rest, alias)
    if not rest.strip():
        return Query((), order, descending)
    where = re.match(r"\s+WHERE\b", rest, re.I)
    if where is None:
        raise _not_understood(query, rest)
    terms = re.split(r"\bAND\b", rest[where.end() :], flags=re.I)
    if len(terms) > _MAX_CONDITIONS:
        raise InvalidInput(
            f"The query has {len(terms)} conditions; at most {_MAX_CONDITIONS} are understood."
        )
    return Query(tuple(_take_term(query, term, alias, values) for term in terms), order, descending)


def _take_order(query: str, rest: str, alias: str) -> tuple[str, str | None, bool]:
    before, *after = re.split(r"\bORDER\s+BY\b", rest, flags=re.I)
    if not after:
        return rest, None, False
    order = _ORDER.fullmatch(after[0]) if len(after) == 1 else None
    if order is None or order["alias"] != alias:
        raise _not_understood(query, "ORDER BY" + " ORDER BY".join(after))
    return before, order["field"], (order["way"] or "").upper() == "DESC"


def _take_term(query: str, term: str, alias: str, values: dict[str, Any]) -> tuple[str, Any]:
    equal = _EQUAL.fullmatch(term)
    if equal is None or equal["alias"] != alias:
        raise _not_understood(query, term)
    if equal["name"] not in values:
        raise InvalidInput(f"The query names @{equal['name']}, but no such parameter was given.")
    return equal["field"], values[equal["name"]]


def _values(parameters: Sequence[dict[str, Any]]) -> dict[str, Any]:
    values = {}
    for parameter in parameters:
        if (
            not isinstance(parameter, dict)
            or not isinstance(parameter.get("name"), str)
            or "value" not in parameter
        ):
            raise InvalidInput('A query parameter looks like {"name": "@field", "value": "…"}.')
        value = parameter["value"]
        if value is not None and not isinstance(value, str | int | float):
            raise InvalidInput(
                f"The query parameter {parameter['name']} must be a text, a number, true, false or null."
            )
        values[parameter["name"].removeprefix("@")] = value
    return values


def _not_understood(query: str, part: str) -> InvalidInput:
    shown = " ".join(part.split())[:80] or query[:80]
    return InvalidInput(f"This part of the query is not understood: {shown!r}. The form is: {_FORM}.")


def to_sqlite(query: Query) -> tuple[str, list[Any]]:
    """The query as conditions and order for the documents table; all that came from outside is bound, never spliced."""
    text = ""
    bound: list[Any] = []
    for field, value in query.where:
        condition, values = _condition(field, value)
        text += f" AND {condition}"
        bound += values
    text += " ORDER BY "
    if query.order_by is not None:
        way = "DESC" if query.descending else "ASC"
        if query.order_by in COLUMNS:
            text += f"{query.order_by} {way}, "
        else:
            text += f"json_extract(body, ?) {way}, "
            bound.append("$." + query.order_by)
    return text + "seq", bound


def _condition(field: str, value: Any) -> tuple[str, list[Any]]:
    if field in COLUMNS:
        if isinstance(value, bool):
            return "0", []
        return f"{field} = ?", [value]
    path = "$." + field
    if value is None or isinstance(value, bool):
        return "json_type(body, ?) = ?", [path, {None: "null", True: "true", False: "false"}[value]]
    kinds = "('text')" if isinstance(value, str) else "('integer', 'real')"
    # The kind is compared too: to SQLite the text "[1]" equals the list [1], and true equals 1.
    return f"json_type(body, ?) IN {kinds} AND json_extract(body, ?) = ?", [path, path, value]
