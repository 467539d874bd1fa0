"""One step explained: what its agent was sent, thought, called and replied, what it cost, and how well the reply is grounded."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace

from macae.errors import InvalidInput, NotFound
from macae.models import Event, EventType, Step
from macae.monitoring.given import kind_of
from macae.monitoring.recorded import of_recording
from macae.monitoring.recording import Recording
from macae.monitoring.replay.fields import items, mapping, number_or_none, whole, words
from macae.monitoring.replay.one_event import failed
from macae.monitoring.replay.talk import call_text
from macae.monitoring.replay.views import StepView, ToolCall
from macae.monitoring.texts import clip, one_line, visible
from macae.monitoring.words import count, step_word, took

__all__ = ["Explanation", "Part", "explain"]

E = EventType
LONGEST = 4_000
"""Characters of one text that are shown."""
MOST = 40_000
"""Characters of a part, which may hold several texts."""
SENT = "Sent to"
"""How the title of what a model was sent begins."""
NOTEBOOK = (
    ".macae-explanation.macae-explanation dl > dt { float: none; width: auto; clear: both; }"
    ".macae-explanation.macae-explanation dl > dd { float: none; width: auto; margin: 0 0 8px 1.5em; }"
    ".macae-explanation dl > dd > pre { white-space: pre-wrap; word-break: normal; overflow-wrap: anywhere; margin: 0; background: none; }"
)
"""A notebook's own rules would put the terms of a list beside each other."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that happened in a step."""

    seconds: float | None
    """From the recording's start; None where it has no one moment."""
    title: str
    text: str
    trouble: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """A step's story, in order: as `.parts`, as `.text`, or as `.html()`."""

    title: str
    facts: tuple[str, ...]
    """One line each: status, times, cost, who approved, grounding."""
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """Plain text; what a terminal would obey or nobody sees is written as an escape."""
        lines = [self.title, *self.facts]
        for part in self.parts:
            at = "" if part.seconds is None else f"{part.seconds:.1f} s  "
            lines += ["", f"{at}{part.title}", *(f"    {line}" for line in part.text.splitlines())]
        return "\n".join(lines)

    def html(self) -> str:
        """HTML without style or script, every text escaped: safe to show whatever models and tools said."""
        facts = "".join(f"<li>{html.escape(fact)}</li>" for fact in self.facts)
        parts = "".join(_part_html(part) for part in self.parts)
        return (
            f'<section class="macae-explanation"><h3>{html.escape(self.title)}</h3>'
            f"<ul>{facts}</ul><dl>{parts}</dl></section>"
        )

    def __str__(self) -> str:
        """The plain text."""
        return self.text

    def _repr_html_(self) -> str:
        return f"<style>{NOTEBOOK}</style>{self.html()}"


@of_recording
def explain(recording: Recording, step: Step | StepView | str) -> Explanation:
    """Tell the story of one step: a step of the recording or of a plan, or its id. Raises NotFound for one that the recording
    does not have, InvalidInput for what is no step.

    What was sent and replied is there only for sessions that were run with MACAE_CAPTURE=messages; the story says so otherwise.
    """
    told = told_of(recording, step)
    step_id = told.id
    tools = {call.seq: call for call in recording.tool_calls if call.step_id == step_id}
    parts: list[Part] = []
    checks: list[Part] = []  # stored with the reply, before it
    call: dict[str, object] = {}
    """The call that goes with the step, as the writes so far have left it."""
    for seconds, event in recording.timeline:
        call.update(mapping(event.changes.get(step_id)))
        if event.step_id == step_id:
            bound = call_text(words(call["function"]), mapping(call.get("arguments"))) if call.get("function") else ""  # fmt: skip
            new = [_part(_began(event, one[0], seconds), *one) for one in _told(event, tools, _cut(bound))]
            (checks if event.type == E.reply_checked else parts).extend(new)
        if event.step_id == step_id and event.type == E.step_completed:
            parts += [replace(check, seconds=seconds) for check in checks]
            checks = []
    parts += checks
    return Explanation(
        title=one_line(
            f"Step {told.index or '?'}: {one_line(told.task or told.id)} ({told.agent or 'nobody yet'})"
        ),
        facts=tuple(one_line(fact, 600) for fact in _facts(recording, told)),
        parts=tuple(sorted(parts, key=lambda part: part.seconds or 0.0)),
    )


def told_of(recording: Recording, step: Step | StepView | str) -> StepView:
    """The step as the recording tells of it. Raises NotFound, InvalidInput."""
    step_id = step.id if isinstance(step, Step | StepView) else step
    if not isinstance(step_id, str):
        raise InvalidInput(f"A step or its id is needed, such as recording.steps[0], not {kind_of(step)}.")
    found = next((one for one in recording.steps if one.id == step_id), None)
    if found is None:
        known = ", ".join(repr(one.id) for one in recording.steps) or "none"
        raise NotFound(f"There is no step {step_id[:100]!r} in this recording. It has: {known}.")
    return found


def _began(event: Event, title: str, seconds: float) -> float:
    """When it happened: a model call is told when it has ended, and was sent before."""
    lasted = number_or_none(event.data.get("seconds")) if title.startswith(SENT) else None
    return max(0.0, seconds - (lasted or 0.0))


def _facts(recording: Recording, step: StepView) -> Iterator[str]:
    status = "stopped by a limit" if step.at_limit else step_word(step.status)
    yield f"Status: {status}{f' ({step.error})' if step.error else ''}"
    if step.start is not None:
        tries = f", {step.attempts} attempts" if step.attempts > 1 else ""
        long = took(step.seconds, True) if step.lost else f"{step.seconds:.1f} s"
        yield f"Work: {long}, begun {step.start:.1f} s after the session's start{tries}"
    if step.waited:
        yield f"Waited for a person: {step.waited:.1f} s"
    if step.approved_by:
        automatic = step.approved_by.startswith("auto:")
        yield f"Approved by {step.approved_by}{': a setting, no person was asked' if automatic else ''}"
    yield f"Used: {step.tokens:,} tokens, {_price(step)}"
    if not any(mapping(e.data).get("sent") is not None for e in recording.events if e.step_id == step.id):
        yield "What the model was sent was not recorded: run with MACAE_CAPTURE=messages to see it."


def _price(step: StepView) -> str:
    if step.usd is not None:
        return f"${step.usd:.4f}"
    calls = "call" if step.unpriced == 1 else "calls"
    return f"price not known ({step.unpriced} unpriced model {calls})"


def _told(event: Event, tools: dict[int, ToolCall], bound: str) -> Iterator[tuple[str, str, bool]]:
    """Titles and texts of what one event tells. `bound`: the call that the step stood for after it, where one was known."""
    data, text = event.data, event.text
    if event.type == E.step_approved:
        yield f"Approved by {event.agent}", "\n".join(filter(None, [bound, text])), False
    elif event.type == E.step_edited:
        yield f"Edited by {event.agent}", "\n".join(filter(None, [text, bound])), False
    elif event.type in DECIDED:
        yield f"{DECIDED[event.type]} by {event.agent}", text, event.type == E.step_rejected
    elif event.type == E.model_called:
        yield from _model(event)
    elif event.type == E.thought:
        yield f"{event.agent} thought", _cut(text), False
    elif event.type == E.memory_queried:
        found = ", ".join(words(one) for one in items(data.get("sources"))) or "nothing"
        yield (
            f"{event.agent} searched {words(data.get('memory')) or 'a memory'}",
            f"{text}\nfound: {found}",
            False,
        )
    elif event.type == E.tool_started:
        call = tools.get(event.seq)
        yield from _tool(call) if call is not None else ()
    elif event.type == E.tool_refused:
        yield "A call was refused: nothing was run", text, True
    elif event.type == E.message:
        yield f"{event.agent} said", _cut(text), False
    elif event.at_limit:
        yield f"A limit stopped {event.agent}", _cut(text), False
    elif event.type in ENDED:
        yield f"{ENDED[event.type]} {event.agent}", _cut(text), event.type != E.step_completed
    elif event.type == E.reply_checked:
        yield "Grounding of the reply", _grounding(event), bool(items(data.get("ungrounded")))
    elif event.type in (E.alert_raised, E.violation_found, E.budget_warned):
        yield event.type.value.replace("_", " ").capitalize(), text, True


DECIDED = {
    E.step_rejected: "Rejected",
    E.step_retried: "Asked for again",
    E.step_skipped: "Skipped",
    E.step_cancelled: "Cancelled",
    E.step_superseded: "Replaced",
}
ENDED = {
    E.step_completed: "Reply of",
    E.step_failed: "Failure of",
    E.step_paused: "Another call is wanted by",
    E.step_interrupted: "Interrupted:",
}


def _model(event: Event) -> Iterator[tuple[str, str, bool]]:
    data = event.data
    sent = [mapping(message) for message in items(data.get("sent"))]
    if sent:
        before = whole(data.get("sent_before"))
        left_out = whole(data.get("left_out"))
        head = [f"({count(before, 'earlier message')}, not repeated)"] if before else []
        head += [f"({count(left_out, 'message')} too long to be kept)"] if left_out else []
        said = [f"[{words(m.get('role'))}] {_cut(words(m.get('text')))}" for m in sent]
        yield f"{SENT} {words(data.get('model')) or 'the model'}", "\n".join([*head, *said]), False
    used = f"{whole(data.get('prompt_tokens')):,} + {whole(data.get('completion_tokens')):,} tokens"
    usd, seconds = number_or_none(data.get("usd")), number_or_none(data.get("seconds")) or 0.0
    price = "price not known" if usd is None else f"${usd:.4f}"
    lines = [f"{seconds:.2f} s, {used}, {price}"]
    lines += [_cut(words(data["reply"]))] if data.get("reply") else []
    lines += [f"wants {words(c.get('name'))}({_cut(words(c.get('arguments')))})" for c in map(mapping, items(data.get("calls")))]  # fmt: skip
    went = "failed" if failed(event) else "answered"
    lines += [event.text] if event.text else []
    yield f"{words(data.get('model')) or 'The model'} {went}", "\n".join(lines), failed(event)


def _tool(call: ToolCall) -> Iterator[tuple[str, str, bool]]:
    effect = {"read": "only reads", "change": "changes something"}.get(call.effect, "effect not known")
    state = "" if call.state == "completed" else f"{call.state}: "
    long = took(call.seconds, True) if call.lost else f"{call.seconds:.2f} s"
    text = f"{_cut(call_text(call.tool, call.arguments))}\n{effect}, {long}\n{state}{_cut(call.result)}"
    yield f"{call.agent} called {call.tool}", text, not call.ok


def _grounding(event: Event) -> str:
    found = [mapping(one) for one in items(event.data.get("ungrounded"))]
    listed = [f"not in any source: {words(one.get('text'))} ({words(one.get('kind'))})" for one in found]
    return "\n".join([event.text, *listed])


def _cut(text: str) -> str:
    return clip(text, LONGEST, counted=True)


def _part(seconds: float, title: str, text: str, trouble: bool) -> Part:
    """A part as it is shown, whatever its event holds: short, and nothing in it unseen."""
    return Part(seconds, one_line(title, 200), visible(clip(text, MOST, counted=True)), trouble)


def _part_html(part: Part) -> str:
    at = "" if part.seconds is None else f"<small>{part.seconds:.1f} s</small> "
    mark = ' class="trouble"' if part.trouble else ""
    return f"<dt{mark}>{at}{html.escape(part.title)}</dt><dd><pre>{html.escape(part.text)}</pre></dd>"
