"""Checks of one attempt of a step: how it is sent out, and how its outcome is stored."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from macae.agents.steprun import StepRun
from macae.errors import Conflict, NotAllowed
from macae.models import (
    ActionResponse,
    ApprovalRequest,
    Event,
    EventType,
    PendingCall,
    PlanStatus,
    PlanWithSteps,
    Step,
    StepStatus,
)
from macae.workshop.props.bench import BAKER, Bench, Courier, Job, Kitchen, claimed, given_plans
from macae.workshop.trial import Trial

if TYPE_CHECKING:
    from macae.engine import Engine

__all__ = ["claims_before_it_acts", "stores_the_outcome"]

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
    trial.proven("Before the agent is asked, the claim is stored: owner, attempt, and an event.")
    trial.proven("The gate is open while the agent works, and shut afterwards, also when the agent breaks.")
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
        len(began) == 1,
        expected="one event `step_started` on the audit trail, stored with the claim",
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


class After(NamedTuple):
    """What was stored of an attempt."""

    step: Step
    plan: PlanWithSteps
    trail: list[Event]
    said: list[Any]
    questions: list[Any]


async def outcome(
    attempt: Any, trial: Trial, status: str, text: str, *, made: bool, wants: bool = False, kind: str | None = "oat"
) -> After:  # fmt: skip
    """Let the attempt settle one run of one step."""
    benches: list[Bench] = []
    kitchen = Kitchen()
    jobs = [Job("bake", kind), Job("sell", "oat", (1,))]
    parts = {"team": kitchen.team(), "planner": given_plans(jobs), "manager": Bench.factory(benches)}
    async with trial.engine(**parts) as engine:
        plan = await engine.submit("Bake oat cookies.")
        step = await engine.approve(plan.steps[0])
        bench = benches[0]
        memory, gate = bench.memory, bench.context.gate
        before = {q.id for q in await memory.get_data_by_type("approval_request", ApprovalRequest)}
        run = await claimed(bench, step)
        found = engine.team.tool("bake")
        assert found is not None
        if made:
            await gate.call(BAKER, found[1], {"kind": "oat"})
        if wants:
            run.want("bake", {"kind": "rye"})
        run.notes.append(memory.event(EventType.thought, run.step, BAKER, "Butter first."))
        gate.close(step.id)
        response = ActionResponse(
            status=status,
            message=text,
            result=text,
            step_id=step.id,
            plan_id=plan.id,
            session_id=plan.session_id,
        )
        await trial.call(attempt, bench, run, response)
        after = await engine.plan(plan)
        questions = [
            q for q in await memory.get_data_by_type("approval_request", ApprovalRequest) if q.id not in before
        ]  # fmt: skip
        return After(
            after.steps[0],
            after,
            await engine.trail(plan),
            await memory.get_data_by_type("agent_message"),
            questions,
        )


def expect_outcome(
    trial: Trial, after: After, says: str, status: StepStatus, event: EventType, kind: str
) -> None:
    """What holds for every outcome: the status, the event, nothing lost, nobody owns it."""
    trial.expect(
        after.step.status is status,
        expected=f"{says} The stored step is `{status}`",
        seen=f"it is `{after.step.status}`",
        look="`await memory.commit(after, …)` stores the changed step."
        if after.step.status is S.action_requested
        else "Which branch of your `if` was taken, and why?",
        kind="not-stored" if after.step.status is S.action_requested else kind,
    )
    told = [e for e in after.trail if e.type is event and e.step_id == after.step.id]
    trial.expect(
        len(told) == 1,
        expected=f"{says} One event `{event}` on the audit trail",
        seen=f"{len(told)}; the trail has {', '.join(e.type for e in after.trail)}",
        look=f"`events=[*run.notes, memory.event(EventType.{event}, after, step.agent, text)]`",
        kind="no-event",
    )
    trial.expect(
        any(e.type is EventType.thought for e in after.trail),
        expected="the notes of the attempt (what the agent thought, which model calls it made) are on the audit trail",
        seen="they are lost",
        look="`run.notes` holds events that wait for this write: `events=[*run.notes, …]`.",
        kind="lost-notes",
    )
    trial.expect(
        after.step.owner is None,
        expected="nobody owns the step any more",
        seen=f"owner is {after.step.owner!r}",
        look="`step = await run.result()` gives the step as the attempt has left it, without an owner.",
        kind="still-owned",
    )


async def stores_the_outcome(attempt: Any, trial: Trial) -> None:
    """Store what came of an attempt: completed, failed, or paused because a call was not approved."""
    after = await outcome(attempt, trial, "success", "12 oat cookies are in the shop.", made=True)
    says = "The agent succeeded, and the approved call was made."
    expect_outcome(trial, after, says, S.completed, EventType.step_completed, "not-completed")
    trial.expect(
        after.step.agent_reply == "12 oat cookies are in the shop.",
        expected="the agent's words are stored with the step, as `agent_reply`",
        seen=after.step.agent_reply,
        look='`move_step(step, "reply", agent_reply=text)`',
        kind="no-reply",
    )
    trial.expect(
        any(m.source == BAKER and "12 oat" in m.content for m in after.said),
        expected="what the agent said is stored as a message of its own",
        seen=f"{len(after.said)} messages, none of them this one",
        look="`new=[memory.said(step.agent, text, step.plan_id, step.id)]`",
        kind="no-message",
    )
    trial.proven("A success is stored with the agent's words, the notes and an event.")
    after = await outcome(attempt, trial, "failure", "There is no flour.", made=False)
    expect_outcome(trial, after, "The agent failed.", S.failed, EventType.step_failed, "not-failed")
    trial.expect(
        "no flour" in (after.step.error or ""),
        expected="the reason is stored with the step, as `error`: the person has to decide what to do",
        seen=after.step.error,
        look='`move_step(step, "fail", error=text)`',
        kind="no-reason",
    )
    trial.expect(
        after.plan.overall_status is PlanStatus.in_progress,
        expected="the plan stays in progress: the person may retry, skip or finish",
        seen=f"the plan is {after.plan.overall_status}",
        look="Change the step only.",
        kind="gave-up",
    )
    trial.proven("A failure is stored with its reason, and the plan waits for the person.")
    after = await outcome(attempt, trial, "success", "All done!", made=False)
    says = "The agent says that it succeeded, but the approved call was never made."
    expect_outcome(trial, after, says, S.failed, EventType.step_failed, "believed")
    trial.proven("An agent that only says that it is done is not believed.")
    after = await outcome(attempt, trial, "success", "I looked around.", made=False, kind=None)
    says = "The step had no call bound to it, and the agent answered."
    expect_outcome(trial, after, says, S.completed, EventType.step_completed, "too-strict")
    after = await outcome(attempt, trial, "failure", "A person is asked first.", made=False, wants=True)
    says = "The agent wanted a call that nobody had approved."
    expect_outcome(trial, after, says, S.awaiting_feedback, EventType.step_paused, "not-paused")
    trial.expect(
        after.step.pending_call == PendingCall(tool="bake", arguments={"kind": "rye"}),
        expected="the step shows the call that it asks for, as `pending_call`",
        seen=after.step.pending_call,
        look='`move_step(step, "pause", pending_call=run.pending)`',
        kind="no-call-shown",
    )
    trial.expect(
        len(after.questions) == 1,
        expected="one new question to the person is stored",
        seen=f"{len(after.questions)} new ones",
        look="`memory.question(after)`",
        kind="no-question",
    )
    trial.proven("A call that nobody approved pauses the step, and the person is asked for just that call.")
