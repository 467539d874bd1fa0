"""Repetition that looks like an agent going in circles.

What counts, and why so: looking twice is ordinary (a model checks the stock, orders, and checks again), so two are never a loop. A
loop is the same thing three times within one attempt of a step **with the same result each time**: nothing new can come of it.
Where results differ (a poll of something that changes) six are needed. Two calls in turn, A B A B A B, are one loop of two. A new
attempt begins anew: a person asked for it. Other steps count apart: two departments may ask the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from macae.models import EventType
from macae.monitoring.recorded import of_recording
from macae.monitoring.recording import Recording
from macae.monitoring.replay.known import StepLife
from macae.monitoring.replay.talk import call_text
from macae.monitoring.replay.views import ToolCall

__all__ = ["POLLS", "REPEATS", "Loop", "loops"]

REPEATS = 3
"""So many times the same with the same result is a loop."""
POLLS = 6
"""So many times the same is a loop whatever the results were."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Something done again and again."""

    kind: Literal["repeated call", "alternating calls", "repeated message"]
    agent: str
    what: str
    """The call, the two calls, or the message."""
    times: int
    step_id: str | None
    start: float
    end: float
    """Seconds from the recording's start."""


@dataclass(frozen=True, slots=True)
class _Did:
    agent: str
    what: str
    same: str
    """What makes two the same, the result left out."""
    result: str
    start: float
    end: float


@of_recording
def loops(recording: Recording) -> list[Loop]:
    """What looks like a loop, in the order of time."""
    found: list[Loop] = []
    for step_id, made in _by_attempt(recording):
        rounds = _alternating(step_id, made)
        found += rounds
        told = {what for loop in rounds for what in loop.what.split(" ↔ ")}
        found += [loop for loop in _repeated("repeated call", step_id, made) if loop.what not in told]
    for step_id, said in _messages(recording):
        found += _repeated("repeated message", step_id, said)
    return sorted(found, key=lambda loop: loop.start)


def _by_attempt(recording: Recording) -> list[tuple[str | None, list[_Did]]]:
    groups: dict[tuple[str | None, str, int], list[_Did]] = {}
    for call in recording.tool_calls:
        step = recording.lives.steps.get(call.step_id or "")
        groups.setdefault((call.step_id, call.agent, _attempt(step, call)), []).append(_did(call))
    return [(step_id, made) for (step_id, _, _), made in groups.items()]


def _attempt(step: StepLife | None, call: ToolCall) -> int:
    return sum(attempt.start <= call.start for attempt in step.attempts) if step is not None else 0


def _did(call: ToolCall) -> _Did:
    what = call_text(call.tool, call.arguments)
    return _Did(
        call.agent,
        what,
        f"{call.tool} {_stable(call.arguments)}",
        f"{call.state} {call.result}",
        call.start,
        call.end,
    )


def _stable(value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError):
        return repr(type(value))


def _messages(recording: Recording) -> list[tuple[str | None, list[_Did]]]:
    groups: dict[tuple[str | None, str], list[_Did]] = {}
    for seconds, event in recording.timeline:
        if event.type == EventType.message and event.text.strip():
            text = " ".join(event.text.split())
            said = _Did(event.agent, text, text.casefold(), "", seconds, seconds)
            groups.setdefault((event.step_id, event.agent), []).append(said)
    return [(step_id, said) for (step_id, _), said in groups.items()]


def _repeated(
    kind: Literal["repeated call", "repeated message"], step_id: str | None, made: Sequence[_Did]
) -> list[Loop]:
    groups: dict[str, list[_Did]] = {}
    for did in made:
        groups.setdefault(did.same, []).append(did)
    found = []
    for same in groups.values():
        if _same_results_in_a_row(same) >= REPEATS or len(same) >= POLLS:
            found.append(
                Loop(kind, same[0].agent, same[0].what, len(same), step_id, same[0].start, same[-1].end)
            )
    return found


def _same_results_in_a_row(made: Sequence[_Did]) -> int:
    longest = run = 1
    for before, now in pairwise(made):
        run = run + 1 if now.result == before.result else 1
        longest = max(longest, run)
    return longest


def _alternating(step_id: str | None, made: Sequence[_Did]) -> list[Loop]:
    """A B A B A B: two calls in turn, at least three rounds, with nothing else in between."""
    found, start = [], 0
    while start + 2 * REPEATS <= len(made):
        first, second = made[start], made[start + 1]
        end = start
        while end < len(made) and made[end].same == (first, second)[(end - start) % 2].same:
            end += 1
        rounds = (end - start) // 2
        if first.same != second.same and rounds >= REPEATS:
            run = made[start:end]
            if all(_same_results_in_a_row(run[i::2]) >= REPEATS for i in (0, 1)) or rounds >= POLLS:
                what = f"{first.what} ↔ {second.what}"
                found.append(
                    Loop("alternating calls", first.agent, what, rounds, step_id, run[0].start, run[-1].end)
                )
            start = end
        else:
            start += 1
    return found
