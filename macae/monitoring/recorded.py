"""Where a recording is wanted: taken as it is, made from events, or refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast

from macae.errors import InvalidInput, NotFound
from macae.models import Event
from macae.monitoring.given import kind_of
from macae.monitoring.recording import Recording

__all__ = ["agent_given", "of_recording", "recorded"]

F = TypeVar("F", bound=Callable[..., Any])


def recorded(what: Recording | Iterable[Event]) -> Recording:
    """The recording; or the one of these events. Raises InvalidInput for anything else."""
    if isinstance(what, Recording):
        return what
    if isinstance(what, list | tuple) and all(isinstance(one, Event) for one in what):
        return Recording(what)
    raise InvalidInput(f"A Recording is needed, not {kind_of(what)}: Recording(events).")


def of_recording(function: F) -> F:
    """For a function of a recording: it takes the session's events, too, and refuses anything else with InvalidInput."""

    @wraps(function)
    def guarded(recording: Any, *args: Any, **kwargs: Any) -> Any:
        return function(recorded(recording), *args, **kwargs)

    return cast(F, guarded)


def agent_given(recording: Recording, agent: str | None) -> str | None:
    """The agent that is asked for. Raises NotFound naming those that there are: a name mistyped is no agent that did nothing."""
    if agent is None:
        return None
    known = [
        *recording.agents,
        *(call.agent for call in recording.model_calls),
        *(s.agent for s in recording.steps),
    ]
    if agent not in known:
        names = ", ".join(dict.fromkeys(filter(None, known))) or "none"
        raise NotFound(f"No agent {str(agent)[:80]!r} took part in this session. There are: {names}.")
    return agent
