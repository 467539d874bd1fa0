"""What may not pass, and where: a table with a row for each entity and a column for each route."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, get_args

from macae.config import Settings
from macae.errors import ConfigError
from macae.monitoring.compliance.detecting import ENTITIES, HEALTH, PERSONAL, SECRETS

__all__ = ["ACTIONS", "PRESETS", "ROUTES", "Action", "Policy", "Route", "load_policy", "preset"]

Action = Literal["allow", "flag", "mask", "block"]
"""`flag`: the finding is told, the text stays; `mask`: it is told, and a marker or placeholder stands instead; `block`: the text does not pass."""
Route = Literal["input", "model", "store", "log", "screen"]
"""Where a text goes: from the person into the engine, to the model, to the store, to logs and other sinks, to the screen."""
ACTIONS: tuple[Action, ...] = get_args(Action)
ROUTES: tuple[Route, ...] = get_args(Route)
PRESETS = ("workshop", "gdpr", "hipaa", "off")
GROUPS = {"secrets": SECRETS, "personal": PERSONAL, "health": HEALTH, "all": ENTITIES}
"""Names for several entities at once."""
NAME = re.compile(r"[A-Z][A-Z0-9_]{1,39}")


@dataclass(frozen=True)
class Policy:
    """A policy. Whatever has no rule is allowed."""

    name: str = "off"
    rules: Mapping[str, Mapping[Route, Action]] = field(default_factory=dict)
    """By entity: the action for each route."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words of one's own, by the entity that they are called."""
    detectors: tuple[str, ...] = ("patterns",)
    """Who looks: `patterns` (built in), `presidio`."""

    def action(self, entity: str, route: Route) -> Action:
        """What is done with such a finding there."""
        return self.rules.get(entity, {}).get(route, "allow")

    def wanted(self, route: Route) -> frozenset[str]:
        """The entities that are looked for on their way there."""
        return frozenset(entity for entity, row in self.rules.items() if row.get(route, "allow") != "allow")


def load_policy(settings: Settings) -> Policy:
    """The policy that MACAE_COMPLIANCE names: a preset, or a YAML file.

    Raises ConfigError for a name that is neither, and for a file that cannot be used, naming its line.
    """
    name = settings.compliance.strip()
    if name.lower() in PRESETS:
        return preset(name.lower())
    path = Path(name).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"MACAE_COMPLIANCE is {name[:80]!r}, which is neither a preset ({', '.join(PRESETS)}) nor a file that is there."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise ConfigError(f"The policy file {path} (MACAE_COMPLIANCE) cannot be read: {why}.") from None
    from macae.monitoring.compliance.policyfile import read_policy

    return read_policy(text, path.name)


@cache
def preset(name: str) -> Policy:
    """A policy that comes along. Raises ConfigError for another name."""
    if name not in PRESETS:
        raise ConfigError(f"There is no preset {name[:40]!r}. There are: {', '.join(PRESETS)}.")
    from macae.monitoring.compliance.policyfile import read_policy

    file = resources.files(__package__ or "") / "presets" / f"{name}.yaml"
    return read_policy(file.read_text(encoding="utf-8"), name)
