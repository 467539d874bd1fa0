"""Model clients: the offline one, OpenAI, Azure OpenAI, and any server that speaks OpenAI's protocol.

`create_client(settings)` makes one; `guard(client)` makes any AutoGen client of your own as safe as those.
The names load when they are first used, because the clients are slow to import.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from macae.llm.endpoint import Endpoint
    from macae.llm.factory import create_client, describe
    from macae.llm.guarded import CallReport, GuardedClient, guard

__all__ = ["CallReport", "Endpoint", "GuardedClient", "create_client", "describe", "guard"]

_HOMES = {
    "CallReport": "macae.llm.guarded",
    "Endpoint": "macae.llm.endpoint",
    "GuardedClient": "macae.llm.guarded",
    "create_client": "macae.llm.factory",
    "describe": "macae.llm.factory",
    "guard": "macae.llm.guarded",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
