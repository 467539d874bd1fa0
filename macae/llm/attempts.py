"""One model call: its attempts, each in its turn and within the call's time, until one gives a result or none may help."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeAlias

from autogen_core import CancellationToken
from autogen_core.models import CreateResult, RequestUsage
from pydantic import BaseModel

from macae.errors import ModelBadReply, ModelError, ModelRateLimited
from macae.llm.bounded import bounded, pause
from macae.llm.endpoint import Endpoint
from macae.llm.faults import Fault, explain
from macae.llm.lane import Lane, OnWait
from macae.llm.replies import check_reply, mend

__all__ = ["Attempts", "CallRules", "Items", "JsonOutput"]

Items: TypeAlias = AsyncGenerator[str | CreateResult, None]
JsonOutput: TypeAlias = bool | type[BaseModel] | None

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0


@dataclass(frozen=True, slots=True)
class CallRules:
    """What holds for each call of a client."""

    at: Endpoint
    timeout: float
    """Seconds for a call, its retries included. Waiting for one's turn does not count."""
    retries: int
    lane: Lane | None


class Attempts:
    """The attempts of one call. Afterwards `usage` and `error` say what came of it."""

    def __init__(
        self,
        rules: CallRules,
        json_output: JsonOutput,
        token: CancellationToken | None,
        on_wait: OnWait | None,
    ) -> None:
        self._rules, self._json_output, self._token, self._on_wait = rules, json_output, token, on_wait
        self.usage: RequestUsage | None = None
        self.error: str | None = "not read to its end"
        """None once there was a result."""

    async def items(self, once: Callable[[], Items]) -> Items:
        """What `once` gives. It is asked again where that may help, but never for what has begun to arrive.

        Raises ModelError kinds, CancelledError.
        """
        rules, loop = self._rules, asyncio.get_running_loop()
        lane, deadline = rules.lane, loop.time() + rules.timeout
        begun, attempt = False, 0
        sent = False  # whether a server may have got the request by now
        try:
            while True:
                if lane is not None:
                    # Waiting for one's turn is no fault of the model: it does not use up the call's time.
                    waited = loop.time()
                    await _unless_cancelled(lane.enter(self._on_wait), self._token)
                    deadline += loop.time() - waited
                before, sent = sent, True
                try:
                    async with aclosing(self._attempt(once, deadline)) as items:
                        async for item in items:
                            begun = True
                            yield item
                    return
                except Exception as problem:
                    cause = problem
                    fault = explain(problem, rules.at, rules.timeout)
                finally:
                    if lane is not None:
                        lane.leave()
                sent = before or fault.sent
                self.usage, self.error = None, str(fault.error)
                wait, again = _wait(fault, attempt), fault.again and not begun and attempt < rules.retries
                attempt += 1
                if lane is not None and isinstance(fault.error, ModelRateLimited) and not begun:
                    # Everybody shares the key, so everybody waits; the lane bounds how long and how many.
                    lane.hold(wait)
                    if again and wait <= lane.patience:
                        continue
                if not again or loop.time() + wait >= deadline:
                    # An error of a provider may quote the key, so it is not chained. A learner's own client needs its cause.
                    raise fault.error from (None if rules.at.remote or fault.error is cause else cause)
                await pause(wait, self._token)
        except ModelError as error:
            error.sent = sent
            raise
        except asyncio.CancelledError as error:
            self.error = "cancelled"
            vars(error)["sent"] = sent
            raise

    async def _attempt(self, once: Callable[[], Items], deadline: float) -> Items:
        """What `once` gives, the result checked. Raises whatever the client raises, too."""
        at, has_result = self._rules.at, False
        async with aclosing(bounded(once, deadline, self._token)) as items:
            async for item in items:
                if isinstance(item, CreateResult):
                    mend(item)
                    try:
                        check_reply(item, self._json_output, at)
                    except ModelError as error:
                        error.usage = item.usage  # it cannot be used, but was paid for
                        raise
                    self.usage, self.error, has_result = item.usage, None, True
                yield item
        if not has_result:
            raise ModelBadReply(f"{at} gave no result.")


async def _unless_cancelled(turn: Coroutine[Any, Any, None], token: CancellationToken | None) -> None:
    """Wait for a turn; a cancelled `token` raises CancelledError at once."""
    if token is None:
        await turn
        return
    task = asyncio.ensure_future(turn)
    token.link_future(task)
    await task


def _wait(fault: Fault, attempt: int) -> float:
    """Seconds before the next attempt: as the server asks, else longer each time, and not the same for everybody."""
    if fault.wait is not None:
        return fault.wait
    return min(_FIRST_WAIT * 2.0**attempt, _LONGEST_WAIT) * random.uniform(0.75, 1.0)
