"""A model client around a model client: each call bounded in time, reported, and failing only with ModelError."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, RequestUsage
from autogen_core.tools import Tool, ToolSchema

from macae.errors import ModelBadReply, ModelError
from macae.llm.attempts import Attempts, CallRules, Items, JsonOutput
from macae.llm.connections import Connections
from macae.llm.endpoint import Endpoint
from macae.llm.lane import Lane, OnWait
from macae.llm.replies import estimate_tokens
from macae.llm.wrapped import WrappedClient

__all__ = ["CallReport", "GuardedClient", "guard"]

ToolChoice: TypeAlias = Tool | Literal["auto", "required", "none"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CallReport:
    """One model call, its retries included."""

    model: str
    seconds: float
    prompt_tokens: int
    completion_tokens: int
    ok: bool
    error: str | None = None
    """The error's text; "cancelled" or "not read to its end" where there is none."""


class GuardedClient(WrappedClient):
    """Makes each call of `client` end within `timeout` seconds, retries included, and fail only with ModelError kinds.

    asyncio.CancelledError passes through, and closes the request. Make one with `create_client` or `guard`, share it,
    and use it on one event loop only: connections belong to the loop that opened them.
    """

    def __init__(
        self,
        client: ChatCompletionClient,
        *,
        timeout: float,
        retries: int = 0,
        endpoint: Endpoint | None = None,
        on_call: Callable[[CallReport], None] | None = None,
        on_close: Callable[[], None] | None = None,
        lane: Lane | None = None,
        on_wait: OnWait | None = None,
    ) -> None:
        super().__init__(client)
        self._rules = CallRules(endpoint or Endpoint(_model_of(client)), timeout, retries, lane)
        self._on_call, self._on_wait = on_call, on_wait
        self._connections = Connections(client, self._rules.at, on_close)
        self._is_owner = True

    @property
    def model(self) -> str:
        """The model's (or deployment's) name, as in reports."""
        return self._rules.at.model

    def reporting_to(
        self, on_call: Callable[[CallReport], None] | None, on_wait: OnWait | None = None
    ) -> GuardedClient:
        """The same client, whose calls are reported to `on_call` instead: one a step tells who used how much.

        `on_wait` is told when a call has to wait for its turn, or because the server asked to slow down.

        It shares connections and usage with this one; closing it closes nothing.
        """
        rules = self._rules
        view = GuardedClient(
            self.inner,
            timeout=rules.timeout,
            retries=rules.retries,
            endpoint=rules.at,
            on_call=on_call,
            lane=rules.lane,
            on_wait=on_wait,
        )
        view._connections, view._is_owner = self._connections, False
        return view

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = (),
        tool_choice: ToolChoice = "auto",
        json_output: JsonOutput = None,
        extra_create_args: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        """One reply. Raises ModelError kinds only."""

        async def once() -> Items:
            yield await self.inner.create(
                messages,
                tools=tools,
                tool_choice=tool_choice,
                json_output=json_output,
                extra_create_args=extra_create_args or {},
                cancellation_token=cancellation_token,
            )

        async with aclosing(self._call(once, json_output, cancellation_token)) as items:
            async for item in items:
                if isinstance(item, CreateResult):
                    return item
        raise ModelBadReply(f"{self._rules.at} gave no result.")

    async def create_stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[Tool | ToolSchema] = (),
        tool_choice: ToolChoice = "auto",
        json_output: JsonOutput = None,
        extra_create_args: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
    ) -> AsyncGenerator[str | CreateResult, None]:
        """The reply's text in pieces, then the CreateResult. Raises ModelError kinds only.

        What has begun to arrive is not asked for again: only a call that failed before its first piece is retried.
        """
        more: dict[str, Any] = dict(extra_create_args or {})
        if self._rules.at.remote:  # else the tokens of a streamed reply count as 0
            more.setdefault("stream_options", {"include_usage": True})

        def once() -> Items:
            return self.inner.create_stream(
                messages,
                tools=tools,
                tool_choice=tool_choice,
                json_output=json_output,
                extra_create_args=more,
                cancellation_token=cancellation_token,
            )

        async with aclosing(self._call(once, json_output, cancellation_token)) as items:
            async for item in items:
                yield item

    async def _call(
        self, once: Callable[[], Items], json_output: JsonOutput, token: CancellationToken | None
    ) -> Items:
        try:
            self._connections.check()
        except ModelError as error:
            error.sent = False
            raise
        started = time.monotonic()
        attempts = Attempts(self._rules, json_output, token, self._on_wait)
        try:
            async with aclosing(attempts.items(once)) as items:
                async for item in items:
                    yield item
        finally:
            self._report(time.monotonic() - started, attempts.usage, attempts.error)

    def _report(self, seconds: float, usage: RequestUsage | None, error: str | None) -> None:
        if self._on_call is None:
            return
        prompt, completion = (usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0)
        try:
            self._on_call(CallReport(self._rules.at.model, seconds, prompt, completion, error is None, error))
        except Exception:  # an observer must not break what it observes
            _log.exception("an observer of model calls failed")

    async def close(self) -> None:
        """Close the connections. Calls after this fail."""
        if self._is_owner:
            await self._connections.close()

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = ()) -> int:
        """About how many tokens the messages and tools are; needs no network."""
        return estimate_tokens(messages, tools)

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = ()
    ) -> int:
        """About how many tokens the model can still read beside these."""
        return self._rules.at.context_window - self.count_tokens(messages, tools=tools)


def guard(
    client: ChatCompletionClient,
    timeout: float = 60.0,
    *,
    retries: int = 0,
    on_call: Callable[[CallReport], None] | None = None,
    lane: Lane | None = None,
) -> GuardedClient:
    """Any AutoGen model client, bounded to `timeout` seconds a call and failing only with ModelError kinds.

    A client that is guarded already stays as it is, and reports to `on_call` where one is given.
    """
    if isinstance(client, GuardedClient):
        return client.reporting_to(on_call) if on_call else client
    return GuardedClient(client, timeout=timeout, retries=retries, on_call=on_call, lane=lane)


def _model_of(client: ChatCompletionClient) -> str:
    arguments = getattr(client, "_create_args", None)  # where AutoGen's own clients keep it
    named = arguments.get("model") if isinstance(arguments, Mapping) else None
    return named if isinstance(named, str) else type(client).__name__
