"""Checks of a whole manager: in the real engine, from the goal to the end, through failures and new plans."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from macae.errors import MacaeError, NotFound
from macae.models import EventType, PlanStatus, StepStatus
from macae.workshop.diagnose import home_of
from macae.workshop.props.bench import Job, Kitchen, given_plans, obedient
from macae.workshop.props.scene import Scene, scene
from macae.workshop.trial import Trial

if TYPE_CHECKING:
    from macae.engine import Engine

__all__ = ["from_goal_to_end", "planned_again", "through_a_failure"]

S = StepStatus


async def from_goal_to_end(attempt: Any, trial: Trial) -> None:
    """Two steps side by side, and one after them."""
    kitchen = Kitchen()
    kitchen.together = {"oat", "rye"}
    jobs = [Job("bake", "oat"), Job("bake", "rye"), Job("sell", "oat", (1, 2))]
    planner = given_plans(jobs)
    async with trial.engine(team=kitchen.team(), model=trial.model(obedient), planner=planner, manager=attempt) as engine:  # fmt: skip
        here = await scene(trial, engine, kitchen)
        here.expect(
            [s.status for s in here.plan.steps] == [S.awaiting_feedback] * 3,
            "three steps are stored, and all of them are offered: their calls are known",
            "`process_next_step` moves what `what_follows` says is to be offered, and commits it.",
            "not-offered",
        )
        trial.expect(
            not kitchen.log,
            expected="nothing runs before a person has said yes",
            seen=kitchen.log,
            look="Only approved steps start.",
            kind="unasked",
        )
        await on_record(trial, engine, here)
        trial.proven("A goal becomes a stored plan, and its steps are offered with their questions.")
        await trial.waits(engine.approve_all(here.plan), 5, "an answer to `approve_all`")
        await trial.waits(here.rest(), 8, "the end of the work on the plan")
        here.expect(
            not unseen(attempt),
            "the engine knows of all that is under way: it waits for it, stops it, and tells its errors",
            "`self.context.spawn(coroutine, plan_id)` tells the engine; `asyncio.create_task` does not.",
            "unseen-work",
        )
        here.expect("start oat" in kitchen.log and "start rye" in kitchen.log, "both baking steps run after the yes", "`handle_approval` and `process_next_step`", "stops-early")  # fmt: skip
        trial.proven("Approved steps that need nothing of each other run side by side.")
        here.expect(
            "end sale of oat" in kitchen.log,
            "once both are baked, the sale runs too",
            "When a step has ended, call `self.process_next_step(step.plan_id)`.",
            "stops-early",
        )
        here.expect(
            all(kitchen.before(tray, "sale of oat") for tray in ("oat", "rye")),
            "the sale waits for both baking steps",
            "Only what `what_follows` lists under `start` may start.",
            "wrong-order",
        )
        here.expect(
            [line for line in kitchen.log if line.startswith("start")].count("start oat") == 1
            and len(kitchen.log) == 6,
            "each step runs once",
            "A Conflict of `dispatch` means that somebody else was quicker.",
            "twice",
        )
        here.expect(
            here.plan.overall_status is PlanStatus.completed,
            "the plan is completed when all its steps are",
            "Store a copy of `state.plan` with the status that `what_follows` gives.",
            "never-completed",
        )
        trail = await engine.trail(here.plan)
        ended = [e for e in trail if e.type is EventType.plan_changed]
        trial.expect(
            ended,
            expected="an event `plan_changed` on the audit trail when the plan is over",
            seen=", ".join(e.type for e in trail),
            look="`self.memory.event(EventType.plan_changed, plan, MANAGER, …)`",
            kind="no-event",
        )
        trial.expect(
            any("completed" in f"{e.data.get('status', '')} {e.text}" for e in ended),
            expected="the event `plan_changed` says what the plan is now: `completed`",
            seen=f"its text is {ended[-1].text!r}, its data {ended[-1].data}",
            look="`self.memory.event(EventType.plan_changed, plan, MANAGER, status=follow.status)`",
            kind="status-untold",
        )
        trial.proven(
            "What depends on them waits for both; each step runs once; the plan is completed at the end."
        )


def unseen(attempt: Any) -> list[asyncio.Task[Any]]:
    """The learner's tasks that still run although the engine knows of nothing under way."""
    names = home_of(attempt)
    frames = {task: getattr(task.get_coro(), "cr_frame", None) for task in asyncio.all_tasks()}
    return [task for task, frame in frames.items() if frame is not None and frame.f_globals is names]


async def on_record(trial: Trial, engine: Engine, here: Scene) -> None:
    """The session, the events and the questions are stored with the plan."""
    try:
        await engine.plans(here.plan.session_id)
    except NotFound:
        trial.fail(
            expected="the session has its row, so that the plan is found again after a restart",
            seen="`engine.plans(session_id)` finds no such session",
            look='`also=[self.memory.session_row("active")]` in the first commit.',
            kind="no-session",
        )
    memory = (await engine.live(here.plan.session_id)).memory
    trial.expect(
        any(
            "Bake and sell" in getattr(m, "content", "")
            for m in await memory.get_data_by_type("agent_message")
        ),
        expected="what the person said, their goal, is stored as a message",
        seen="no such message",
        look="`new=[said]` in the first commit.",
        kind="goal-lost",
    )
    trail = [event.type for event in await engine.trail(here.plan)]
    trial.expect(
        EventType.plan_created in trail and trail.count(EventType.step_offered) == 3,
        expected="the audit trail has `plan_created`, and `step_offered` for each of the three steps",
        seen=", ".join(trail) or "an empty trail",
        look="`events=[…]` in each commit.",
        kind="no-event",
    )
    questions = await memory.get_data_by_type("approval_request")
    trial.expect(
        len(questions) == 3,
        expected="a question to the person is stored with each offered step",
        seen=f"{len(questions)} questions",
        look="`new=[self.memory.question(step) for step in …]`",
        kind="no-question",
    )


async def through_a_failure(attempt: Any, trial: Trial) -> None:
    """A step fails: the rest goes on, the person retries, skips or finishes."""
    for decision, end in (("retry", PlanStatus.completed), ("skip", PlanStatus.completed), ("finish", PlanStatus.failed)):  # fmt: skip
        kitchen = Kitchen()
        kitchen.broken = {"oat"}
        jobs = [Job("bake", "oat"), Job("sell", "oat", (1,)), Job("bake", "rye")]
        async with trial.engine(team=kitchen.team(), model=trial.model(obedient), planner=given_plans(jobs), manager=attempt) as engine:  # fmt: skip
            here = await scene(trial, engine, kitchen)
            await trial.waits(engine.approve_all(here.plan), 5, "an answer to `approve_all`")
            await trial.waits(here.rest(), 8, "the end of the work on the plan")
            failed, sale, rye = here.plan.steps
            here.expect(
                failed.status is S.failed and rye.status is S.completed,
                "the first step fails (the oven is too cold), and the third, which does not need it, is completed",
                "`settle` stores the failure; `process_next_step` goes on with the rest.",
                "failure-stops-all",
            )
            here.expect(
                sale.status is S.approved and "start sale of oat" not in kitchen.log,
                "what needs the failed step waits",
                "`what_follows`",
                "ran-on",
            )
            here.expect(
                here.plan.overall_status is PlanStatus.in_progress,
                "the plan waits for the person",
                "A failed step does not end the plan.",
                "over-too-soon",
            )
            kitchen.broken.clear()
            try:
                if decision == "retry":
                    await engine.approve(await engine.retry(failed))
                elif decision == "skip":
                    await engine.skip(failed)
                else:
                    await engine.finish(here.plan)
            except MacaeError as error:
                trial.fail(
                    expected=f"the person can {decision} after a failure",
                    seen=str(error),
                    look="How do the plan and the step stand?",
                    kind="no-way-on",
                )
            await trial.waits(here.rest(), 8, "the end of the work on the plan")
            here.expect(
                here.plan.overall_status is end,
                f"after `{decision}` the plan goes on, and comes to its end: {end}",
                "`handle_approval` is told of every decision; it has to look what follows.",
                "no-way-on",
            )
    trial.proven("A failing step leaves the plan to the person: retry, skip and finish all lead on.")


async def planned_again(attempt: Any, trial: Trial) -> None:
    """A question first; then another way after a no."""
    kitchen = Kitchen()
    planner = given_plans(
        "Which cookies?", [Job("bake", "oat"), Job("sell", "oat", (1,))], [Job("bake", "rye"), Job("sell", "oat", (1,))]
    )  # fmt: skip
    async with trial.engine(team=kitchen.team(), model=trial.model(obedient), planner=planner, manager=attempt) as engine:  # fmt: skip
        here = await scene(trial, engine, kitchen)
        here.expect(
            here.plan.overall_status is PlanStatus.awaiting_clarification,
            "a plan that asks a question is stored as awaiting_clarification",
            "`stamped(planned, message)` gives the plan with its status; offer nothing before it is in progress.",
            "question-lost",
        )
        await engine.clarify(here.plan, "Oat cookies.")
        await here.rest()
        here.expect(
            [s.status for s in here.plan.steps] == [S.awaiting_feedback] * 2,
            "after the answer, the two steps of the new plan are offered",
            "`plan_again` ends with a look at what follows.",
            "not-offered",
        )
        first, second = here.plan.steps
        await engine.approve(second)
        await engine.reject(first, "no oats left")
        await here.rest()
        await engine.revise(here.plan, "use rye")
        await here.rest()
        found = {step.status: step for step in here.plan.steps}
        here.expect(
            set(found) == {S.superseded, S.approved, S.awaiting_feedback},
            "after the revision: the rejected step superseded, the unchanged one still approved, the new one offered",
            '`mine("revise_steps")(old, new)`',
            "yes-lost",
        )
        await engine.approve(found[S.awaiting_feedback])
        await trial.waits(here.rest(), 8, "the end of the work on the plan")
        here.expect(
            here.plan.overall_status is PlanStatus.completed and kitchen.before("rye", "sale of oat"),
            "the new step runs, then the one that was approved before, and the plan is completed",
            "Who depends on whom, after the revision?",
            "wrong-order",
        )
    trial.proven("Planned again after an answer or a no, an unchanged step keeps its approval.")
