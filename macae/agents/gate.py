"""The tool gate: nothing runs unless a person's stored yes covers it.

Every tool that an agent is given is wrapped once, when the session's agents are registered (see `macae.agents.gatedtool`). So
whatever loop an agent uses, its own or AgentChat's, its calls come through here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import date
from typing import Any

from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient
from pydantic import ValidationError

from macae.agents.callresult import ending_of, reason_of, result_text
from macae.agents.covering import argument_errors, covers, is_approved, plain
from macae.agents.ledger import Ledger
from macae.agents.steprun import MOST_ARGUMENT, StepRun
from macae.config import Settings
from macae.errors import LimitReached, NotAllowed, ToolRefused
from macae.llm.replies import well_formed
from macae.models import EventType, Step
from macae.monitoring.capture.fitting import shortened
from macae.monitoring.scope import current_scope
from macae.tools import ActionTool, RunningCall, running_call

__all__ = ["AttemptEnds", "Gate"]

_current: ContextVar[StepRun | None] = ContextVar("macae_current_run", default=None)


class AttemptEnds(NotAllowed):
    """A changing call came up that the approval does not cover: the attempt is over, the person is asked."""


class Gate:
    """One session's gate: which steps are being carried out, and what each may call."""

    def __init__(
        self,
        ledger: Ledger,
        settings: Settings,
        *,
        did_run: Callable[[str], str | None] = lambda key: None,
        today: Callable[[], date] = date.today,
        around: Callable[[], AbstractContextManager[Any]] = nullcontext,
        price: Callable[[int, int], float | None] = lambda prompt_tokens, completion_tokens: None,
        masked: Callable[[ChatCompletionClient], ChatCompletionClient] = lambda client: client,
    ) -> None:
        self.ledger = ledger
        self.masked = masked
        """Puts what keeps personal data from the model around a model client."""
        self.settings = settings
        self.today = today
        self.did_run = did_run
        """Asks the tools' own records whether the call of this key had its effect; gives its result, or None."""
        self.around = around
        """Entered around each tool call; gives the tools what they work on, such as the session's company."""
        self.price = price
        """US dollars for a model call's prompt and completion tokens, None where that is not known."""
        self.runs: dict[str, StepRun] = {}

    def open(self, step: Step) -> StepRun:
        """Begin to let a claimed step's calls through."""
        run = self.runs[step.id] = StepRun(self.ledger, step)
        return run

    def known_effects(self, step: Step) -> dict[str, str]:
        """The step's changing calls that the tools' own records know to have had their effect, with their results."""
        changing = [
            call.key
            for call in step.calls
            if call.effect == "change" and call.state in ("started", "unknown")
        ]
        return {key: result for key in changing if (result := self.did_run(key)) is not None}

    def close(self, step_id: str) -> None:
        """Let nothing more through for this step."""
        run = self.runs.pop(step_id, None)
        if run is not None:
            run.over = True

    @contextmanager
    def carrying_out(self, step_id: str) -> Iterator[StepRun]:
        """Say, for what runs inside, which step a call belongs to. Raises NotAllowed when the step was not claimed."""
        run = self.runs.get(step_id)
        if run is None:
            raise NotAllowed(
                f"The step {step_id!r} is not being carried out: it needs a person's approval first."
            )
        token = _current.set(run)
        try:
            yield run
        finally:
            _current.reset(token)

    def run_for(self, agent: str) -> StepRun | None:
        """The run that a call of `agent` belongs to: the one this task carries out, else the agent's only one."""
        run = _current.get()
        if run is not None:
            # Work that an earlier step, or another session, left behind has no other step's run either.
            return run if run.step.agent == agent and self.runs.get(run.step.id) is run else None
        mine = [run for run in self.runs.values() if run.step.agent == agent]
        return mine[0] if len(mine) == 1 else None

    def run_of(self, agent: str) -> StepRun | None:
        """The run that whatever an agent does now is written down with: that of the message it handles, else as `run_for`.

        Only for telling. What may be called is decided by `run_for`.
        """
        step_id = current_scope().step_id
        return self.runs.get(step_id) if step_id else self.run_for(agent)

    async def call(self, agent: str, tool: ActionTool, arguments: Mapping[str, Any]) -> str:
        """Run the tool if the approval covers the call; give its result as text.

        A call that was finished in an earlier attempt is not made again: its stored result is given. Raises NotAllowed
        where no approved step is behind the call, AttemptEnds where the approval does not cover it, ToolRefused or whatever
        the tool raised, LimitReached when it took too long.
        """
        run = self.run_for(agent)
        if run is None or not is_approved(run.step):
            await self.refuse(run, agent, tool, arguments, "no approved step is behind it")
            raise NotAllowed(f"{tool.name} was not run: no approved step of {agent} is behind this call.")
        try:
            parsed = tool.args_type().model_validate(well_formed(dict(arguments)))
        except ValidationError as error:
            raise ToolRefused(f"{tool.name}: {argument_errors(error)}") from None
        values = plain(parsed)
        record = run.find(tool.name, values) if tool.effect == "change" else None
        if record is not None and record.state == "completed":
            return record.result or ""
        if (
            record is not None
            and record.attempt == run.step.attempt
            and record.state in ("started", "unknown")
        ):
            how = "is running" if record.state == "started" else "broke off, and may have had its effect,"
            raise ToolRefused(f"{tool.name} {how} with just these arguments; one yes is for one call.")
        if tool.effect == "change" and not covers(run.step, tool, values):
            run.want(tool.name, values)
            await self.refuse(run, agent, tool, values, "the approval does not cover this call")
            raise AttemptEnds(
                f"{tool.name} was not run: a person is asked to approve exactly this call first."
            )
        record = await run.started(tool, values, record)
        began = time.perf_counter()
        clock = asyncio.timeout(self.settings.tool_timeout)
        try:
            call = RunningCall(
                record.key, run.step.session_id, run.step.user_id, run.step.plan_id, run.step.id, agent
            )
            with self.around(), running_call(call):
                async with clock:
                    value = await tool.run(parsed, CancellationToken())
        except GeneratorExit:  # the loop has ended: nothing can be written any more
            raise
        except BaseException as error:
            state, end = ending_of(tool, error, self.settings.tool_timeout if clock.expired() else None)
            run.ended(record, state, reason_of(end), time.perf_counter() - began)
            raise end from (None if end is error or isinstance(end, LimitReached) else error)
        text = result_text(tool, value)
        run.ended(record, "completed", text, time.perf_counter() - began)
        return text

    async def refuse(
        self, run: StepRun | None, agent: str, tool: ActionTool, arguments: Mapping[str, Any], why: str
    ) -> None:
        """Put a refused call on the audit trail."""
        step = run.step if run else None
        event = self.ledger.event(
            EventType.tool_refused,
            step,
            agent,
            f"{tool.name}: {why}",
            tool=tool.name,
            arguments=shortened(well_formed(dict(arguments)), MOST_ARGUMENT),
        )
        await self.ledger.commit(events=[event])
