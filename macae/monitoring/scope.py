"""On whose behalf code runs: the plan, step and agent that whatever happens inside belongs to.

The session's runtime sets it around each message that it delivers, so it holds for every agent, and for all tasks that an
agent starts.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

__all__ = ["NOTHING", "Scope", "current_scope", "entered", "in_scope", "scope_of", "trace_id_of"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is being worked on. An empty text: not known."""

    trace_id: str = ""
    plan_id: str = ""
    step_id: str | None = None
    agent: str = ""
    home: Any = field(default=None, compare=False, repr=False)
    """The ledger of the session that is at work: whoever tells of something tells it there."""


NOTHING = Scope()
_current: ContextVar[Scope] = ContextVar("macae_scope", default=NOTHING)


def current_scope() -> Scope:
    """The scope of the code that asks."""
    return _current.get()


def entered(scope: Scope) -> None:
    """Make `scope` the current one from here on."""
    _current.set(scope)


@contextmanager
def in_scope(scope: Scope) -> Iterator[None]:
    """Make `scope` the current one for what runs inside, tasks started there included."""
    token = _current.set(scope)
    try:
        yield
    finally:
        _current.reset(token)


def scope_of(message: Any, agent: str, sender: Scope) -> Scope:
    """The scope in which `agent` handles a message that was sent from the scope `sender`.

    A message about no plan belongs to its sender's; from nobody, it begins a trace.
    """
    plan_id = getattr(message, "plan_id", None) or ""
    if plan_id and plan_id != sender.plan_id:
        return Scope("", plan_id, getattr(message, "step_id", None), agent)
    trace_id = sender.trace_id or ("" if sender.plan_id else uuid.uuid4().hex)
    return Scope(trace_id, sender.plan_id, getattr(message, "step_id", None) or sender.step_id, agent)


def trace_id_of(plan_id: str) -> str:
    """The trace id of a plan that was stored without one."""
    return hashlib.sha256(plan_id.encode()).hexdigest()[:32]
