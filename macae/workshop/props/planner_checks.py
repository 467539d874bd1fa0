"""What the planner of challenge 4 has to do inside the real engine, a part of its check each."""

from __future__ import annotations

from typing import Any, NoReturn

from macae.errors import Conflict, MacaeError, PlanError, TeamError
from macae.models import PlanStatus, PlanWithSteps
from macae.workshop.props.plan_trials import (
    LAPTOPS,
    MONITORS,
    NOBODY,
    ROCKET,
    Spoiling,
    cut,
    empty,
    forwards,
    renamed,
)
from macae.workshop.trial import Trial

__all__ = ["carried_out", "dependencies", "impossibles", "questions", "repairs", "submitted"]


async def submitted(engine: Any, goal: str, trial: Trial) -> PlanWithSteps:
    """The plan for a goal; what keeps it from being one is told."""
    try:
        plan = await trial.waits(engine.submit(goal), 8, "a plan")
    except TeamError as error:
        if "defined again" in str(error):
            raise
        if "could not be built" in str(error):
            unbuilt(str(error), trial)
        trial.fail(expected="an agent that handles InputTask", seen=str(error), look="The handler is `async`, decorated with @message_handler, and its parameters are `message: InputTask, ctx: MessageContext`.", kind="no-handler")  # fmt: skip
    except PlanError as error:
        told = str(error)
        if "not with a PlanWithSteps" in told:
            trial.fail(expected="a PlanWithSteps", seen=told.split(". ")[0], look="The handler returns the plan.", kind="no-plan")  # fmt: skip
        trial.fail(expected=f"a plan for “{goal}”", seen=told, look="Look at what the model is sent: does it hold the rules, the catalogue, the day and the goal?", kind="plan-error")  # fmt: skip
    except AttributeError as error:
        if "_handlers" not in str(error):
            raise
        unbuilt(str(error), trial)
    except Conflict as error:
        trial.fail(expected="a plan that is stored once, by the manager", seen=str(error), look="The planner stores nothing: it only returns the plan.", kind="stored")  # fmt: skip
    except ValueError as error:
        if "not in return types" not in str(error):
            raise
        trial.fail(expected="a PlanWithSteps", seen=f"a {'None' if 'NoneType' in str(error) else 'thing of another type'}: {error}", look="The handler returns the plan: `return to_plan(…)`.", kind="no-plan")  # fmt: skip
    assert isinstance(plan, PlanWithSteps)
    return plan


def unbuilt(seen: str, trial: Trial) -> NoReturn:
    """The engine could not make one."""
    trial.fail(expected="an agent that the engine can build: `PlannerAgent(context)`", seen=seen, look="Derive it from RoutedAgent; `__init__(self, context)` calls `super().__init__(…)` with a description, and keeps the context.", kind="not-built")  # fmt: skip


async def carried_out(engine: Any, model: Spoiling, trial: Trial) -> None:
    """A goal becomes a plan that is stored once, and carried out after the approval."""
    plan = await submitted(engine, MONITORS, trial)
    trial.expect(model.planned, expected="a question to the engine's model", seen="a plan, and the engine's model was not asked", look="Use `self.context.model_client`, not the notebook's `model`.", kind="other-model")  # fmt: skip
    seen = [(one.agent, one.function) for one in plan.steps]
    trial.expect(seen == [("ProcurementAgent", "order_hardware")], expected="one step: ProcurementAgent, order_hardware", seen=seen or plan.human_clarification_request or plan.summary, look="Make a Step of each planned step, with agent, action and function.", kind="no-steps")  # fmt: skip
    given = {name: str(value) for name, value in (plan.steps[0].arguments or {}).items()}
    trial.expect(given.get("quantity") == "3" and "monitor" in given.get("item_name", ""), expected="the arguments item_name and quantity with the step", seen=plan.steps[0].arguments, look="`arguments=arguments_of(planned, team)`.", kind="no-arguments")  # fmt: skip
    trial.expect(plan.steps[0].action.strip(), expected="an action: the sentence that a person reads and approves", seen="an empty one", look="`action=planned.action`.", kind="no-action")  # fmt: skip
    rows = await engine.plans(plan.session_id)
    trial.expect(len(rows) == 1, expected="one plan in the store", seen=f"{len(rows)} plans", look="Return the plan; the manager stores it.", kind="stored")  # fmt: skip
    await engine.approve_all(plan)
    plan = await trial.waits(engine.wait(plan), 5, "the end of the approved plan")
    trial.expect(plan.overall_status is PlanStatus.completed, expected="the approved plan is carried out", seen=f"{plan.overall_status}: {plan.steps[0].error or plan.steps[0].status}", look="Are function and arguments those of the planned step?", kind="not-carried-out")  # fmt: skip
    trial.proven("The real engine took its plan, and three monitors were ordered after the approval.")


async def dependencies(engine: Any, trial: Trial) -> None:
    """Steps wait for each other; what an earlier step will give is no value yet."""
    plan = await submitted(engine, LAPTOPS, trial)
    seen = [one.function for one in plan.steps]
    trial.expect(seen == ["order_hardware", "book_training_session"], expected="two steps: order_hardware, then book_training_session", seen=seen, look="Is each planned step made into a Step, with its index from 1?", kind="no-steps")  # fmt: skip
    first, second = plan.steps
    trial.expect(
        second.depends_on == [first.id] and not first.depends_on,
        expected="step 2 depends on step 1, and step 1 on nothing",
        seen=f"step 1: {first.depends_on}, step 2: {second.depends_on} (the id of step 1 is {first.id})",
        look="`depends_on` of a Step holds the `id`s of the steps before it.",
        kind="no-dependency",
    )
    plan = await submitted(engine, "Get info about our products. Write a press release about our current products.", trial)  # fmt: skip
    values = [str(value) for one in plan.steps for value in (one.arguments or {}).values()]
    trial.expect(not any(value.startswith("$") for value in values), expected="no “$1” among the arguments: it stands for what step 1 will give", seen=values, look="`arguments_of(planned, team)` gives None while a value is not known.", kind="early-value")  # fmt: skip
    trial.proven("Step 2 waits for step 1.")


async def questions(engine: Any, trial: Trial) -> None:
    """A missing fact is asked for; the answer is planned with."""
    plan = await submitted(engine, NOBODY, trial)
    trial.expect(plan.overall_status is PlanStatus.awaiting_clarification, expected=f"a question for “{NOBODY}”: nobody is named", seen=f"{plan.overall_status}, {plan.total_steps} steps, no question", look="`human_clarification_request` of the draft belongs into the plan.", kind="no-question")  # fmt: skip
    plan = await trial.waits(engine.clarify(plan, "Jessica Smith"), 8, "a plan after the answer")
    named = [one for one in plan.steps if one.function == "register_new_employee" and "Jessica Smith" in str(one.arguments)]  # fmt: skip
    trial.expect(plan.overall_status is PlanStatus.in_progress and named, expected="after the answer “Jessica Smith”, a step that registers her", seen=f"{plan.overall_status}: {[(one.function, one.arguments) for one in plan.steps]}", look="After an answer the planner is sent the goal, the question and the answer in `message.description`. Send the model all of it, after the word “Goal:”.", kind="answer-lost")  # fmt: skip
    trial.proven("A missing name is asked for, and the answer ends up in the plan.")


async def impossibles(engine: Any, trial: Trial) -> None:
    """An impossible goal has a reason and no steps."""
    plan = await submitted(engine, ROCKET, trial)
    trial.expect(plan.overall_status is PlanStatus.impossible and not plan.steps, expected=f"the status impossible, and no steps, for “{ROCKET}”", seen=f"{plan.overall_status}, {plan.total_steps} steps", look="`PlanStatus.impossible`, when the draft gives a reason.", kind="not-impossible")  # fmt: skip
    trial.expect((plan.summary or "").strip(), expected="the reason, as the plan's summary", seen=plan.summary, look="`summary=draft.impossible or draft.summary`.", kind="no-reason")  # fmt: skip
    trial.proven("A goal that nobody can reach gets a reason, and no steps.")


async def repairs(engine: Any, model: Spoiling, trial: Trial) -> None:
    """One repair round; after two bad answers an error, and nothing that looks like a plan."""
    for spoil, goal, what in (
        (renamed, MONITORS, "a function that does not exist"),
        (cut, MONITORS, "JSON that was cut off"),
        (empty, MONITORS, "an empty answer"),
        (forwards, LAPTOPS, "steps that depend on later steps"),
    ):
        model.spoils, model.planned = [spoil], []
        try:
            plan = await engine.submit(goal)
        except MacaeError as error:
            trial.fail(expected=f"a plan, although the first answer had {what}", seen=f"{type(error).__name__}: {error}", look="The model may mend its answer once.", kind="no-repair")  # fmt: skip
        functions = [one.function for one in plan.steps]
        trial.expect(functions[:1] == ["order_hardware"], expected=f"the mended plan, after a first answer with {what}", seen=functions or plan.overall_status, look="Is the plan validated before it is given back?", kind="no-repair")  # fmt: skip
        ids = [one.id for one in plan.steps]
        early = all(set(one.depends_on) <= set(ids[: one.index - 1]) for one in plan.steps)
        trial.expect(early, expected="steps that depend only on steps before them", seen=[one.depends_on for one in plan.steps], look="A step that depends on a later one would wait for ever.", kind="depends")  # fmt: skip
    trial.proven("A bad first answer of the model is mended by one repair round.")
    for spoil in (renamed, cut):
        model.spoils, model.planned = [spoil] * 9, []
        session = f"two-bad-{spoil.__name__}"
        try:
            plan = await engine.submit(MONITORS, session_id=session)
        except PlanError as error:
            trial.expect(len(str(error)) > 5, expected="a PlanError that says what was wrong", seen=repr(error), look="A person reads this text.", kind="silent-error")  # fmt: skip
        except MacaeError as error:
            trial.fail(expected="PlanError, after two bad answers", seen=f"{type(error).__name__}: {error}", look="Catch ModelBadReply where you ask the model; after the second one raise PlanError.", kind="wrong-error")  # fmt: skip
        else:
            trial.fail(expected="PlanError, after two bad answers", seen=f"a plan, {plan.overall_status}, with {[one.function for one in plan.steps]}", look="Never give back a plan that has faults.", kind="bad-plan")  # fmt: skip
        trial.expect(len(model.planned) == 2, expected="two model calls, then PlanError", seen=f"{len(model.planned)} model calls", look="One repair is enough.", kind="no-repair" if len(model.planned) < 2 else "endless-repair")  # fmt: skip
        rows = await engine.plans(session)
        trial.expect(not rows, expected="nothing stored, when there is no plan", seen=f"{len(rows)} plans", look="The planner stores nothing.", kind="stored")  # fmt: skip
    model.spoils = []
    trial.proven("After two bad answers there is a PlanError, and no plan in the store.")
