"""What went wrong, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from macae.monitoring.recorded import of_recording
from macae.monitoring.recording import Recording
from macae.monitoring.replay.findings import Problem, Violation
from macae.monitoring.replay.together import joined
from macae.monitoring.replay.views import ModelCall, ToolCall

__all__ = ["error_rate", "errors", "failed_share", "findings", "grounding", "stopped", "violations"]

Of = Literal["model", "tool"]


@of_recording
def errors(recording: Recording) -> list[Problem]:
    """What went wrong, each trouble once. Steps that a limit has stopped are not among it: see `stopped`."""
    return recording.errors


@of_recording
def stopped(recording: Recording) -> list[Problem]:
    """Each time that a limit on tokens, money or time has stopped a step: it is offered again when more is allowed."""
    return recording.stopped


@of_recording
def error_rate(recording: Recording, of: Of | None = None) -> float | None:
    """The share of model and tool calls (or of one kind) that failed, 0 to 1; None when none has ended."""
    models = recording.model_calls if of in (None, "model") else ()
    tools = recording.tool_calls if of in (None, "tool") else ()
    return failed_share(models, tools)


def failed_share(models: Iterable[ModelCall], tools: Iterable[ToolCall]) -> float | None:
    """The share of these calls that failed, 0 to 1. What was called off or still runs does not count."""
    went = [call.ok for call in models if not call.stopped] + [call.ok for call in tools if not call.open]
    return went.count(False) / len(went) if went else None


@of_recording
def violations(recording: Recording) -> dict[str, int]:
    """How many findings of the compliance check there were, by kind of thing found."""
    found: Counter[str] = Counter()
    for violation in recording.violations:
        found[violation.entity] += violation.count
    return dict(found)


@of_recording
def findings(recording: Recording) -> list[Violation]:
    """What the compliance check found: one for each entity, place and action, with a count and the time of the first."""
    return joined(recording.violations)


@of_recording
def grounding(recording: Recording) -> float | None:
    """The mean share of grounded claims over the replies that were checked; None where none was."""
    scores = [step.grounded for step in recording.steps if step.grounded is not None]
    return sum(scores) / len(scores) if scores else None
