"""The chat context of an agent, remembered: AutoGen's buffered context over a store."""

from __future__ import annotations

from typing import Self

from autogen_core.model_context import BufferedChatCompletionContext
from autogen_core.models import ChatCompletionClient, LLMMessage

from macae.config import load_settings
from macae.errors import InvalidInput
from macae.memory.chat.bounds import Bounds
from macae.memory.chat.config import ContextConfig, dumped, place_of, store_of
from macae.memory.chat.remembered import RememberedChat
from macae.memory.chat.transcript import Transcript
from macae.memory.opening import open_store
from macae.memory.session import Guard, SessionMemory
from macae.memory.store import Store

__all__ = ["ContextConfig", "CosmosBufferedChatCompletionContext"]

_LEAST = 200


class CosmosBufferedChatCompletionContext(RememberedChat, SessionMemory, BufferedChatCompletionContext):
    """An agent's chat with its model, kept in a store, and with it the guide's memory methods (`SessionMemory`).

    The name is the guide's; the store may be any (default: the settings' one, which the context then owns and closes). `agent`
    keeps the chats of several agents in one session apart.

    The model is sent the last `buffer_size` messages (and no more than about `buffer_tokens`), and before them a note of at
    most `summary_size` characters on all that came earlier: names, numbers, decisions, tool calls and their results. The note
    is made by rules, or by `model_client` within `summary_timeout` seconds (by rules when it fails); it is stored, and
    extended when enough has been added.

    With `write_through` each message is durable when `add_message` returns. Without, messages wait for `flush()`, or travel
    in somebody else's write: `store.write(user, session, [Change(step, …), *context.pending_changes()])`; a message counts as
    saved once its write has succeeded. `discard()` forgets those of an attempt that is given up.
    """

    component_config_schema = ContextConfig  # type: ignore[assignment]  # the parent declares its own kind
    component_provider_override = "macae.memory.chat.context.CosmosBufferedChatCompletionContext"

    def __init__(
        self,
        session_id: str,
        user_id: str,
        buffer_size: int = 100,
        initial_messages: list[LLMMessage] | None = None,
        *,
        store: Store | None = None,
        agent: str = "",
        write_through: bool = True,
        guard: Guard | None = None,
        buffer_tokens: int | None = None,
        summary_size: int = 3000,
        model_client: ChatCompletionClient | None = None,
        summary_timeout: float = 20.0,
    ) -> None:
        if buffer_size < 1:
            raise InvalidInput(f"A buffer of {buffer_size} messages cannot be: buffer_size is at least 1.")
        for name, value in (("buffer_tokens", buffer_tokens), ("summary_size", summary_size)):
            if value is not None and value < _LEAST:
                raise InvalidInput(f"{name} is at least {_LEAST}, not {value}: less holds nothing.")
        BufferedChatCompletionContext.__init__(self, buffer_size, initial_messages)
        self._owned = open_store(load_settings()) if store is None else None
        used = store or self._owned
        assert used is not None
        SessionMemory.__init__(self, session_id, user_id, store=used, guard=guard)
        self.agent = agent
        bounds = Bounds(buffer_size, buffer_tokens, summary_size)
        chat = Transcript(used, user_id, session_id, agent, bounds)
        self._remember(chat, initial_messages or (), write_through, model_client, summary_timeout)

    # Life

    async def initialize(self) -> None:
        """The guide's name for `open`."""
        await self.open()

    async def open(self) -> None:
        """Open the store and read what it holds of this chat."""
        await self._store.open()
        async with self._lock:
            await self._load()

    async def close(self) -> None:
        """Store what is pending; close the store where it is this context's own."""
        try:
            if self._chat.loaded or self._chat.pending():  # of a failed write, too
                await self.flush()
        finally:
            if self._owned is not None:
                await self._owned.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _to_config(self) -> ContextConfig:  # type: ignore[override]
        # Raises InvalidInput for a store or a model client that cannot be found again.
        bounds = self._chat.bounds
        return ContextConfig(
            session_id=self.session_id,
            user_id=self.user_id,
            buffer_size=bounds.messages,
            initial_messages=self._initial_messages,
            agent=self.agent,
            write_through=self._write_through,
            buffer_tokens=bounds.tokens,
            summary_size=bounds.summary,
            summary_timeout=self._timeout,
            model_client=dumped(self._client),
            **place_of(self._store),
        )

    @classmethod
    def _from_config(cls, config: ContextConfig) -> Self:  # type: ignore[override]
        given = config.model_dump(
            exclude={"store_path", "store_container", "initial_messages", "model_client"}
        )
        client = config.model_client
        store = store_of(config)
        context = cls(
            **given,
            store=store,
            initial_messages=config.initial_messages,
            model_client=ChatCompletionClient.load_component(client) if client is not None else None,
        )
        context._owned = store
        return context
