"""Checks of how an attempt's outcome is stored: a success, a failure, or a call that nobody approved."""

from __future__ import annotations

from typing import Any, NamedTuple

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
from macae.workshop.props.bench import BAKER, Bench, Job, Kitchen, claimed, given_plans
from macae.workshop.trial import Trial

__all__ = ["stores_the_outcome"]

S = StepStatus


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
    types = [e.type for e in after.trail if e.step_id == after.step.id]
    trial.expect(
        types.index(EventType.thought) < types.index(event),
        expected="the trail tells it in order: first what the agent thought, then what came of it",
        seen=", ".join(types),
        look=f"`events=[*run.notes, memory.event(EventType.{event}, …)]`: your own event comes last.",
        kind="wrong-order",
    )
    trial.expect(
        status is S.awaiting_feedback or not after.questions,
        expected=f"{says} Nothing is asked of the person",
        seen=f"a question about a step that is `{after.step.status}`",
        look="`memory.question(after)` belongs to a paused step only.",
        kind="needless-question",
    )
    trial.expect(
        after.step.owner is None,
        expected="nobody owns the step any more",
        seen=f"owner is {after.step.owner!r}",
        look="`step = await run.result()` gives the step as the attempt has left it, without an owner.",
        kind="still-owned",
    )
