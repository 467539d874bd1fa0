"""Stored events for a screen: coloured lines for people, one JSON object a line for programs."""

from __future__ import annotations

import json as jsonlib
import sys
import time
from collections.abc import Callable, Sequence

from macae.cli.output import Screen, one_line, silence
from macae.config import Settings
from macae.models import Event, EventType
from macae.monitoring.compliance.compliance import open_compliance
from macae.monitoring.compliance.values import TECHNICAL, looked, walked
from macae.monitoring.sinks.trace import spoken

__all__ = ["Printer", "on_screen"]


def on_screen(settings: Settings) -> Callable[[Event], Event]:
    """What makes of an event what a screen may show of it, for people and programs alike. Raises ConfigError for a policy that cannot be used.

    Nobody decides by it, and it is easily passed on: it is masked as for a sink, calls and goals too, and as for any screen besides.
    """
    compliance = open_compliance(settings)
    if not (compliance.watches("screen") or compliance.watches("log")):
        return lambda event: event

    def clean(text: str, name: str = "") -> str:
        return compliance.clean(compliance.clean(text, "log", name=name), "screen", name=name)

    def shown(event: Event) -> Event:
        cleaned = {
            "text": looked(event.text, clean),
            "data": walked(event.data, clean, technical=TECHNICAL),
            "changes": {
                key: walked(fields, clean, technical=TECHNICAL) for key, fields in event.changes.items()
            },
        }
        return event.model_copy(update=cleaned)

    return shown


class Printer:
    """Events as coloured lines, or as one JSON object a line."""

    def __init__(self, json: bool, asked: Sequence[str] = ()) -> None:
        self.json = json
        self._asked = {name.lower(): name for name in asked}
        """The agents that alone are asked for, and have not appeared yet."""
        self._agents: dict[str, None] = {}
        self.screen = Screen(json)
        self._unread = False
        self._numbers: dict[str, int] = {}
        """By step: its place in the plan, as the first event that shows the step tells it."""

    @property
    def unread(self) -> bool:
        """Whether whoever read this has gone."""
        return self._unread or (not self.json and self.screen.console.quiet)

    def begin(self, session: str) -> None:
        """Say what is followed."""
        self.screen.say(f"Session {session}", "dim")

    def show(self, event: Event) -> None:
        """One event."""
        if self.json:
            self.emit(event)
            return
        when = time.strftime("%H:%M:%S", time.localtime(event.time))
        source, target, text = spoken(event)
        who = f"{one_line(source, 60)} → {one_line(target, 60)}" if target else one_line(source, 60)
        number = self._numbers.get(event.step_id or "")
        step = f"[{number}] " if number is not None else ""
        self.screen.say(f"{event.seq:>6} {when} {step}{who}: {one_line(text, 500)}", style_of(event))

    def tell_unknown(self) -> None:
        """Say once which of the agents that are asked for are not in the session so far, and who is."""
        if self._asked:
            names = ", ".join(one_line(name, 60) for name in self._asked.values())
            known = ", ".join(one_line(name, 60) for name in self._agents) or "none yet"
            self.screen.say(f"Nothing of {names} so far. In this session: {known}.", "yellow")
            self._asked = {}

    def learn(self, event: Event) -> None:
        """Know the agents, and the numbers of the steps that an event shows for the first time."""
        for name in (event.agent, *(str(delta.get("agent") or "") for delta in event.changes.values())):
            if name:
                self._agents[name] = None
                self._asked.pop(name.lower(), None)
        for document, delta in event.changes.items():
            if isinstance(delta.get("index"), int):
                self._numbers[document] = delta["index"]

    def emit(self, event: Event) -> None:
        """One line of JSON: plain characters only, so that no terminal obeys it."""
        text = jsonlib.dumps(event.model_dump(mode="json"), ensure_ascii=True).replace("\x7f", "\\u007f")
        try:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            silence(sys.stdout)
            self._unread = True


def style_of(event: Event) -> str:
    """Its colour: red for what went wrong, yellow for what waits or warns, green for what is done."""
    name = event.type.value
    if event.at_limit:
        return "yellow"
    if event.data.get("state") in ("failed", "unknown") or event.data.get("ok") is False:
        return "red"
    if name.endswith(("_failed", "_interrupted", "_cancelled", "_rejected")) or name == "alert_raised":
        return "red"
    if name.endswith(("_refused", "_asked", "_offered", "_paused", "_warned", "_waiting")):
        return "yellow"
    if event.type is EventType.violation_found:
        return "yellow"
    if name.endswith(("_completed", "_resolved")):
        return "green"
    if name.startswith(("model_", "document_", "memory_")):
        return "dim"
    return "cyan" if name.startswith("tool_") else ""
