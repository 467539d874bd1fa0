"""What a recording shows: plain frozen rows. All times are seconds from the recording's start, unless said otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "HUMAN",
    "MANAGER",
    "PLANNER",
    "Bar",
    "BarKind",
    "HandOver",
    "Line",
    "MemoryQuery",
    "ModelCall",
    "PlanView",
    "StepView",
    "ToolCall",
]

HUMAN, PLANNER, MANAGER = "HumanAgent", "PlannerAgent", "GroupChatManager"
"""The agents that every team has, as `macae.agents` names them; the person's row is the first one's."""

BarKind = Literal["model", "tool", "memory", "waiting", "error"]


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that took time, in its agent's row."""

    kind: BarKind
    """`error`: a model or tool call that failed. `waiting`: a person is waited for; overlapping waits are one bar."""
    agent: str
    start: float
    end: float
    """Of an open bar: the recording's end."""
    label: str
    """The model's, tool's or memory's name; of a waiting bar: what is asked."""
    step_id: str | None
    plan_id: str
    seq: int
    open: bool = False
    """It had not ended yet."""

    @property
    def seconds(self) -> float:
        """How long it is, or has been so far."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class HandOver:
    """The work goes from one row to another."""

    seconds: float
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class ModelCall:
    """A model call that has ended, well or not."""

    agent: str
    model: str
    start: float
    end: float
    seconds: float
    """The whole call, its retries included."""
    first_token: float | None
    """Seconds until the reply began; None where the reply was not streamed."""
    prompt_tokens: int
    completion_tokens: int
    usd: float | None
    """US dollars at list price; None where the price is not known, which is not the same as nothing."""
    ok: bool
    error: str
    """What went wrong, "" when nothing did."""
    step_id: str | None
    plan_id: str
    seq: int
    error_type: str = ""
    call: str = ""
    estimated: bool = False
    """Nobody said what it used: the tokens are an estimate."""

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def stopped(self) -> bool:
        """It was called off, by a person or by the engine's end: no reply, but nobody's error."""
        return not self.ok and self.error_type in ("CancelledError", "GeneratorExit")

    @property
    def unpriced(self) -> bool:
        """It used tokens, and nobody knows what they cost."""
        return self.usd is None and (self.ok or self.tokens > 0)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call that has started."""

    agent: str
    tool: str
    arguments: dict[str, Any]
    effect: str
    """`read` or `change`; "" where it was not recorded."""
    start: float
    end: float
    """Of a running call: the recording's end."""
    seconds: float
    state: Literal["started", "completed", "failed", "unknown"]
    """`unknown`: cut off; it may have had its effect."""
    result: str
    step_id: str | None
    plan_id: str
    key: str
    seq: int
    lost: bool = False
    """Its process was gone before it ended: `end` and `seconds` go up to the last that was heard; how long it took is not known."""

    @property
    def open(self) -> bool:
        """Still running at the recording's end."""
        return self.state == "started"

    @property
    def ok(self) -> bool:
        """Ended well, or still running."""
        return self.state in ("started", "completed")


LineKind = Literal[
    "message", "question", "decision", "task", "reply", "thought", "tool", "result", "memory", "note", "error"
]


@dataclass(frozen=True, slots=True)
class Line:
    """Something said, thought, decided or done, for reading."""

    seconds: float
    source: str
    target: str
    """An agent, a tool or a memory; "" where it is said to nobody in particular."""
    text: str
    kind: LineKind
    step_id: str | None
    seq: int


@dataclass(frozen=True, slots=True)
class MemoryQuery:
    """An agent searched documents or a memory."""

    agent: str
    memory: str
    query: str
    start: float
    end: float
    results: int
    sources: tuple[str, ...]
    step_id: str | None
    plan_id: str
    seq: int

    @property
    def seconds(self) -> float:
        """How long the search took."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class PlanView:
    """One plan of the session."""

    id: str
    goal: str
    status: str
    """In the words of a recording's status."""
    step_ids: tuple[str, ...]
    """In the order of the plan."""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step, as far as it had come."""

    id: str
    plan_id: str
    index: int
    """Its place in the plan, from 1."""
    agent: str
    task: str
    status: str
    """One of `StepStatus`."""
    start: float | None
    """When work on it first began; None while it had not."""
    end: float | None
    """When it was over; None while it was not."""
    seconds: float
    """Work on it, all attempts together."""
    waited: float
    """How long a person was waited for."""
    tokens: int
    usd: float | None
    """None where a call's price is not known."""
    reply: str
    grounded: float | None
    """The share of the reply's claims that its sources bear out; None where it was not checked or claimed nothing."""
    attempts: int = 0
    error: str = ""
    approved_by: str = ""
    function: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    unpriced: int = 0
    """Model calls without a price."""
    at_limit: bool = False
    """It is `failed` because a limit has stopped it: nobody's error."""
    lost: bool = False
    """A process was gone before an attempt ended: `seconds` counts up to the last that was heard."""
