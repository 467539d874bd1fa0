"""A specialist's reply held against what it had before it, as part of concluding its step."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

from autogen_core.models import FunctionExecutionResultMessage, UserMessage

from macae.agents.context import AgentContext
from macae.agents.steprun import StepRun
from macae.models import Step
from macae.monitoring.grounding import Grounding
from macae.monitoring.grounding.stepping import check_step

__all__ = ["checked"]

log = logging.getLogger(__name__)

LONG = 20_000
"""Characters; a check of more is done in a thread, so that other sessions do not wait."""
EARLIER = 12
"""Of so many steps done before, the latest ones, the results are looked at."""


async def checked(context: AgentContext, run: StepRun, step: Step, reply: str) -> Grounding | None:
    """What of the reply is in no source. None where the check itself failed: that must not fail the step."""
    try:
        state = await context.memory.state(step.plan_id)
        earlier = [state.steps[done] for done in state.done[-EARLIER:] if done in state.steps]
        more = [*_read(run), *_instructions(context, step)]
        size = len(reply) + sum(map(len, more))
        size += sum(len(call.result or "") for one in (step, *earlier) for call in one.calls)
        given = (reply, state.plan, step, earlier, more, context.today())
        return check_step(*given) if size <= LONG else await asyncio.to_thread(check_step, *given)
    except Exception:
        log.exception("a reply could not be checked")
        return None


def _read(run: StepRun) -> Iterator[str]:
    """What the agent read in this attempt: its task, and what tools gave it. Not what it said itself."""
    for message in run.history:
        if isinstance(message, UserMessage):
            yield message.content if isinstance(message.content, str) else ""
        elif isinstance(message, FunctionExecutionResultMessage):
            yield from (result.content for result in message.content)


def _instructions(context: AgentContext, step: Step) -> Iterator[str]:
    if step.agent in context.team:
        yield context.team[step.agent].system_message
