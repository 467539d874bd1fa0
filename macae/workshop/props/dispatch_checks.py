"""Checks of how a step is sent out: the claim is stored first, and the gate is open only while the agent works."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from macae.agents import lifecycle
from macae.agents.lifecycle import Arrow
from macae.agents.steprun import StepRun
from macae.errors import Conflict, NotAllowed
from macae.models import ActionResponse, EventType, Step, StepStatus
from macae.workshop.props.bench import Bench, Courier, Job, Kitchen, given_plans
from macae.workshop.trial import Trial

if TYPE_CHECKING:
    from macae.engine import Engine

__all__ = ["claims_before_it_acts"]

S = StepStatus


async def claims_before_it_acts(attempt: Any, trial: Trial) -> None:
    """Store the claim on an approved step, open its gate, send its agent an `ActionRequest`, close the gate, return run and response."""
    for answer in ("success", "failure", "break"):
        courier, benches = Courier.like(answer), list[Bench]()
        parts = {"team": Kitchen().team(courier), "manager": Bench.factory(benches)}
        async with trial.engine(
            planner=given_plans([Job("bake", "oat"), Job("sell", "oat")]), **parts
        ) as engine:
            plan = await engine.submit("Bake and sell oat cookies.")
            step = await engine.approve(plan.steps[0])
            edited = await engine.edit(plan.steps[1], "Sell them warm.", arguments={"kind": "oat"})
            for one in (step, await engine.approve(edited)):
                await one_dispatch(attempt, trial, engine, benches[0], one, courier)
            if answer == "failure":
                await tried_again(attempt, trial, engine, benches[0], step, courier)
    await stopped_meanwhile(attempt, trial)
    trial.proven("Before the agent is asked, the claim is stored: owner, attempt, and an event.")
    trial.proven(
        "The gate is open while the agent works, and shut afterwards, also when the agent breaks or is stopped."
    )
    trial.proven(
        "Whatever the agent raises comes back as a failure; a second claim on the same step is refused."
    )


async def one_dispatch(
    attempt: Any, trial: Trial, engine: Engine, bench: Bench, step: Step, courier: type[Courier]
) -> None:
    """One step, sent out once, and then once more in vain."""
    before = len(courier.notes)
    found = await called(attempt, trial, bench, step.model_copy())
    trial.expect(
        len(courier.notes) == before + 1,
        expected=f"one ActionRequest arrives at {step.agent}",
        seen=f"{len(courier.notes) - before} arrived; returned was {found!r:.200}",
        look="`await manager.send_message(request, AgentId(step.agent, step.session_id))`",
        kind="not-sent",
    )
    message, stored, gate_open = courier.notes[-1]
    trail = await engine.trail(step.plan_id)
    began = [e for e in trail if e.type is EventType.step_started and e.step_id == step.id]
    trial.expect(
        stored is not None and stored.status is S.action_requested,
        expected="when the agent is asked, the stored step is `action_requested` already",
        seen=f"the stored step was `{stored.status if stored else 'missing'}`",
        look="Claim and store before you act.",
        kind="not-claimed",
    )
    assert stored is not None
    trial.expect(
        stored.owner == bench.memory.store.owner,
        expected="the claimed step names its owner, `memory.store.owner`",
        seen=f"owner is {stored.owner!r}",
        look='`move_step(step, "dispatch", owner=…)`',
        kind="no-owner",
    )
    trial.expect(
        stored.attempt == step.attempt + 1,
        expected=f"this is attempt {step.attempt + 1}",
        seen=f"attempt is {stored.attempt}",
        look='`move_step(step, "dispatch", …, attempt=step.attempt + 1)`',
        kind="no-attempt",
    )
    trial.expect(
        len(began) == step.attempt + 1,
        expected="one event `step_started` on the audit trail for each attempt, stored with the claim",
        seen=f"{len(began)} of them",
        look="`commit(claimed, events=[memory.event(EventType.step_started, claimed, MANAGER, claimed.task)])`",
        kind="no-event",
    )
    trial.expect(
        gate_open,
        expected="the gate is open for the step while its agent works",
        seen="it was shut, so no tool could have run",
        look="`run = gate.open(claimed)`, before the message is sent.",
        kind="gate-shut",
    )
    asked = (message.step_id, message.plan_id, message.session_id, message.action)
    trial.expect(
        asked == (step.id, step.plan_id, step.session_id, step.task),
        expected=f"an ActionRequest with the step's id, plan, session, and its words as they now stand: {step.task!r}",
        seen=f"{message!r}",
        look="`request_for(claimed)` makes it. A person may have edited the step: `step.task` has the newest words.",
        kind="wrong-request",
    )
    trial.expect(
        isinstance(found, tuple)
        and len(found) == 2
        and isinstance(found[0], StepRun)
        and isinstance(found[1], ActionResponse),
        expected="the run that `gate.open` gave, and the agent's ActionResponse: `return run, response`",
        seen=found,
        look="The last line of your function.",
        kind="wrong-result",
    )
    run, response = found
    trial.expect(
        run.step.version == stored.version and run.step.status is S.action_requested,
        expected="the gate was opened for the step as it was claimed and stored",
        seen=f"for a step that is `{run.step.status}`, version {run.step.version} (stored: {stored.version})",
        look="First `commit(claimed, …)`, then `gate.open(claimed)`.",
        kind="stale-run",
    )
    trial.expect(
        step.id not in bench.context.gate.runs,
        expected="the gate is shut again once the agent has answered",
        seen="it was still open",
        look="`gate.close(step.id)` under `finally`.",
        kind="gate-left-open",
    )
    wanted = "success" if courier.answer == "success" else "failure"
    trial.expect(
        response.status == wanted,
        expected=f"a response with the status `{wanted}`",
        seen=response,
        look="Return what the agent answered; only what it raises is turned into a failure.",
        kind="wrong-response",
    )
    said = response.result or response.message
    trial.expect(
        courier.answer != "break" or "oven door" in said,
        expected='a failure that says what was wrong: "the oven door fell off"',
        seen=said,
        look="`except Exception as error:` and `{error}` in the message.",
        kind="silent-failure",
    )
    with contextlib.suppress(Conflict, NotAllowed):
        await trial.call(attempt, bench, step.model_copy())
    trial.expect(
        len(courier.notes) == before + 1,
        expected="a second dispatch of the same approved step is refused, and the agent is not asked again",
        seen="the agent was asked twice",
        look="The step that you were given is old by then: committing the claim raises Conflict. Don't catch it here.",
        kind="twice",
    )


async def tried_again(
    attempt: Any, trial: Trial, engine: Engine, bench: Bench, step: Step, courier: type[Courier]
) -> None:
    """The first attempt fails, a person lets the step be tried once more."""
    claim = await bench.memory.held_step(step.plan_id, step.id)
    failed = lifecycle.move(claim, Arrow.fail, owner=None, error="There is no flour.")
    await bench.memory.commit(failed)
    again = await engine.approve(await engine.retry(failed))
    await one_dispatch(attempt, trial, engine, bench, again, courier)


async def stopped_meanwhile(attempt: Any, trial: Trial) -> None:
    """The work is stopped while the agent is busy: the stop gets through, and the gate is shut."""
    courier, benches = Courier.like("wait"), list[Bench]()
    parts = {"team": Kitchen().team(courier), "manager": Bench.factory(benches)}
    async with trial.engine(planner=given_plans([Job("bake", "oat")]), **parts) as engine:
        plan = await engine.submit("Bake oat cookies.")
        step = await engine.approve(plan.steps[0])
        work = asyncio.ensure_future(trial.call(attempt, benches[0], step.model_copy()))
        asked = asyncio.ensure_future(courier.begun.wait())
        await asyncio.wait({asked, work}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        work.cancel()
        await asyncio.wait({work}, timeout=2)
        courier.stopped.set()
        trial.expect(
            work.cancelled(),
            expected="a stop (`asyncio.CancelledError`) gets through: whoever stops the work means it",
            seen="it was taken for a failure of the agent" if work.done() else "the work went on",
            look="`except Exception as error:` lets a stop through; `except BaseException` and a bare `except` do not.",
            kind="stop-swallowed",
        )
        trial.expect(
            step.id not in benches[0].context.gate.runs,
            expected="the gate is shut also when the work is stopped while the agent is busy",
            seen="it was still open",
            look="`gate.close(step.id)` under `finally`: that runs in any case.",
            kind="gate-left-open",
        )


async def called(attempt: Any, trial: Trial, bench: Bench, step: Step) -> Any:
    """What the attempt gives for one step; what the agent raised must not come out of it."""
    try:
        return await trial.call(attempt, bench, step)
    except RuntimeError as error:
        if "oven door" not in str(error):
            raise
        trial.fail(
            expected="an agent that breaks gives a failure, not an exception: the rest of the plan goes on",
            seen=f"{type(error).__name__}: {error}",
            look="`try … except Exception as error:` around `send_message`.",
            kind="agent-error",
        )
