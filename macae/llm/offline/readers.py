"""What a reader of one value is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from macae.llm.offline.cards import Param, ToolCard
from macae.llm.offline.kinds import Meaning
from macae.llm.offline.scope import Scope

__all__ = ["Reader"]


Reader = Callable[[Param, Meaning, Scope, ToolCard], Any]
