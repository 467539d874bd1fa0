"""One attempt of a step, from the claim to the stored outcome."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol

from autogen_core import AgentId

from macae.agents import advancing, lifecycle
from macae.agents.budgeting import stopped_by_limit
from macae.agents.callresult import clipped, reason_of
from macae.agents.grounded import checked
from macae.agents.lifecycle import Arrow
from macae.agents.steprun import StepRun
from macae.errors import Conflict, StoreError
from macae.llm.replies import well_formed
from macae.models import (
    ActionRequest,
    ActionResponse,
    BaseDataModel,
    Event,
    EventType,
    PlanStatus,
    Step,
)
from macae.models.events import AT_LIMIT
from macae.monitoring.compliance.storing import look_ahead

__all__ = ["carry_out"]

log = logging.getLogger(__name__)

GRACE = 0.5
"""Seconds that a stopped agent has to come to an end by itself."""


class Leader(advancing.Leader, Protocol):
    """What the work on a step needs of the manager."""

    async def send_message(self, message: Any, recipient: AgentId) -> Any:
        """Send a message to an agent and give its answer."""


async def carry_out(manager: Leader, step: Step) -> None:
    """Send the step to its agent, wait within the limit, store the outcome and go on.

    When the store does not take the outcome, or somebody else has changed the step meanwhile, nothing is stored: the step
    stays as the store has it, and reopening asks the person.
    """
    gate = manager.context.gate
    held = manager.context.memory.peek(step.plan_id, step.id)
    if held is not None and held.version != step.version:
        return  # cancelled before it began
    run = gate.open(step)
    try:
        response = await ask_agent(manager, run)
        await conclude(manager, run, response)
    except Conflict as conflict:
        log.info("%s was changed elsewhere while it ran: %s", lifecycle.describe(step), conflict)
    finally:
        run.tell_rest()
        gate.close(step.id)


async def ask_agent(manager: Leader, run: StepRun) -> ActionResponse:
    """The agent's response. Whatever goes wrong with the agent itself becomes a failure that names it."""
    step, limit = run.step, manager.context.settings.step_timeout
    request = ActionRequest(
        session_id=step.session_id,
        plan_id=step.plan_id,
        step_id=step.id,
        action=step.task,
        user_id=step.user_id,
        agent=step.agent,
    )
    sent = asyncio.ensure_future(manager.send_message(request, AgentId(step.agent, step.session_id)))
    try:
        await asyncio.wait({sent, run.halt}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if not sent.done():
            run.stop(f"{step.agent} did not finish the step within {limit:g} s and was stopped.")
            await asyncio.wait({sent}, timeout=GRACE)
    except asyncio.CancelledError:
        run.stop("The step was stopped.")
        await asyncio.wait({sent}, timeout=GRACE)
        abandon(sent)
        raise
    if not sent.done():
        abandon(sent)
        return failure(request, run.stopped)
    try:
        response: Any = sent.result()
    except (Conflict, StoreError):
        raise
    except Exception as error:
        return failure(request, f"{step.agent} failed: {reason_of(error)}")
    except asyncio.CancelledError:
        return failure(request, run.stopped or f"{step.agent} was cancelled.")
    if not isinstance(response, ActionResponse):
        return failure(
            request,
            f"{step.agent} answered with {type(response).__name__}, not with an ActionResponse. "
            "Its handler of ActionRequest must be decorated with @message_handler and return one.",
        )
    return response


async def conclude(manager: Leader, run: StepRun, response: ActionResponse) -> None:
    """Store what came of the attempt, together with the agent's chat context and all that follows."""
    memory = manager.context.memory
    step = await run.result()
    text = well_formed(response.result or response.message)
    done = response.status == "success" and run.pending is None and not run.released
    said = memory.said(step.agent, text, step.plan_id, step.id)
    await look_ahead(memory.store, said)
    grounding = await checked(manager.context, run, step, text) if done else None
    also = await run.context.stage(run.history) if run.context is not None and not run.released else []
    # From here until the outcome is submitted nothing else has its turn: a cancel comes either before or after.
    state = await memory.state(step.plan_id)
    # Of earlier attempts too: what nobody knows stays said until somebody settles it.
    unsure = lifecycle.may_have_run(c for c in step.calls if c.state in ("started", "unknown"))
    new: list[BaseDataModel] = []
    checks: list[Event] = []
    if state.plan.overall_status is PlanStatus.cancelled:
        changed = lifecycle.move(step, Arrow.cancel, error=text, interrupted_calls=unsure)
        event = memory.event(EventType.step_cancelled, changed, step.agent, text)
    elif run.released:
        # The engine is being closed: nothing that follows is started here.
        freed = lifecycle.release(step, manager.context.gate.known_effects(step))
        unsure = freed.interrupted_calls
        event = memory.event(EventType.step_interrupted, freed, step.agent, text, calls=unsure, lost=False)
        await memory.commit(freed, events=[*run.notes, event])
        return
    elif run.pending is not None:
        changed = lifecycle.pause(step, run.pending)
        wants = f"{run.pending.tool} {run.pending.arguments}"
        event = memory.event(EventType.step_paused, changed, step.agent, wants)
        new = [memory.question(changed)]
    elif response.status == "success" and (why := undone(step, text)) is not None:
        changed = lifecycle.move(step, Arrow.fail, error=why, agent_reply=text, interrupted_calls=unsure)
        event = memory.event(EventType.step_failed, changed, step.agent, why)
    elif response.status == "success":
        changed = lifecycle.move(step, Arrow.reply, agent_reply=text, error=None)
        if grounding is not None:
            checks.append(
                memory.event(EventType.reply_checked, changed, step.agent, grounding.text, **grounding.data())
            )
        event = memory.event(EventType.step_completed, changed, step.agent, text)
    else:
        changed = lifecycle.move(step, Arrow.fail, error=text, interrupted_calls=unsure)
        at_limit = stopped_by_limit(memory, manager.context.settings, state, changed)
        why_failed = {"why": AT_LIMIT} if at_limit else {}
        event = memory.event(EventType.step_failed, changed, step.agent, text, **why_failed)
    try:
        events = [*run.notes, *checks, event]
        await advancing.advance(manager, state, changed, new=[said, *new], events=events, also=also)
    except BaseException:
        if run.context is not None:
            run.context.unstage(also)
        raise


def undone(step: Step, text: str) -> str | None:
    """Why a step is not done though its agent says so: the approved call was not made to its end. None when it was."""
    if step.function is None or step.arguments is None:
        return None
    made = [call for call in step.calls if call.tool == step.function]
    if any(call.state == "completed" for call in made):
        return None
    why = made[-1].result if made else f"the approved call {step.function} was not made."
    return clipped(f"{step.agent} did not do it: {why} It says: {text}")


def failure(request: ActionRequest, text: str) -> ActionResponse:
    """A failure in an agent's place."""
    text = clipped(text)
    return ActionResponse(
        status="failure",
        message=text,
        result=text,
        user_id=request.user_id,
        step_id=request.step_id,
        plan_id=request.plan_id,
        session_id=request.session_id,
    )


def abandon(sent: asyncio.Future[Any]) -> None:
    """Do not wait any longer, and do not complain later: the gate is closed, whatever still comes is refused."""
    sent.add_done_callback(lambda done: done.cancelled() or done.exception())
