"""Challenge 0: Preflight."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from macae.llm.offline import OfflineChatCompletionClient
from macae.models import PlanWithSteps, StepStatus
from macae.workshop.exercise import Challenge
from macae.workshop.props import pressing
from macae.workshop.props.stand_ins import an_offered_step
from macae.workshop.trial import Trial

CHALLENGE = Challenge(0, "Preflight", minutes=15, notebook="00-preflight")

GOALS = ("Order 2 monitors for the marketing team.", "Set up VPN access for Jessica Smith.")
THREE = "Order 3 monitors for Marketing, assign a mentor to Jessica Smith and set up VPN access for her."
HOSTILE = "Order 5 laptops <img src=x onerror=\"alert('bought')\"> & 2 <b>bags</b>"
A_MOMENT = 0.2
"""Seconds that an agent's model call takes in the check of `approve_one`: who does not wait sees unfinished work, each time."""


class Unhurried(OfflineChatCompletionClient):
    """The offline model, but who has tools has to wait a moment for each answer. The planner has none."""

    async def create(self, *args: Any, **more: Any) -> Any:
        """Answer after a moment."""
        if more.get("tools"):
            await asyncio.sleep(A_MOMENT)
        return await super().create(*args, **more)


@CHALLENGE.exercise(
    "first_plan",
    title="A goal becomes a plan",
    minutes=3,
    hints=(
        "The engine has a method that takes a goal and gives a plan. You have seen it in *Start here*, inside the board.",
        "`engine.submit(goal)` is async: it asks a model, and that takes time. Which word stands before it?",
        "```\nasync def first_plan(engine, goal):\n    return await engine.submit(goal)\n```",
    ),
    when={
        "no-await": "`engine.submit(goal)` alone only describes the work. `await engine.submit(goal)` does it and gives the plan.",
        "not-a-plan": "Return the plan itself, all of it: what `await engine.submit(goal)` gives.",
        "approved": "Here you only ask for a plan. To say yes comes in the next exercise.",
        "other-goal": "Your function gets the goal as a parameter. Hand that one to the engine.",
    },
)
async def first_plan(attempt: Any, trial: Trial) -> None:
    """An async function that hands a goal to the engine and returns the plan."""
    async with trial.engine() as engine:
        for number, goal in enumerate(GOALS, 1):
            plan = await trial.call(attempt, engine, goal)
            expect_plan(plan, trial, "Return what `await engine.submit(goal)` gives.")
            trial.expect(
                plan.initial_goal == goal,
                expected=f"a plan for the goal {goal!r}",
                seen=f"a plan for {plan.initial_goal!r}",
                look="Use the parameter `goal`.",
                kind="other-goal",
            )
            sessions = len((await engine.sessions()).items)
            trial.expect(
                sessions == number,
                expected="one plan for one goal",
                seen=f"{sessions} plans for {number} goal{'s' if number > 1 else ''}",
                look="`engine.submit` makes a new plan each time that it is called.",
                kind="twice",
            )
            plan = await engine.plan(plan)
            trial.expect(
                all(step.status is StepStatus.awaiting_feedback for step in plan.steps),
                expected="steps that wait for you: `awaiting_feedback`",
                seen=statuses(plan),
                look="Ask for the plan, and do nothing more.",
                kind="approved",
            )
    trial.proven("Each goal became one plan, and you gave it back.")
    trial.proven("Its steps wait for a person. Nothing has run.")


@CHALLENGE.exercise(
    "approve_one",
    title="Your first yes",
    minutes=4,
    hints=(
        "Three things: say yes to one step, wait until the work is done, give the plan back as it is then. Each is one line.",
        "`engine.approve(step)` says yes and returns at once; the work goes on behind. `engine.wait(plan)` waits for it, and gives "
        "the plan as it then stands. Both are async.",
        "```\nasync def approve_one(engine, plan):\n    await engine.approve(plan.steps[0])\n    return await engine.wait(plan)\n```",
    ),
    when={
        "no-await": "`engine.approve(…)` and `engine.wait(…)` are async. Without `await` nothing happens, and nothing complains.",
        "approved-all": "`approve_all` says yes to everything. Say yes to one step: `engine.approve(plan.steps[0])`.",
        "old-plan": "The plan that you were given is a copy from before. `engine.wait(plan)` gives a new one: return that.",
        "not-waited": "`approve` returns at once, and the work goes on behind. `await engine.wait(plan)` before you return.",
        "wrong-step": "Python counts from 0: the first step is `plan.steps[0]`.",
    },
)
async def approve_one(attempt: Any, trial: Trial) -> None:
    """An async function that approves the first step of a plan only, waits, and returns the plan as it then stands."""
    async with trial.engine(model=Unhurried()) as engine:
        before = await engine.submit(THREE)
        after = await trial.call(attempt, engine, before)
        stored = await engine.plan(before)
        approved = [step.index for step in stored.steps if step.approval is not None]
        trial.expect(
            approved,
            expected="an approval of the first step",
            seen="no step was approved",
            look="`await engine.approve(step)` says yes to a step.",
            kind="not-approved",
        )
        trial.expect(
            len(approved) == 1,
            expected="one yes, to the first step",
            seen=f"a yes to the steps {', '.join(map(str, approved))}",
            look="The others are still to be looked at by a person.",
            kind="approved-all",
        )
        trial.expect(
            approved == [1],
            expected="a yes to the first step",
            seen=f"a yes to step {approved[0]}",
            look="The first of a list is number 0.",
            kind="wrong-step",
        )
        trial.proven("You said yes to the first step, and to no other.")
        expect_plan(after, trial, "Return what `await engine.wait(plan)` gives.")
        first = after.steps[0].status
        trial.expect(
            first is not StepStatus.awaiting_feedback,
            expected="the plan as it stands after the work",
            seen="the plan from before: its first step still waits for a yes",
            look="A plan in a variable does not change by itself. Which call gives the new one?",
            kind="old-plan",
        )
        trial.expect(
            first is StepStatus.completed,
            expected="a first step that is `completed` when your function returns",
            seen=f"a first step that is `{first.value}`: the agent is still at work",
            look="Wait for the plan before you return.",
            kind="not-waited",
        )
    trial.proven("Your function waited until the agent had done the work.")
    trial.proven("The other steps still wait for you. Nothing ran without a yes.")


@CHALLENGE.exercise(
    "tiny_card",
    title="An approval by hand",
    minutes=6,
    hints=(
        "You need three widgets: an `HTML` for the text, and two `Button`s. An `HBox` puts the buttons side by side, a `VBox` puts the "
        "text above them. What happens at a click is a function that you give to `button.on_click`.",
        "`button.on_click(f)` calls `f(button)` at each click. So make a small function `press(answer)` that sets `disabled = True` on "
        "both buttons and then calls `decide(answer)`, and hang it up with `yes.on_click(lambda _: press(True))`.",
        '```\ntext = widgets.HTML(f"<b>{html.escape(step.task)}</b><br>{html.escape(step.agent)}")\n'
        'yes, no = widgets.Button(description="Approve"), widgets.Button(description="Reject")\n\n'
        "def press(answer):\n    yes.disabled = no.disabled = True\n    decide(answer)\n\n"
        "yes.on_click(lambda _: press(True))\nno.on_click(lambda _: press(False))\nreturn widgets.VBox([text, widgets.HBox([yes, no])])\n```",
    ),
    when={
        "called-early": "`on_click(decide(True))` calls `decide` now, and gives its result to `on_click`. Give it a function: "
        "`on_click(lambda _: decide(True))`.",
        "second-decision": "A decision is made once. After the first click set `disabled = True` on both buttons.",
        "not-disabled": "You ignore the second click. But can the person see that? Set `disabled = True` on both buttons.",
        "not-escaped": "A model wrote that text, and `HTML` obeys tags. `html.escape(step.task)` turns `<` into `&lt;`.",
        "no-widget": "`display(card)` shows it here and now. Return it, so that whoever calls you can show it.",
        "no-handler": "`widgets.Button(…, on_click=f)` takes the function and forgets it, without a word. First make the button, then "
        "`yes.on_click(f)`, on a line of its own.",
        "handler": "At a click, ipywidgets calls your function with the button. `lambda: …` has no place for it: `lambda _: …`.",
        "other-answer": "Approve has to call `decide(True)`, and Reject `decide(False)`.",
    },
)
async def tiny_card(attempt: Any, trial: Trial) -> None:
    """A function that gives a widget with a step's text and two buttons, and calls `decide(True)` or `decide(False)` once."""
    step = an_offered_step("Order 5 laptops for Marketing.", "order_hardware")
    for what, answer in (("approve", True), ("reject", False)):
        said: list[Any] = []
        card = await a_card(attempt, step, said, trial)
        press(card, what, trial)
        trial.expect(
            said == [answer],
            expected=f"`decide({answer})`, once, when {what.capitalize()} is pressed",
            seen=told(said),
            look="What does the function that you gave to `on_click` of this button do?",
            kind="other-answer",
        )
        for again in ("approve", "reject"):
            press(card, again, trial)
        trial.expect(
            len(said) == 1,
            expected="one decision, however often somebody presses",
            seen=told(said),
            look="What can still be pressed after the first press?",
            kind="second-decision",
        )
        trial.expect(
            all(pressing_button(card, one, trial).disabled for one in ("approve", "reject")),
            expected="two buttons that are disabled after the decision",
            seen="a button that can still be pressed, and does nothing",
            kind="not-disabled",
        )
    trial.proven("Approve calls decide(True), Reject calls decide(False).")
    trial.proven("One decision: after it both buttons are off.")
    await expect_text(attempt, trial)
    trial.proven("The step's text is shown, all of it, and obeyed by nobody.")


async def a_card(attempt: Any, step: Any, said: list[Any], trial: Trial) -> Any:
    """The learner's card for a step; its decisions go into `said`. Nothing may be decided yet."""
    from ipywidgets import Widget

    card = await trial.call(attempt, step, said.append)
    trial.expect(
        not said,
        expected="no decision while the card is being made",
        seen=told(said),
        look="Is there a function in `on_click(…)`, or the result of a call?",
        kind="called-early",
    )
    trial.expect(
        isinstance(card, Widget),
        expected="a widget, such as a `VBox`",
        seen=card,
        look="Does your function `return` the box?",
        kind="no-widget",
    )
    for what in ("approve", "reject"):
        pressing_button(card, what, trial)
    return card


async def expect_text(attempt: Any, trial: Trial) -> None:
    """Words and agent are there for the reader, also where they look like HTML."""
    step = an_offered_step(HOSTILE, "order_hardware", agent="<u>ProcurementAgent</u>")
    shown = pressing.read(await a_card(attempt, step, [], trial))
    wrong = shown.marks & {"img", "u", "onerror"}
    trial.expect(
        not wrong,
        expected="the step's text as text: `<img …>` is read, not obeyed",
        seen=f"a browser would make `{min(wrong)}` of it" if wrong else "",
        look="`html.escape(text)`, for each text of the step, before it goes into your HTML.",
        kind="not-escaped",
    )
    for text, what in ((step.task, "step.task"), (step.agent, "step.agent")):
        trial.expect(
            text in shown.text,
            expected=f"the whole text of `{what}` on the card: {text}",
            seen=shown.text.strip(),
            look="Is it on the card, escaped once, with nothing cut out?",
            kind="no-words",
        )


def pressing_button(card: Any, what: str, trial: Trial) -> Any:
    """The card's button for `what`."""
    found = pressing.button(card, what)
    trial.expect(
        found is not None,
        expected=f"a button with the word {what.capitalize()}",
        seen=pressing.descriptions(card),
        look=f'`widgets.Button(description="{what.capitalize()}")`, and is it in the box that you return?',
        kind="no-button",
    )
    return found


def press(card: Any, what: str, trial: Trial) -> None:
    """Press the card's button for `what`, as a person does."""
    button = pressing_button(card, what, trial)
    trial.expect(
        button._click_handlers.callbacks,
        expected=f"a function that runs when {what.capitalize()} is pressed",
        seen="no function hangs on this button",
        look="`button.on_click(f)` is a call, after the button was made. It is no argument of `Button(…)`.",
        kind="no-handler",
    )
    for handler in button._click_handlers.callbacks:
        try:
            inspect.signature(handler).bind(button)
        except TypeError as error:
            trial.fail(
                expected="a function with one parameter in `on_click`: it gets the button that was clicked",
                seen=f"one that cannot take it ({error})",
                look="`on_click(lambda _: …)`, with the `_`.",
                kind="handler",
            )
    pressing.press(button)


def told(said: list[Any]) -> str:
    """The calls of `decide`, for a message."""
    return ", then ".join(f"`decide({one!r})`" for one in said) or "`decide` was not called"


def expect_plan(plan: Any, trial: Trial, look: str) -> None:
    """It is a plan with its steps."""
    trial.expect(
        isinstance(plan, PlanWithSteps),
        expected="the plan, with its steps",
        seen=plan,
        look=look,
        kind="not-a-plan",
    )


def statuses(plan: PlanWithSteps) -> str:
    """Where each step stands, for a message."""
    return ", ".join(f"step {step.index} is `{step.status.value}`" for step in plan.steps)
