"""A client's connections: they belong to the event loop that opened them, and are closed once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from autogen_core.models import ChatCompletionClient

from macae.errors import ModelError
from macae.llm.endpoint import Endpoint

__all__ = ["Connections"]


class Connections:
    """The connections of one client, shared by all who report its calls elsewhere."""

    def __init__(
        self, client: ChatCompletionClient, at: Endpoint, on_close: Callable[[], None] | None
    ) -> None:
        self._client, self._at, self._on_close = client, at, on_close
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def check(self) -> None:
        """Raise ModelError when they are closed, or were opened on another event loop than the running one."""
        if self._closed:
            raise ModelError(f"This model client ({self._at}) is closed. Make a new one.")
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        if self._at.remote and loop is not self._loop:
            raise ModelError(
                f"This model client ({self._at}) was first used on another event loop, where its connections belong. "
                "Make one client for each event loop."
            )

    async def close(self) -> None:
        """Close them. Idempotent."""
        if self._closed:
            return
        self._closed = True
        elsewhere = self._loop is not None and self._loop is not asyncio.get_running_loop()
        try:
            await self._client.close()
        except RuntimeError:  # the connections went with their loop
            if not elsewhere:
                raise
        if self._on_close is not None:
            self._on_close()
