"""Checks of a message class: what it takes without being told, what it refuses, and its way through JSON."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from macae.workshop.trial import Trial

__all__ = ["takes_and_refuses"]


STEP = {"plan_id": "p-1", "session_id": "s-1", "action": "Order 3 monitors", "agent": "LittleWorker"}
DEFAULTS = {"status": "planned", "agent_reply": None, "human_feedback": None}


async def takes_and_refuses(attempt: Any, trial: Trial) -> None:
    """A message class with the fields and defaults of the table, that refuses nonsense."""
    trial.expect(
        issubclass(attempt, BaseModel),
        expected="a pydantic class",
        seen=f"a class with the base {attempt.__mro__[1].__name__}",
        look="`class Step(BaseModel):`",
        kind="no-model",
    )
    try:
        one, two = attempt(**STEP), attempt(**STEP)
    except ValidationError as error:
        names = ", ".join(f"`{'.'.join(map(str, e['loc']))}` ({e['msg']})" for e in error.errors())
        trial.fail(expected="a Step from plan_id, session_id, action and agent alone", seen=f"pydantic refused it: {names}",
                   look="Which fields have a default, and is its type right?", kind="default")  # fmt: skip
    except TypeError as error:
        if "not callable" not in str(error):
            raise
        trial.fail(expected="a function as the `default_factory`, which pydantic calls for each new object", seen=f"TypeError: {error}",
                   look="`default_factory=new_id`, without the brackets `()`. With them, it is called at once, and what it gave is no function.", kind="factory")  # fmt: skip
    for name, value in STEP.items():
        seen = getattr(one, name, "no such field")
        trial.expect(seen == value, expected=f"`{name}` holds what was given: {value!r}", seen=seen, look=f"A line `{name}: str`.", kind="field")  # fmt: skip
    for name, default in DEFAULTS.items():
        seen = getattr(one, name, "no such field")
        trial.expect(seen == default, expected=f"`{name}` is {default!r} when it is not given", seen=seen, look="The table above the cell has the defaults.", kind="default")  # fmt: skip
    trial.expect(isinstance(getattr(one, "id", None), str) and one.id, expected="an `id`, a text", seen=getattr(one, "id", "no such field"), look="`Field(default_factory=new_id)`", kind="field")  # fmt: skip
    trial.expect(one.id != two.id, expected="two steps have two ids", seen=f"both have {one.id!r}", look="A default is worked out once; a `default_factory` is called for each object.", kind="shared-id")  # fmt: skip
    trial.proven("All fields are there, with their defaults, and each step has an id of its own.")
    for name in STEP:
        given = {key: value for key, value in STEP.items() if key != name}
        trial.expect(refuses(attempt, given), expected=f"a Step without `{name}` is refused", seen="it was accepted", look=f"`{name}: str`, without a default.", kind="not-required")  # fmt: skip
    nonsense: dict[str, Any] = {"status": "banana", "action": 7, "agent_reply": ["a", "b"]}
    for name, value in nonsense.items():
        trial.expect(refuses(attempt, {**STEP, name: value}), expected=f"`{name}={value!r}` is refused", seen="it was accepted", look=f"The type of `{name}` says what it may be.", kind="accepts-nonsense")  # fmt: skip
    trial.proven("What is missing or makes no sense is refused.")
    full = attempt(**STEP, id="s-7", status="completed", agent_reply="Done.", human_feedback="Thank you.")
    again = attempt.model_validate_json(full.model_dump_json())
    trial.expect(again == full, expected="the same step after a round trip through JSON", seen=again, look="Are all fields real fields, none of them computed on the way?", kind="json")  # fmt: skip
    trial.proven("It survives the way into JSON and back.")


def refuses(model: Any, fields: dict[str, Any]) -> bool:
    """Whether the class does not accept these fields."""
    try:
        model(**fields)
    except (ValidationError, ValueError, TypeError):
        return True
    return False
