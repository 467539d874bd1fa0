"""Plans as no planner should give them. Each is answered twice: the planner is asked once to mend what it said."""

from __future__ import annotations

import json
from typing import Any

from macae.errors import ModelError, PlanError
from tests.badinput.rig import ASKS, BAKE, GOAL, PLANNED, Rig
from tests.badinput.table import Row, row
from tests.support.scripted import planned

STEP = {"agent": "BakerAgent", "function": "bake", "args": {"kind": "oat"}}


def bad(gave: str, answer: Any, says: str) -> Row:
    async def deed(rig: Rig) -> None:
        engine = rig.engine(lambda messages, tools, json_output: answer)
        await engine.submit("Bake")

    return row(gave, deed, PlanError, ("PlannerAgent gave no usable plan in two tries:", says, "Reword the goal, or use another model (MACAE_MODEL)."), GOAL)  # fmt: skip


def taken(gave: str, answer: str, told: str = "Use bake.") -> Row:
    async def deed(rig: Rig) -> str:
        plan = await rig.engine(answer).submit("Bake")
        return plan.human_clarification_request or plan.steps[0].action

    return row(gave, deed, None, told, PLANNED if told == "Use bake." else ASKS)


def with_(**fields: Any) -> str:
    """A good plan with something else in it."""
    return json.dumps({**json.loads(BAKE), **fields})


def step_with(**fields: Any) -> str:
    """A good plan whose step has something else in it."""
    plan = json.loads(BAKE)
    plan["steps"][0].update(fields)
    return json.dumps(plan)


async def model_fails(rig: Rig) -> None:
    def script(messages: Any, tools: Any, json_output: Any) -> str:
        raise RuntimeError("the oven is on fire")

    await rig.engine(script).submit("Bake")


async def mended(rig: Rig) -> str:
    answers = ['{"steps": "none"}', BAKE]
    plan = await rig.engine(lambda messages, tools, json_output: answers.pop(0)).submit("Bake")
    return plan.steps[0].action


ROWS = [
    bad("words in place of JSON", "I would rather talk about the weather.", "the answer holds no JSON object"),
    bad("nothing at all", "", "sent no text, or refused, where structure was asked for"),
    bad("`null`", "null", "the answer holds no JSON object"),
    bad("a list", "[]", "the answer holds no JSON object"),
    bad("half of a plan", BAKE[:-40], "Invalid JSON"),
    bad("a hundred thousand brackets", '{"steps": ' + "[" * 100_000 + "}", "recursion limit exceeded"),
    bad("tool calls in place of a plan", [("bake", {"kind": "oat"})], "the answer holds no JSON object"),
    bad("a word for the steps", with_(steps="none"), "steps: Input should be a valid array"),
    bad("null for the steps", with_(steps=None), "steps: Input should be a valid array"),
    bad("numbers for steps", with_(steps=[1, 2]), "steps.0: Input should be"),
    bad("null for an agent", step_with(agent=None), "steps.0.agent: Input should be a valid string"),
    bad("a dictionary for the arguments", step_with(arguments={"kind": "oat"}), "steps.0.arguments: Input should be a valid array"),
    bad("a number for an argument's value", step_with(arguments=[{"name": "kind", "value": 7}]), "steps.0.arguments.0.value: Input should be a valid string"),
    bad("words for what a step depends on", step_with(depends_on="the first"), "steps.0.depends_on: Input should be a valid array"),
    bad("no steps", planned(), "it has no steps, asks nothing, and is not said to be impossible"),
    bad("500 steps", planned(*[STEP] * 500), "it has 500 steps, and 6 are the most"),
    bad("steps for an impossible goal", planned(STEP, impossible="We do not bake."), "an impossible goal has no steps"),
    bad("an agent that the team lacks", planned({**STEP, "agent": "RocketAgent"}), "step 1: there is no agent 'RocketAgent'; the agents are BakerAgent, ShopAgent, HumanAgent"),
    bad("the planner itself as an agent", planned({**STEP, "agent": "PlannerAgent"}), "step 1: there is no agent 'PlannerAgent'"),
    bad("markup for an agent", planned({**STEP, "agent": "<script>alert(1)</script>"}), "step 1: there is no agent '<script>alert(1)</script>'"),
    bad("a function that nobody has", planned({**STEP, "function": "fly"}), "step 1: there is no function 'fly'"),
    bad("a function of another agent", planned({**STEP, "function": "sell"}), "step 1: the function sell belongs to ShopAgent, not to BakerAgent"),
    bad("an argument that the function lacks", planned({**STEP, "args": {"kind": "oat", "colour": "red"}}), "step 1: bake has no argument 'colour'; it has kind, quantity"),
    bad("words for a number", planned({**STEP, "args": {"kind": "oat", "quantity": "a lot"}}), "step 1: bake, quantity: Input should be a valid integer"),
    bad("a list for a number", planned({**STEP, "args": {"kind": "oat", "quantity": "[1, 2]"}}), "step 1: bake, quantity: Input should be a valid integer"),
    bad("an action of spaces", planned({**STEP, "action": "  "}), "step 1: it has no action"),
    bad("an action of 5,000 characters", planned({**STEP, "action": "bake " * 1000}), "step 1: its action has 5,000 characters, and 1,000 are the most"),
    bad("steps that depend on each other in a circle", planned({**STEP, "depends_on": [2]}, {**STEP, "depends_on": [1]}), "step 1: it cannot depend on step 2: only on steps before it"),
    bad("a step that depends on itself", planned({**STEP, "depends_on": [1]}), "step 1: it cannot depend on step 1"),
    bad("a step that depends on step 0 and step -1", planned({**STEP, "depends_on": [0, -1]}), "step 1: it cannot depend on step 0"),
    bad("an argument from the result of a later step", planned({**STEP, "args": {"kind": "$9"}}), "step 1: it cannot depend on step 9"),
    taken("a plan inside markdown", f"```json\n{BAKE}\n```"),
    taken("a plan between words with braces of their own", f"Here {{as asked}} is it:\n```\n{BAKE}\n```\nGood luck!"),
    taken("a plan with a code block in its words", step_with(action="Use bake.", function="bake") .replace("A plan.", "Like ```{this}```.")),
    taken("fields that nobody asked for", with_(approved=True, status="completed", auto_approve=True)),
    taken("a plan without an argument that is needed", planned({**STEP, "args": {}}), "Please give: kind for bake."),
    row("a plan that is mended when asked", mended, None, "Use bake.", PLANNED),
    row("a model client that raises", model_fails, ModelError, "the oven is on fire", GOAL),
]  # fmt: skip
