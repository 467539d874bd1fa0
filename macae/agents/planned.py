"""What the planner asks a model for."""

from __future__ import annotations

from pydantic import BaseModel, Field, ValidationError

__all__ = ["PlannedArgument", "PlannedStep", "PlannerResponse", "parse_response"]


class PlannedArgument(BaseModel):
    """One argument of a planned call. Values are text, because strict structured output knows no free-form objects."""

    name: str
    value: str = Field(description='The value as text; lists as JSON; "$N" for the result of step N.')


class PlannedStep(BaseModel):
    """One step as the model plans it."""

    agent: str
    action: str = Field(description="One short sentence that names the function.")
    function: str | None = Field(description="The function to call, or null.")
    arguments: list[PlannedArgument]
    depends_on: list[int] | None = Field(
        description="Numbers of the steps it needs, counted from 1; null: the one before."
    )


class PlannerResponse(BaseModel):
    """What the planner asks the model for."""

    initial_goal: str
    steps: list[PlannedStep]
    summary: str
    human_clarification_request: str | None = Field(
        description="A question, when facts are missing; else null."
    )
    impossible: str | None = Field(
        description="The reason, when neither tool, model nor person can do it; else null."
    )


def parse_response(text: str) -> tuple[PlannerResponse | None, list[str]]:
    """The model's answer as a PlannerResponse, or what is wrong with it. Words and markdown fences around the JSON are put up with."""
    wrong = ["the answer holds no JSON object"]
    for body in (text, *text.split("```")[1::2]):
        start, end = body.find("{"), body.rfind("}")
        if not 0 <= start < end:
            continue
        try:
            return PlannerResponse.model_validate_json(body[start : end + 1]), []
        except ValidationError as error:
            wrong = [
                f"{'.'.join(map(str, e['loc'])) or 'the answer'}: {e['msg']}" for e in error.errors()[:5]
            ]
    return None, wrong
