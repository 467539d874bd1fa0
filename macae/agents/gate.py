"""The tool gate: nothing runs unless a person's stored yes covers it.

Every tool that an agent is given is wrapped once, when the session's agents are registered. So whatever loop an agent
uses, its own or AgentChat's, its calls come through here.
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
from autogen_core.tools import BaseTool, ToolSchema
from pydantic import BaseModel, ValidationError

from macae.agents.ledger import Ledger
from macae.agents.steprun import MOST_ARGUMENT, StepRun
from macae.config import Settings
from macae.errors import LimitReached, NotAllowed, ToolRefused
from macae.llm.replies import well_formed
from macae.models import EventType, Step, StepStatus
from macae.models.plans import call_hash
from macae.monitoring.capture.fitting import shortened
from macae.monitoring.scope import current_scope
from macae.tools import ActionTool, RunningCall, running_call

__all__ = ["AttemptEnds", "Gate", "GatedTool"]

MAX_RESULT = 20_000
"""Characters of a tool's result that are kept and shown to the model."""

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

    def wrap(self, tool: ActionTool, agent: str) -> GatedTool:
        """The tool as an agent may have it."""
        return GatedTool(tool, self, agent)

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
        if (
            run is not None
        ):  # work that an earlier step, or another session, left behind has no other step's run either
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
            state, end = self.ending_of(tool, error, clock.expired())
            run.ended(record, state, reason_of(end), time.perf_counter() - began)
            raise end from (None if end is error or isinstance(end, LimitReached) else error)
        text = result_text(tool, value)
        run.ended(record, "completed", text, time.perf_counter() - began)
        return text

    def ending_of(self, tool: ActionTool, error: BaseException, expired: bool) -> tuple[str, BaseException]:
        """How a call ended that gave no result, and the error to raise for it."""
        if expired and isinstance(error, TimeoutError):
            hint = " It may have had its effect." if tool.effect == "change" else ""
            limit = (
                f"{tool.name} did not finish within {self.settings.tool_timeout:g} s and was stopped.{hint}"
            )
            return "unknown", LimitReached(limit)
        # Only a refusal says that nothing was done.
        unsure = tool.effect == "change" and not isinstance(error, ToolRefused)
        if isinstance(error, Exception):
            return "unknown" if unsure else "failed", error
        task = asyncio.current_task()
        stopped = isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0
        if not stopped and not isinstance(error, KeyboardInterrupt):
            # Its own doing: let through, SystemExit would end the program, and CancelledError the whole attempt.
            return "unknown" if unsure else "failed", ToolRefused(
                f"{tool.name} broke off: it raised {type(error).__name__}({error})."
            )
        return "unknown", error

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


class GatedTool(BaseTool[BaseModel, Any]):
    """A tool behind the gate; for an agent it looks like the tool itself."""

    def __init__(self, tool: ActionTool, gate: Gate, agent: str) -> None:
        super().__init__(tool.args_type(), str, tool.name, tool.description)
        self.tool, self.gate, self.agent = tool, gate, agent

    @property
    def schema(self) -> ToolSchema:
        """What the model is shown; built once, for all sessions."""
        return self.tool.schema

    async def run(self, args: BaseModel, cancellation_token: CancellationToken) -> str:
        """Run it through the gate."""
        return await self.gate.call(self.agent, self.tool, plain(args))

    async def run_json(
        self, args: Mapping[str, Any], cancellation_token: CancellationToken, call_id: str | None = None
    ) -> str:
        """Run it through the gate, with the arguments as the model wrote them."""
        return await self.gate.call(self.agent, self.tool, args)


def plain(arguments: BaseModel) -> dict[str, Any]:
    """Arguments as JSON-able values, defaults left out: the form in which calls are compared and stored."""
    return arguments.model_dump(mode="json", exclude_defaults=True)


def is_approved(step: Step) -> bool:
    """Whether a person's yes to just this call is stored with the step, and the step is being carried out."""
    yes = step.approval
    return (
        yes is not None
        and step.status is StepStatus.action_requested
        and yes.hash == call_hash(step.agent, step.task, step.function, step.arguments)
    )


def covers(step: Step, tool: ActionTool, arguments: dict[str, Any]) -> bool:
    """Whether the approved call is this one: the same tool, the same arguments."""
    if step.function != tool.name or step.arguments is None:
        return False
    try:
        bound = plain(tool.args_type().model_validate(step.arguments))
    except ValidationError:
        return False
    return bound == arguments


def reason_of(error: BaseException) -> str:
    """What a tool's error tells the model and the person."""
    if isinstance(error, asyncio.CancelledError):
        return "stopped while it ran"
    try:
        text = str(error)
    except Exception:  # a tool's own error class may be broken too
        text = ""
    return clipped(text or type(error).__name__)


def result_text(tool: ActionTool, value: Any) -> str:
    """A tool's result as text. The tool has run, so a result that cannot be shown is no failure."""
    try:
        return clipped(tool.return_value_as_string(value))
    except Exception as error:
        return f"done; its result ({type(value).__name__}) cannot be shown as text: {reason_of(error)}"


def clipped(text: str) -> str:
    """The text, cut where it is too long, and saying so."""
    text = well_formed(text)
    if len(text) <= MAX_RESULT:
        return text
    return f"{text[:MAX_RESULT]}… ({len(text) - MAX_RESULT} more characters were cut)"


def argument_errors(error: ValidationError) -> str:
    """What is wrong with the arguments, one clause each."""
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors())
