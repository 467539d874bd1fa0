"""A model client around a model client: each call bounded in time, reported, and failing only with ModelError."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelInfo, RequestUsage
from autogen_core.tools import Tool, ToolSchema
from pydantic import BaseModel

from macae.errors import ModelBadReply, ModelError, ModelRateLimited
from macae.llm.bounded import bounded, pause
from macae.llm.endpoint import Endpoint
from macae.llm.faults import Fault, explain
from macae.llm.lane import Lane, OnWait
from macae.llm.replies import check_reply, estimate_tokens, mend

__all__ = ["CallReport", "GuardedClient", "guard"]

Items: TypeAlias = AsyncGenerator[str | CreateResult, None]
ToolChoice: TypeAlias = Tool | Literal["auto", "required", "none"]
JsonOutput: TypeAlias = bool | type[BaseModel] | None

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0
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


class GuardedClient(ChatCompletionClient):
    """Makes each call of `client` end within `timeout` seconds, retries included, and fail only with ModelError kinds.

    asyncio.CancelledError passes through, and closes the request. Make one with `create_client` or `guard`, share it,
    and use it on one event loop only: connections belong to the loop that opened them.
    """

    component_type = "model"

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
        self._client = client
        self._lane = lane
        self._on_wait = on_wait
        self._timeout = timeout
        self._retries = retries
        self._at = endpoint or Endpoint(_model_of(client))
        self._on_call = on_call
        self._on_close = on_close
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._source: GuardedClient = self

    @property
    def model(self) -> str:
        """The model's (or deployment's) name, as in reports."""
        return self._at.model

    def reporting_to(
        self, on_call: Callable[[CallReport], None] | None, on_wait: OnWait | None = None
    ) -> GuardedClient:
        """The same client, whose calls are reported to `on_call` instead: one a step tells who used how much.

        `on_wait` is told when a call has to wait for its turn, or because the server asked to slow down.

        It shares connections and usage with this one; closing it closes nothing.
        """
        view = GuardedClient(
            self._client,
            timeout=self._timeout,
            retries=self._retries,
            endpoint=self._at,
            on_call=on_call,
            lane=self._lane,
            on_wait=on_wait,
        )
        view._source = self._source
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
            yield await self._client.create(
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
        raise ModelBadReply(f"{self._at} gave no result.")

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
        if self._at.remote:  # else the tokens of a streamed reply count as 0
            more.setdefault("stream_options", {"include_usage": True})

        def once() -> Items:
            return self._client.create_stream(
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
        loop = self._source._own_loop()
        started = time.monotonic()
        deadline = loop.time() + self._timeout
        outcome: tuple[RequestUsage | None, str | None] = (None, "not read to its end")
        begun, attempt = False, 0
        try:
            while True:
                if self._lane is not None:
                    # Waiting for one's turn is no fault of the model: it does not use up the call's time.
                    waited = loop.time()
                    await _unless_cancelled(self._lane.enter(self._on_wait), token)
                    deadline += loop.time() - waited
                try:
                    async with aclosing(bounded(once, deadline, token)) as items:
                        async for item in items:
                            if isinstance(item, CreateResult):
                                mend(item)
                                try:
                                    check_reply(item, json_output, self._at)
                                except ModelError as error:
                                    error.usage = item.usage  # it cannot be used, but was paid for
                                    raise
                                outcome = (item.usage, None)
                            begun = True
                            yield item
                    if outcome[1] is None:
                        return
                    raise ModelBadReply(f"{self._at} gave no result.")
                except asyncio.CancelledError:
                    outcome = (outcome[0], "cancelled")
                    raise
                except Exception as problem:
                    cause = problem
                    fault = explain(problem, self._at, self._timeout)
                finally:
                    if self._lane is not None:
                        self._lane.leave()
                outcome = (None, str(fault.error))
                wait = _wait(fault, attempt)
                if self._lane is not None and isinstance(fault.error, ModelRateLimited) and not begun:
                    # Everybody shares the key, so everybody waits; the lane bounds how long and how many.
                    self._lane.hold(wait)
                    if fault.again and attempt < self._retries and wait <= self._lane.patience:
                        attempt += 1
                        continue
                if begun or not fault.again or attempt >= self._retries or loop.time() + wait >= deadline:
                    # An error of a provider may quote the key, so it is not chained. A learner's own client needs its cause.
                    raise fault.error from (None if self._at.remote or fault.error is cause else cause)
                attempt += 1
                await pause(wait, token)
        except asyncio.CancelledError:
            outcome = (outcome[0], "cancelled")
            raise
        finally:
            self._report(time.monotonic() - started, *outcome)

    def _report(self, seconds: float, usage: RequestUsage | None, error: str | None) -> None:
        if self._on_call is None:
            return
        prompt, completion = (usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0)
        try:
            self._on_call(CallReport(self._at.model, seconds, prompt, completion, error is None, error))
        except Exception:  # an observer must not break what it observes
            _log.exception("an observer of model calls failed")

    def _own_loop(self) -> asyncio.AbstractEventLoop:
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
        return loop

    async def close(self) -> None:
        """Close the connections. Calls after this fail."""
        if self._source is not self or self._closed:
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

    def actual_usage(self) -> RequestUsage:
        """The tokens used, without cached replies."""
        return self._client.actual_usage()

    def total_usage(self) -> RequestUsage:
        """The tokens used, with cached replies."""
        return self._client.total_usage()

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = ()) -> int:
        """About how many tokens the messages and tools are; needs no network."""
        return estimate_tokens(messages, tools)

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = ()
    ) -> int:
        """About how many tokens the model can still read beside these."""
        return self._at.context_window - self.count_tokens(messages, tools=tools)

    @property
    def capabilities(self) -> ModelInfo:
        """The older name of `model_info`."""
        return self._client.model_info

    @property
    def model_info(self) -> ModelInfo:
        """What the model can do."""
        return self._client.model_info


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


async def _unless_cancelled(turn: Coroutine[Any, Any, None], token: CancellationToken | None) -> None:
    """Wait for a turn; a cancelled `token` raises CancelledError at once."""
    if token is None:
        await turn
        return
    task = asyncio.ensure_future(turn)
    token.link_future(task)
    await task


def _wait(fault: Fault, attempt: int) -> float:
    if fault.wait is not None:
        return fault.wait
    return min(_FIRST_WAIT * 2.0**attempt, _LONGEST_WAIT) * random.uniform(0.75, 1.0)


def _model_of(client: ChatCompletionClient) -> str:
    arguments = getattr(client, "_create_args", None)  # where AutoGen's own clients keep it
    named = arguments.get("model") if isinstance(arguments, Mapping) else None
    return named if isinstance(named, str) else type(client).__name__
