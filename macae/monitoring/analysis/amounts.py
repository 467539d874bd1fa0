"""How much: calls, tokens, money, and how fast it went. Money in US dollars at list price."""

from __future__ import annotations

from dataclasses import dataclass

from macae.monitoring.analysis.times import work_time
from macae.monitoring.recorded import agent_given, of_recording
from macae.monitoring.recording import Recording
from macae.monitoring.replay.costing import Cost, spent
from macae.monitoring.replay.views import HUMAN

__all__ = ["Calls", "Cost", "Throughput", "Tokens", "calls", "cost", "throughput", "tokens"]


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls and searches there were."""

    model: int
    tool: int
    memory: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """What went to models and came back."""

    prompt: int
    completion: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.prompt + self.completion


@dataclass(frozen=True, slots=True)
class Throughput:
    """How much was done in the time that work took, waiting for people left out. None where nothing was measured."""

    steps_a_minute: float | None
    calls_a_minute: float | None
    tokens_a_second: float | None
    """Completion tokens by the time of their model calls."""


@of_recording
def calls(recording: Recording) -> Calls:
    """How many calls were made; a model call that still runs is not counted yet."""
    return Calls(len(recording.model_calls), len(recording.tool_calls), len(recording.memory_queries))


@of_recording
def tokens(recording: Recording, agent: str | None = None) -> Tokens:
    """The tokens of all model calls, or of one agent's. Raises NotFound for an agent that took no part."""
    agent = agent_given(recording, agent)
    mine = [call for call in recording.model_calls if agent in (None, call.agent)]
    return Tokens(sum(c.prompt_tokens for c in mine), sum(c.completion_tokens for c in mine))


@of_recording
def cost(recording: Recording, agent: str | None = None) -> Cost:
    """What all model calls cost, or one agent's. Raises NotFound for an agent that took no part."""
    agent = agent_given(recording, agent)
    return spent(call for call in recording.model_calls if agent in (None, call.agent))


@of_recording
def throughput(recording: Recording) -> Throughput:
    """Steps and calls a minute of work, completion tokens a second of model calls."""
    work = work_time(recording)
    done = sum(step.status == "completed" and step.agent != HUMAN for step in recording.steps)
    spent = sum(call.seconds for call in recording.model_calls if call.completion_tokens)
    made = len(recording.model_calls) + len(recording.tool_calls)
    return Throughput(
        steps_a_minute=60 * done / work if work else None,
        calls_a_minute=60 * made / work if work else None,
        tokens_a_second=tokens(recording).completion / spent if spent else None,
    )
