"""The planner: a goal becomes a plan. It asks the model once, checks the answer, lets the model mend it once, and stores nothing."""

from __future__ import annotations

import time
from datetime import date
from typing import Any, NamedTuple

from autogen_core import MessageContext, RoutedAgent, message_handler
from autogen_core.models import AssistantMessage, LLMMessage, RequestUsage, SystemMessage, UserMessage

from macae.agents.catalogue import catalogue
from macae.agents.context import AgentContext
from macae.agents.instructions import PLANNER_INSTRUCTIONS
from macae.agents.plancheck import check_plan, missing_arguments, to_plan
from macae.agents.planned import PlannerResponse, parse_response
from macae.agents.prompttext import today_line
from macae.agents.team import HUMAN, PLANNER, Team
from macae.errors import ModelBadReply, PlanError
from macae.models import InputTask, PlanWithSteps, Usage

__all__ = ["PlannerAgent", "planner_prompt"]

MAX_GOAL = 8_000
"""Characters of a goal (with its clarification) that are sent to the model."""


class Answer(NamedTuple):
    """What the model said: as text, as a plan if it is one, what is wrong with it, and what it used."""

    text: str
    response: PlannerResponse | None
    wrong: list[str]
    usage: Usage


class PlannerAgent(RoutedAgent):
    """Turns an `InputTask` into a `PlanWithSteps`."""

    def __init__(self, context: AgentContext) -> None:
        super().__init__("Turns a goal into a plan.")
        self.context = context

    @message_handler
    async def handle_input_task(self, message: InputTask, ctx: MessageContext) -> PlanWithSteps:
        """Plan for the goal. Raises PlanError when the model gives no usable plan in two tries, and ModelError kinds."""
        team, settings = self.context.team, self.context.settings
        prompt = planner_prompt(message.description, team, self.context.today(), settings.max_steps)
        used = Usage()
        for _ in range(2):
            text, response, wrong, usage = await self.ask(prompt)
            used += usage
            if response is not None:
                wrong = check_plan(response, team, settings.max_steps)
                missing = missing_arguments(response, team)
                if not wrong and (not missing or response.human_clarification_request):
                    return to_plan(response, team, message, used)
                wrong += [f"{item}: take it from the goal, or ask for it" for item in missing]
            prompt += [
                AssistantMessage(content=text, source=PLANNER),
                UserMessage(
                    content=f"This plan cannot be used: {'; '.join(wrong)}. Answer with the whole plan again, mended.",
                    source="user",
                ),
            ]
        if response is not None and not check_plan(response, team, settings.max_steps):
            # Only facts are missing: then the person is asked for them, whatever the model thinks.
            asked = "Please give: " + "; ".join(missing_arguments(response, team)) + "."
            mended = response.model_copy(update={"human_clarification_request": asked})
            return to_plan(mended, team, message, used)
        raise PlanError(
            f"{PLANNER} gave no usable plan in two tries: {'; '.join(wrong)[:500]}. "
            "Reword the goal, or use another model (MACAE_MODEL)."
        )

    async def ask(self, prompt: list[LLMMessage]) -> Answer:
        """Ask the model once."""
        context = self.context
        client = context.model_client
        info = client.model_info
        structured: Any = (
            PlannerResponse if info.get("structured_output") else bool(info.get("json_output")) or None
        )
        began = time.perf_counter()
        used = RequestUsage(prompt_tokens=0, completion_tokens=0)
        try:
            result = await client.create(prompt, json_output=structured)
            used = result.usage
            text = result.content if isinstance(result.content, str) else "(tool calls)"
            response, wrong = parse_response(text)
        except ModelBadReply as error:
            # The repair round is for just this; what can be read in spite of it is.
            used = error.usage or used
            text = error.reply or "(no usable answer)"
            response, wrong = parse_response(text)
            wrong = [] if response else wrong if error.reply else [str(error).rstrip(".")]
        seconds = round(time.perf_counter() - began, 4)
        usd = context.gate.price(used.prompt_tokens, used.completion_tokens)
        usage = Usage(tokens=used.prompt_tokens + used.completion_tokens, usd=usd, seconds=seconds)
        return Answer(text, response, wrong, usage)


def shortened(goal: str) -> str:
    """A goal that is too long without its middle: what has been answered and done since stands at its end."""
    left_out = len(goal) - MAX_GOAL
    if left_out <= 0:
        return goal
    head, tail = goal[: MAX_GOAL // 2], goal[-MAX_GOAL // 2 :]
    return f"{head} … ({left_out} characters are left out here) … {tail}"


def planner_prompt(goal: str, team: Team, today: date, max_steps: int) -> list[LLMMessage]:
    """What the planner's model is asked: the rules with the team's tools, then the day and the goal."""
    rules = PLANNER_INSTRUCTIONS.format(max_steps=max_steps, human=HUMAN, catalogue=catalogue(team, goal))
    return [
        SystemMessage(content=rules),
        UserMessage(content=f"{today_line(today)}\nGoal: {shortened(goal)}", source="user"),
    ]
