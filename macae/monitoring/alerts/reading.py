"""Rules files (YAML). Whatever is wrong in one is told with the rule, the field, and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from macae.errors import ConfigError
from macae.models import EventType
from macae.monitoring.alerts.rules import GROUPS, MEASURES, PLACEHOLDERS, Absence, Rule, Window

__all__ = ["OFF", "default_rules", "load_rules"]

OFF = "off"
"""As the setting: no rules, so no alerts."""
LARGEST = 1_000_000
"""Bytes of a rules file."""
DEFAULT = Path(__file__).with_name("default.yaml")
THRESHOLDS = ("above", "at_least", "below", "at_most")
LIMITS = "one of above, at_least, below, at_most, with a number, such as `above: 5`"
WRITE = {
    "name": "small letters, digits and hyphens, at most 60, such as `name: slow-model`",
    "severity": "info, warning or critical",
    "active": "true or false",
    "events": f"event types, such as `events: [model_called]`; there are {', '.join(EventType)}",
    "until": "the event types that end the wait, such as `until: [step_completed, step_failed]`",
    "alive": "event types, or `alive: any`",
    "where": "fields with values: `where: {ok: false}`, a list of values, or `{not: …}`, `{above: 3}`, `{below: 3}`",
    "share_of": "with `measure: share`, a list of conditions, such as `share_of: [{ok: false}]`; with others nothing",
    "measure": f"one of {', '.join(MEASURES)}",
    "field": "the field of the events' data, such as `field: seconds`; count, rate and share need none",
    "threshold": LIMITS,
    "above": "a number, such as `above: 5`, that what is measured may pass or not",
    "at_least": "a number, such as `at_least: 5`, that what is measured may pass or not",
    "below": "a number, such as `below: 0.2`, that what is measured may pass or not",
    "at_most": "a number, such as `at_most: 0.2`, that what is measured may pass or not",
    "window": "`window: {last: 5}` (events, 1 to 1,000), `window: {seconds: 3600}` (at most 31 days), or both",
    "last": "a whole number of events from 1 to 1,000",
    "seconds": "a number of seconds above 0",
    "needs": "a whole number of events from 1 to 1,000, at most as many as `window: last` says",
    "absence": "`absence: {seconds: 120, until: [step_completed, step_failed], alive: any}`",
    "by": f"a list of {', '.join(GROUPS)}, or fields of the data, such as `by: [session, agent]`",
    "quiet": "a number of seconds, 0 or more",
    "metric": "at most 120 characters",
    "unit": "s, tokens, $, % or a word of at most 20 characters",
    "message": f"text of at most 1,000 characters; in braces only {', '.join(PLACEHOLDERS)}",
    "advice": f"text of at most 1,000 characters; in braces only {', '.join(PLACEHOLDERS)}",
}
FORM = "`rules:` with a list of rules under it, and maybe `include: default` before"


@lru_cache(maxsize=1)
def default_rules() -> tuple[Rule, ...]:
    """The rules that come along: the thresholds that the guides to AutoGen name."""
    return tuple(load_rules(DEFAULT))


def load_rules(path: str | Path | None = None) -> list[Rule]:
    """The rules of a YAML file, or (None) those that come along; none for `off`.

    With `include: default` the file's rules stand beside the ones that come along. One of the same name takes its place; without
    `events` it is that rule with the given fields changed.
    Raises ConfigError naming the file, the rule, the field and what to write instead.
    """
    if path is None:
        return list(default_rules())
    if str(path) == OFF:
        return []
    file = Path(path)
    declared = content(file)
    if not isinstance(declared, dict) or set(declared) - {"rules", "include"}:
        raise ConfigError(f"The alert rules {file} cannot be used: write {FORM}.")
    if declared.get("include") not in (None, "default"):
        raise ConfigError(f"The alert rules {file}: include can only be `default`; write {FORM}.")
    rows = declared.get("rules") or []
    if not isinstance(rows, list):
        raise ConfigError(f"The alert rules {file}: `rules` is no list; begin each rule with `- name: …`.")
    included = declared.get("include") == "default"
    if included:
        rows = [changed(row) for row in rows]
    rules = [one_rule(row, number, file) for number, row in enumerate(rows, 1)]
    names = [rule.name for rule in rules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(
            f"The alert rules {file}: there are two rules {twice[0]!r}; give each its own name."
        )
    if included:
        rules = [*(rule for rule in default_rules() if rule.name not in names), *rules]
    return rules


def changed(row: Any) -> Any:
    """The row of a rule that comes along with these fields changed, where the row names one and no events."""
    if not isinstance(row, dict) or "events" in row:
        return row
    known: dict[str, Any] = next(
        (one for one in content(DEFAULT)["rules"] if one["name"] == row.get("name")), {}
    )
    limits = set(THRESHOLDS) if row.keys() & set(THRESHOLDS) else set()  # a rule has one
    return {name: value for name, value in known.items() if name not in limits} | row


def content(file: Path) -> Any:
    """What the file says. Raises ConfigError."""
    import yaml

    try:
        with file.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise ConfigError(
                f"The alert rules {file} are larger than {LARGEST:,} bytes; that is no rules file."
            )
        return yaml.safe_load(raw.decode("utf-8"))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigError(
            f"The alert rules {file} cannot be read: {why}. Name a file that is there."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        told = " ".join(str(error).split())[:300]
        raise ConfigError(f"The alert rules {file} are not YAML in UTF-8: {told}.") from None


def one_rule(row: Any, number: int, file: Path) -> Rule:
    """One rule of the file. Raises ConfigError with all that is wrong in it."""
    name = row.get("name") if isinstance(row, dict) else None
    what = f"rule {name[:80]!r}" if isinstance(name, str) else f"rule number {number}"
    where = f"The alert rules {file}, {what}"
    if not isinstance(row, dict):
        raise ConfigError(f"{where}: it is no set of fields; begin it with `- name: …`.")
    try:
        return Rule.model_validate(row)
    except ValidationError as error:
        wrong = list(dict.fromkeys(told(e) for e in error.errors()))
        raise ConfigError(f"{where}: {' '.join(wrong)}") from None


def told(error: Any) -> str:
    """One thing that is wrong, in a sentence: the field, what it is, what to write instead."""
    path = [part for part in error["loc"] if isinstance(part, str) and part in KNOWN]
    text = str(error["msg"]).removeprefix("Value error, ").replace("Input should", "it should")
    field = path[-1] if path else ""
    if error["type"] == "extra_forbidden":
        unknown = str(error["loc"][-1])
        known = KNOWN_IN.get(str(error["loc"][0]) if len(error["loc"]) > 1 else "", KNOWN_IN[""])
        near = difflib.get_close_matches(unknown, known, 1)
        instead = f"write {near[0]}" if near else f"there are {', '.join(known)}"
        return f"{unknown[:80]}: there is no such field; {instead}."
    if error["type"] == "missing":
        return f"{'.'.join(path)}: it is missing; write {WRITE[field]}."
    head, colon, rest = text.partition(": ")
    if colon and head in WRITE and not field:
        field, text = head, rest
    return f"{'.'.join(path) or field or 'the rule'}: {text}; write {WRITE.get(field, FORM)}."


def names(fields: Iterable[str]) -> list[str]:
    """The fields' names."""
    return sorted(fields)


KNOWN_IN = {
    "": names(Rule.model_fields),
    "window": names(Window.model_fields),
    "absence": names(Absence.model_fields),
}
"""The fields that a rule, and each part of it, has."""
KNOWN = frozenset(name for fields in KNOWN_IN.values() for name in fields)
