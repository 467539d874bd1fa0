"""Values that are known to be secret: the keys and passwords of the settings and of the environment."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from pydantic import SecretStr

from macae.config import Settings
from macae.monitoring.compliance.findings import Finding
from macae.monitoring.compliance.plaintext import plain_text

__all__ = ["KnownValues", "known_secrets"]

NAMES = re.compile(
    r"(?i)(?:(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|CONNECTION_STRING|CREDENTIALS?|DSN|WEBHOOK(?:_URL)?)(?:_?\d+)?|(?:^|_)PA(?:SS|T)(?:_?\d+)?)$"
)
PLACE = re.compile(r"~|\.{1,2}[/\\]|[A-Za-z]:[\\/]")
FILE = re.compile(r"(?:/[\w.-]{1,60}){2,20}\.[A-Za-z][A-Za-z0-9]{1,4}")
SHORTEST = 8
"""Characters. A shorter value is likely to stand somewhere by chance."""
ENTITY = "API_KEY"


class KnownValues:
    """Finds given values, whatever they look like."""

    entities = frozenset({ENTITY})

    def __init__(self, values: Iterable[str]) -> None:
        every = dict.fromkeys(form for value in values if len(value) >= SHORTEST for form in written(value))
        self._values = tuple(sorted(every, key=len, reverse=True))

    def __repr__(self) -> str:
        return f"KnownValues({len(self._values)} values)"

    def find(self, text: str, wanted: frozenset[str]) -> Iterator[Finding]:
        """Where one of the values stands."""
        if ENTITY not in wanted:
            return
        for value in self._values:
            at = text.find(value)
            while at >= 0:
                yield Finding(ENTITY, at, at + len(value))
                at = text.find(value, at + len(value))


def written(value: str) -> Iterator[str]:
    """The ways in which a value may stand in a text: as it is, in JSON, in an address; each as detectors read it, too."""
    for form in (
        value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], quote(value, safe="", errors="replace"), quote(value, errors="replace"),
    ):  # fmt: skip
        yield form
        yield plain_text(form).text


def known_secrets(settings: Settings) -> list[str]:
    """The secrets of the settings, and the variables of the environment whose names say that they are one."""
    values = [
        part
        for _, value in settings
        if isinstance(value, SecretStr)
        for part in (value.get_secret_value(), *parts_of(value.get_secret_value()))
    ]
    for name, value in os.environ.items():
        if NAMES.search(name) and telling(value):
            values += [value, *parts_of(value)]
    return list(dict.fromkeys(value for value in values if len(value) >= SHORTEST))


def parts_of(value: str) -> Iterator[str]:
    """What is secret by itself: the path and password of an address, the values of headers."""
    for line in re.split(r"[,;\s]+(?=[\w-]+[=:])|\s+", value):
        yield from in_address(line)
    for header in value.split(","):
        name, sign, given = header.partition("=")
        if sign and re.fullmatch(r"\s*[\w-]+", name):
            given = unquote(given.strip())
            yield from (word for word in (given, *given.split()) if hard(word))


def in_address(value: str) -> Iterator[str]:
    """The parts of an address that only those know who may use it."""
    if "://" not in value:
        return
    try:
        address = urlsplit(value)
        parts = [*address.path.split("/"), address.password or "", *re.split(r"[&=]", address.query)]
    except ValueError:
        return
    yield from (found for part in parts if hard(found := unquote(part)))


def hard(part: str) -> bool:
    """Whether nobody would write it by chance: long enough, with a digit, or very long."""
    return len(part) >= SHORTEST and (any(sign.isdigit() for sign in part) or len(part) >= 20)


def telling(value: str) -> bool:
    """Whether a variable's value is likely to be the secret itself: no plain word (SORT_KEY=created_at), no path to a file."""
    if PLACE.match(value) or (value.startswith("/") and is_place(value)):
        return False
    return len(value) >= 24 or any(sign.isdigit() for sign in value)


def is_place(value: str) -> bool:
    """Whether there is such a path, or at least the folder that it would stand in, or it ends as files do."""
    if FILE.fullmatch(value):
        return True
    try:
        path = Path(value)
        return path.exists() or (len(path.parts) > 2 and path.parent.exists())
    except (OSError, ValueError):
        return False
