"""What a chat context is dumped as: its configuration as a component, and its state."""

from __future__ import annotations

from typing import Any

from autogen_core import ComponentModel
from autogen_core.models import ChatCompletionClient
from pydantic import BaseModel

from macae.errors import InvalidInput
from macae.memory.chat.messages import StoredMessage

__all__ = ["ContextConfig", "ContextState", "dumped"]


class ContextConfig(BaseModel):
    """What a context is rebuilt from. Without `store_path` its store is the settings' one: no key is ever in here."""

    session_id: str
    user_id: str
    buffer_size: int = 100
    initial_messages: list[StoredMessage] | None = None
    agent: str = ""
    write_through: bool = True
    buffer_tokens: int | None = None
    summary_size: int = 3000
    summary_timeout: float = 20.0
    model_client: ComponentModel | None = None
    store_path: str | None = None
    """The file, where it is an embedded store."""


class ContextState(BaseModel):
    """A chat as plain data. AutoGen's own contexts save `messages` alone."""

    messages: list[StoredMessage]
    earlier: int = 0
    summary: dict[str, Any] = {}


def dumped(client: ChatCompletionClient | None) -> ComponentModel | None:
    """A model client as a component. Raises InvalidInput for one that cannot be dumped."""
    if client is None:
        return None
    try:
        return client.dump_component()
    except NotImplementedError:
        raise InvalidInput(
            f"The context's model client ({type(client).__name__}) cannot be dumped. Give the context one of AutoGen's "
            "own, or none: then rules make its notes."
        ) from None
