"""A model client that tells of each call: when it starts, that it waits, how it ended, what it used."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage
from autogen_core.tools import Tool, ToolSchema

from macae.llm import GuardedClient
from macae.llm.wrapped import WrappedClient

__all__ = ["ModelCall", "ObservedClient", "Observer"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call that has ended, its retries included. Times are in seconds."""

    call: str
    """The call's own id."""
    model: str
    messages: Sequence[LLMMessage]
    seconds: float
    first_token: float | None
    """Until the first piece of a streamed reply; None for a reply that came as a whole."""
    streamed: bool
    result: CreateResult | None
    error: BaseException | None


class Observer(Protocol):
    """Who is told of model calls. Called on the event loop; what it raises is logged and changes nothing."""

    def started(self, call: str, model: str) -> Any:
        """A call was sent. What this gives comes back when the call has ended."""

    def waiting(self, why: str, seconds: float) -> None:
        """A call waits for its turn, or because the server asked to slow down."""

    def ended(self, call: ModelCall, begun: Any) -> None:
        """A call has ended, well or not. `begun`: what `started` gave for it."""


class ObservedClient(WrappedClient):
    """Does what `client` does, and tells `observer`. Closing it closes the client.

    Where an agent has put another client around this one, and that one is observed too, a call is told once: by the innermost, so
    that a retry counts and a reply from a cache costs nothing.
    """

    def __init__(self, client: ChatCompletionClient, observer: Observer) -> None:
        super().__init__(client)
        self.observer = observer
        self._asked = client
        if isinstance(client, GuardedClient):
            self._asked = client.reporting_to(
                None, lambda why, seconds: tell(observer, "waiting", why, seconds)
            )

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = (),
        extra_create_args: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> CreateResult:
        """One reply."""
        call = _Call(self, messages, streamed=False)
        try:
            with call.under_way():
                result = await self._asked.create(
                    messages, tools=tools, extra_create_args=extra_create_args or {}, **options
                )
        except BaseException as error:
            call.ended(None, error)
            raise
        call.ended(result, None)
        return result

    async def create_stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = (),
        extra_create_args: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
        **options: Any,
    ) -> AsyncGenerator[str | CreateResult, None]:
        """The reply's text in pieces, then the CreateResult."""
        call = _Call(self, messages, streamed=True)
        result: CreateResult | None = None
        failure: BaseException | None = None
        try:
            stream: Any = self._asked.create_stream(
                messages,
                tools=tools,
                extra_create_args=extra_create_args or {},
                cancellation_token=cancellation_token,
                **options,
            )
            async with aclosing(stream) as pieces:
                while True:
                    with call.under_way():
                        piece = await anext(pieces, None)
                    if piece is None:
                        break
                    call.first()
                    if isinstance(piece, CreateResult):
                        result = piece
                    yield piece
        except BaseException as error:
            # Who has the whole reply need not read on.
            failure = None if result is not None and isinstance(error, GeneratorExit) else error
            raise
        finally:
            call.ended(result, failure)


_asking: ContextVar[_Call | None] = ContextVar("macae_model_call", default=None)
"""The observed call that the code which asks is part of."""


class _Call:
    """Measures one call, and tells of it. Inside another one that is observed, the first takes that one's place."""

    def __init__(self, client: ObservedClient, messages: Sequence[LLMMessage], *, streamed: bool) -> None:
        self.is_over = self.is_replaced = False
        outer = _asking.get()
        if outer is not None and outer.is_over:
            outer = None
        self.observer: Observer = client.observer if outer is None else outer.observer
        self.id: str = uuid.uuid4().hex if outer is None or outer.is_replaced else outer.id
        self._model, self._messages, self._streamed = client.model, list(messages), streamed
        if outer is None or outer.is_replaced:
            self.begun: Any = tell(self.observer, "started", self.id, self._model)
        else:
            self.begun = outer.begun
        if outer is not None:
            outer.is_replaced = True
        self._clock = time.perf_counter()
        self._first: float | None = None

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Let calls that are made inside know that they are part of this one."""
        token = _asking.set(self)
        try:
            yield
        finally:
            _asking.reset(token)

    def first(self) -> None:
        """The first piece is here."""
        if self._first is None:
            self._first = time.perf_counter() - self._clock

    def ended(self, result: CreateResult | None, error: BaseException | None) -> None:
        """Tell how it ended, unless a call inside it was told."""
        self.is_over = True
        if self.is_replaced:
            return
        told = ModelCall(
            call=self.id,
            model=self._model,
            messages=self._messages,
            seconds=time.perf_counter() - self._clock,
            first_token=self._first,
            streamed=self._streamed,
            result=result,
            error=error,
        )
        tell(self.observer, "ended", told, self.begun)


def tell(observer: Observer, what: str, *told: Any) -> Any:
    """Tell an observer, and give what it answers. It must not break what it observes."""
    try:
        return getattr(observer, what)(*told)
    except Exception:
        log.exception("an observer of model calls failed")
        return None
