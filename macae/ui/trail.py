"""The audit trail as a table: what happened, when, by whom, to which step."""

from __future__ import annotations

from collections.abc import Iterable

from macae.models import Event, EventType, PlanWithSteps
from macae.ui import fragments
from macae.ui.text import call_text, esc

__all__ = ["trail_html"]

MARKED = {
    EventType.step_approved: "ok",
    EventType.step_rejected: "off",
    EventType.step_edited: "ask",
    EventType.step_paused: "ask",
    EventType.step_interrupted: "ask",
    EventType.tool_started: "busy",
    EventType.tool_refused: "bad",
    EventType.access_refused: "bad",
    EventType.step_failed: "bad",
    EventType.planning_failed: "bad",
}
"""The events that a reader looks for, with the colour that finds them."""


def trail_html(events: Iterable[Event], plan: PlanWithSteps | None = None) -> str:
    """`Engine.trail` as an HTML table, all text escaped. With the plan, steps are shown by their numbers.

    Times are seconds since the first event.
    """
    numbers = {step.id: str(step.index) for step in plan.steps} if plan else {}
    rows: list[str] = []
    first: float | None = None
    for event in events:
        first = event.time if first is None else first
        step = numbers.get(event.step_id or "", event.step_id or "")
        rows.append(
            f'<tr class="macae-tone-{"ask" if event.at_limit else MARKED.get(event.type, "plain")}"><td>{event.time - first:.2f}</td>'
            f"<td><span>{esc(event.type.value.replace('_', ' '))}</span></td><td>{esc(step)}</td>"
            f"<td>{esc(event.agent)}</td><td>{esc(shorten(said(event)))}</td></tr>"
        )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Second", "What", "Step", "Who", "Text"))
    table = f'<table class="macae-trail"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    page = f'{fragments.stylesheet()}<div class="macae-board macae-static">{table}</div>'
    return page.replace("$", "<span>$</span>")


def said(event: Event) -> str:
    """What the row says: the call where it tells of one, the costs for a model's call, else the event's own text."""
    data = event.data
    called = data.get("tool") or data.get("function")
    if called and isinstance(data.get("arguments"), dict):
        return call_text(str(called), data["arguments"])
    if event.type is EventType.model_called and not event.text:
        return f"{data.get('prompt_tokens', 0)} tokens in, {data.get('completion_tokens', 0)} out"
    return event.text


def shorten(text: str, longest: int = 160) -> str:
    """A row's worth of a text."""
    return text if len(text) <= longest else f"{text[:longest].rstrip()} …"
