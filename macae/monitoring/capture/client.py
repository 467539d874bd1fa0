"""A model client that tells of each call: when it starts, that it waits, how it ended, what it used."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelInfo, RequestUsage
from autogen_core.tools import Tool, ToolSchema

from macae.llm import GuardedClient

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

    def started(self, call: str, model: str) -> None:
        """A call was sent."""

    def waiting(self, why: str, seconds: float) -> None:
        """A call waits for its turn, or because the server asked to slow down."""

    def ended(self, call: ModelCall) -> None:
        """A call has ended, well or not."""


class ObservedClient(ChatCompletionClient):
    """Does what `client` does, and tells `observer`. Closing it closes the client."""

    component_type = "model"

    def __init__(self, client: ChatCompletionClient, observer: Observer) -> None:
        self.observer = observer
        self.inner = client
        self._asked = client
        if isinstance(client, GuardedClient):
            self._asked = client.reporting_to(None, lambda why, seconds: self._tell("waiting", why, seconds))

    @property
    def model(self) -> str:
        """The model's (or deployment's) name."""
        return str(getattr(self.inner, "model", None) or type(self.inner).__name__)

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = (),
        extra_create_args: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> CreateResult:
        """One reply."""
        ended = self._begin(messages, streamed=False)
        try:
            result = await self._asked.create(
                messages, tools=tools, extra_create_args=extra_create_args or {}, **options
            )
        except BaseException as error:
            ended(None, error)
            raise
        ended(result, None)
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
        ended = self._begin(messages, streamed=True)
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
                async for piece in pieces:
                    ended.first()
                    if isinstance(piece, CreateResult):
                        result = piece
                    yield piece
        except BaseException as error:
            failure = error
            raise
        finally:
            ended(result, failure)

    def _begin(self, messages: Sequence[LLMMessage], *, streamed: bool) -> _Ending:
        call = uuid.uuid4().hex
        self._tell("started", call, self.model)
        return _Ending(call, self.model, list(messages), streamed, lambda ended: self._tell("ended", ended))

    def _tell(self, what: str, *told: Any) -> None:
        try:
            getattr(self.observer, what)(*told)
        except Exception:  # an observer must not break what it observes
            log.exception("an observer of model calls failed")

    async def close(self) -> None:
        """Close the client's connections."""
        await self.inner.close()

    def actual_usage(self) -> RequestUsage:
        """The tokens used, without cached replies."""
        return self.inner.actual_usage()

    def total_usage(self) -> RequestUsage:
        """The tokens used, with cached replies."""
        return self.inner.total_usage()

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = ()) -> int:
        """How many tokens the messages and tools are."""
        return self.inner.count_tokens(messages, tools=tools)

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = ()
    ) -> int:
        """How many tokens the model can still read beside these."""
        return self.inner.remaining_tokens(messages, tools=tools)

    @property
    def capabilities(self) -> ModelInfo:
        """The older name of `model_info`."""
        return self.inner.model_info

    @property
    def model_info(self) -> ModelInfo:
        """What the model can do."""
        return self.inner.model_info


class _Ending:
    """Measures one call; called once, with how it ended."""

    def __init__(
        self,
        call: str,
        model: str,
        messages: list[LLMMessage],
        streamed: bool,
        tell: Callable[[ModelCall], None],
    ) -> None:
        self._call, self._model, self._messages, self._streamed = call, model, messages, streamed
        self._told = tell
        self._began = time.perf_counter()
        self._first: float | None = None

    def first(self) -> None:
        """The first piece is here."""
        if self._first is None:
            self._first = time.perf_counter() - self._began

    def __call__(self, result: CreateResult | None, error: BaseException | None) -> None:
        self._told(
            ModelCall(
                call=self._call,
                model=self._model,
                messages=self._messages,
                seconds=time.perf_counter() - self._began,
                first_token=self._first,
                streamed=self._streamed,
                result=result,
                error=error,
            )
        )
