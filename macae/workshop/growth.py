"""Whose part is whose in an engine."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Growth"]

log = logging.getLogger(__name__)


@dataclass
class Growth:
    """Whose part is whose in one engine."""

    names: dict[str, str] = field(default_factory=dict)
    """By exercise: the engine's part that it gives."""
    theirs: set[str] = field(default_factory=set)
    broke: dict[str, str] = field(default_factory=dict)
    """By exercise: why ours stands in for it."""

    tell: Callable[[str, str], None] | None = None
    """Called with the exercise and the reason when a part of theirs breaks."""

    def break_(self, name: str, why: str) -> None:
        """Note that a part of theirs broke; the first reason stays."""
        log.info("%s of the learner broke: %s", name, why)
        if name not in self.broke:
            self.broke[name] = why[:500]
            if self.tell is not None:
                self.tell(name, self.broke[name])
