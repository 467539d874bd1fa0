"""Whether a person's yes covers a call: the form in which calls are compared, and the comparison."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from macae.models import Step, StepStatus
from macae.models.plans import call_hash
from macae.tools import ActionTool

__all__ = ["argument_errors", "covers", "is_approved", "plain"]


def plain(arguments: BaseModel) -> dict[str, Any]:
    """Arguments as JSON-able values, defaults left out: the form in which calls are compared and stored."""
    return arguments.model_dump(mode="json", exclude_defaults=True)


def is_approved(step: Step) -> bool:
    """Whether a person's yes to just this call is stored with the step, and the step is being carried out."""
    yes = step.approval
    return (
        yes is not None
        and step.status is StepStatus.action_requested
        and yes.hash == call_hash(step.agent, step.task, step.function, step.arguments)
    )


def covers(step: Step, tool: ActionTool, arguments: dict[str, Any]) -> bool:
    """Whether the approved call is this one: the same tool, the same arguments."""
    if step.function != tool.name or step.arguments is None:
        return False
    try:
        bound = plain(tool.args_type().model_validate(step.arguments))
    except ValidationError:
        return False
    return bound == arguments


def argument_errors(error: ValidationError) -> str:
    """What is wrong with the arguments, one clause each."""
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'arguments'}: {e['msg']}" for e in error.errors())
