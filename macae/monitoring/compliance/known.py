"""Values that are known to be secret: the keys and passwords of the settings and of the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from pydantic import SecretStr

from macae.config import Settings
from macae.monitoring.compliance.findings import Finding

__all__ = ["KnownValues", "known_secrets"]

NAMES = re.compile(r"(?i)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD|CONNECTION_STRING|CREDENTIALS?)$")
PLACE = re.compile(r"[/~.]|[A-Za-z]:[\\/]")
SHORTEST = 8
"""Characters. A shorter value is likely to stand somewhere by chance."""
ENTITY = "API_KEY"


class KnownValues:
    """Finds given values, whatever they look like."""

    entities = frozenset({ENTITY})

    def __init__(self, values: Iterable[str]) -> None:
        self._values = tuple(dict.fromkeys(value for value in values if len(value) >= SHORTEST))

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


def known_secrets(settings: Settings) -> list[str]:
    """The secrets of the settings, and the variables of the environment whose names say that they are one."""
    own = [value for _, value in settings if isinstance(value, SecretStr)]
    values = [value.get_secret_value() for value in own]
    values += [value for name, value in os.environ.items() if NAMES.search(name) and telling(value)]
    return [value for value in values if len(value) >= SHORTEST]


def telling(value: str) -> bool:
    """Whether a variable's value is likely to be the secret itself: no plain word (SORT_KEY=created_at), no path to a file."""
    return PLACE.match(value) is None and (len(value) >= 24 or any(sign.isdigit() for sign in value))
