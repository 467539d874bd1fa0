"""What may not pass, and where: a table with a row for each entity and a column for each route."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from macae.monitoring.compliance.detecting import ENTITIES, HEALTH, PERSONAL, SECRETS

__all__ = ["ACTIONS", "GROUPS", "NAME", "PRESETS", "ROUTES", "Action", "Policy", "Route"]

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
