"""Challenge 0: answers that learners give."""

from __future__ import annotations

WRONG = {
    "first_plan": [
        ("not-attempted", "async def first_plan(engine, goal):\n    raise NotImplementedError('To do: …')\n"),
        (
            "no-await",
            """
async def first_plan(engine, goal):
    plan = engine.submit(goal)
    return plan
""",
        ),
        (
            "not-a-plan",
            """
async def first_plan(engine, goal):
    plan = await engine.submit(goal)
    print(plan)
""",
        ),
        (
            "not-a-plan",
            """
async def first_plan(engine, goal):
    plan = await engine.submit(goal)
    return plan.steps
""",
        ),
        (
            "approved",
            """
async def first_plan(engine, goal):
    plan = await engine.submit(goal)
    await engine.approve_all(plan)
    return plan
""",
        ),
        (
            "other-goal",
            """
async def first_plan(engine, goal):
    return await engine.submit("Order 2 monitors for the marketing team.")
""",
        ),
        (
            "twice",
            """
async def first_plan(engine, goal):
    await engine.submit(goal)
    return await engine.submit(goal)
""",
        ),
        (
            "asyncio-run",
            """
import asyncio

def first_plan(engine, goal):
    return asyncio.run(engine.submit(goal))
""",
        ),
        ("signature", "async def first_plan(goal):\n    return await engine.submit(goal)\n"),
        ("instance", "first_plan = None\n"),
    ],
    "approve_one": [
        (
            "approved-all",
            """
async def approve_one(engine, plan):
    await engine.approve_all(plan)
    return await engine.wait(plan)
""",
        ),
        (
            "approved-all",
            """
async def approve_one(engine, plan):
    for step in plan.steps:
        await engine.approve(step)
    return await engine.wait(plan)
""",
        ),
        (
            "no-await",
            """
async def approve_one(engine, plan):
    engine.approve(plan.steps[0])
    return await engine.wait(plan)
""",
        ),
        (
            "no-await",
            """
async def approve_one(engine, plan):
    await engine.approve(plan.steps[0])
    return engine.wait(plan)
""",
        ),
        (
            "not-approved",
            """
async def approve_one(engine, plan):
    return await engine.wait(plan)
""",
        ),
        (
            "old-plan",
            """
async def approve_one(engine, plan):
    await engine.approve(plan.steps[0])
    await engine.wait(plan)
    return plan
""",
        ),
        (
            "not-waited",
            """
async def approve_one(engine, plan):
    await engine.approve(plan.steps[0])
    return await engine.plan(plan)
""",
        ),
        (
            "not-a-plan",
            """
async def approve_one(engine, plan):
    step = await engine.approve(plan.steps[0])
    await engine.wait(plan)
    return step
""",
        ),
        (
            "wrong-step",
            """
async def approve_one(engine, plan):
    await engine.approve(plan.steps[1])
    return await engine.wait(plan)
""",
        ),
        (
            "blocking-sleep",
            """
import time

async def approve_one(engine, plan):
    await engine.approve(plan.steps[0])
    time.sleep(1)
    return await engine.plan(plan)
""",
        ),
    ],
    "tiny_card": [
        (
            "called-early",
            """
def tiny_card(step, decide):
    yes, no = widgets.Button(description="Approve"), widgets.Button(description="Reject")
    yes.on_click(decide(True))
    no.on_click(decide(False))
    return widgets.VBox([widgets.HTML(html.escape(step.task)), yes, no])
""",
        ),
        (
            "second-decision",
            """
def tiny_card(step, decide):
    yes, no = widgets.Button(description="Approve"), widgets.Button(description="Reject")
    yes.on_click(lambda _: decide(True))
    no.on_click(lambda _: decide(False))
    return widgets.VBox([widgets.HTML(html.escape(step.task)), yes, no])
""",
        ),
        (
            "second-decision",
            """
def tiny_card(step, decide):
    yes, no = widgets.Button(description="Approve"), widgets.Button(description="Reject")

    def press(button):
        button.disabled = True
        decide(button is yes)

    yes.on_click(press)
    no.on_click(press)
    return widgets.VBox([widgets.HTML(html.escape(step.task)), yes, no])
""",
        ),
        (
            "not-disabled",
            """
def tiny_card(step, decide):
    yes, no = widgets.Button(description="Approve"), widgets.Button(description="Reject")
    done = []

    def press(answer):
        if not done:
            done.append(answer)
            decide(answer)

    yes.on_click(lambda _: press(True))
    no.on_click(lambda _: press(False))
    return widgets.VBox([widgets.Label(step.task), yes, no])
""",
        ),
        (
            "not-escaped",
            """
def tiny_card(step, decide):
    text = widgets.HTML(f"<b>{step.task}</b> {step.agent}")
    yes, no = widgets.Button(description="Approve"), widgets.Button(description="Reject")

    def press(answer):
        yes.disabled = no.disabled = True
        decide(answer)

    yes.on_click(lambda _: press(True))
    no.on_click(lambda _: press(False))
    return widgets.VBox([text, widgets.HBox([yes, no])])
""",
        ),
        (
            "not-escaped",
            """
def tiny_card(step, decide):
    text = widgets.HTML(f"<b>{html.escape(step.task)}</b> {step.agent}")
    yes, no = widgets.Button(description="Approve"), widgets.Button(description="Reject")

    def press(answer):
        yes.disabled = no.disabled = True
        decide(answer)

    yes.on_click(lambda _: press(True))
    no.on_click(lambda _: press(False))
    return widgets.VBox([text, widgets.HBox([yes, no])])
""",
        ),
        (
            "no-words",
            """
def tiny_card(step, decide):
    yes, no = widgets.Button(description="Approve"), widgets.Button(description="Reject")

    def press(answer):
        yes.disabled = no.disabled = True
        decide(answer)

    yes.on_click(lambda _: press(True))
    no.on_click(lambda _: press(False))
    return widgets.VBox([widgets.HTML("Approve this step?"), widgets.HBox([yes, no])])
""",
        ),
        (
            "other-answer",
            """
def tiny_card(step, decide):
    buttons = [widgets.Button(description=word) for word in ("Approve", "Reject")]

    def press(answer):
        for button in buttons:
            button.disabled = True
        decide(answer)

    for button in buttons:
        button.on_click(lambda _: press(button.description == "Approve"))
    return widgets.VBox([widgets.Label(step.task), widgets.Label(step.agent), *buttons])
""",
        ),
        (
            "other-answer",
            """
def tiny_card(step, decide):
    yes, no = widgets.Button(description="Approve"), widgets.Button(description="Reject")
    yes.on_click(lambda _: decide("approve"))
    no.on_click(lambda _: decide("reject"))
    return widgets.VBox([widgets.Label(step.task), yes, no])
""",
        ),
        (
            "no-widget",
            """
from IPython.display import display

def tiny_card(step, decide):
    display(widgets.Button(description="Approve"), widgets.Button(description="Reject"))
""",
        ),
        (
            "no-button",
            """
def tiny_card(step, decide):
    yes = widgets.Button(description="Approve")
    yes.on_click(lambda _: decide(True))
    return widgets.VBox([widgets.Label(step.task), yes])
""",
        ),
        (
            "no-handler",
            """
def tiny_card(step, decide):
    yes = widgets.Button(description="Approve", on_click=lambda _: decide(True))
    no = widgets.Button(description="Reject", on_click=lambda _: decide(False))
    return widgets.VBox([widgets.Label(step.task), widgets.Label(step.agent), yes, no])
""",
        ),
        (
            "handler",
            """
def tiny_card(step, decide):
    yes, no = widgets.Button(description="Approve"), widgets.Button(description="Reject")
    yes.on_click(lambda: decide(True))
    no.on_click(lambda: decide(False))
    return widgets.VBox([widgets.Label(step.task), yes, no])
""",
        ),
    ],
}

RIGHT = {
    "first_plan": [
        "def first_plan(engine, goal):\n    return engine.submit(goal)  # the coroutine is handed on to whoever awaits\n",
        """
async def first_plan(engine, goal):
    task = asyncio.create_task(engine.submit(goal))
    await asyncio.wait({task})
    return task.result()
""",
    ],
    "approve_one": [
        """
async def approve_one(engine, plan):
    first, *_ = plan.steps
    await engine.approve(first.id, note="Go ahead.")
    async for _ in engine.events(plan):
        pass
    return await engine.plan(plan)
""",
    ],
    "tiny_card": [
        """
def tiny_card(step, decide):
    buttons = {True: widgets.Button(icon="check", tooltip="Approve"), False: widgets.Button(icon="times", tooltip="Reject")}

    def press(answer):
        for button in buttons.values():
            button.disabled = True
        decide(answer)

    for answer, button in buttons.items():
        button.on_click(lambda _, answer=answer: press(answer))
    return widgets.HBox([widgets.Label(step.task), widgets.Label(step.agent), *buttons.values()])
""",
        """
class tiny_card_box(widgets.VBox):
    def __init__(self, step, decide):
        self.decide = decide
        self.buttons = [widgets.Button(description="Yes"), widgets.Button(description="No")]
        for button in self.buttons:
            button.on_click(self.pressed)
        words = widgets.HTML(f"{html.escape(step.agent)}: <i>{html.escape(step.task)}</i>")
        super().__init__([words, *self.buttons])

    def pressed(self, button):
        for one in self.buttons:
            one.disabled = True
        self.decide(button.description == "Yes")


def tiny_card(step, decide):
    return tiny_card_box(step, decide)
""",
    ],
}
