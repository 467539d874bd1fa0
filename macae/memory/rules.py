"""What an agent may write and delete through its memory, and what is the engine's alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from macae.errors import InvalidInput, NotAllowed
from macae.memory.documents import data_type_of
from macae.models import Plan, Step, StepStatus

__all__ = [
    "Guard",
    "approvals_are_the_engines",
    "check_deleted",
    "check_written",
    "kind_of",
    "plain",
    "unearned",
    "version_of",
]

Guard = Callable[[Step | None, Step], Step]
"""Given a step as stored (None: a new one) and as it is to be, gives what to store, or raises NotAllowed."""

_RECORD = frozenset({"session", "plan", "step", "approval", "approval_request"})
_CHAT = frozenset({"chat_message", "chat_summary"})
_UNDER_A_YES = frozenset({StepStatus.approved, StepStatus.action_requested})
_PLAIN: dict[str, type[Plan] | type[Step]] = {"plan": Plan, "step": Step}


def kind_of(document: BaseModel) -> str:
    """The kind under which a document is stored."""
    model: type[BaseModel] = type(document)
    kind = getattr(document, "data_type", None) or data_type_of(model)
    return str(getattr(kind, "value", kind))


def check_written(kind: str) -> None:
    """Raises NotAllowed for a kind that nobody writes through a memory."""
    if kind in ("approval", "approval_request"):
        raise NotAllowed(
            f"A document of the kind {kind!r} is written by the engine alone: await engine.approve(step)."
        )
    if kind in _CHAT:
        raise NotAllowed(
            f"A document of the kind {kind!r} is written by the agent's chat context alone: "
            "await context.add_message(message)."
        )


def check_deleted(kind: str) -> None:
    """Raises NotAllowed for a kind that nobody deletes through a memory."""
    if kind in _RECORD:
        raise NotAllowed(
            "Sessions, plans, steps, approvals and the questions for them are not deleted: they are the record. "
            "Cancel or skip them; `macae store delete` removes a whole session."
        )
    if kind in _CHAT:
        raise NotAllowed(
            f"A document of the kind {kind!r} is an agent's chat: await context.clear() on its own context removes that."
        )


def version_of(document: BaseModel) -> int:
    """The version that a document was read at. Raises InvalidInput for what no store can have given it."""
    version: Any = getattr(document, "version", None)
    if not isinstance(version, int) or version < 0:
        raise InvalidInput(
            f"The {type(document).__name__} has the version {version!r}. A version is the count of the writes, from 0 on: "
            "read the document, and change what you were given."
        )
    return int(version)


def plain(document: BaseModel) -> Any:
    """A plan or a step as nothing but that, whatever class poses as one. Raises InvalidInput when it is none.

    It is read from the JSON that would be stored, so nothing is stored that no rule has seen.
    """
    kind = kind_of(document)
    try:
        return _PLAIN[kind].model_validate(document.model_dump(mode="json", warnings=False))
    except ValidationError as error:
        raise InvalidInput(f"This is no {kind}: {error.errors()[0]['msg']}.") from None
    except (PydanticSerializationError, ValueError) as error:
        raise InvalidInput(f"This {kind} cannot be stored: {error}") from None


def approvals_are_the_engines(before: Step | None, after: Step) -> Step:
    """The guard unless another is given. Raises NotAllowed for a changed approval, and for a step that becomes `approved`,
    `action_requested` or `completed` though no attempt that a person said yes to is going on."""
    if after.approval != (before.approval if before is not None else None):
        raise NotAllowed(
            f"The approval of step {after.id} cannot be written by an agent. "
            "A person approves: await engine.approve(step)."
        )
    if unearned(before, after):
        raise NotAllowed(
            f"The step {after.id} cannot become {after.status} here: no person's yes stands behind it. "
            "The engine carries it out: await engine.approve(step)."
        )
    return after


def unearned(before: Step | None, after: Step) -> bool:
    """Whether a step is to count as approved or done, without an attempt under way that a person said yes to."""
    if before is not None and before.status == after.status:
        return False
    going_on = before is not None and before.approval is not None and before.status in _UNDER_A_YES
    return not going_on and after.status in {*_UNDER_A_YES, StepStatus.completed}
