"""The engine: the one public way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from macae.lazy import lazy_names

if TYPE_CHECKING:
    from macae.engine.engine import Engine
    from macae.engine.guide import initialize, initialize_runtime_and_context, retrieve_all_agent_tools

__all__ = ["Engine", "initialize", "initialize_runtime_and_context", "retrieve_all_agent_tools"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Engine": "macae.engine.engine",
        "initialize": "macae.engine.guide",
        "initialize_runtime_and_context": "macae.engine.guide",
        "retrieve_all_agent_tools": "macae.engine.guide",
    },
)
