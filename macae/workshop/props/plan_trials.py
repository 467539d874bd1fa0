"""What the checks of challenge 4 work with: goals, a small team, plans as a model gives them, and a model that answers badly."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

from autogen_core.models import LLMMessage

from macae.agents import AgentSpec, Team, default_team
from macae.agents.planned import PlannedArgument, PlannedStep, PlannerResponse
from macae.agents.planner import planner_prompt
from macae.llm.offline import OfflineChatCompletionClient
from macae.tools import tool
from macae.workshop.scripted import ScriptedModel
from macae.workshop.trial import TODAY

__all__ = [
    "LAPTOPS",
    "MONITORS",
    "NOBODY",
    "ROCKET",
    "SOUP",
    "TRAINING",
    "Spoiling",
    "cut",
    "draft",
    "empty",
    "fenced",
    "forwards",
    "kitchen",
    "nulls",
    "plan_for",
    "prompt_for",
    "renamed",
    "step",
    "text_of",
    "tripled",
    "unasked",
    "warm_up",
]

MONITORS = "Order 3 monitors for Marketing."
TRAINING = "Book a training session for the sales team next Tuesday."
LAPTOPS = "Order 5 laptops for the marketing team and book a training session for them next Tuesday."
NOBODY = "Onboard a new employee."
ROCKET = "Launch a rocket to Mars."
SOUP = "Boil 4 litres of soup."


@tool(effect="change")
async def boil_soup(litres: Annotated[int, "how much"], vegetable: str = "leek") -> str:
    """Boil a soup."""
    return f"{litres} l of {vegetable} soup."


@tool(effect="read")
async def taste_dish(dish_name: Annotated[str, "which dish"]) -> str:
    """Taste a dish and say how it is."""
    return f"The {dish_name} is good."


def kitchen() -> Team:
    """A team that nobody has written an answer for."""
    return Team(
        [
            AgentSpec("CookAgent", "You cook soups.", tools=[boil_soup]),
            AgentSpec("TasterAgent", "You taste dishes.", tools=[taste_dish]),
        ],
        name="The kitchen",
    )


class Spoiling(ScriptedModel):
    """The offline model, whose first answers are spoiled on their way: so it fits any prompt and any schema."""

    def __init__(self, *spoils: Callable[[str], str]) -> None:
        super().__init__(inner=OfflineChatCompletionClient())
        self.spoils = list(spoils)
        self.planned: list[list[LLMMessage]] = []
        """The requests without tools: those of a planner."""

    async def create(self, messages: Any, **more: Any) -> Any:
        """The offline model's answer, spoiled while there are spoils."""
        if not more.get("tools"):
            self.planned.append(list(messages))
        result = await super().create(messages, **more)
        if self.spoils and isinstance(result.content, str) and not more.get("tools"):
            result.content = self.spoils.pop(0)(result.content)
        return result


def renamed(text: str) -> str:
    """A function that no team has, and the next time another one."""
    return text.replace("order_hardware", "teleport_hardware")


def cut(text: str) -> str:
    """The answer was cut off in its middle."""
    return text[: len(text) // 2]


def fenced(text: str) -> str:
    """Words and a markdown fence around the JSON."""
    return f"Here is the plan:\n```json\n{text}\n```\nTell me if you need more."


def empty(text: str) -> str:
    """No answer at all: a refusal often looks like this."""
    return ""


def unasked(text: str) -> str:
    """The question is left out."""
    data = json.loads(text)
    return json.dumps({k: None if isinstance(v, str) and "is needed" in v else v for k, v in data.items()})


def forwards(text: str) -> str:
    """Every step depends on the last one, where the schema knows such a thing."""
    return depending(text, lambda steps: [len(steps)])


def nulls(text: str) -> str:
    """No step says what it depends on, not even the first."""
    return depending(text, lambda steps: None)


def tripled(text: str) -> str:
    """Every step three times."""
    data = json.loads(text)
    found = {k: v * 3 for k, v in data.items() if isinstance(v, list) and v and isinstance(v[0], dict)}
    return json.dumps({**data, **found})


def depending(text: str, on: Callable[[list[Any]], list[int] | None]) -> str:
    """The answer with other dependencies, where the schema knows such a thing."""
    data = json.loads(text)
    for steps in [v for v in data.values() if isinstance(v, list)]:
        for step in [s for s in steps if isinstance(s, dict)]:
            for name in [n for n in step if any(word in n for word in ("depend", "need", "require"))]:
                if isinstance(step[name], list) or step[name] is None:
                    step[name] = on(steps)
    return json.dumps(data)


def step(function: str | None = "order_hardware", agent: str = "ProcurementAgent", depends: list[int] | None = None, **arguments: Any) -> PlannedStep:  # fmt: skip
    """A planned step."""
    given = [PlannedArgument(name=name, value=str(value)) for name, value in arguments.items()]
    action = f"Do it with {function}." if function else "Do it."
    return PlannedStep(agent=agent, action=action, function=function, arguments=given, depends_on=depends)


def draft(*steps: PlannedStep, asks: str | None = None, impossible: str | None = None) -> PlannerResponse:
    """A plan as a model gives it."""
    return PlannerResponse(
        initial_goal=MONITORS,
        steps=list(steps),
        summary="A plan.",
        human_clarification_request=asks,
        impossible=impossible,
    )


def text_of(messages: list[Any]) -> str:
    """All that the messages say."""
    return "\n".join(str(message.content) for message in messages)


async def plan_for(messages: list[LLMMessage]) -> PlannerResponse:
    """What the offline model plans when it is sent this."""
    result = await OfflineChatCompletionClient().create(messages, json_output=PlannerResponse)
    return PlannerResponse.model_validate_json(str(result.content))


def prompt_for(goal: str) -> list[LLMMessage]:
    """What our own planner sends to the model."""
    return planner_prompt(goal, default_team(), TODAY, 6)


async def warm_up() -> None:
    """Plan once: the first call loads a lot, which is no fault of the learner's."""
    await plan_for(prompt_for(MONITORS))
