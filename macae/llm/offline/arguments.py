"""Fill a tool's parameters from a scope, coerce them to the schema's types, and say which required ones are missing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.documents import question_in, searches_documents
from macae.llm.offline.kinds import Meaning, meaning_of
from macae.llm.offline.numbers import number_of
from macae.llm.offline.scope import Earlier, Scope
from macae.llm.offline.texts import TEXT_READERS
from macae.llm.offline.values import READERS
from macae.llm.offline.words import related, split_identifier, stem, words

__all__ = ["Filled", "as_text", "coerce", "fill"]

_ORDER = ("email", "reference", "phone", "link", "choice", "date", "time", "amount", "percent", "length", "quantity", "rating", "person", "people", "department", "company", "audience", "slot", "role", "place", "field", "value", "type", "item", "title", "topic", "query", "reason", "body", "expression", "boolean")  # fmt: skip
_HANDED_ON = ("reference", "body", "topic", "item", "query", "title", "email")
"""What an earlier step's result can be handed on as."""


@dataclass
class Filled:
    """A call as far as the text gives it."""

    tool: ToolCard
    values: dict[str, Any] = field(default_factory=dict)
    missing: list[Param] = field(default_factory=list)
    uses: list[int] = field(default_factory=list)
    """Numbers of the earlier steps whose results it needs."""


def coerce(value: Any, param: Param) -> Any:
    """A value in the parameter's type; None when it cannot be one."""
    if value is None:
        return None
    if isinstance(value, str) and re.fullmatch(r"\$\d+", value):
        return value
    if param.choices:
        return next((c for c in param.choices if str(c).lower() == str(value).lower()), None)
    kind = param.type
    if kind == "integer":
        number = (
            value if isinstance(value, (int, float)) else number_of(re.sub(r"[^\w.,' -]", "", str(value)))
        )
        return None if number is None else round(number)
    if kind == "number":
        number = value if isinstance(value, (int, float)) else number_of(re.sub(r"[^\d.,]", "", str(value)))
        return None if number is None else int(number) if float(number).is_integer() else float(number)
    if kind == "boolean":
        return (
            value
            if isinstance(value, bool)
            else str(value).strip().lower() in ("true", "yes", "y", "1", "on")
        )
    if kind == "array":
        items = (
            value
            if isinstance(value, list)
            else [v for v in re.split(r"\s*(?:,|;|\band\b)\s*", str(value)) if v]
        )
        inner = Param(param.name, param.items or "string")
        return [c for c in (coerce(i, inner) for i in items) if c is not None]
    if kind == "object":
        return value if isinstance(value, dict) else None
    if isinstance(value, list):
        return ", ".join(str(v) for v in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def as_text(value: Any) -> str:
    """A value as the plan holds it: text as it is, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def fill(tool: ToolCard, scope: Scope) -> Filled:
    """The call of a tool as far as the scope gives its arguments."""
    filled = Filled(tool)
    tool_words = split_identifier(tool.name)
    meanings = {p.name: meaning_of(p, tool_words) for p in tool.params}
    special = sorted(tool.params, key=lambda p: _turn(p, meanings[p.name]))
    for param in special:
        meaning = meanings[param.name]
        value = _read(param, meaning, scope, tool)
        if value is None and param.required:
            value = _handed_on(param, meaning, scope, filled)
        if value is None:
            value = _named_before(param, meaning, scope)
        lost = False
        if meaning.what == "quantity" and _BELOW_ZERO.search(scope.clause):
            value = None
        if isinstance(value, str) and param.type == "string":
            lost = value in _PRONOUNS
            value = re.sub(r"\s+(?:and|then) \w+ (?:it|them)$", "", value)
            value = _own(value, param, meaning, scope, filled, meanings)
        if value is not None and value != "" and value != []:
            filled.values[param.name] = value
        elif (
            (value is None and lost and not scope.earlier)
            or param.required
            or (meaning.what == "quantity" and _BELOW_ZERO.search(scope.clause))
        ):
            filled.missing.append(param)
    names = [p.name for p in tool.params]
    filled.values = {n: filled.values[n] for n in names if n in filled.values}
    filled.missing.sort(key=lambda p: names.index(p.name))
    return filled


_BELOW_ZERO = re.compile(r"(?<![\w.,/-])(?:-|−|minus |negative )\d+(?![\w-])", re.IGNORECASE)
"""A count below zero: a slip that the person is asked about."""
_WORDY = ("item", "title", "topic", "query", "body", "type", "value")
_PRONOUNS = frozenset(("it", "them", "they", "this", "that", "these", "those", "one", "her", "him", "his", "she", "he", "their", "there"))  # fmt: skip


def _own(
    value: str, param: Param, meaning: Meaning, scope: Scope, filled: Filled, meanings: dict[str, Meaning]
) -> str | None:
    """A text as an argument of its own: a pronoun is none, and what another argument has goes to no second one. A person who is left
    over is the second's then."""
    if value in _PRONOUNS:  # "IT" is a department
        return None
    if meaning.what not in _WORDY:
        return value
    if meaning.what == "item":
        value = re.sub(r"^(?:-|−|minus |negative )\d+ ", "", value)
    others = [str(filled.values[n]) for n, m in meanings.items() if n in filled.values and m.what in _WORDY]
    verb = (
        bool(scope.near.of("person", "quote"))
        and " " not in value
        and scope.clause.lstrip().startswith(f"{value} ")
    )
    if not (verb or any(value.strip("'\"") in o for o in others)) or meaning.what == "body":
        return value
    left = next((p for p in scope.near.of("person") if scope.free(p.start, p.end)), None)
    if left is None or any(left.value in o for o in others):
        return value if meaning.what != "item" else None
    scope.take(left.start, left.end)
    return left.value


def _turn(param: Param, meaning: Meaning) -> tuple[int, bool, bool, bool, int]:
    """Which parameter chooses first: plain facts before words, special parts before general ones, required before optional."""
    place = _ORDER.index(meaning.what)
    wordy = place >= _ORDER.index("item")
    return (
        _ORDER.index("item") if wordy else place,
        meaning.generic,
        not meaning.side,
        not param.required,
        place,
    )


def _read(param: Param, meaning: Meaning, scope: Scope, tool: ToolCard) -> Any:
    better = (
        _handed_on(param, meaning, scope, None)
        if param.required and meaning.what == "body" and not scope.near.of("quote")
        else None
    )
    if better is not None:
        return better
    if param.required and meaning.what in ("query", "topic") and searches_documents(tool):
        return coerce(question_in(scope.clause), param)
    if meaning.what == "item" and _AGAIN.search(scope.clause) and not scope.near.of("quote", "reference"):
        again = _named_before(param, meaning, scope)
        if again is not None:
            return again
    reader = READERS.get(meaning.what) or TEXT_READERS[meaning.what]
    return coerce(reader(param, meaning, scope, tool), param)


_AGAIN = re.compile(
    r"^\W*(?:[a-z']+\W+){0,3}(?:of )?(?:it|them|these|those)\b|\b(?:about|of|on|for|with) (?:it|them)\b",
    re.IGNORECASE,
)
_NAMES_AGAIN = ("item", "person", "company", "department", "audience", "reference")


def _named_before(param: Param, meaning: Meaning, scope: Scope) -> Any:
    """What "it" and "them" stand for: the value that an earlier step has for the same parameter."""
    if meaning.what not in _NAMES_AGAIN or not (scope.of_it or scope.of_them) or scope.of_myself:
        return None
    for step in reversed(scope.earlier):
        for name, value in step.values.items():
            same = name == param.name or (
                step.tool is not None
                and any(
                    p.name == name and meaning_of(p, split_identifier(step.tool.name)) == meaning
                    for p in step.tool.params
                )
            )
            if same and isinstance(value, str) and value != "me" and not value.startswith("$"):
                return coerce(value, param)
    return None


def _handed_on(param: Param, meaning: Meaning, scope: Scope, filled: Filled | None) -> str | None:
    """`$N` where an earlier step makes what this one needs: the same thing is named by both, or "it" is said."""
    if meaning.what not in _HANDED_ON or not scope.earlier:
        return None
    wanted = {s for w in (*meaning.noun.split(), *split_identifier(param.name)) for s in related(stem(w))}
    said = {stem(w) for w in words(scope.clause)}
    for step in reversed(scope.earlier):
        made = (
            {stem(w) for w in split_identifier(step.tool.name)}
            if step.tool
            else {stem(w) for w in words(step.action)}
        )
        reads = step.tool is not None and step.tool.effect == "read"
        if meaning.what in ("reference", "item", "email", "title", "query"):
            fits = bool(made & wanted) or (
                scope.of_it and meaning.what != "email" and step is scope.earlier[-1]
            )
        elif filled is None:  # a text that can be made of what was just looked up
            keys = {s for s in made if s not in ("get", "list", "find", "show", "info", "inform")}
            fits = (reads or step.tool is None) and (bool(keys & said) or scope.of_it)
        else:
            fits = scope.of_it
        if fits:
            if filled is not None:
                filled.uses.append(step.number)
            return f"${step.number}"
    return None


def uses_of(values: dict[str, Any]) -> list[int]:
    """The earlier steps that values refer to."""
    return sorted({int(v[1:]) for v in values.values() if isinstance(v, str) and re.fullmatch(r"\$\d+", v)})


def earlier(number: int, tool: ToolCard | None, action: str = "") -> Earlier:
    """An earlier step, as a scope holds it."""
    return Earlier(number, tool, action)
