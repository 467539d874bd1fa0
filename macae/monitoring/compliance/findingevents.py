"""Findings as events: which entity, where, how often, what was done; never the value."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from macae.models import Event, EventType
from macae.monitoring.compliance.policy import Action, Route
from macae.monitoring.replay.findings import found_text
from macae.monitoring.scope import current_scope

__all__ = ["FindingEvents", "OnceEach", "finding_data", "finding_text"]

MOST_REMEMBERED = 10_000


def finding_data(route: Route, entity: str, action: Action, count: int, where: str) -> dict[str, Any]:
    """What a violation_found event holds."""
    return {"route": route, "entity": entity, "action": action, "count": count, "where": where}


def finding_text(data: dict[str, Any]) -> str:
    """The same for people."""
    return found_text(data["entity"], data["action"], data["route"], data["where"], data["count"])


class FindingEvents:
    """Collects findings, to make events of them later. `keep`: of texts that stay as they are, so nothing in them is masked."""

    def __init__(self, keep: bool = False) -> None:
        self._found: list[dict[str, Any]] = []
        self._keep = keep

    def __call__(self, route: Route, entity: str, action: Action, count: int, where: str) -> None:
        """Take one: a `Tell`."""
        done = "flag" if self._keep and action == "mask" else action
        self._found.append(finding_data(route, entity, done, count, where))

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def entities(self) -> list[str]:
        """What was found, each once."""
        return list(dict.fromkeys(found["entity"] for found in self._found))

    @property
    def masked(self) -> list[str]:
        """Of which a mark stands in the text now, each once."""
        return list(dict.fromkeys(found["entity"] for found in self._found if found["action"] == "mask"))

    @property
    def blocked(self) -> bool:
        """Whether one of them keeps the text from passing."""
        return any(found["action"] == "block" for found in self._found)

    def events(self, user_id: str) -> list[Event]:
        """An event each; the session is still to be set."""
        return [
            Event(
                type=EventType.violation_found,
                session_id="",
                user_id=user_id,
                agent=user_id,
                text=finding_text(data),
                data=data,
            )
            for data in self._found
        ]


class OnceEach:
    """Tells of a finding once for each step (or what else is worked on), route and entity. `write` makes an event of it."""

    def __init__(self, write: Callable[..., Any]) -> None:
        self._write = write
        self._told: OrderedDict[tuple[str, ...], None] = OrderedDict()

    def __call__(self, route: Route, entity: str, action: Action, count: int, where: str) -> None:
        """Take one: a `Tell`."""
        scope = current_scope()
        about = scope.step_id or scope.plan_id or scope.trace_id
        self._tell(about, None, finding_data(route, entity, action, count, where))

    def of(self, event: Event, data: dict[str, Any]) -> None:
        """Take one that was found in an event."""
        self._tell(event.step_id or event.plan_id or event.trace_id, event, data)

    def _tell(self, about: str, event: Event | None, data: dict[str, Any]) -> None:
        key = (about, data["route"], data["entity"], data["action"])
        if key in self._told:
            return
        self._told[key] = None
        while len(self._told) > MOST_REMEMBERED:
            self._told.popitem(last=False)
        self._write(data, event)
